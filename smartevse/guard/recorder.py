"""The flight recorder's writing side: the last 60 s of ticks in a mapped file that outlives the guard.

The files are in memory (a tmpfs, beside the guard's socket), so nothing wears the card. After a fault the ring is
renamed, not copied, and a second one, made beforehand, goes on; making the next is spread over many ticks. The
station, or `smartevse recorder`, takes renamed files from there (`smartevse.recorder`), and only reads.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter
from pathlib import Path
from zlib import crc32

from smartevse import __version__
from smartevse.core.faults import COUNT, Fault, names
from smartevse.core.signals import Outputs, Permit
from smartevse.core.tick import Memory, Report
from smartevse.hal.board import Sample

RING_TICKS = 6000
"""60 s of 10 ms."""
SNAPSHOT_EVERY_TICKS = 100
AFTER_MS = 10_000
"""How long it goes on after a fault, so that a file shows what the fault led to."""
KEEP_FROZEN = 8
"""Frozen files that wait in memory, the newest; each takes 0.7 MB."""
PIECE_BYTES = 64 * 1024
"""As much of the next ring is made in one tick."""

RING, SPARE, SUFFIX = "ring.bin", "spare.bin", ".rec"
ENDED = "guard-ended"
"""In the place of the fault's name: the guard ended without being asked to."""

MAGIC = b"smartevse-ticks\n"
LAYOUT = 1
HEADER = struct.Struct("<16sHHHHIIII32s")
"""Magic, layout, bytes of the header, a tick and a snapshot, their numbers, what is in a memory, hat, program."""
HEADER_BYTES = 128
CLOCK = struct.Struct("<q")
"""At the header's end: what has to be added to the monotonic clock for the time of day, in ms, renewed each second."""
CLOCK_AT = HEADER_BYTES - CLOCK.size
CRC = struct.Struct("<I")


def fields(value: object, prefix: str = "") -> tuple[list[str], list[str]]:
    """The dotted names of all numbers of nested tuples and dataclasses, and of all plain tuples of numbers."""
    plain: list[str] = []
    rows: list[str] = []
    names_in: Iterable[str] = getattr(value, "_fields", ()) or getattr(value, "__dataclass_fields__", ())
    for name in names_in:
        part = getattr(value, name)
        if isinstance(part, tuple) and not hasattr(part, "_fields"):
            rows.append(prefix + name)
        elif isinstance(part, int):
            plain.append(prefix + name)
        else:
            deeper = fields(part, f"{prefix}{name}.")
            plain += deeper[0]
            rows += deeper[1]
    return plain, rows


PERMIT_FIELDS = fields(Permit())[0]
MEMORY_FIELDS, MEMORY_ROWS = fields(Memory())
"""A snapshot is the numbers of these fields, then those of the rows; `smartevse.recorder` makes a memory of them."""
MEMORY_KIND = crc32(" ".join((*PERMIT_FIELDS, *MEMORY_FIELDS, *MEMORY_ROWS)).encode())
"""Differs when a program's memory has other fields: then its snapshots are not ours to read."""
MEMORY_NUMBERS = len(MEMORY_FIELDS) + COUNT * len(MEMORY_ROWS)
_permit_numbers, _memory_numbers = attrgetter(*PERMIT_FIELDS), attrgetter(*MEMORY_FIELDS)
_memory_rows = attrgetter(*MEMORY_ROWS)

PERMIT = struct.Struct(f"<{len(PERMIT_FIELDS)}H")
TICK = struct.Struct(f"<Qq8HIIIBBBBBBHHHQ{PERMIT.size}s")
"""Number from 1, monotonic ms, ADC codes, levels, seen low, seen high, bits (`BITS`), age of the slow channels,
state, level, hold, event (`NO_EVENT` for none), duty in permille, offer and cable in 0.1 A, faults, permit."""
BITS = ("fresh", "permit", "c1", "c2", "lock_r", "lock_w", "rcm_test", "heartbeat")
"""What the bits of a tick mean, lowest first: of the sample, whether there was a permit, and the outputs."""
NO_EVENT = 255
SNAPSHOT = struct.Struct(f"<Q{MEMORY_NUMBERS}q")
"""The memory after the tick of that number; 0: before the first."""
TICK_BYTES, SNAPSHOT_BYTES = TICK.size + CRC.size, SNAPSHOT.size + CRC.size
SNAPSHOTS = RING_TICKS // SNAPSHOT_EVERY_TICKS + 1
TICKS_AT = HEADER_BYTES
SNAPSHOTS_AT = TICKS_AT + RING_TICKS * TICK_BYTES
FILE_BYTES = SNAPSHOTS_AT + SNAPSHOTS * SNAPSHOT_BYTES
_TICK, _SNAPSHOT = struct.Struct(f"<{TICK.size}sI"), struct.Struct(f"<{SNAPSHOT.size}sI")
_NO_PERMIT = bytes(PERMIT.size)
_NOTHING = Outputs()


def beside(socket: Path, hat_revision: int, say: Callable[[str], None]) -> FlightRecorder | None:
    """The flight recorder in the folder of the guard's socket; a guard that cannot have one says so and guards on."""
    folder = socket.parent / "recorder"
    try:
        return FlightRecorder(folder, hat_revision)
    except OSError as error:
        say(f"no flight recorder ({error}): make {folder} writable for this user, with 2 MB free")
        return None


class FlightRecorder:
    """`guard.loop.Recorder` in a folder of its own. One tick packs 140 bytes; errors of the file system end nothing."""

    def __init__(self, folder: Path, hat_revision: int, wall_ms: Callable[[], int] = lambda: time.time_ns() // 10**6):
        """Keep what a guard that ended badly has left, and start anew. Raises OSError when the folder cannot be used.

        `wall_ms` is the time of day in ms since 1970.
        """
        self._folder, self._wall_ms = folder, wall_ms
        folder.mkdir(mode=0o700, exist_ok=True)
        self._header = HEADER.pack(
            MAGIC, LAYOUT, HEADER_BYTES, TICK_BYTES, SNAPSHOT_BYTES, RING_TICKS, SNAPSHOTS, MEMORY_KIND,
            hat_revision, __version__.encode()[:32],
        )  # fmt: skip
        if _has_ticks(folder / RING):
            self._rename(ENDED)
        for _ in self._make_spare():
            pass
        os.rename(folder / SPARE, folder / RING)
        self._ring = _open(folder / RING)
        self._chore: Iterator[None] | None = self._make_spare()
        self._spare_ready = False
        self._number = 0
        self._faults = 0
        self._first = ""
        """The fault that the ring is to be kept for, by its name."""
        self._freeze_ms = 0
        self._frozen_ms: int | None = None
        self._permit: Permit | None = None
        self._permit_bytes = _NO_PERMIT
        self._outputs, self._output_bits = _NOTHING, 0

    def append(self, now_ms: int, sample: Sample, permit: Permit | None, memory: Memory, report: Report) -> None:
        """Keep one tick: what was read and permitted, and what `step` made of it."""
        if self._number == 0:
            self._snapshot(now_ms, Memory(since_ms=now_ms))
        self._number = number = self._number + 1
        if permit is not self._permit:
            self._permit = permit
            self._permit_bytes = PERMIT.pack(*_permit_numbers(permit)) if permit is not None else _NO_PERMIT
        outputs = memory.outputs
        if outputs is not self._outputs:
            self._outputs = outputs
            self._output_bits = sum(getattr(outputs, name) << bit for bit, name in enumerate(BITS) if bit >= 2)
        event = report.event
        body = TICK.pack(
            number, now_ms, *sample.adc, sample.levels, sample.seen_low, sample.seen_high,
            sample.fresh | (permit is not None) << 1 | self._output_bits, sample.slow_age_ticks,
            report.state, report.level, report.hold, NO_EVENT if event is None else event,
            outputs.duty_permille, report.offer_da, report.cable_da, report.faults, self._permit_bytes,
        )  # fmt: skip
        _TICK.pack_into(self._ring, TICKS_AT + number % RING_TICKS * TICK_BYTES, body, crc32(body))
        if number % SNAPSHOT_EVERY_TICKS == 0:
            self._snapshot(now_ms, memory)
        new = report.faults & ~self._faults
        self._faults = report.faults
        if new and not self._first:
            self._first = _words(names(new)[0])
            # no sooner than a ring after the last file: no tick is in two, and a flickering fault does not fill them
            since_ms = now_ms if self._frozen_ms is None else self._frozen_ms + RING_TICKS * 10 - AFTER_MS
            self._freeze_ms = max(now_ms, since_ms) + AFTER_MS
        if self._chore is not None:
            self._work()
        elif self._first and now_ms >= self._freeze_ms:
            self._freeze(now_ms, memory)

    def close(self, *, asked: bool) -> None:
        """Keep the ring for a fault that is in it, or because the guard ends without being asked; else drop it."""
        self._ring.close()
        try:
            if self._number and (self._first or not asked):
                self._rename(self._first or ENDED)
            for name in (RING, SPARE):
                (self._folder / name).unlink(missing_ok=True)
        except OSError:
            return  # the folder is gone, and the files with it

    def _snapshot(self, now_ms: int, memory: Memory) -> None:
        body = SNAPSHOT.pack(self._number, *_memory_numbers(memory), *chain(*_memory_rows(memory)))
        turn = self._number // SNAPSHOT_EVERY_TICKS % SNAPSHOTS
        _SNAPSHOT.pack_into(self._ring, SNAPSHOTS_AT + turn * SNAPSHOT_BYTES, body, crc32(body))
        CLOCK.pack_into(self._ring, CLOCK_AT, self._wall_ms() - now_ms)

    def _freeze(self, now_ms: int, memory: Memory) -> None:
        """Put the ring aside under its fault's name and go on with the spare one."""
        self._chore = self._make_spare()
        if not self._spare_ready:
            return  # it could not be made; try again, the ring goes on
        try:
            self._rename(self._first)
            os.rename(self._folder / SPARE, self._folder / RING)
            fresh = _open(self._folder / RING)
        except OSError:
            return
        self._ring.close()
        self._ring, self._spare_ready = fresh, False
        self._first, self._frozen_ms = "", now_ms
        self._snapshot(now_ms, memory)

    def _rename(self, why: str) -> None:
        when = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._wall_ms() / 1000))
        os.rename(self._folder / RING, self._folder / f"{when}-{why}{SUFFIX}")

    def _work(self) -> None:
        """A tick's part of making the next ring."""
        assert self._chore is not None
        try:
            next(self._chore)
        except StopIteration:
            self._chore, self._spare_ready = None, True
        except OSError:
            self._chore = None

    def _make_spare(self) -> Iterator[None]:
        """Drop the oldest frozen files and make a ring, in pieces.

        Its memory is taken now: a page that is missing when a full tmpfs is written through a map kills the program.
        """
        kept = sorted(name for name in os.listdir(self._folder) if name.endswith(SUFFIX))
        for name in kept[:-KEEP_FROZEN]:
            os.unlink(self._folder / name)
        yield
        file = os.open(self._folder / SPARE, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            for start in range(0, FILE_BYTES, PIECE_BYTES):
                os.posix_fallocate(file, start, min(PIECE_BYTES, FILE_BYTES - start))
                yield
            os.pwrite(file, self._header, 0)
        finally:
            os.close(file)


def _open(path: Path) -> mmap.mmap:
    with path.open("r+b", buffering=0) as file:
        return mmap.mmap(file.fileno(), FILE_BYTES)


def _has_ticks(path: Path) -> bool:
    """Whether a ring was left that holds something."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return any(data[HEADER_BYTES:])


def _words(fault: Fault) -> str:
    return fault.name.lower().replace("_", "-")
