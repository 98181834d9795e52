"""How settings are written: the names of the meters, and numbers with their units."""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.settings import offered

METERS: Mapping[str, str] = {
    "phoenix": "Phoenix C",
    "finder": "Finder 7E",
    "eastron": "Eastron",
    "abb": "ABB",
    "solaredge": "SolarEdge",
    "wago": "WAGO",
    "eastron_1p": "Eastron 1P",
    "eastron_inv": "InvEastrn",
    "finder_7m": "Finder 7M",
    "sinotimer": "Sinotimer",
    "schneider": "Schneider",
    "chint": "Chint 3P",
    "chint_1p": "Chint 1P",
    "gavazzi": "C.Gavazzi",
    "custom": "Custom",
}
"""The Modbus meters; what each of them sends is described under its word in the folder of the bus, Custom by the
menu's own items."""

EV_METERS: Mapping[str, str] = {"disabled": "Disabled", **METERS}
"""What EV METER offers."""
MAINS_METERS: Mapping[str, str] = {"sensorbox": "Sensorbox", **METERS}
"""What MAINSMET offers."""


def amps(number: int) -> str:
    """Whole amperes."""
    return f"{number} A"


def capacity(number: int) -> str:
    """Amperes of all phases together, or none."""
    return "Disabled" if number == offered.NO_CAPACITY else f"{number} A"


def export(number: int) -> str:
    """A current that flows out of the house."""
    return f"-{number} A"


def minutes(number: int) -> str:
    """A time, or none."""
    return f"{number} min" if number else "Disabled"


def address(number: int) -> str:
    """A Modbus address, decimal and as the meter's own display often has it."""
    return f"{number} ({number:02X}h)"


def time(minute: int) -> str:
    """A minute of the day; one after the last is no time."""
    return "Open" if minute == offered.OPEN_END else f"{minute // 60:02}:{minute % 60:02}"


def factor(number: int) -> str:
    """The CTs' correction, 1024 for none."""
    return f"x{number / 1024:.4f}"


def divisor(decimals: int) -> str:
    """A power of ten."""
    return str(10**decimals)
