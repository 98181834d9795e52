"""Every kind of part on the board: symbol, footprint, what to order, a second source and an estimated price.

A kind is looked up by a short key (`"R:4.99k:0.1"`, `"BSS138"`). Resistors and small capacitors are families: their
order numbers follow from the value by the manufacturer's own code, so a new value needs no new entry.
Prices are estimates in euro for ten boards; they only feed the cost table of the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

R0603 = "Resistor_SMD:R_0603_1608Metric"
R1206 = "Resistor_SMD:R_1206_3216Metric"
C0603 = "Capacitor_SMD:C_0603_1608Metric"
C0805 = "Capacitor_SMD:C_0805_2012Metric"
C1206 = "Capacitor_SMD:C_1206_3216Metric"
SOT23 = "Package_TO_SOT_SMD:SOT-23"
SC70 = "Package_TO_SOT_SMD:SOT-353_SC-70-5"
SOIC8 = "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm"
SOIC14 = "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm"
SOIC16 = "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm"
VSSOP8 = "Package_SO:VSSOP-8_2.3x2mm_P0.5mm"
SOD123 = "Diode_SMD:D_SOD-123"
SMA = "Diode_SMD:D_SMA"
PH = "Connector_JST:JST_PH_B{0}B-PH-K_1x{0:02d}_P2.00mm_Vertical"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of part; `second` is a drop-in alternative, or "none" where there is none."""

    symbol: str
    footprint: str
    value: str
    maker: str
    mpn: str
    second: str
    price: float
    what: str = ""


def _k(symbol: str, footprint: str, value: str, maker: str, mpn: str, second: str, price: float, what: str = "") -> Kind:
    return Kind(symbol, footprint, value, maker, mpn, second, price, what)


_FIXED: dict[str, Kind] = {
    # capacitors
    "C:100n": _k("Device:C", C0603, "100n", "Samsung", "CL10B104KB8NNNC", "Murata GRM188R71H104KA93D", 0.02, "X7R 50 V"),
    "C:10n": _k("Device:C", C0603, "10n", "Samsung", "CL10B103KB8NNNC", "Murata GRM188R71H103KA01D", 0.02, "X7R 50 V"),
    "C:1n": _k("Device:C", C0603, "1n C0G", "Murata", "GRM1885C1H102JA01D", "Samsung CL10C102JB8NNNC", 0.02, "C0G 50 V"),
    "C:1n5": _k("Device:C", C0603, "1.5n C0G", "Murata", "GRM1885C1H152JA01D", "Samsung CL10C152JB8NNNC", 0.03, "C0G 50 V"),
    "C:330p": _k("Device:C", C0603, "330p C0G", "Murata", "GRM1885C1H331JA01D", "Samsung CL10C331JB8NNNC", 0.02, "C0G 50 V"),
    "C:47n": _k("Device:C", C1206, "47n C0G", "Murata", "GRM31M5C1H473JA01L", "KEMET C1206C473J5GACTU", 0.28, "C0G 50 V, hold capacitor"),
    "C:470n": _k("Device:C", C0805, "470n", "Samsung", "CL21B474KBFNNNE", "Murata GRM21BR71H474KA88L", 0.06, "X7R 50 V"),
    "C:1u": _k("Device:C", C0603, "1u", "Murata", "GRM188R71E105KA12D", "Samsung CL10B105KA8NNNC", 0.04, "X7R 25 V"),
    "C:4u7": _k("Device:C", C1206, "4.7u 50V", "Murata", "GRM31CR71H475KA12L", "Samsung CL31B475KBHNNNE", 0.15, "X7R"),
    "C:10u": _k("Device:C", C1206, "10u 25V", "Murata", "GRM31CR71E106KA12L", "Samsung CL31B106KAHNNNE", 0.15, "X7R"),
    "C:220u": _k(
        "Device:C_Polarized",
        "Capacitor_Tantalum_SMD:CP_EIA-7343-31_Kemet-D",
        "220u 10V",
        "Panasonic",
        "10TPB220M",
        "KEMET T520D227M010ATE040",
        1.10,
        "polymer, 40 mOhm",
    ),
    "C:470u": _k(
        "Device:C_Polarized",
        "Capacitor_THT:CP_Radial_D8.0mm_P3.50mm",
        "470u 25V",
        "Rubycon",
        "25ZLH470MEFC8X16",
        "Panasonic EEU-FM1E471",
        0.30,
        "low impedance",
    ),
    "C:2200u": _k(
        "Device:C_Polarized",
        "Capacitor_THT:CP_Radial_D12.5mm_P5.00mm",
        "2200u 16V",
        "Rubycon",
        "16ZLH2200MEFC12.5X20",
        "Panasonic EEU-FM1C222",
        0.60,
        "lock reservoir",
    ),
    # resistors that are not of the 0603 family
    "R:pilot": _k(
        "Device:R",
        "Resistor_SMD:R_1210_3225Metric",
        "1.00k 1% 0.5W",
        "Vishay",
        "CRCW12101K00FKEA",
        "Yageo RC1210FR-071KL",
        0.06,
        "source resistance of the control pilot",
    ),
    "R:wet": _k(
        "Device:R",
        "Resistor_SMD:R_1210_3225Metric",
        "1.00k 0.5W",
        "Vishay",
        "CRCW12101K00FKEA",
        "Yageo RC1210FR-071KL",
        0.06,
        "wetting current of the auxiliary contact",
    ),
    "R:mains": _k(
        "Device:R", R1206, "100k 200V", "Vishay", "CRCW1206100KFKEA", "Yageo RC1206FR-07100KL", 0.02, "two in series share the mains voltage"
    ),
    "R:term": _k("Device:R", R1206, "120R 0.25W", "Yageo", "RC1206FR-07120RL", "Vishay CRCW1206120RFKEA", 0.02),
    # diodes
    "SS54": _k("Device:D_Schottky", "Diode_SMD:D_SMC", "SS54", "onsemi", "SS54", "Vishay SS54-E3/57T", 0.25),
    "B540C": _k("Device:D_Schottky", "Diode_SMD:D_SMC", "B540C", "Diodes Inc.", "B540C-13-F", "Vishay SS54-E3/57T", 0.30),
    "SS34": _k("Device:D_Schottky", SMA, "SS34A", "onsemi", "SS34FA", "Vishay SS34-E3 (check footprint)", 0.20),
    "BAT54": _k("Device:D_Schottky", "Diode_SMD:D_SOD-323", "BAT54WS", "Diodes Inc.", "BAT54WS-7-F", "onsemi BAT54HT1G", 0.05),
    "BAT54S": _k("Diode:BAT54S", SOT23, "BAT54S", "Nexperia", "BAT54S,215", "onsemi BAT54SLT1G", 0.05),
    "1N4148W": _k("Device:D", SOD123, "1N4148W", "Diodes Inc.", "1N4148W-7-F", "Vishay 1N4148W-E3-08", 0.03),
    "BZT52C12": _k("Device:D_Zener", SOD123, "BZT52C12", "Diodes Inc.", "BZT52C12-7-F", "onsemi MMSZ5242BT1G", 0.04),
    "SMBJ16A": _k(
        "Device:D_Zener", "Diode_SMD:D_SMB", "SMBJ16A", "Littelfuse", "SMBJ16A", "Vishay SMBJ16A-E3/52", 0.20, "unidirectional, cathode to +12 V"
    ),
    "SMAJ15CA": _k("Device:D_TVS", SMA, "SMAJ15CA", "Littelfuse", "SMAJ15CA", "Bourns SMAJ15CA", 0.18),
    "SMAJ5CA": _k("Device:D_TVS", SMA, "SMAJ5.0CA", "Littelfuse", "SMAJ5.0CA", "Bourns SMAJ5.0CA", 0.18),
    "SMF15CA": _k("Device:D_TVS", "Diode_SMD:D_SMF", "SMF15CA", "Littelfuse", "SMF15CA", "Vishay SMF15CA (check)", 0.15),
    "SM712": _k("Diode:SM712_SOT23", SOT23, "SM712", "Semtech", "SM712.TCT", "Littelfuse SM712-02HTG", 0.40),
    "PRTR5V0": _k(
        "Power_Protection:PRTR5V0U2X",
        "Package_TO_SOT_SMD:SOT-143",
        "PRTR5V0U2X",
        "Nexperia",
        "PRTR5V0U2X,215",
        "none with this pin-out known to us",
        0.18,
    ),
    # transistors
    "BSS138": _k("Transistor_FET:BSS138", SOT23, "BSS138", "onsemi", "BSS138", "Nexperia BSS138P,215", 0.06),
    "AO3400A": _k("Transistor_FET:AO3400A", SOT23, "AO3400A", "Alpha & Omega", "AO3400A", "Diodes Inc. DMN3042L-7", 0.08),
    "DMG2305UX": _k(
        "Transistor_FET:AO3401A", SOT23, "DMG2305UX", "Diodes Inc.", "DMG2305UX-7", "Alpha & Omega AO3401A", 0.10, "back-power protection"
    ),
    "BCM857BS": _k(
        "Transistor_BJT:BC857BS",
        "Package_TO_SOT_SMD:SOT-363_SC-70-6",
        "BCM857BS",
        "Nexperia",
        "BCM857BS,115",
        "Diodes Inc. BC857BS-7-F (unmatched)",
        0.12,
        "matched pair",
    ),
    # integrated circuits
    "TPS5430": _k(
        "Regulator_Switching:TPS5430DDA",
        "Package_SO:Texas_HTSOP-8-1EP_3.9x4.9mm_P1.27mm_EP2.95x4.9mm_Mask2.4x3.1mm_ThermalVias",
        "TPS5430DDA",
        "Texas Instruments",
        "TPS5430DDAR",
        "none",
        3.20,
        "12 V to 5 V, 3 A",
    ),
    "TMA1215D": _k(
        "Converter_DCDC:TMA-1215D",
        "Converter_DCDC:Converter_DCDC_TRACO_TMA-05xxD_12xxD_Dual_THT",
        "TMA 1215D",
        "TRACO",
        "TMA 1215D",
        "Mornsun A1215S-1WR3",
        6.50,
        "+-15 V, 1 W",
    ),
    "REF5": _k(
        "Reference_Voltage:LM4040DBZ-5",
        SOT23,
        "LM4040C-5.0",
        "Texas Instruments",
        "LM4040CIM3-5.0/NOPB",
        "Analog Devices LM4040CIM3-5.0+T",
        0.70,
        "0.5 %",
    ),
    "REF25": _k(
        "Reference_Voltage:LM4040DBZ-2.5",
        SOT23,
        "LM4040C-2.5",
        "Texas Instruments",
        "LM4040CIM3-2.5/NOPB",
        "Analog Devices LM4040CIM3-2.5+T",
        0.70,
        "0.5 %",
    ),
    "TLV9351": _k(
        "Amplifier_Operational:TLV9301xDBV",
        "Package_TO_SOT_SMD:SOT-23-5",
        "TLV9351",
        "Texas Instruments",
        "TLV9351IDBVR",
        "none with 20 V/us at this price",
        0.60,
        "pilot driver, 20 V/us, 40 V",
    ),
    "TLV9064": _k(
        "Amplifier_Operational:TLV9064", SOIC14, "TLV9064", "Texas Instruments", "TLV9064IDR", "Microchip MCP6024-I/SL", 0.90, "rail to rail, 0.5 pA"
    ),
    "MCP6569": _k("Comparator:MCP6569", SOIC14, "MCP6569", "Microchip", "MCP6569-E/SL", "Microchip MCP6549-I/SL", 0.90, "open drain, 10 mV"),
    "1G08": _k("74xGxx:74LVC1G08", SC70, "74LVC1G08", "Nexperia", "74LVC1G08GW,125", "TI SN74LVC1G08DCKR", 0.08),
    "1G02": _k("74xGxx:74LVC1G02", SC70, "74LVC1G02", "Nexperia", "74LVC1G02GW,125", "TI SN74LVC1G02DCKR", 0.08),
    "1G14": _k("74xGxx:74LVC1G14", SC70, "74LVC1G14", "Nexperia", "74LVC1G14GW,125", "TI SN74LVC1G14DCKR", 0.08),
    "1G17": _k("74xGxx:74LVC1G17", SC70, "74LVC1G17", "Nexperia", "74LVC1G17GW,125", "TI SN74LVC1G17DCKR", 0.08),
    "AHCT125": _k("74xGxx:74AHCT1G125", SC70, "74AHCT1G125", "Nexperia", "74AHCT1G125GW,125", "TI SN74AHCT1G125DCKR", 0.10),
    "2G66": _k("74xGxx:74LVC2G66", VSSOP8, "74LVC2G66", "Nexperia", "74LVC2G66DC,125", "TI SN74LVC2G66DCUR", 0.25),
    "2G74": _k("74xGxx:74LVC2G74", VSSOP8, "74LVC2G74", "Nexperia", "74LVC2G74DC,125", "TI SN74LVC2G74DCUR", 0.25),
    "LTC6993": _k(
        "Timer:LTC6993xS6-2",
        "Package_TO_SOT_SMD:TSOT-23-6",
        "LTC6993-2",
        "Analog Devices",
        "LTC6993IS6-2#TRMPBF",
        "none",
        3.60,
        "retriggerable one-shot",
    ),
    "MCP3208": _k("Analog_ADC:MCP3208", SOIC16, "MCP3208", "Microchip", "MCP3208-CI/SL", "Microchip MCP3208-BI/SL", 3.60),
    "MCP9700A": _k("Sensor_Temperature:MCP9700Ax-ETT", SOT23, "MCP9700A", "Microchip", "MCP9700AT-E/TT", "Microchip MCP9700T-E/TT (4 K)", 0.35),
    "APX803S": _k(
        "smartevse:APX803S",
        SOT23,
        "APX803S-29",
        "Diodes Inc.",
        "APX803S-29SA-7",
        "ON NCP303 family (check pin-out)",
        0.25,
        "2.93 V, 200 ms, open drain",
    ),
    "PCA9306": _k(
        "Interface:PCA9306D", "Package_SO:SO-8_3.9x4.9mm_P1.27mm", "PCA9306", "NXP", "PCA9306D,118", "TI PCA9306 in SSOP-8 (other footprint)", 0.50
    ),
    "EEPROM": _k("Memory_EEPROM:24LC32", SOIC8, "CAT24C32", "onsemi", "CAT24C32WI-GT3", "Microchip 24LC32A-I/SN", 0.30),
    # electromechanics
    "G5Q": _k(
        "Relay:G5Q-1A",
        "Relay_THT:Relay_SPST_Omron-G5Q-1A",
        "G5Q-1A-EU 12V",
        "Omron",
        "G5Q-1A-EU DC12",
        "check pin-out before using another make",
        1.80,
        "10 A, 8 mm coil to contact",
    ),
    "34.51": _k(
        "Relay:FINDER-34.51",
        "Relay_THT:Relay_SPDT_Finder_34.51_Vertical",
        "34.51 12V",
        "Finder",
        "34.51.7.012.0010",
        "Hongfa HF41F-12-ZS",
        4.20,
        "slim change-over relay, 6 A",
    ),
    "opto": _k("Isolator:LTV-817M", "Package_DIP:DIP-4_W10.16mm", "LTV-817M", "Lite-On", "LTV-817M-B", "Everlight EL817M(B)", 0.20),
    "VDR": _k("Device:Varistor", "Varistor:RV_Disc_D12mm_W4.2mm_P7.5mm", "S10K275", "TDK", "B72210S0271K101", "Littelfuse V275LA20AP", 0.35),
    "F5x20": _k(
        "Device:Fuse",
        "Fuse:Fuseholder_Cylinder-5x20mm_Schurter_0031_8201_Horizontal_Open",
        "T1AH 250V",
        "Schurter",
        "0031.8201 + 0001.2504",
        "Stelvio-Kontek PTF/78 (other footprint)",
        2.20,
        "holder with 1 A slow, high breaking capacity, with cover 0853.0551",
    ),
    "F3A": _k("Device:Fuse", "Fuse:Fuse_Littelfuse-NANO2-451_453", "3A slow", "Littelfuse", "0452003.MRL", "Bel 0685 (other footprint)", 0.90),
    "PTC02": _k("Device:Polyfuse", "Fuse:Fuse_1206_3216Metric", "0.2A 24V", "Littelfuse", "1206L020YR", "Bourns MF-NSMF020-2", 0.25),
    "PTC2": _k("Device:Polyfuse", "Fuse:Fuse_2920_7451Metric", "2A 24V", "Littelfuse", "2920L200/24MR", "Bourns MF-SM200-2 (check footprint)", 0.60),
    "L15u": _k("Device:L", "Inductor_SMD:L_12x12mm_H6mm", "15u 5A", "Bourns", "SRR1260-150M", "Wuerth 7447714150 (check footprint)", 1.20),
    # connectors
    "PI40": _k(
        "Connector_Generic:Conn_02x20_Odd_Even",
        "Connector_PinHeader_2.54mm:PinHeader_2x20_P2.54mm_Vertical",
        "Raspberry Pi",
        "Samtec",
        "ESQ-120-39-G-D",
        "Adam Tech RS2-40-G (stacking, 11 mm or higher)",
        4.00,
        "stacking header",
    ),
    "TB2": _k(
        "Connector:Screw_Terminal_01x02",
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_MKDS-1,5-2-5.08_1x02_P5.08mm_Horizontal",
        "12V supply",
        "Phoenix Contact",
        "1715721",
        "Wuerth 691213710002",
        0.70,
    ),
    "TBM": _k(
        "Connector:Screw_Terminal_01x04",
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_MKDS-3-4-5.08_1x04_P5.08mm_Horizontal",
        "L N C1 C2",
        "Phoenix Contact",
        "MKDS 3/ 4-5,08",
        "Wuerth WR-TBL 5.08 mm, 4 poles, 300 V (check footprint)",
        2.20,
        "mains",
    ),
    "MC14": _k(
        "Connector:Screw_Terminal_01x14",
        "Connector_Phoenix_MC:PhoenixContact_MC_1,5_14-G-3.81_1x14_P3.81mm_Horizontal",
        "low voltage",
        "Phoenix Contact",
        "1803390 (MC 1,5/14-G-3,81) + plug MC 1,5/14-ST-3,81",
        "Wuerth 691322310014 (check)",
        6.00,
        "pluggable",
    ),
    "JP": _k("Jumper:SolderJumper_2_Open", "Jumper:SolderJumper-2_P1.3mm_Open_TrianglePad1.0x1.5mm", "jumper", "-", "-", "-", 0.0),
    "TP": _k("Connector:TestPoint", "TestPoint:TestPoint_Pad_D1.5mm", "TP", "-", "-", "-", 0.0),
    "HOLE": _k("Mechanical:MountingHole", "MountingHole:MountingHole_2.7mm_M2.5", "M2.5", "-", "-", "-", 0.0),
}
_PH_NAME = {2: "NTC", 3: "RS485", 4: "4 pole", 6: "P2 LED", 8: "LCD + keys"}


def ohms(text: str) -> float:
    """The resistance of "4.99k", "1M", "100R" in ohm."""
    return float(text[:-1]) * {"R": 1.0, "k": 1e3, "M": 1e6}[text[-1]]


def _yageo(text: str) -> str:
    number, unit = text[:-1], text[-1].upper()
    return number.replace(".", unit) if "." in number else number + unit


def _four_digits(text: str) -> str:
    value, exponent = ohms(text), 0
    while value >= 1000:
        value, exponent = value / 10, exponent + 1
    return f"{round(value):03d}{exponent}"


def _resistor(text: str, percent: str) -> Kind:
    code4 = _four_digits(text)
    if percent == "0.1":
        return Kind(
            "Device:R",
            R0603,
            f"{text} 0.1%",
            "Panasonic",
            f"ERA-3AEB{code4[:3]}{code4[3]}V" if ohms(text) >= 1000 else "ERA-3AEB",
            f"Susumu RG1608P-{code4}-B-T5",
            0.12,
            "thin film 25 ppm/K",
        )
    if percent == "0.5":
        return Kind("Device:R", R0603, f"{text} 0.5%", "Panasonic", f"ERA-3AED{code4}V", f"Susumu RG1608P-{code4}-D-T5", 0.10)
    return Kind("Device:R", R0603, text, "Yageo", f"RC0603FR-07{_yageo(text)}L", f"Panasonic ERJ-3EKF{code4}V", 0.01, "1 %")


def kind(key: str) -> Kind:
    """The kind of part behind a key; raises KeyError for a key nobody described."""
    if key in _FIXED:
        return _FIXED[key]
    family, *rest = key.split(":")
    if family == "R":
        return _resistor(rest[0], rest[1] if len(rest) > 1 else "1")
    if family == "PH":
        poles = int(rest[0])
        return Kind(
            f"Connector_Generic:Conn_01x{poles:02d}",
            PH.format(poles),
            rest[1] if len(rest) > 1 else _PH_NAME[poles],
            "JST",
            f"B{poles}B-PH-K-S",
            "compatible 2.0 mm PH headers",
            0.10 + 0.03 * poles,
        )
    raise KeyError(f"no part is described under {key!r}: add it to the catalogue")
