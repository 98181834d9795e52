"""Meters as data: what to ask a meter for, and what its registers mean. No I/O here, no clock.

A meter is one file in `bus/meters/`; whoever owns the line sends the `Request`s of a poll and gives the registers back.
Values that a meter sends as "not available" (a phase that is not connected) are missing in what is decoded.
"""

from __future__ import annotations

import math
import struct
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import resources
from typing import Any

PLAUSIBLE_DA = 2000
"""A current of 200 A or more is no household's: such an answer counts as none."""
PLAUSIBLE_W = 200 * 300 * 3
"""More than all three phases can carry at 200 A."""
PLAUSIBLE_WH = 1 << 40
"""A million times a household's year; more is a misread register."""
MOST_EXPONENT = 10
"""A power of ten beyond this is a misread register."""
MOST_RATIO = 10_000
"""More than any current transformer's ratio."""

ORDERS = ("big", "little")


class MeterError(ValueError):
    """An answer that counts as none; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """One read of a meter: function code 3 or 4, the first register as sent, and how many."""

    function: int
    address: int
    count: int

    def covers(self, address: int, count: int) -> bool:
        """Whether these registers are among those that are read."""
        return self.address <= address and address + count <= self.address + self.count


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a meter: where it is, how it is coded, and the factor to the unit in its name."""

    address: int
    type: str
    scale: float
    exponent: int | None = None
    """The address of a signed register with a power of ten to multiply with; None: there is none."""
    times: str | None = None
    """The name of a value of the poll "once" to multiply with."""

    @property
    def registers(self) -> int:
        """How many registers of 16 bits the value takes."""
        return struct.calcsize(FORMATS[self.type]) // 2

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The registers that are needed for it, as (first, how many)."""
        own = (self.address, self.registers)
        return (own,) if self.exponent is None else (own, (self.exponent, 1))


FORMATS: Mapping[str, str] = {
    "i16": ">h",
    "u16": ">H",
    "i32": ">i",
    "u32": ">I",
    "i64": ">q",
    "u64": ">Q",
    "f32": ">f",
}
"""How each type of value is packed, high byte and high word first."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A kind of meter, as its file describes it."""

    name: str
    """What the owner calls it: the menu's word."""
    function: int
    word_order: str
    """"big" sends the high word first, "little" the low word."""
    max_read: int
    """Most registers in one request."""
    cautious_read: int
    """Most registers in one request to a variant that refused a longer one."""
    signed_by_power: bool
    """Currents have no sign of their own; they take that of the phase's power."""
    values: Mapping[str, Value]
    polls: Mapping[str, tuple[str, ...]]
    byte_order: str = "big"
    """"big" sends the high byte of a register first, as Modbus wants it."""
    gap: int = 0
    """So many registers between two values are read along rather than asking twice."""
    not_available: Mapping[str, int] = field(default_factory=dict)
    """By type: the bits that stand for "there is none"."""


@dataclass(frozen=True, slots=True)
class Currents:
    """What flows, positive towards the consumer: 0.1 A for L1, L2, L3 and the total power in W (None: not asked)."""

    phases_da: tuple[int, int, int]
    power_w: int | None


def load(stem: str) -> Meter:
    """The meter of the file `bus/meters/STEM.toml`; FileNotFoundError when there is none."""
    text = resources.files(__package__).joinpath("meters").joinpath(f"{stem}.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


def parse(raw: Mapping[str, Any]) -> Meter:
    """The meter that a parsed file describes. Raises ValueError with one sentence when the file contradicts itself."""
    values = {name: Value(**fields) for name, fields in raw["values"].items()}
    for name, value in values.items():
        if value.type not in FORMATS:
            raise ValueError(f"{raw['name']}: {name} has the type {value.type!r}, known are {', '.join(FORMATS)}")
        if value.times is not None and value.times not in raw["polls"].get("once", ()):
            raise ValueError(f"{raw['name']}: {name} is to be multiplied with {value.times}, which no poll once asks")
    polls = {name: tuple(wanted) for name, wanted in raw["polls"].items()}
    for name, wanted in polls.items():
        unknown = [value for value in wanted if value not in values]
        if unknown:
            raise ValueError(f"{raw['name']}: the poll {name} asks for {', '.join(unknown)}, which [values] lacks")
    orders = (raw["word_order"], raw.get("byte_order", "big"))
    for order in orders:
        if order not in ORDERS:
            raise ValueError(f"{raw['name']}: the order {order!r} is not known, use {' or '.join(ORDERS)}")
    return Meter(
        name=raw["name"],
        function=raw["function"],
        word_order=orders[0],
        byte_order=orders[1],
        max_read=raw["max_read"],
        cautious_read=raw.get("cautious_read", raw["max_read"]),
        gap=raw.get("gap", 0),
        signed_by_power=raw.get("signed_by_power", False),
        not_available=raw.get("not_available", {}),
        values=values,
        polls=polls,
    )


def requests(meter: Meter, poll: str, *, cautious: bool = False) -> tuple[Request, ...]:
    """The reads of a poll, neighbours merged as far as the meter allows.

    `cautious`: for a variant that refused: short requests, and no register that is not wanted.
    """
    most, gap = (meter.cautious_read, 0) if cautious else (meter.max_read, meter.gap)
    merged: list[Request] = []
    for first, count in sorted({span for name in meter.polls[poll] for span in meter.values[name].spans}):
        end = first + count
        start = first
        if merged:
            last = merged[-1]
            if end - last.address <= most and first <= last.address + last.count + gap:
                start = merged.pop().address
                end = max(end, last.address + last.count)
        merged.append(Request(meter.function, start, end - start))
    return tuple(merged)


def decode(
    meter: Meter,
    poll: str,
    answers: Mapping[Request, Sequence[int]],
    ratios: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """The values of a poll in the units of their names, cut off towards zero, from the registers of each request.

    `ratios` are the values of the poll "once", where the meter has one. What the meter does not have is missing.
    Raises MeterError when an answer is short or a number is none (NaN, infinite).
    """
    found: dict[str, int] = {}
    for name in meter.polls[poll]:
        number = _value(meter, name, answers, ratios or {})
        if number is not None:
            found[name] = number
    return found


def currents(meter: Meter, values: Mapping[str, int]) -> Currents:
    """What flows, from the values of the poll "currents". Raises MeterError when that cannot be."""
    amps = [values.get(f"current_l{phase}_ma") for phase in (1, 2, 3)]
    if amps == [None, None, None]:
        raise MeterError(f"{meter.name} has no current for any phase: is it connected?")
    watts = [values.get(f"power_l{phase}_w") for phase in (1, 2, 3)]
    l1, l2, l3 = (_signed_da(meter, ma or 0, w or 0) for ma, w in zip(amps, watts, strict=True))
    for phase, da in enumerate((l1, l2, l3), 1):
        if abs(da) >= PLAUSIBLE_DA:
            raise MeterError(f"{meter.name} says {da / 10:.0f} A on L{phase}; 200 A and more are not believed")
    known = [w for w in watts if w is not None]
    return Currents((l1, l2, l3), believed_w(meter, sum(known)) if known else None)


def _signed_da(meter: Meter, current_ma: int, power_w: int) -> int:
    """A phase's current in 0.1 A with the sign that counts; without power it stays as the meter sends it."""
    if meter.signed_by_power and power_w:
        current_ma = abs(current_ma) if power_w > 0 else -abs(current_ma)
    return int(Fraction(current_ma, 100))


def believed_w(meter: Meter, power_w: int) -> int:
    """A total power in W. Raises MeterError when it cannot be."""
    if abs(power_w) > PLAUSIBLE_W:
        raise MeterError(f"{meter.name} says {power_w} W; more than {PLAUSIBLE_W} W are not believed")
    return power_w


def energy_wh(meter: Meter, values: Mapping[str, int], name: str = "import_wh") -> int:
    """A meter's counter in Wh. Raises MeterError when it is missing, below zero or beyond all use."""
    if name not in values:
        raise MeterError(f"{meter.name} does not have {name}")
    if not 0 <= values[name] < PLAUSIBLE_WH:
        raise MeterError(f"{meter.name} says {values[name]} Wh have been counted, which cannot be")
    return values[name]


def _value(meter: Meter, name: str, answers: Mapping[Request, Sequence[int]], ratios: Mapping[str, int]) -> int | None:
    """One value, found in the answer that covers it; None when the meter does not have it."""
    value = meter.values[name]
    number = _number(meter, name, value.type, _registers(meter, name, value.spans[0], answers))
    if number is None:
        return None
    factor = Fraction(str(value.scale))
    if value.exponent is not None:
        exponent = _number(meter, name, "i16", _registers(meter, name, value.spans[1], answers))
        if not isinstance(exponent, int) or abs(exponent) > MOST_EXPONENT:
            raise MeterError(f"{meter.name} sends no usable power of ten for {name}")
        factor *= Fraction(10) ** exponent
    if value.times is not None:
        ratio = ratios.get(value.times, 1)
        if not 1 <= ratio <= MOST_RATIO:
            raise MeterError(f"{meter.name} says its {value.times} is {ratio}; 1 to {MOST_RATIO} can be")
        factor *= ratio
    if isinstance(number, int):
        return int(number * factor)
    scaled = number * float(factor)
    if not abs(scaled) < 1 << 62:
        raise MeterError(f"{meter.name} sends {number:g} for {name}, which cannot be")
    # A register pair carries 24 bits; rounding to those keeps 12345.678 kWh at 12345678 Wh instead of one less.
    (rounded,) = struct.unpack(">f", struct.pack(">f", scaled))
    return int(rounded)


def _registers(
    meter: Meter, name: str, span: tuple[int, int], answers: Mapping[Request, Sequence[int]]
) -> Sequence[int]:
    """The registers of a span from the answer that has them."""
    first, count = span
    for request, registers in answers.items():
        if request.covers(first, count):
            if len(registers) != request.count:
                raise MeterError(
                    f"{meter.name} was asked for {request.count} registers from {request.address:#06x} "
                    f"and sent {len(registers)}"
                )
            return registers[first - request.address :][:count]
    raise MeterError(f"{meter.name} was not asked for {name}")


def _number(meter: Meter, name: str, kind: str, words: Sequence[int]) -> int | float | None:
    """Registers to a number; None for the meter's "not available"."""
    ordered = words if meter.word_order == "big" else words[::-1]
    data = struct.pack(f"{'>' if meter.byte_order == 'big' else '<'}{len(words)}H", *ordered)
    if int.from_bytes(data, "big") == meter.not_available.get(kind):
        return None
    number: int | float
    (number,) = struct.unpack(FORMATS[kind], data)
    if not math.isfinite(number):
        raise MeterError(f"{meter.name} sends {number} for {name}, which is no number")
    return number
