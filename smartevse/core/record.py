"""What the flight recorder writes, as bytes and back: a header, the last 60 s of ticks, a memory each second.

Everything is a number, and what comes back is built by the types of the fields: a file can bring nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, get_type_hints
from zlib import crc32

from smartevse.core.faults import COUNT
from smartevse.core.pilot import Level
from smartevse.core.signals import Outputs, Permit
from smartevse.core.states import Event, Hold, State
from smartevse.core.tick import Memory, Report


def fields(value: object, prefix: str = "") -> tuple[list[str], list[str]]:
    """The dotted names of all numbers of nested tuples and dataclasses, and of all plain tuples of numbers."""
    plain: list[str] = []
    rows: list[str] = []
    for name in _names(value):
        part = getattr(value, name)
        if isinstance(part, int):
            plain.append(prefix + name)
        elif _names(part):
            deeper = fields(part, f"{prefix}{name}.")
            plain += deeper[0]
            rows += deeper[1]
        else:
            rows.append(prefix + name)
    return plain, rows


def _names(kind: object) -> Iterable[str]:
    names: Iterable[str] = getattr(kind, "_fields", ()) or getattr(kind, "__dataclass_fields__", ())
    return names


PERMIT_FIELDS = fields(Permit())[0]
MEMORY_FIELDS, MEMORY_ROWS = fields(Memory())
"""A memory is the numbers of these fields, then those of the rows, which have one for each fault."""
MEMORY_KIND = crc32(" ".join((*PERMIT_FIELDS, *MEMORY_FIELDS, *MEMORY_ROWS)).encode())
"""Differs when a program's memory has other fields: then its bytes are not ours to read."""
_permit_numbers, _memory_numbers = attrgetter(*PERMIT_FIELDS), attrgetter(*MEMORY_FIELDS)
_memory_rows = attrgetter(*MEMORY_ROWS)

_PERMIT = struct.Struct(f"<{len(PERMIT_FIELDS)}H")
_TICK = struct.Struct(f"<Qq8HIIIBBBBBBHHHQ{_PERMIT.size}s")
_MEMORY = struct.Struct(f"<Q{len(MEMORY_FIELDS) + COUNT * len(MEMORY_ROWS)}q")
TICK_BYTES, MEMORY_BYTES = _TICK.size, _MEMORY.size
TICKS = 6000
"""60 s of 10 ms."""
MEMORY_EVERY_TICKS = 100
MEMORIES = TICKS // MEMORY_EVERY_TICKS + 1
"""One a second, and the one that the first tick began with; a replay starts at the oldest."""
TABLES = ((TICKS, TICK_BYTES), (MEMORIES, MEMORY_BYTES))
"""Behind the header: how many records of how many bytes; each is followed by its CRC-32 (`drivers.ring_file`)."""
MAGIC, LAYOUT = b"smartevse-ticks\n", 1
HEADER = struct.Struct("<16sHHHHIIII32s")
"""Magic, layout, bytes of the header, a tick and a memory, their numbers, what is in a memory, hat, program."""
CLOCK = struct.Struct("<q")
"""At the header's end: what has to be added to the monotonic clock for the time of day, in ms, renewed each second."""
HEADER_BYTES = 128
CLOCK_AT = HEADER_BYTES - CLOCK.size
_NO_PERMIT, _NO_EVENT = bytes(_PERMIT.size), 255
_FULL_CODE = 1 << 12


class Raw(Protocol):
    """What was read in a tick; see `hal.board.Sample`."""

    @property
    def adc(self) -> tuple[int, ...]:
        """Eight codes of the converter."""

    @property
    def levels(self) -> int:
        """One bit for each pin."""

    @property
    def seen_low(self) -> int:
        """One bit for each pin."""

    @property
    def seen_high(self) -> int:
        """One bit for each pin."""

    @property
    def slow_age_ticks(self) -> int:
        """The age of the oldest code."""

    @property
    def fresh(self) -> bool:
        """Whether the readings came in time."""


class Recorded(NamedTuple):
    """One tick as it was recorded: what was read and permitted, and what was decided."""

    number: int
    """Counts the guard's ticks from 1."""
    now_ms: int
    adc: tuple[int, ...]
    levels: int
    seen_low: int
    seen_high: int
    slow_age_ticks: int
    fresh: bool
    permit: Permit | None
    outputs: Outputs
    report: Report


def pack_header(hat_revision: int, program: str) -> bytes:
    """The header of a file that this program writes, `HEADER_BYTES` long."""
    sizes = (HEADER_BYTES, TICK_BYTES, MEMORY_BYTES, TICKS, MEMORIES)
    header = HEADER.pack(MAGIC, LAYOUT, *sizes, MEMORY_KIND, hat_revision, program.encode()[:32])
    return header.ljust(HEADER_BYTES, b"\0")


def pack_tick(number: int, now_ms: int, raw: Raw, permit: Permit | None, outputs: Outputs, report: Report) -> bytes:
    """The bytes of one tick, `TICK_BYTES` of them."""
    event = report.event
    bits = raw.fresh | (permit is not None) << 1 | outputs.c1 << 2 | outputs.c2 << 3 | outputs.lock_r << 4
    bits |= outputs.lock_w << 5 | outputs.rcm_test << 6 | outputs.heartbeat << 7
    return _TICK.pack(
        number,
        now_ms,
        *raw.adc,
        raw.levels,
        raw.seen_low,
        raw.seen_high,
        bits,
        raw.slow_age_ticks,
        report.state,
        report.level,
        report.hold,
        _NO_EVENT if event is None else event,
        outputs.duty_permille,
        report.offer_da,
        report.cable_da,
        report.faults,
        _NO_PERMIT if permit is None else _PERMIT.pack(*_permit_numbers(permit)),
    )


def unpack_tick(body: bytes) -> Recorded:
    """The tick of these bytes. Raises ValueError when a value is not possible."""
    number, now_ms, *rest = _TICK.unpack(body)
    levels, seen_low, seen_high, bits, age, state, level, hold, event = rest[8:17]
    duty_permille, offer_da, cable_da, faults, permit = rest[17:]
    adc = tuple(rest[:8])
    if max(adc) >= _FULL_CODE:
        raise ValueError(f"a code of {max(adc)} from a converter of 12 bits")
    on = [bool(bits >> bit & 1) for bit in range(8)]
    event = None if event == _NO_EVENT else Event(event)
    report = Report(State(state), Level(level), Hold(hold), faults, offer_da, cable_da, event)
    return Recorded(
        number,
        now_ms,
        adc,
        levels,
        seen_low,
        seen_high,
        age,
        on[0],
        _permit_of(permit) if on[1] else None,
        Outputs(duty_permille, *on[2:]),
        report,
    )


def pack_memory(number: int, memory: Memory) -> bytes:
    """The bytes of the memory after the tick of that number, `MEMORY_BYTES` of them; 0: before the first tick."""
    return _MEMORY.pack(number, *_memory_numbers(memory), *chain(*_memory_rows(memory)))


def unpack_memory(body: bytes) -> tuple[int, Memory]:
    """The number and the memory of these bytes. Raises ValueError when a value is not possible."""
    number, *numbers = _MEMORY.unpack(body)
    plain, rest = numbers[: len(MEMORY_FIELDS)], numbers[len(MEMORY_FIELDS) :]
    parts: dict[str, Any] = dict(zip(MEMORY_FIELDS, plain, strict=True))
    for turn, name in enumerate(MEMORY_ROWS):
        parts[name] = tuple(rest[turn * COUNT : (turn + 1) * COUNT])
    return number, _build(Memory, parts, "")


@lru_cache(maxsize=64)
def _permit_of(packed: bytes) -> Permit:
    permit: Permit = _build(Permit, dict(zip(PERMIT_FIELDS, _PERMIT.unpack(packed), strict=True)), "")
    return permit


def _build(kind: Any, parts: dict[str, Any], prefix: str) -> Any:
    """A value of a tuple's or dataclass's type, from the numbers by their dotted names."""
    values = {}
    for name, hint in _hints(kind).items():
        path = prefix + name
        values[name] = _leaf(hint, parts[path], path) if path in parts else _build(hint, parts, f"{path}.")
    return kind(**values)


def _leaf(hint: Any, number: Any, path: str) -> Any:
    if hint is bool:
        if number not in (0, 1):
            raise ValueError(f"{path} is {number}, but only 0 and 1 are possible")
        return bool(number)
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return hint(number)
    return number


@cache
def _hints(kind: Any) -> dict[str, Any]:
    names: Sequence[str] = tuple(kind.__dataclass_fields__) if is_dataclass(kind) else kind._fields
    hints = get_type_hints(kind)
    return {name: hints[name] for name in names}
