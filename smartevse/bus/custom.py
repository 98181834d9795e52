"""The owner's own meter: what the menu's Custom items say, as a meter like those of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartevse.bus.meter import Meter, Value

ORDERS: Mapping[str, tuple[str, str]] = {
    "lbf_lwf": ("little", "little"),
    "lbf_hwf": ("little", "big"),
    "hbf_lwf": ("big", "little"),
    "hbf_hwf": ("big", "big"),
}
"""BYTE ORD: from its word to the order of bytes and the order of words; other units count them 0 to 3 in this order."""

TYPES: Mapping[str, str] = {"int32": "i32", "float32": "f32", "int16": "i16"}
"""DATATYPE: from its word to the type of the values; other units count them 0 to 2 in this order."""

MAX_READ = 6
"""Three values of two registers: nothing is known of the meter that would allow more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is: register 0 to 65534 as sent, and the number of decimals, 0 to 7 (10 to this power divides)."""

    register: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Custom:
    """What the owner says of the meter. The registers hold V, A, W and kWh, times 10 to the power of their decimals."""

    order: str
    """A word of `ORDERS`."""
    type: str
    """A word of `TYPES`."""
    function: int
    """3: holding registers, 4: input registers."""
    voltage: Place
    current: Place
    power: Place
    energy: Place


def meter(custom: Custom) -> Meter:
    """The meter. L2 and L3 follow L1 at the next value's place. Currents keep their sign, if they have one."""
    byte_order, word_order = ORDERS[custom.order]
    kind = TYPES[custom.type]
    values = {
        **_phases("voltage_l{}_mv", custom.voltage, kind),
        **_phases("current_l{}_ma", custom.current, kind),
        "power_w": Value(custom.power.register, kind, _scale(0, custom.power)),
        "import_wh": Value(custom.energy.register, kind, _scale(3, custom.energy)),
    }
    return Meter(
        name="Custom",
        function=custom.function,
        word_order=word_order,
        byte_order=byte_order,
        max_read=MAX_READ,
        cautious_read=values["power_w"].registers,
        signed_by_power=False,
        values=values,
        polls={
            "currents": tuple(f"current_l{phase}_ma" for phase in (1, 2, 3)),
            "power": ("power_w",),
            "import": ("import_wh",),
        },
    )


def _phases(name: str, place: Place, kind: str) -> dict[str, Value]:
    size = Value(0, kind, 1).registers
    return {name.format(i + 1): Value(place.register + i * size, kind, _scale(3, place)) for i in range(3)}


def _scale(wanted: int, place: Place) -> float:
    """The factor from the register to 10 to the power of `-wanted` of the unit."""
    return float(f"1e{wanted - place.decimals}")
