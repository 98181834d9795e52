"""The menu's rows about meters: which there are, where on the line, and what the owner's own one sends."""

from __future__ import annotations

from smartevse.settings import offered, words
from smartevse.settings.table import Measured, Number, Options, Setting


def _custom(value: str, name: str, quantity: str, register: int, decimals: int) -> tuple[Setting, Setting]:
    """The two items that say where a Custom meter has a `quantity`; `register` and `decimals` are the defaults."""
    return (
        Setting(
            f"custom_{value}",
            f"{name} REGI",
            f"The first register of the {quantity} in the Custom meter, as sent on the wire (counted from 0).",
            Number(0, 65534),
            default=register,
            visible=offered.custom_meter,
        ),
        Setting(
            f"custom_{value}_div",
            f"{name} DIVI",
            f"What the Custom meter's {quantity} is divided by.",
            Number(0, 7, words.divisor),
            default=decimals,
            visible=offered.custom_meter,
        ),
    )


METERS = (
    Setting(
        "mainsmet",
        "MAINSMET",
        "The meter at the mains connection of the house.",
        Options(words.MAINS_METERS),
        default="sensorbox",
        visible=offered.measured,
    ),
    Setting(
        "grid",
        "GRID",
        "The mains of the house: 4 wires with neutral, or 3 without. Matters only to a Sensorbox with CTs.",
        Options({"4wire": "4Wire", "3wire": "3Wire"}),
        default="4wire",
        visible=offered.sensorbox,
    ),
    Setting(
        "cal",
        "CAL",
        "Correct the Sensorbox's CTs by what a clamp meter shows on L1, at least 6 A flowing. < and > reset it.",
        Measured(307, 2048, words.factor),
        default=1024,
        visible=offered.sensorbox,
    ),
    Setting(
        "mainsadr",
        "MAINSADR",
        "The Modbus address that is set in the mains meter.",
        Number(10, 247, words.address),
        default=10,
        visible=offered.mains_address,
    ),
    Setting(
        "ev_meter",
        "EV METER",
        "The kWh meter that measures what the car takes.",
        Options(words.EV_METERS),
        default="disabled",
    ),
    Setting(
        "ev_adr",
        "EV ADR",
        "The Modbus address that is set in the EV meter.",
        Number(10, 247, words.address),
        default=12,
        visible=offered.ev_meter,
    ),
    Setting(
        "circ_met",
        "CIRC MET",
        "A meter of the chargers' circuit: what others take there is kept free of CIRCUIT.",
        Options(words.EV_METERS),
        default="disabled",
        visible=offered.decides,
    ),
    Setting(
        "circ_adr",
        "CIRC ADR",
        "The Modbus address that is set in the circuit meter.",
        Number(10, 247, words.address),
        default=20,
        visible=offered.circuit_meter,
    ),
    Setting(
        "batt_met",
        "BATT MET",
        "A meter of the home battery, charging counted as import: Solar leaves to the car what it takes.",
        Options(words.EV_METERS),
        default="disabled",
        visible=offered.solar,
    ),
    Setting(
        "batt_adr",
        "BATT ADR",
        "The Modbus address that is set in the battery meter.",
        Number(10, 247, words.address),
        default=21,
        visible=offered.battery_meter,
    ),
    Setting(
        "custom_order",
        "BYTE ORD",
        "The order of bytes and words in the Custom meter's values: L is low first, H high first.",
        Options({"lbf_lwf": "LBF & LWF", "lbf_hwf": "LBF & HWF", "hbf_lwf": "HBF & LWF", "hbf_hwf": "HBF & HWF"}),
        default="hbf_hwf",
        visible=offered.custom_meter,
    ),
    Setting(
        "custom_type",
        "DATATYPE",
        "The kind of number that the Custom meter sends.",
        Options({"int32": "INT32", "float32": "FLOAT32", "int16": "INT16"}),
        default="int32",
        visible=offered.custom_meter,
    ),
    Setting(
        "custom_function",
        "FUNCTION",
        "The Modbus function that reads the Custom meter.",
        Options({"3": "3:Hold. Reg", "4": "4:Input Reg"}),
        default="4",
        visible=offered.custom_meter,
    ),
    *_custom("voltage", "VOL", "voltage (V)", 0, 1),
    *_custom("current", "CUR", "current (A)", 0, 3),
    *_custom("power", "POW", "power (W)", 0, 0),
    *_custom("energy", "ENE", "energy (kWh)", 0, 3),
)
"""Of the mains, the car, the chargers' circuit, the home battery, and the Custom one."""
