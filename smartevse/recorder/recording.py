"""One recording as it was written: the file is checked as a whole, since it may come from anywhere."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smartevse.core import record as layout
from smartevse.core.signals import Outputs, Permit
from smartevse.core.tick import Memory, Report
from smartevse.hal.board import Sample

_GZIP = b"\x1f\x8b"
_CRC_BYTES = 4
_MOST_BYTES = 4_000_000
"""No recording is larger; more is not even unpacked."""


class RecordingError(ValueError):
    """The file cannot be used; the text is one sentence: which file, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: what was read and permitted, and what the guard made of it."""

    number: int
    """Counts the guard's ticks from 1."""
    now_ms: int
    """The monotonic clock."""
    sample: Sample
    permit: Permit | None
    outputs: Outputs
    report: Report


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole file: consecutive ticks, oldest first, and the guard's memory about once a second."""

    name: str
    program: str
    """The version that wrote it."""
    hat_revision: int
    clock_ms: int
    """To be added to `Tick.now_ms` for the ms since 1970."""
    ticks: tuple[Tick, ...]
    memories: dict[int, Memory]
    """By the number of the tick that they were left by; 0 is the start of the guard."""

    def at(self, tick: Tick) -> datetime:
        """The time of day of a tick, in UTC; a machine without a clock says 1970."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self.clock_ms + tick.now_ms)

    def new_faults(self) -> list[tuple[Tick, int]]:
        """The ticks in which faults came, with the bits of those that were not there before."""
        before = self.ticks[0].report.faults if self.ticks[0].number > 1 else 0
        found = []
        for tick in self.ticks:
            if new := tick.report.faults & ~before:
                found.append((tick, new))
            before = tick.report.faults
        return found

    def gaps(self) -> list[tuple[Tick, int]]:
        """Ticks that came more than 15 ms after the one before, with that time in ms."""
        pairs = zip(self.ticks, self.ticks[1:], strict=False)
        return [(after, after.now_ms - before.now_ms) for before, after in pairs if after.now_ms - before.now_ms > 15]


def read(path: Path) -> Recording:
    """The recording in a file, compressed or not. Raises RecordingError for whatever it cannot be read for."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RecordingError(
            f"cannot read {path} ({error.strerror}): 'smartevse recorder list' shows what there is"
        ) from error
    return parse(data, str(path))


def parse(data: bytes, name: str) -> Recording:
    """The recording in the bytes of a file. Raises RecordingError, whatever the bytes are, with one sentence."""
    if data[:2] == _GZIP:
        data = _unpacked(data, name)
    if data[: len(layout.MAGIC)] != layout.MAGIC:
        raise RecordingError(f"{name} is no recording of smartevse: it should begin with {layout.MAGIC[:-1].decode()}")
    if len(data) < layout.HEADER_BYTES:
        raise RecordingError(f"{name} is cut short within its first {layout.HEADER_BYTES} bytes: fetch it again")
    _, number, *sizes, memory_kind, hat_revision, program = layout.HEADER.unpack_from(data)
    version = program.rstrip(b"\0").decode("ascii", "replace")
    header_bytes, tick_bytes, snapshot_bytes, tick_count, snapshot_count = sizes
    if number != layout.LAYOUT or (header_bytes, tick_bytes) != (layout.HEADER_BYTES, layout.TICK_BYTES):
        raise RecordingError(f"{name} has the layout of smartevse {version!a}: read it with that version")
    table = _Table("ticks", header_bytes, tick_count, tick_bytes + _CRC_BYTES)
    snapshots = _Table("snapshots", table.end, snapshot_count, snapshot_bytes + _CRC_BYTES)
    if len(data) != snapshots.end:
        raise RecordingError(f"{name} has {len(data)} bytes instead of {snapshots.end}: fetch it again")
    (clock_ms,) = layout.CLOCK.unpack_from(data, layout.CLOCK_AT)
    try:
        ticks = tuple(_tick(body) for body in _in_order(_sound(data, table, name), name))
        memories = _memories(_sound(data, snapshots, name), ticks) if memory_kind == layout.MEMORY_KIND else {}
        recording = Recording(name, version, hat_revision, clock_ms, ticks, memories)
        recording.at(ticks[0]), recording.at(ticks[-1])
    except (ValueError, KeyError, OverflowError) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(f"{name} is damaged ({error}): fetch it again") from error
    return recording


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the records of one kind are."""

    what: str
    start: int
    count: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.count * self.size


def _sound(data: bytes, table: _Table, name: str) -> list[bytes]:
    """The records that were written; one may be torn, as the program may have ended while writing it."""
    found, torn = [], 0
    for at in range(table.start, table.end, table.size):
        body, end = data[at : at + table.size - _CRC_BYTES], at + table.size
        crc = int.from_bytes(data[end - _CRC_BYTES : end], "little")
        if zlib.crc32(body) == crc and any(body):
            found.append(body)
        elif any(body) or crc:
            torn += 1
    if torn > 1:
        raise RecordingError(
            f"{name} is damaged: {torn} of its {table.what} do not match their checksums; fetch it again"
        )
    return found


def _in_order(found: list[bytes], name: str) -> list[bytes]:
    """The ticks, oldest first."""
    bodies = {int.from_bytes(body[:8], "little"): body for body in found}
    if not bodies:
        raise RecordingError(f"{name} holds no tick: the guard ended before its first one")
    number = max(bodies)
    ordered = []
    while number in bodies:
        ordered.append(bodies.pop(number))
        number -= 1
    if bodies:
        raise RecordingError(f"{name} is damaged: tick {number} is missing in its middle; fetch it again")
    return ordered[::-1]


def _memories(found: list[bytes], ticks: Sequence[Tick]) -> dict[int, Memory]:
    """The memories that belong to the ticks, by number; older ones may stand where none was written yet."""
    unpacked = map(layout.unpack_memory, found)
    return {number: memory for number, memory in unpacked if ticks[0].number - 1 <= number <= ticks[-1].number}


def _tick(body: bytes) -> Tick:
    it = layout.unpack_tick(body)
    sample = Sample(it.adc, it.levels, it.seen_low, it.seen_high, it.slow_age_ticks, it.fresh)
    return Tick(it.number, it.now_ms, sample, it.permit, it.outputs, it.report)


def _unpacked(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise RecordingError(f"{name} is damaged ({error}): fetch it again") from error
    if not unpacker.eof:
        raise RecordingError(f"{name} is cut short or is no recording: fetch it again")
    return unpacked
