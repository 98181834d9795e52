"""The settings that chargers on one line share: between the table's words and the registers of the other units."""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.bus import kinds, units
from smartevse.bus.custom import ORDERS, TYPES
from smartevse.bus.meter import Meter
from smartevse.bus.node import Wanted
from smartevse.bus.units import CONFIG_NAMES
from smartevse.core.rules import Mode
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Value
from smartevse.settings.values import Values
from smartevse.station.meters import ev_choice

FAMILIES: Mapping[str, str] = {"off": "official", "d35": "3.5", "srk": "older"}
"""PEERS, and what the bus calls it."""

_QUANTITIES = (("U", "voltage"), ("I", "current"), ("P", "power"), ("E", "energy"))
_PLAIN = {
    "CIRCUIT": "circuit",
    "MAINS": "mains",
    "START": "start",
    "STOP": "stop",
    "IMPORT": "import",
    "MAINSADR": "mainsadr",
    "MIN": "min",
    "MAX": "max",
    "EVADR": "ev_adr",
    **{f"custom {letter} reg": f"custom_{name}" for letter, name in _QUANTITIES},
    **{f"custom {letter} div": f"custom_{name}_div" for letter, name in _QUANTITIES},
}
"""Registers that hold the number of a setting as it is stored."""
_WORDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "MODE": ("mode", tuple(mode.name.lower() for mode in Mode)),
    "GRID": ("grid", ("4wire", "3wire")),
    "CONFIG": ("config", ("socket", "fixed")),
    "LOCK": ("lock", ("disabled", "solenoid", "motor")),
    "RCMON": ("rcmon", ("disabled", "enabled")),
    "RFID": ("rfid", ("disabled", "enabled")),
    "LOADBL": ("load_bal", ("disabled", "master", *(f"node{number}" for number in range(1, 8)))),
    "SWITCH": ("switch", ("disabled", "access_b", "access_s", "smasol_b", "smasol_s", "grid_relay")),
    "custom order": ("custom_order", tuple(ORDERS)),
    "custom type": ("custom_type", tuple(TYPES)),
}
"""Registers that hold the place of a word in a list."""
_METERS = {"MAINSMET": "mainsmet", "EVMETER": "ev_meter"}
_SYSTEM = ("MODE", "CIRCUIT", "GRID", "MAINS", "START", "STOP", "IMPORT", "MAINSMET", "MAINSADR")
_CUSTOM = (*(name for name in (*_PLAIN, *_WORDS) if name.startswith("custom")), "custom function")


def family(values: Values) -> str:
    """The family of program that PEERS names."""
    return FAMILIES[str(values["peers"])]


def config_words(values: Values, family: str) -> tuple[int, ...]:
    """The registers from 0x0100: what is fitted here, and the EV meter."""
    return tuple(_number(name, values, family) for name in CONFIG_NAMES)


def system_values(values: Values, family: str) -> dict[str, int]:
    """What the Master tells all Nodes, by the register's names."""
    return {name: _number(name, values, family) for name in (*_SYSTEM, *_CUSTOM)}


def system_words(values: Values, family: str) -> tuple[int, ...]:
    """The registers from 0x0200: the settings that all chargers on a line share."""
    return units.system_words(system_values(values, family), family)


def changes(wanted: Wanted, values: Values, family: str) -> dict[str, Value]:
    """What of a Master's settings is to be stored: what our table accepts and what differs."""
    told = {**wanted.system, **wanted.config}
    if wanted.mode is not None:
        told["MODE"] = wanted.mode
    found: dict[str, Value] = {}
    for name, number in told.items():
        setting = _setting(name, number, family)
        if setting is None:
            continue
        key, value = setting
        if TABLE.row(key).kind.accepts(value) and values[key] != value:
            found[key] = value
    return found if TABLE.contradiction({**values.choices, **found}) is None else _one_by_one(found, values)


def _one_by_one(wanted: Mapping[str, Value], values: Values) -> dict[str, Value]:
    """Those that agree with all others; a Master may have settings that contradict what is fitted here."""
    found: dict[str, Value] = {}
    for key, value in wanted.items():
        if TABLE.contradiction({**values.choices, **found, key: value}) is None:
            found[key] = value
    return found


def _number(name: str, values: Values, family: str) -> int:
    if name in _PLAIN:
        return int(values[_PLAIN[name]])
    if name in _METERS:
        return kinds.number(str(values[_METERS[name]]), family)
    if name == "custom function":
        return int(values["custom_function"])
    key, words = _WORDS[name]
    return words.index(str(values[key]))


def _setting(name: str, number: int, family: str) -> tuple[str, Value] | None:
    """The key and value of a register; None for what we have no setting for."""
    if name in _PLAIN:
        return _PLAIN[name], number
    if name in _METERS:
        kind = kinds.word(number, family)
        return None if kind is None else (_METERS[name], kind)
    if name == "custom function":
        return "custom_function", str(number)
    if name in _WORDS:
        key, words = _WORDS[name]
        return (key, words[number]) if number < len(words) else None
    return None


def ev_meter_of(number: int, values: Values, family: str) -> Meter | None:
    """The meter that a Node names by its number; a Custom one is described by the Master's own menu."""
    kind = kinds.word(number, family)
    if kind in (None, "disabled", "sensorbox"):
        return None
    choice = ev_choice(values.changed({"ev_meter": str(kind)}))
    return None if choice is None else choice.meter()
