"""Meters as data: what to ask a meter for, and what its registers mean. No I/O here, no clock.

A meter is one file in `bus/meters/`; whoever owns the line sends the `Request`s of a poll and gives the registers back.
"""

from __future__ import annotations

import math
import struct
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

PLAUSIBLE_DA = 2000
"""A current of 200 A or more is no household's: such an answer counts as none."""
PLAUSIBLE_W = 200 * 300 * 3
"""More than all three phases can carry at 200 A."""
PLAUSIBLE_WH = 1 << 40
"""A million times a household's year; more is a misread register."""


class MeterError(ValueError):
    """An answer that counts as none; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """One read of a meter: function code 3 or 4, the first register as sent, and how many."""

    function: int
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a meter: where it is, how it is coded, and the factor to the unit in its name."""

    address: int
    type: str
    scale: float

    @property
    def registers(self) -> int:
        """How many registers of 16 bits the value takes."""
        return struct.calcsize(_FORMATS[self.type]) // 2


_FORMATS: Mapping[str, str] = {
    "i16": ">h",
    "u16": ">H",
    "i32": ">i",
    "u32": ">I",
    "i64": ">q",
    "u64": ">Q",
    "f32": ">f",
}


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


@dataclass(frozen=True, slots=True)
class Currents:
    """What flows, positive towards the consumer: 0.1 A for L1, L2, L3 and the total power in W."""

    phases_da: tuple[int, int, int]
    power_w: int


def load(stem: str) -> Meter:
    """The meter of the file `bus/meters/STEM.toml`; FileNotFoundError when there is none."""
    text = resources.files(__package__).joinpath("meters").joinpath(f"{stem}.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


def parse(raw: Mapping[str, Any]) -> Meter:
    """The meter that a parsed file describes. Raises ValueError with one sentence when the file contradicts itself."""
    values = {name: Value(**fields) for name, fields in raw["values"].items()}
    for name, value in values.items():
        if value.type not in _FORMATS:
            raise ValueError(f"{raw['name']}: {name} has the type {value.type!r}, known are {', '.join(_FORMATS)}")
    polls = {name: tuple(wanted) for name, wanted in raw["polls"].items()}
    for name, wanted in polls.items():
        unknown = [value for value in wanted if value not in values]
        if unknown:
            raise ValueError(f"{raw['name']}: the poll {name} asks for {', '.join(unknown)}, which [values] lacks")
    return Meter(
        name=raw["name"],
        function=raw["function"],
        word_order=raw["word_order"],
        max_read=raw["max_read"],
        cautious_read=raw.get("cautious_read", raw["max_read"]),
        signed_by_power=raw.get("signed_by_power", False),
        values=values,
        polls=polls,
    )


def requests(meter: Meter, poll: str, most: int | None = None) -> tuple[Request, ...]:
    """The reads of a poll, neighbours merged as long as a request has at most `most` (else `max_read`) registers."""
    most = most or meter.max_read
    merged: list[Request] = []
    for value in sorted((meter.values[name] for name in meter.polls[poll]), key=lambda value: value.address):
        end = value.address + value.registers
        if merged and end - merged[-1].address <= most and value.address <= merged[-1].address + merged[-1].count:
            start = merged.pop().address
        else:
            start = value.address
        merged.append(Request(meter.function, start, end - start))
    return tuple(merged)


def decode(meter: Meter, poll: str, answers: Mapping[Request, Sequence[int]]) -> dict[str, int]:
    """The values of a poll in the units of their names, cut off towards zero, from the registers of each request.

    Raises MeterError when an answer is short or a number is none (NaN, infinite).
    """
    return {name: _value(meter, name, answers) for name in meter.polls[poll]}


def currents(meter: Meter, values: Mapping[str, int]) -> Currents:
    """What flows, from the values of the poll "currents". Raises MeterError when that cannot be."""
    amps = [values.get(f"current_l{phase}_ma", 0) for phase in (1, 2, 3)]
    watts = [values.get(f"power_l{phase}_w", 0) for phase in (1, 2, 3)]
    if meter.signed_by_power:
        amps = [-abs(ma) if w < 0 else abs(ma) for ma, w in zip(amps, watts, strict=True)]
    l1, l2, l3 = (int(ma / 100) for ma in amps)
    for phase, da in enumerate((l1, l2, l3), 1):
        if abs(da) >= PLAUSIBLE_DA:
            raise MeterError(f"{meter.name} says {da / 10:.0f} A on L{phase}; 200 A and more are not believed")
    power_w = sum(watts)
    if abs(power_w) > PLAUSIBLE_W:
        raise MeterError(f"{meter.name} says {power_w} W; more than {PLAUSIBLE_W} W are not believed")
    return Currents((l1, l2, l3), power_w)


def energy_wh(meter: Meter, values: Mapping[str, int], name: str = "import_wh") -> int:
    """A meter's counter in Wh. Raises MeterError when it is below zero or beyond all use."""
    if not 0 <= values[name] < PLAUSIBLE_WH:
        raise MeterError(f"{meter.name} says {values[name]} Wh have been counted, which cannot be")
    return values[name]


def _value(meter: Meter, name: str, answers: Mapping[Request, Sequence[int]]) -> int:
    """One value, found in the answer that covers it."""
    value = meter.values[name]
    for request, registers in answers.items():
        offset = value.address - request.address
        if offset >= 0 and offset + value.registers <= request.count:
            if len(registers) != request.count:
                raise MeterError(
                    f"{meter.name} was asked for {request.count} registers from {request.address:#06x} "
                    f"and sent {len(registers)}"
                )
            return _number(meter, name, value, registers[offset : offset + value.registers])
    raise MeterError(f"{meter.name} was not asked for {name}")


def _number(meter: Meter, name: str, value: Value, words: Sequence[int]) -> int:
    """Registers to a scaled whole number."""
    ordered = words if meter.word_order == "big" else words[::-1]
    (number,) = struct.unpack(_FORMATS[value.type], struct.pack(f">{len(words)}H", *ordered))
    if value.type != "f32":
        return int(number * value.scale)
    if not math.isfinite(number):
        raise MeterError(f"{meter.name} sends {number} for {name}, which is no number")
    scaled = number * value.scale
    if abs(scaled) >= 1 << 62:
        raise MeterError(f"{meter.name} sends {number:g} for {name}, which cannot be")
    # A register pair carries 24 bits; rounding to those keeps 12345.678 kWh at 12345678 Wh instead of one less.
    (rounded,) = struct.unpack(">f", struct.pack(">f", scaled))
    return int(rounded)
