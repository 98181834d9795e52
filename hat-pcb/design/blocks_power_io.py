"""Sheets 8 to 10: relays and mains, the lock, everything a wire is screwed to."""

from __future__ import annotations

from sheet import Sheet


def relays() -> Sheet:
    """K3 (SAFE) in series with K1 and K2, and the read-back of the voltage behind contactor output C1."""
    s = Sheet(8, "relays-mains", "Relays and mains: 230 V on this sheet", "A3")
    s.note("K3 belongs to hardware alone. K1 and K2 close only with SAFE. No single line closes a contactor.", 8, 8, 1.8)
    s.named = ("L", "N", "C1", "C2", "L_FUSED", "L_SAFE", "FB_MID", "FB_LED")
    rows = (("1", "C1_CMD", 801, 24), ("2", "C2_CMD", 802, 54))
    for n, command, number, y in rows:
        s.port(command, 14, y - 1, "L", "input")
        s.add(f"U{number}", "1G08", 28, y, {"1": command, "2": "SAFE", "3": "GND", "4": f"K{n}_ON", "5": "+3V3"}, label=(-3, -2.6), text=(-3, 3))
        s.two(f"R8{n}1", "R:10k", 18, y - 6, "GND", command, label=(2, -0.5), text=(2, 0.5))
        s.two(f"C8{n}1", "C:100n", 40, y - 7, "+3V3", "GND")
    s.port("SAFE", 14, 86, "L", "input")
    for n, drive, y in (("1", "K1_ON", 24), ("2", "K2_ON", 54), ("3", "SAFE", 86)):
        s.two(f"R8{n}2", "R:100R", 40, y, drive, f"K{n}_GATE", "h")
        s.two(f"R8{n}3", "R:100k", 46, y + 4, f"K{n}_GATE", "GND")
        s.add(f"Q80{n}", "BSS138", 53, y, {"1": f"K{n}_GATE", "3": f"K{n}_COIL", "2": "GND"}, label=(3.4, -0.5), text=(3.8, 0.5))
        s.diode(f"D8{n}1", "1N4148W", 62, y - 4, f"K{n}_COIL", f"K{n}_Z", "up")
        s.diode(f"D8{n}2", "BZT52C12", 62, y - 10, "+12V", f"K{n}_Z", "down")
    contacts = {"1": ("L_SAFE", "C1", 19), "2": ("L_SAFE", "C2", 49), "3": ("L_FUSED", "L_SAFE", 81)}
    for n, (feed, load, y) in contacts.items():
        s.add(
            f"K80{n}",
            "G5Q",
            76,
            y - 2,
            {"1": f"K{n}_COIL", "5": "+12V", "2": feed, "3": load},
            label=(4.4, -2),
            text=(6.6, -1),
            value="G5Q-1A-EU 12V",
        )
    s.two("F801", "F5x20", 100, 88, "L_FUSED", "L", "h", value="T1AH 250V")
    s.add("J801", "TBM", 140, 58, {"1": "L", "2": "N", "3": "C1", "4": "C2"}, label=(0.5, -2.2), text=(0.5, 3.6))
    s.two("RV801", "VDR", 112, 45, "C1", "N")
    s.two("RV802", "VDR", 120, 45, "C2", "N")
    s.two("R841", "R:mains", 104, 20, "C1", "FB_MID", "h")
    s.two("R842", "R:mains", 112, 20, "FB_MID", "FB_LED", "h")
    s.diode("D841", "1N4148W", 118, 26, "FB_LED", "N", "down")
    s.add("U841", "opto", 130, 24, {"1": "N", "2": "FB_LED", "3": "GND", "4": "C1_FB"}, mirror="x", label=(0, -2.6), text=(0, 2.8))
    s.two("R843", "R:22k", 138, 17, "+3V3", "C1_FB")
    s.two("C841", "C:10n", 142, 28, "C1_FB", "GND")
    s.two("R844", "R:1k", 147, 23, "C1_FB", "C1_FB_IN", "h")
    s.port("C1_FB_IN", 151, 23, "R", "output")
    s.note("C1_FB: low once per mains period while voltage\nis behind C1 (1.2 mA through 2 x 100k)", 100, 9)
    s.note("K3 in series: L, fuse, K3, then K1 to C1 and K2 to C2", 84, 98)
    s.note("The protective conductor is not on this terminal:\n5.08 mm cannot keep 6.5 mm to ground.", 122, 70)
    return s


def lock() -> Sheet:
    """Two change-over relays: idle both wires at 12 V, energised = 0 V."""
    s = Sheet(9, "lock", "Locking actuator: wires B, R, W")
    s.named = ("V_STORE",)
    s.diode("D901", "SS34", 14, 17, "+12V", "V_STORE", "right")
    s.two("C901", "C:2200u", 22, 21, "V_STORE", "GND")
    s.two("F901", "PTC2", 32, 17, "V_STORE", "V_LOCK", "h")
    s.two("C902", "C:100n", 40, 21, "V_LOCK", "GND")
    s.flag("V_LOCK", 46, 20)
    s.note("2.2 mF carry the pulse, 2 A self-resetting fuse", 8, 11)
    for n, (wire, y) in enumerate((("R", 36), ("W", 58)), start=1):
        command, gate, coil = f"LOCK_{wire}_CMD", f"LOCK_{wire}_GATE", f"LOCK_{wire}_COIL"
        s.port(command, 18, y, "L", "input")
        s.two(f"R9{n}1", "R:10k", 20, y + 4, command, "GND")
        s.two(f"R9{n}2", "R:100R", 26, y, command, gate, "h")
        s.add(f"Q90{n}", "BSS138", 34, y, {"1": gate, "3": coil, "2": "GND"}, label=(3.4, -0.5), text=(3.8, 0.5))
        s.diode(f"D9{n}1", "1N4148W", 44, y - 6, coil, "+12V", "up")
        s.add(
            f"K90{n}",
            "34.51",
            56,
            y - 6,
            {"A1": "+12V", "A2": coil, "11": f"LOCK_{wire}", "12": "V_LOCK", "14": "GND"},
            label=(6, -0.5),
            text=(6.8, 0.5),
        )
        s.two(f"D9{n}2", "SMAJ15CA", 70, y + 2, f"LOCK_{wire}", "GND")
        s.port(f"LOCK_{wire}", 80, y - 1, "R", "output")
    s.port("LOCK_B", 70, 18, "L", "input")
    s.two("R931", "R:39k", 78, 18, "LOCK_B", "LOCK_B_ADC", "h")
    s.two("R932", "R:10k", 84, 22, "LOCK_B_ADC", "GND")
    s.two("C931", "C:10n", 90, 22, "LOCK_B_ADC", "GND")
    s.clamp("D931", 98, 22, "LOCK_B_ADC")
    s.two("D932", "SMF15CA", 73, 22, "LOCK_B", "GND", label=(-2.4, -0.5), text=(-2.6, 0.5))
    s.port("LOCK_B_ADC", 104, 18, "R", "output")
    s.note("Position: above 0.8 V at the converter = 4 V on wire B = high", 68, 11)
    s.note("LOCK_R alone: lock pulse. LOCK_W alone: unlock pulse. At most 600 ms, by the guard process.", 8, 70)
    return s


def terminals() -> Sheet:
    """Low-voltage terminals, LED, switch, display with keys, card reader, RS485 pass-through."""
    s = Sheet(10, "terminals", "Low-voltage terminals: LED, keys, display, card reader, RS485", "A3")
    s.add(
        "J1001",
        "MC14",
        140,
        34,
        {
            "1": "RS485_A",
            "2": "RS485_B",
            "3": "12V_IO",
            "4": "GND",
            "5": "SW",
            "6": "RED",
            "7": "GRN",
            "8": "AUX",
            "9": "LOCK_B",
            "10": "LOCK_R",
            "11": "LOCK_W",
            "12": "PP",
            "13": "CP",
            "14": "GND",
        },
        label=(0, -8),
        text=(1.5, 9.4),
    )
    for row, name in enumerate(("A", "B", "12V", "GND", "SW", "RED", "GRN", "AUX", "B lock", "R lock", "W lock", "PP", "CP", "PE")):
        s.note(name, 143, 27.4 + row, 1.5)
    for row, net in ((36, "LOCK_B"), (37, "LOCK_R"), (38, "LOCK_W"), (39, "PP"), (40, "CP")):
        s.port(net, 132, row, "L", "passive")
    s.two("D1001", "SMF15CA", 128, 16, "12V_IO", "GND")
    s.two("C1001", "C:100n", 134, 16, "12V_IO", "GND")
    s.note("The same names as in the manual. AUX: mirror contact of the contactor between AUX and 12V. PE is this board's ground.", 84, 8)
    # RS485 pass-through
    s.add("J1006", "PH:3:RS485 adapter", 14, 18, {"1": "RS485_A", "2": "RS485_B", "3": "GND"}, mirror="y", label=(0, -2.2), text=(0, 2.8))
    s.two("R1001", "R:term", 26, 20, "RS485_A", "RS485_E")
    s.add("JP1001", "JP", 30, 24, {"1": "RS485_E", "2": "RS485_B"}, value="120R", label=(0, -1.4), text=(0, 1.6))
    s.add("D1002", "SM712", 46, 26, {"1": "RS485_A", "2": "RS485_B", "3": "GND"}, label=(0, -1.4), text=(3.2, 1.8))
    s.note("RS485 of a USB adapter, passed through to A and B; bridge for 120 Ohm at the end of the line", 8, 12)
    # switch
    s.two("R1002", "R:10k", 116, 27, "+3V3", "SW")
    s.two("R1003", "R:1k", 108, 32, "SW_IN", "SW", "h")
    s.two("C1002", "C:100n", 102, 36, "SW_IN", "GND")
    s.clamp("D1003", 94, 36, "SW_IN")
    s.two("D1004", "SMF15CA", 122, 36, "SW", "GND", label=(-2.4, -0.5), text=(-2.8, 0.5))
    s.port("SW_IN", 84, 32, "L", "output")
    # auxiliary contact
    s.two("R1004", "R:wet", 122, 56, "AUX", "GND")
    s.two("R1005", "R:33k", 114, 52, "AUX_FB", "AUX", "h")
    s.two("R1006", "R:10k", 108, 56, "AUX_FB", "GND")
    s.two("C1003", "C:100n", 102, 56, "AUX_FB", "GND")
    s.clamp("D1005", 94, 56, "AUX_FB")
    s.two("D1006", "SMF15CA", 130, 56, "AUX", "GND")
    s.port("AUX_FB", 84, 52, "L", "output")
    # LED drivers
    for n, (colour, net) in enumerate((("RED", "RED"), ("GREEN", "GRN"), ("BLUE", "BLU"))):
        y = 68 + 13 * n
        s.port(f"LED_{colour}", 86, y, "L", "input")
        s.two(f"R10{n + 1}1", "R:100R", 96, y, f"LED_{colour}", f"LED{n}_GATE", "h")
        s.two(f"R10{n + 1}2", "R:10k", 90, y + 4, f"LED_{colour}", "GND")
        s.add(f"Q100{n + 1}", "AO3400A", 106, y, {"1": f"LED{n}_GATE", "3": net, "2": "GND"}, label=(3.4, 0.5), text=(3.8, 1.5))
        s.two(f"D101{n + 1}", "SMF15CA", 114, y + 1, net, "GND")
    s.add("J1002", "PH:6", 130, 84, {"1": "BLU", "2": "GRN", "3": "RED", "4": "12V_IO", "5": "SW", "6": "GND"}, label=(0, -3.4), text=(0, 4.4))
    s.note("P2: ready-made cable of an LED push button, 12 V", 120, 92)
    # keys and display
    s.add(
        "J1003",
        "PH:8",
        14,
        44,
        {"1": "+5V", "2": "GND", "3": "SDA_5V", "4": "SCL_5V", "5": "KEY_L", "6": "KEY_S", "7": "KEY_R", "8": "GND"},
        mirror="y",
        label=(0, -4.4),
        text=(0, 5.6),
    )
    s.add(
        "U1001",
        "PCA9306",
        50,
        42,
        {"3": "SCL", "4": "SDA", "2": "+3V3", "1": "GND", "7": "VR2", "8": "VR2", "6": "SCL_5V", "5": "SDA_5V"},
        mirror="y",
        label=(3.6, -4.4),
        text=(4, 4.6),
    )
    s.two("R1007", "R:200k", 43, 34, "+5V", "VR2")
    s.two("C1004", "C:100n", 37, 36, "VR2", "GND")
    s.two("R1008", "R:4.7k", 26, 36, "+5V", "SDA_5V")
    s.two("R1009", "R:4.7k", 31, 36, "+5V", "SCL_5V")
    s.two("C1005", "C:100n", 58, 34, "+3V3", "GND")
    s.two("C1006", "C:10u", 66, 34, "+5V", "GND")
    s.flag("VR2", 38, 30)
    s.port("SCL", 64, 42, "R", "bidirectional")
    s.port("SDA", 64, 43, "R", "bidirectional")
    s.note("Display (PCF8574 at 0x27, pulled up to 5 V) and three keys", 8, 31)
    for n, (key, net) in enumerate((("KEY_L", "KEY_LEFT"), ("KEY_S", "KEY_SELECT"), ("KEY_R", "KEY_RIGHT"))):
        y = 56 + 9 * n
        s.two(f"R104{n}", "R:1k", 34, y, key, net, "h")
        s.two(f"R105{n}", "R:10k", 42, y - 4, "+3V3", net)
        s.two(f"C104{n}", "C:100n", 50, y + 3, net, "GND")
        s.port(net, 62, y, "R", "output")
    # card reader
    s.add("J1005", "PH:4:PN532 reader", 14, 92, {"1": "+5V", "2": "GND", "3": "SDA_X", "4": "SCL_X"}, mirror="y", label=(0, -2.2), text=(0, 3.6))
    s.two("R1013", "R:33R", 30, 92, "SDA_X", "SDA", "h")
    s.two("R1014", "R:33R", 30, 97, "SCL_X", "SCL", "h")
    s.add("D1007", "PRTR5V0", 46, 96, {"2": "SDA", "3": "SCL", "1": "GND", "4": "+3V3"}, label=(3.2, -3), text=(3.8, 3.4))
    s.port("SDA", 40, 92, "R", "bidirectional")
    s.port("SCL", 56, 102, "R", "bidirectional")
    s.note("PN532 card reader at 0x24: 5 V supply, 3.3 V signals", 8, 86)
    return s
