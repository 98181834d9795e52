"""Sheets 1 and 2, 11: the Raspberry Pi's header, the supplies, the identification EEPROM."""

from __future__ import annotations

from sheet import Sheet

HEADER: dict[int, str | None] = {
    1: "+3V3",
    2: "+5V",
    3: "SDA",
    4: "+5V",
    5: "SCL",
    6: "GND",
    7: "SW_IN",
    8: "WD_OK_IN",
    9: "GND",
    10: None,
    11: "LOCK_R_CMD",
    12: "CP_PWMN",
    13: "LOCK_W_CMD",
    14: "GND",
    15: "RCM_TEST",
    16: "C1_CMD",
    17: "+3V3",
    18: "C2_CMD",
    19: "MOSI",
    20: "GND",
    21: "MISO",
    22: "HEARTBEAT",
    23: "SCLK",
    24: "CE0",
    25: "GND",
    26: "KEY_RIGHT",
    27: "ID_SD",
    28: "ID_SC",
    29: "KEY_LEFT",
    30: "GND",
    31: "KEY_SELECT",
    32: "LED_RED",
    33: "LED_BLUE",
    34: "GND",
    35: "LED_GREEN",
    36: "RCM_TRIP_IN",
    37: "SAFE_IN",
    38: "C1_FB_IN",
    39: "GND",
    40: "AUX_FB",
}


def header() -> Sheet:
    """The 40-pin stacking header."""
    s = Sheet(1, "pi-header", "Raspberry Pi header")
    x, y = 56, 34
    s.add("J101", "PI40", x, y, {str(n): net for n, net in HEADER.items()}, text=(0.5, 11.6), label=(0.5, -11))
    for pin, net in HEADER.items():
        if net is None or net in ("GND", "+3V3", "+5V"):
            continue
        row = y - 9 + (pin - 1) // 2
        if pin % 2:
            s.port(net, x - 7, row, "L", "bidirectional")
        else:
            s.port(net, x + 8, row, "R", "bidirectional")
    for n in range(4):
        s.add(f"H{101 + n}", "HOLE", 84 + 6 * n, 60, {}, label=(0, -1.6), text=(0, 1.8))
    s.flag("+3V3", 12, 20)
    s.flag("+5V", 18, 20)
    s.note("Names are those of smartevse/hal/hat_rev1.toml; ..._IN lines come through 1 kOhm.", 8, 8)
    s.note("Odd pins left, even pins right. GPIO 15 (pin 10) stays free.", 8, 10.5)
    s.note("At boot every output of the Pi is held low by 10 kOhm on the sheet\nwhere it arrives: pilot +12 V, relays off, one-shot expired.", 8, 13)
    s.note("The 3.3 V comes from the Pi, the 5 V goes to the Pi (sheet 2).", 8, 56)
    return s


def power() -> Sheet:
    """12 V input, the 5 V for the Pi with protection against back-powering, +-15 V for the pilot."""
    s = Sheet(2, "power", "Supplies: 12 V in, 5 V to the Pi, +-15 V for the pilot")
    s.named = ("12V_FUSED", "PHASE", "5V_BUCK", "FB", "ID_GATE", "ID_BASE")
    s.note("12 V, at least 2.5 A", 8, 9)
    s.add("J201", "TB2", 10, 15, {"1": "12V_IN", "2": "GND"}, mirror="y", label=(0, -2.2), text=(0, 3))
    s.two("F201", "F3A", 17, 15, "12V_IN", "12V_FUSED", "h")
    s.diode("D201", "SS54", 24, 15, "12V_FUSED", "+12V", "right")
    s.diode("D202", "SMBJ16A", 33, 19, "GND", "+12V", "up")
    s.two("C201", "C:470u", 39, 19, "+12V", "GND")
    s.two("C202", "C:10u", 47, 19, "+12V", "GND")
    s.two("C203", "C:100n", 54, 19, "+12V", "GND")
    s.flag("+12V", 28, 20)
    s.add("TP201", "TP", 60, 18, {"1": "+12V"}, rot=180, value="12V", label=(0, 2.6), text=(0, 3.6))
    s.note("Fuse, then SS54 against a reversed supply;\nthe rail is about 11.6 V.", 64, 15)
    s.two("F202", "PTC02", 90, 15, "+12V", "12V_IO", "h")
    s.flag("12V_IO", 100, 18)
    s.note("12 V for the terminals, the RCM\nand the LEDs", 83, 9)
    s.add("U201", "TPS5430", 24, 34, {"7": "+12V", "5": None, "6": "GND", "9": "GND", "1": "BOOT", "8": "PHASE", "4": "FB"}, text=(-2, 7.5))
    s.two("C204", "C:10n", 34, 32, "BOOT", "PHASE", "h")
    s.diode("D203", "B540C", 38, 38, "GND", "PHASE", "up")
    s.two("L201", "L15u", 44, 34, "PHASE", "5V_BUCK", "h")
    s.two("R201", "R:10k", 50, 37, "5V_BUCK", "FB")
    s.two("R202", "R:3.16k", 50, 43, "FB", "GND")
    s.two("C205", "C:220u", 57, 37, "5V_BUCK", "GND")
    s.two("C206", "C:10u", 64, 37, "5V_BUCK", "GND")
    s.add("TP202", "TP", 70, 33, {"1": "5V_BUCK"}, value="5V1", label=(0, -1.6), text=(0, -2.5))
    s.note("5.09 V (1.221 V x (1 + 10k / 3.16k)); enable left open = on", 15, 27)
    s.add("Q201", "DMG2305UX", 84, 35, {"1": "ID_GATE", "2": "+5V", "3": "5V_BUCK"}, rot=90, label=(0, -4.2), text=(0, -3.2))
    s.add("U202", "BCM857BS", 79, 42, {"2": "ID_BASE", "6": "ID_BASE", "1": "5V_BUCK"}, rot=180, unit=1, label=(-3.6, -1), text=(-3.6, 0))
    s.add("U202", "BCM857BS", 88, 42, {"5": "ID_BASE", "3": "ID_GATE", "4": "+5V"}, mirror="x", unit=2, label=(3.2, -1), text=(4, 0))
    s.two("R203", "R:10k", 78, 49, "ID_BASE", "GND")
    s.two("R204", "R:47k", 92, 49, "ID_GATE", "GND")
    s.note("Ideal diode: the Pi may have its own USB supply at the same time", 71, 28)
    s.add("U203", "TMA1215D", 24, 56, {"1": "+12V", "2": "GND", "4": "-15V", "5": "GND", "6": "+15V"}, text=(-1, 3.4))
    s.two("C207", "C:4u7", 12, 57, "+12V", "GND")
    s.two("C208", "C:4u7", 38, 57, "+15V", "GND")
    s.two("C209", "C:4u7", 45, 57, "GND", "-15V")
    s.two("R205", "R:4.7k", 52, 57, "+15V", "GND")
    s.two("R206", "R:4.7k", 58, 57, "GND", "-15V")
    s.add("TP203", "TP", 64, 56, {"1": "+15V"}, rot=180, value="+15", label=(0, 2.6), text=(0, 3.6))
    s.add("TP204", "TP", 69, 54, {"1": "-15V"}, value="-15", label=(0, -1.6), text=(0, -2.5))
    s.note("Unregulated: 14 to 18 V is fine, the pilot's levels come from the 5 V reference. 4.7k is the minimum load.", 10, 49)
    return s


def eeprom() -> Sheet:
    """The HAT+ identification."""
    s = Sheet(11, "eeprom", "Identification EEPROM (HAT+)")
    s.add(
        "U1101",
        "EEPROM",
        56,
        32,
        {"1": "GND", "2": "GND", "3": "GND", "4": "GND", "5": "ID_SD", "6": "ID_SC", "7": "ID_WP", "8": "+3V3"},
        label=(-2, -2.8),
        text=(-2, 3.6),
    )
    s.two("R1101", "R:3.9k", 66, 24, "+3V3", "ID_SD")
    s.two("R1102", "R:3.9k", 73, 24, "+3V3", "ID_SC")
    s.two("R1103", "R:1k", 66, 38, "+3V3", "ID_WP")
    s.add("JP1101", "JP", 74, 42, {"1": "ID_WP", "2": "GND"}, value="EEPROM write", label=(0, -1.4), text=(0, 1.6))
    s.two("C1101", "C:100n", 46, 33, "+3V3", "GND")
    s.port("ID_SD", 84, 31, "R", "bidirectional")
    s.port("ID_SC", 84, 32, "R", "bidirectional")
    s.note("Address 0x50. Write-protected until the jumper is bridged with solder.", 40, 16)
    return s
