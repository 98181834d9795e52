"""Meters of every kind on the twin's line: the files that tell the product how to read a meter make it answer here.

So a kind of meter is described once; that the description is right is what the recorded frames prove.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smartevse.bus import meter as meters
from smartevse.bus.kinds import FILES
from smartevse.bus.meter import FORMATS, Meter, Value
from smartevse.bus.rtu import Function
from smartevse.twin.slave import DeviceType, Encode, Register, Slave

EV_METER_UNIT = 12

EXPONENTS: Mapping[str, int] = {"current": -2, "voltage": -1, "power": 0}
"""The powers of ten of a meter that sends them, by the first word of a value's name; 0 for all others."""

_RANGES: Mapping[str, tuple[int, int]] = {
    "i16": (-(1 << 15), (1 << 15) - 1),
    "u16": (0, (1 << 16) - 1),
    "i32": (-(1 << 31), (1 << 31) - 1),
    "u32": (0, (1 << 32) - 1),
    "i64": (-(1 << 63), (1 << 63) - 1),
    "u64": (0, (1 << 64) - 1),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What a meter measures: signed currents of L1, L2, L3 in A, their voltage, and its two counters.

    `powers_w` None: purely resistive, so voltage times current.
    """

    currents_a: tuple[float, float, float]
    voltage_v: float = 230.0
    import_wh: float = 0.0
    export_wh: float = 0.0
    powers_w: tuple[float, float, float] | None = None


def readings(flow: Flow, *, signed: bool) -> Mapping[str, float]:
    """All that meters show of it, by the names of their files; `signed`: the currents have a sign of their own."""
    powers_w = flow.powers_w or tuple(current_a * flow.voltage_v for current_a in flow.currents_a)
    values = {"power_w": sum(powers_w), "import_wh": flow.import_wh, "export_wh": flow.export_wh, "ct_ratio": 1.0}
    for phase, (current_a, power_w) in enumerate(zip(flow.currents_a, powers_w, strict=True), 1):
        values[f"voltage_l{phase}_mv"] = flow.voltage_v * 1000
        values[f"current_l{phase}_ma"] = (current_a if signed else abs(current_a)) * 1000
        values[f"power_l{phase}_w"] = power_w
    return values


def device_type(meter: Meter) -> DeviceType:
    """The device that this description is of."""
    registers: dict[int, Register] = {}
    for name, value in meter.values.items():
        exponent = 0 if value.exponent is None else EXPONENTS.get(name.split("_", 1)[0], 0)
        registers[value.address] = Register(value.address, name, _encoder(meter, value, exponent))
        if value.exponent is not None:
            registers[value.exponent] = Register(value.exponent, name, _constant(exponent))
    return DeviceType(
        name=meter.name,
        function=Function(meter.function),
        max_read=meter.max_read,
        registers=tuple(registers[address] for address in sorted(registers)),
        zeros_until=max(first + count for value in meter.values.values() for first, count in value.spans),
    )


def _constant(number: int) -> Encode:
    """A register that always holds this signed number."""
    return lambda _: (number & 0xFFFF,)


def _encoder(meter: Meter, value: Value, exponent: int) -> Encode:
    """How this meter writes the value; what is too large stops at the end of the range."""
    factor = value.scale * 10.0**exponent

    def encode(amount: float) -> tuple[int, ...]:
        raw: float = amount / factor
        if value.type != "f32":
            low, high = _RANGES[value.type]
            raw = min(max(round(raw), low), high) if math.isfinite(raw) else 0
        data = struct.pack(FORMATS[value.type], raw)
        words = struct.unpack(f"{'>' if meter.byte_order == 'big' else '<'}{len(data) // 2}H", data)
        return words if meter.word_order == "big" else words[::-1]

    return encode


def meter_device(kind: str, unit: int, measure: Callable[[], Flow]) -> Slave:
    """A meter of a kind of `bus.kinds.FILES` on the line. Raises ValueError for another word or number."""
    if kind not in FILES:
        raise ValueError(f"there is no meter {kind!r}; use one of {', '.join(FILES)}")
    if not 1 <= unit <= 247:
        raise ValueError(f"a meter cannot have the number {unit}; use 1 to 247")
    meter = meters.load(FILES[kind])
    signed = not meter.signed_by_power
    return Slave(device_type(meter), unit, lambda: readings(measure(), signed=signed))
