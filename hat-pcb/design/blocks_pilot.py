"""Sheets 3 to 5: the control pilot's driver, its track-and-hold, the converter with the proximity pilot."""

from __future__ import annotations

from sheet import Sheet


def pilot() -> Sheet:
    """The driver: levels from a 5 V reference, +12 V whenever the one-shot has expired."""
    s = Sheet(3, "pilot", "Control pilot driver")
    s.named = ("CPG", "CP_NEG", "CP_POS", "CP_DRV")
    s.port("CP_PWMN", 14, 27, "L", "input")
    s.port("WD_OK", 14, 29, "L", "input")
    s.add("U301", "1G08", 26, 28, {"1": "CP_PWMN", "2": "WD_OK", "3": "GND", "4": "CPL", "5": "+3V3"}, label=(-3, -2.6), text=(-3, 3))
    s.two("R301", "R:10k", 17, 33, "CP_PWMN", "GND")
    s.add("U302", "AHCT125", 44, 28, {"1": "GND", "2": "CPL", "3": "GND", "4": "CPG", "5": "VREF5"}, label=(4, -2.4), text=(4, 2.4))
    s.port("CPL", 40, 20, "R", "output")
    s.two("R302", "R:4.99k:0.1", 56, 28, "CPG", "CP_NEG", "h")
    s.add("U303", "TLV9351", 69, 27, {"3": "CP_POS", "4": "CP_NEG", "1": "CP_DRV", "5": "+15V", "2": "-15V"}, label=(3, -2), text=(3.6, 2))
    s.two("R303", "R:24k:0.1", 69, 35, "CP_NEG", "CP_DRV", "h")
    s.two("R304", "R:24k:0.1", 58, 16, "VREF5", "CP_POS")
    s.two("R305", "R:16.9k:0.1", 58, 22, "CP_POS", "GND")
    s.two("C301", "C:100n", 51, 22, "CP_POS", "GND")
    s.two("R306", "R:pilot", 80, 27, "CP_DRV", "CP", "h")
    s.two("C302", "C:330p", 87, 31, "CP", "GND")
    s.two("D301", "SMAJ15CA", 94, 31, "CP", "GND")
    s.port("CP", 103, 27, "R", "output")
    s.add("TP301", "TP", 75, 22, {"1": "CP_DRV"}, value="DRV", label=(0, -1.6), text=(0, -2.5))
    s.add("TP302", "TP", 98, 22, {"1": "CP"}, value="CP", label=(0, -1.6), text=(0, -2.5))
    s.two("R307", "R:1.5k", 20, 46, "+12V", "VREF5")
    s.add("U304", "REF5", 20, 57, {"1": "VREF5", "2": "GND"}, rot=90, label=(3.2, -0.5), text=(4, 0.5))
    s.two("C303", "C:1u", 32, 57, "VREF5", "GND")
    s.add("TP303", "TP", 40, 56, {"1": "VREF5"}, rot=180, value="5V0", label=(0, 2.6), text=(0, 3.6))
    s.flag("VREF5", 27, 52)
    for n, (rail, low) in enumerate((("+3V3", "GND"), ("VREF5", "GND"), ("+15V", "GND"), ("GND", "-15V"))):
        s.two(f"C{304 + n}", "C:100n", 50 + 7 * n, 57, rail, low)
    s.note('The input is inverted: low (boot, nobody drives it, WD_OK lost) is steady +12 V, "not ready".', 8, 8)
    s.note("Low: +12.00 V = 5.0 x 16.9/40.9 x (1 + 24.0/4.99).   High: 5.0 V lower at the input gives -12.05 V.", 8, 10.5)
    s.note("330 pF and the TVS keep the station's capacitance below 1.6 nF.\nThe amplifier needs 12 V/us or more.", 74, 40)
    s.note("5.000 V reference of the pilot's levels", 8, 39)
    return s


def track() -> Sheet:
    """Divider, gate logic and the two hold capacitors."""
    s = Sheet(4, "track-hold", "Pilot sense: track-and-hold gated by the PWM")
    s.named = ("CPS", "CPL_LATE", "S_HI", "S_LO", "HI_HOLD", "LO_HOLD")
    s.port("CP", 12, 20, "L", "input")
    s.two("R401", "R:475k:0.1", 19, 20, "CP", "CPS", "h")
    s.two("R402", "R:82.5k:0.1", 26, 24, "CPS", "GND")
    s.two("R403", "R:82.5k:0.1", 26, 15, "VREF25", "CPS")
    s.add("U401", "TLV9064", 36, 21, {"3": "CPS", "2": "CPB", "1": "CPB"}, unit=1, text=(2.5, 2.4), label=(2.5, -2.4))
    s.two("R404", "R:2.2k", 49, 21, "CPB", "HI_IN", "h")
    s.two("R405", "R:2.2k", 49, 33, "CPB", "LO_IN", "h")
    s.add("U402", "2G66", 62, 21, {"1": "HI_IN", "7": "S_HI", "2": "HI_HOLD"}, unit=1, label=(2.4, -2.6), text=(3, 2.4))
    s.add("U402", "2G66", 62, 33, {"5": "LO_IN", "3": "S_LO", "6": "LO_HOLD"}, unit=2, label=(2.4, -2.6), text=(3, 2.4))
    s.add("U402", "2G66", 100, 57, {"8": "+3V3", "4": "GND"}, unit=3, label=(2.8, -0.5), text=(3.6, 0.5))
    s.two("C401", "C:47n", 72, 25, "HI_HOLD", "GND")
    s.two("R406", "R:3.6M", 72, 16, "VREF25", "HI_HOLD")
    s.add("U401", "TLV9064", 90, 22, {"5": "HI_HOLD", "6": "CP_HI", "7": "CP_HI"}, unit=2, text=(2.5, 2.4), label=(2.5, -2.4))
    s.two("C402", "C:47n", 72, 37, "LO_HOLD", "GND")
    s.two("R407", "R:8.2M", 80, 29, "VREF25", "LO_HOLD")
    s.two("R408", "R:8.2M", 80, 37, "LO_HOLD", "GND")
    s.add("U401", "TLV9064", 90, 34, {"10": "LO_HOLD", "9": "CP_LO", "8": "CP_LO"}, unit=3, text=(2.5, 2.4), label=(2.5, -2.4))
    s.port("CP_HI", 102, 22, "R", "output")
    s.port("CP_LO", 102, 34, "R", "output")
    s.port("CPB", 46, 14, "R", "output")
    s.add("U401", "TLV9064", 92, 57, {"4": "+3V3", "11": "GND"}, unit=5, label=(1.5, -2), text=(2, 2.2))
    s.port("CPL", 9, 46, "L", "input")
    s.two("R409", "R:7.5k", 15, 55, "CPL", "CPL_RC", "h")
    s.two("C403", "C:1n5", 20, 59, "CPL_RC", "GND")
    s.add("U403", "1G17", 28, 55, {"2": "CPL_RC", "3": "GND", "4": "CPL_LATE", "5": "+3V3"}, label=(3, -2), text=(3.4, 2))
    s.add("U404", "1G02", 48, 45, {"1": "CPL", "2": "CPL_LATE", "3": "GND", "4": "S_HI", "5": "+3V3"}, label=(-3, -2.6), text=(-3, 3))
    s.add("U405", "1G08", 48, 58, {"1": "CPL", "2": "CPL_LATE", "3": "GND", "4": "S_LO", "5": "+3V3"}, label=(-3, -2.6), text=(-3, 3))
    for n in range(5):
        s.two(f"C{404 + n}", "C:100n", 61 + 6 * n, 57, "+3V3", "GND")
    s.note("At the divider: 1.1501 V + 0.0799 x CP", 8, 8)
    s.note(
        "CP_HI follows the plateau from 10 us after the rising edge until the falling edge, CP_LO the other half;\n"
        "so a slow reading at any time returns both plateaus. 2.2 kOhm x 47 nF = 103 us.",
        44,
        8,
    )
    s.note("Without PWM the high side drifts up to state A (opens the contactor),\nthe low side towards 0 V within 0.2 s.", 62, 44)
    s.note("Gates: open 10 us after an edge, closed at the next edge", 8, 41)
    return s


def adc() -> Sheet:
    """The converter, its reference, the proximity pilot, temperature and the 12 V monitor."""
    s = Sheet(5, "adc", "Converter: 2.5 V reference, proximity pilot, temperature")
    s.add(
        "U501",
        "MCP3208",
        76,
        32,
        {
            "1": "CP_HI",
            "2": "CP_LO",
            "3": "PP_ADC",
            "4": "TEMP",
            "5": "LOCK_B_ADC",
            "6": "V12_ADC",
            "7": "CP_RAW",
            "8": "NTC_ADC",
            "9": "GND",
            "14": "GND",
            "10": "CE0",
            "11": "MOSI",
            "12": "MISO",
            "13": "SCLK",
            "15": "VREF25",
            "16": "+3V3",
        },
        label=(-3.4, -5.6),
        text=(5.6, 5.6),
    )
    for row, (net, shape) in enumerate((("SCLK", "input"), ("MISO", "output"), ("MOSI", "input"), ("CE0", "input"))):
        s.port(net, 90, 31 + row, "R", shape)
    s.port("CP_HI", 62, 29, "L", "input")
    s.port("CP_LO", 54, 30, "L", "input")
    s.port("LOCK_B_ADC", 62, 33, "L", "input")
    s.add("U401", "TLV9064", 14, 18, {"12": "VREF25", "13": "PP_REF", "14": "PP_REF"}, unit=4, text=(2.5, 2.4), label=(2.5, -2.4))
    s.two("R501", "R:1k:0.5", 24, 18, "PP_REF", "PP", "h")
    s.port("PP", 34, 14, "R", "passive")
    s.two("D501", "SMAJ5CA", 30, 22, "PP", "GND")
    s.two("R502", "R:10k", 38, 18, "PP", "PP_ADC", "h")
    s.two("C501", "C:10n", 44, 22, "PP_ADC", "GND")
    s.clamp("D502", 52, 22, "PP_ADC")
    s.note("Proximity pilot: R = 1000 x v / (2.5 - v). The cable carries the resistor.", 8, 9)
    s.add("U502", "MCP9700A", 14, 33, {"1": "+3V3", "3": "GND", "2": "TEMP"}, label=(2.4, -2.6), text=(2.8, 2.8))
    s.two("C502", "C:100n", 24, 37, "TEMP", "GND")
    s.port("TEMP", 30, 30, "R", "output")
    s.note("Board temperature: 0.5 V + 10 mV/K", 8, 27)
    s.two("R503", "R:100k", 14, 46, "+12V", "V12_ADC")
    s.two("R504", "R:18k", 14, 53, "V12_ADC", "GND")
    s.two("C503", "C:10n", 22, 53, "V12_ADC", "GND")
    s.note("12 V monitor: x 118/18", 8, 41)
    s.port("CPB", 30, 44, "L", "input")
    s.two("R505", "R:220R", 36, 44, "CPB", "CP_RAW", "h")
    s.two("C504", "C:1n", 42, 48, "CP_RAW", "GND")
    s.two("R506", "R:10k", 54, 46, "VREF25", "NTC_ADC")
    s.two("C505", "C:10n", 54, 53, "NTC_ADC", "GND")
    s.add("J501", "PH:2", 64, 50, {"1": "NTC_ADC", "2": "GND"}, label=(0.6, -1.4), text=(1, 2.6))
    s.note("NTC 10 kOhm B3950, optional", 60, 45)
    s.two("R507", "R:220R", 80, 48, "+3V3", "VREF25")
    s.add("U503", "REF25", 80, 59, {"1": "VREF25", "2": "GND"}, rot=90, label=(3.2, -0.5), text=(4, 0.5))
    s.two("C506", "C:1u", 92, 59, "VREF25", "GND")
    s.two("C507", "C:100n", 98, 59, "VREF25", "GND")
    s.two("C508", "C:100n", 104, 59, "+3V3", "GND")
    s.two("C509", "C:1u", 110, 59, "+3V3", "GND")
    s.add("TP501", "TP", 66, 58, {"1": "VREF25"}, rot=180, value="2V5", label=(0, 2.6), text=(0, 3.6))
    s.flag("VREF25", 72, 57)
    s.note("2.500 V reference of converter\nand thresholds", 85, 45)
    return s
