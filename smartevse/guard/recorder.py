"""The flight recorder's writing side: the last 60 s of ticks in a mapped file that outlives the guard.

The files are in memory (a tmpfs, beside the guard's socket), so nothing wears the card. Some seconds after a fault the
file is put aside; the station, or `smartevse recorder`, takes it from there (`smartevse.recorder`) and only reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from smartevse import __version__
from smartevse.core import record
from smartevse.core.faults import names
from smartevse.core.signals import Permit
from smartevse.core.tick import Memory, Report
from smartevse.drivers.ring_file import RingFile
from smartevse.hal.board import Sample

AFTER_MS = 10_000
"""How long it goes on after a fault, so that a file shows what the fault led to."""
KEEP = 8
"""Files that wait in memory, the newest; each takes 0.6 MB."""
ENDED = "guard-ended"
"""In the place of the fault's name: the guard ended without being asked to."""


def beside(socket: Path, hat_revision: int, say: Callable[[str], None]) -> FlightRecorder | None:
    """The flight recorder in the folder of the guard's socket; a guard that cannot have one says so and guards on."""
    folder = socket.parent / "recorder"
    try:
        return FlightRecorder(folder, hat_revision)
    except OSError as error:
        say(f"no flight recorder ({error}): make {folder} writable for this user, with 2 MB free")
        return None


class FlightRecorder:
    """`guard.loop.Recorder` in a folder of its own; an error of the file system costs the recording, never a tick."""

    def __init__(self, folder: Path, hat_revision: int, wall_ms: Callable[[], int] = lambda: time.time_ns() // 10**6):
        """Keep what a guard that ended badly has left, and start anew. Raises OSError when the folder cannot be used.

        `wall_ms` is the time of day in ms since 1970.
        """
        self._wall_ms = wall_ms
        header = record.pack_header(hat_revision, __version__)
        self._file = RingFile(folder, header, record.TABLES, KEEP, self._name(ENDED))
        self._number = self._faults = 0
        self._why = ""
        """The fault that the file is to be put aside for, by its name, and when."""
        self._due_ms = self._next_ms = 0

    def append(self, now_ms: int, sample: Sample, permit: Permit | None, memory: Memory, report: Report) -> None:
        """Keep one tick: what was read and permitted, and what `step` made of it."""
        if self._number == 0:
            self._snapshot(now_ms, Memory(since_ms=now_ms))
        self._number = number = self._number + 1
        self._file.put(0, number, record.pack_tick(number, now_ms, sample, permit, memory.outputs, report))
        if number % record.MEMORY_EVERY_TICKS == 0:
            self._snapshot(now_ms, memory)
        new = report.faults & ~self._faults
        self._faults = report.faults
        if new and not self._why:
            self._why = names(new)[0].name.lower().replace("_", "-")
            # no sooner than a ring after the last file: no tick is in two, and a flickering fault does not fill them
            self._due_ms = max(now_ms + AFTER_MS, self._next_ms)
        if self._file.turn() and self._why and now_ms >= self._due_ms and self._file.put_aside(self._name(self._why)):
            self._why, self._next_ms = "", now_ms + record.TICKS * 10
            self._snapshot(now_ms, memory)

    def close(self, *, asked: bool) -> None:
        """Keep the file for a fault that is in it, or because the guard ends without being asked; else drop it."""
        keep = self._why or ("" if asked else ENDED)
        self._file.close(self._name(keep) if keep else None)

    def _snapshot(self, now_ms: int, memory: Memory) -> None:
        self._file.put(1, self._number // record.MEMORY_EVERY_TICKS, record.pack_memory(self._number, memory))
        self._file.mark(record.CLOCK_AT, record.CLOCK.pack(self._wall_ms() - now_ms))

    def _name(self, why: str) -> str:
        return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(self._wall_ms() / 1000))}-{why}"
