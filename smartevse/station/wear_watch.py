"""Watches the contactor's wear and keeps it over restarts: a small file in the state directory, replaced as a whole."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from smartevse.core.wear import Counts, Wear, after
from smartevse.guard.wire import Flag, Status

FILE_NAME = "contactor.json"
KEEP_EVERY_S = 3600.0
"""At most this often the file is written: a car that comes and goes all the time does not wear the card."""


class WearWatch:
    """Adds up what the guard counts, and says what the owner should know of it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.wear, self.notice = read(directory)
        self._kept = self.wear
        self._kept_s = float("-inf")
        self._counts: Counts | None = None
        self._told = False

    def look(self, status: Status) -> str | None:
        """Take a status of the guard; a sentence when the contactor has become slow to open, once."""
        counts = Counts(status.c1_cycles, status.c1_loaded, status.opening_ms)
        # what an already running guard counted before us was counted by the station before us
        before, self._counts = self._counts or counts, counts
        self.wear = after(self.wear, before, counts)
        slower_ms = self.wear.slower_ms
        if self._told or not slower_ms:
            return None
        self._told = True
        return (
            f"the contactor opens {slower_ms} ms more slowly than when it was new, after {self.wear.cycles} closings,"
            f" {self.wear.loaded} openings under load: have it replaced before it welds"
        )

    def due(self, status: Status, now_s: float) -> bool:
        """Whether to keep it now: something was counted, the contactor is open, and a while has passed."""
        waited = now_s - self._kept_s >= KEEP_EVERY_S
        return waited and self.wear != self._kept and not status.flags & Flag.C1

    def keep(self, now_s: float) -> str | None:
        """Write the file, from any thread; a sentence when that is not possible."""
        if self.wear == self._kept:
            return None
        self._kept, self._kept_s = self.wear, now_s
        return write(self._directory, self._kept)


def read(directory: Path) -> tuple[Wear, str | None]:
    """The wear that was kept, and a sentence when the file could not be used; a new contactor when there is none."""
    path = directory / FILE_NAME
    try:
        kept = json.loads(path.read_text("utf-8"))
        wear = Wear(
            cycles=int(kept["cycles"]),
            loaded=int(kept["loaded"]),
            new_ms=tuple(int(ms) for ms in kept["new_ms"]),
            last_ms=tuple(int(ms) for ms in kept["last_ms"]),
        )
    except FileNotFoundError:
        return Wear(), None
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Wear(), f"the contactor's counters in {path} cannot be read ({error}): they start again from nought"
    return wear, None


def write(directory: Path, wear: Wear) -> str | None:
    """Keep the wear, all of it or none; a sentence when that is not possible."""
    path = directory / FILE_NAME
    new = path.with_suffix(".new")
    try:
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(wear), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        return f"the contactor's counters cannot be kept in {path} ({error.strerror}): they count on in memory"
    return None
