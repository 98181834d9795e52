"""Sheets 6 and 7: the safety chain that needs no software, and the residual current monitor."""

from __future__ import annotations

from sheet import Sheet


def safety() -> Sheet:
    """One-shot, pilot window, over-temperature and supervisor, all pulling the open-drain line SAFE low."""
    s = Sheet(6, "safety", "Safety chain: SAFE closes the contactor's supply", "A3")
    s.note(
        "SAFE = one-shot alive AND pilot between 1.8 and 7.3 V AND no residual current AND 3.3 V good AND board below 84 degC.\n"
        "Any of them pulls the line low; nothing in software can pull it high.",
        8,
        8,
        1.8,
    )
    s.note(
        "One-shot: 32768 x 154k/50k us = 101 ms after the last rising edge. The 10 nF lets only edges through:\n"
        "a pin stuck high or low counts as dead.",
        8,
        14,
    )
    s.named = ("HB_EDGE", "OS_SET", "OS_DIV", "TH_HI", "TH_LO", "TH_T", "HI_TIME", "CP_HI_F")
    s.port("HEARTBEAT", 14, 27, "L", "input")
    s.two("R601", "R:10k", 18, 32, "HEARTBEAT", "GND")
    s.two("R602", "R:1k", 25, 27, "HEARTBEAT", "HB_R", "h")
    s.two("C601", "C:10n", 31, 27, "HB_R", "HB_EDGE", "h")
    s.two("R603", "R:10k", 36, 32, "HB_EDGE", "GND")
    s.clamp("D601", 44, 31, "HB_EDGE")
    s.add(
        "U601",
        "LTC6993",
        60,
        27,
        {"1": "HB_EDGE", "2": "GND", "3": "OS_SET", "4": "OS_DIV", "5": "+3V3", "6": "WD_OK"},
        label=(2.6, -3),
        text=(3.4, 3.2),
    )
    s.two("R604", "R:154k", 54, 34, "OS_SET", "GND")
    s.two("R605", "R:1M", 50, 20, "+3V3", "OS_DIV")
    s.two("R606", "R:523k", 46, 24.5, "OS_DIV", "GND")
    s.port("WD_OK", 76, 27, "R", "output")
    s.add("TP601", "TP", 68, 23, {"1": "WD_OK"}, value="WD_OK", label=(0, -1.6), text=(0, -2.5))
    s.two("R607", "R:1k", 76, 33, "WD_OK", "WD_OK_IN", "h")
    s.port("WD_OK_IN", 84, 33, "R", "output")
    s.two("C602", "C:100n", 86, 21, "+3V3", "GND")

    s.port("CP_HI", 14, 50, "L", "input")
    s.note("Window, high side: a pilot above 7.3 V (car in B, gone, wire broken) opens after 30 ms;\nhysteresis 0.2 V from SAFE", 8, 42)
    s.two("R608", "R:11.5k:0.1", 26, 54, "VREF25", "TH_HI")
    s.two("R609", "R:25.5k:0.1", 26, 60, "TH_HI", "GND")
    s.two("R610", "R:1.5M", 38, 57, "TH_HI", "SAFE", "h")
    s.add("U602", "MCP6569", 46, 51, {"3": "CP_HI", "2": "TH_HI", "1": "HI_OK"}, unit=1, label=(2.2, -2.4), text=(2.6, 2.4))
    s.two("R611", "R:100R", 54, 51, "HI_OK", "HI_TIME", "h")
    s.two("R612", "R:86.6k", 60, 47, "VREF25", "HI_TIME")
    s.two("C603", "C:470n", 60, 55, "HI_TIME", "GND")
    s.add("U602", "MCP6569", 72, 50, {"5": "TH_LO", "6": "HI_TIME", "7": "SAFE"}, unit=2, label=(2.2, -2.4), text=(2.6, 2.4))

    s.note("Window, low side: a pilot below 1.8 V (short, 12 V lost) opens at once; hysteresis 0.25 V", 8, 67)
    s.two("R613", "R:13.7k", 26, 80, "VREF25", "TH_LO")
    s.two("R614", "R:15k", 26, 86, "TH_LO", "GND")
    s.two("R615", "R:12.1k", 40, 73, "CP_HI", "CP_HI_F", "h")
    s.two("R616", "R:2M", 54, 70, "CP_HI_F", "SAFE", "h")
    s.add("U602", "MCP6569", 54, 76, {"10": "CP_HI_F", "9": "TH_LO", "8": "SAFE"}, unit=3, label=(2.2, -2.4), text=(2.6, 2.4))

    s.note("Over-temperature: 84 degC (0.5 V + 10 mV/K)", 8, 92)
    s.port("TEMP", 14, 104, "L", "input")
    s.two("R617", "R:8.25k", 26, 97, "VREF25", "TH_T")
    s.two("R618", "R:9.53k", 34, 103, "TH_T", "GND")
    s.two("R619", "R:1M", 50, 97, "TH_T", "SAFE", "h")
    s.add("U602", "MCP6569", 54, 103, {"12": "TH_T", "13": "TEMP", "14": "SAFE"}, unit=4, label=(2.2, -2.4), text=(2.6, 2.4))
    s.add("U602", "MCP6569", 82, 103, {"4": "+3V3", "11": "GND"}, unit=5, label=(2, -2), text=(2.4, 2.2))
    s.two("C604", "C:100n", 90, 103, "+3V3", "GND")

    s.two("R620", "R:10k", 104, 44, "+3V3", "SAFE")
    s.diode("D602", "BAT54", 100, 40, "SAFE", "WD_OK", "up", label=(-3, -0.5), text=(-3.2, 0.5))
    s.add("TP602", "TP", 110, 46, {"1": "SAFE"}, value="SAFE", label=(0, -1.6), text=(0, -2.5))
    s.port("SAFE", 138, 50, "R", "output")
    s.two("R621", "R:1k", 120, 60, "SAFE", "SAFE_IN", "h")
    s.port("SAFE_IN", 128, 60, "R", "output")
    s.add("U603", "APX803S", 112, 74, {"3": "+3V3", "1": "GND", "2": "SAFE"}, label=(2.6, -2.6), text=(3.4, 2.8))
    s.note("3.3 V below 2.93 V, and 200 ms after it returns", 100, 80)
    s.note("SAFE is kept away from every 3.3 V track on the board:\na short between them would defeat all of this at once.", 118, 34)
    return s


def rcm() -> Sheet:
    """Residual current monitor: high or unplugged is a fault, kept by a latch until the one-shot has expired."""
    s = Sheet(7, "rcm", "Residual current monitor RCM14-03 (connector P1)")
    s.named = ("RCM_I", "RCM_SET", "RCM_TRIP", "RCM_T", "RCM_F")
    s.add("J701", "PH:4:P1 RCM14-03", 12, 25, {"1": "GND", "2": "12V_IO", "3": "RCM_T", "4": "RCM_F"}, mirror="y", label=(0, -2), text=(0, 3.4))
    s.two("R701", "R:10k", 22, 19, "+3V3", "RCM_F")
    s.two("R702", "R:1k", 29, 27, "RCM_F", "RCM_I", "h")
    s.two("C701", "C:10n", 34, 31, "RCM_I", "GND")
    s.clamp("D701", 42, 31, "RCM_I")
    s.add("JP701", "JP", 34, 38, {"1": "RCM_I", "2": "GND"}, value="RCM not fitted", label=(0, -1.4), text=(0, 1.6))
    s.add("U701", "1G14", 58, 27, {"2": "RCM_I", "3": "GND", "4": "RCM_SET", "5": "+3V3"}, label=(3, -2), text=(3.4, 2))
    s.add(
        "U702",
        "2G74",
        76,
        29,
        {"7": "RCM_SET", "2": "GND", "1": "GND", "6": "WD_OK", "8": "+3V3", "4": "GND", "5": "RCM_TRIP", "3": None},
        label=(3.5, -4),
        text=(4, 4.2),
    )
    s.port("WD_OK", 62, 38, "L", "input")
    s.two("R703", "R:1k", 92, 22, "RCM_TRIP", "RCM_TRIP_IN", "h")
    s.port("RCM_TRIP_IN", 98, 22, "R", "output")
    s.add("Q701", "BSS138", 92, 35, {"1": "RCM_TRIP", "3": "SAFE", "2": "GND"}, label=(3.4, -0.5), text=(3.8, 0.5))
    s.add("Q702", "BSS138", 66, 52, {"1": "RCM_I", "3": "SAFE", "2": "GND"}, label=(3.4, -0.5), text=(3.8, 0.5))
    s.port("SAFE", 101, 31, "R", "output")
    s.port("RCM_TEST", 14, 55, "L", "input")
    s.two("R704", "R:10k", 20, 60, "RCM_TEST", "GND")
    s.add("Q703", "BSS138", 28, 55, {"1": "RCM_TEST", "3": "RCM_T", "2": "GND"}, label=(3.4, -0.5), text=(3.8, 0.5))
    s.two("C702", "C:100n", 47, 18, "+3V3", "GND")
    s.two("C703", "C:100n", 86, 14, "+3V3", "GND")
    s.note(
        "Output low = healthy. The pull-up makes an unplugged or unpowered sensor a fault.\n"
        "The latch is set by the fault and cleared only while the one-shot has expired (heartbeat withheld for 120 ms).\n"
        'Q702 opens without the latch; "RCM not fitted" is bridged with solder, never by software.',
        8,
        8,
    )
    return s
