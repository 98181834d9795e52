"""CAP MODE = Quarter: the month's highest quarter of an hour is the ceiling of the house, where a tariff bills it.

The energy is what the mains meter's currents come to at 230 V; time that nobody saw counts as the ceiling's average. It
is kept over a restart, written no more often than needed.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path

from smartevse.core.capacity import LEAST_PEAK_W, QUARTER_S, VOLTS, Quarter, amps_of, in_the_quarter
from smartevse.core.measurement import Reading, phases_of
from smartevse.station.wall_clock import WallClock

FILE_NAME = "quarter.json"
KEEP_EVERY_S = 300.0
"""What was used of a quarter is written this often: a restart loses no more, and that counts as the ceiling's."""
GAP_S = 10.0
"""A pause between two readings beyond this was not seen."""
MOST_A = 600
"""More than CAPACITY can be is no limit."""
MOST_PEAK_W = 200_000


class QuarterBudget:
    """Counts and remembers. `unkept`: something is worth writing, call `keep` from a thread that may wait."""

    def __init__(self, directory: Path, now_s: Callable[[], int | None] | None = None) -> None:
        """`now_s` gives local seconds, None while the time is not known."""
        self._path = directory / FILE_NAME
        self._now_s = now_s or WallClock().now_s
        self._quarter, self._import_wh, self._seen_s = _read(self._path)
        self._last: Reading | None = None
        self._kept_at_s = float("-inf")
        self.unkept = False

    def amps(self, mains: Reading | None) -> int:
        """The CAPACITY (A, sum of the phases) that keeps this quarter below the month's peak, at least 1.

        `mains`: the last answer of the meter, whatever its age. While the time is not known the ceiling itself is kept.
        """
        wall_s = self._now_s()
        if wall_s is None:
            self._last = mains
            return amps_of(self._quarter.peak_w)
        self._count(mains, wall_s)
        if self._quarter.number < 0:  # the first one, from its middle: what was before is not known
            began_wh = self._import_wh - self._quarter.peak_w * (wall_s % QUARTER_S) / 3600
            self._quarter = replace(self._quarter, number=wall_s // QUARTER_S, began_wh=began_wh, month=_month(wall_s))
        before = self._quarter
        self._quarter, amps = in_the_quarter(before, wall_s, _month(wall_s), self._import_wh)
        if self._quarter != before or wall_s - self._kept_at_s >= KEEP_EVERY_S or wall_s < self._kept_at_s:
            self._kept_at_s, self.unkept = wall_s, True
        return min(MOST_A, amps_of(self._quarter.peak_w) if amps is None else amps)

    def keep(self) -> str | None:
        """Write it, from any thread; a sentence when that is not possible."""
        self.unkept = False
        kept = {"quarter": asdict(self._quarter), "import_wh": self._import_wh, "seen_s": self._seen_s}
        new = self._path.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            return f"the month's peak cannot be kept in {self._path} ({error.strerror}): a restart begins with 2.5 kW"
        return None

    def _count(self, mains: Reading | None, wall_s: int) -> None:
        """Add what flowed since the last look."""
        if self._last is None and self._seen_s is not None and self._seen_s // QUARTER_S == wall_s // QUARTER_S:
            unseen_s = max(0, wall_s - self._seen_s)  # a restart in the middle of a quarter
            self._import_wh += self._quarter.peak_w * unseen_s / 3600
        flows = phases_of(mains)
        if mains is None or flows is None:
            return
        if self._last is not None and mains.at_s > self._last.at_s:
            step_s = mains.at_s - self._last.at_s
            power_w = max(0.0, sum(flows) / 10 * VOLTS)
            if step_s > GAP_S:
                power_w = max(power_w, self._quarter.peak_w)
            self._import_wh += power_w * min(step_s, QUARTER_S) / 3600
        if self._last is None or mains.at_s != self._last.at_s:
            self._last, self._seen_s = mains, wall_s


def _month(wall_s: int) -> int:
    date = time.gmtime(wall_s)  # local seconds already
    return date.tm_year * 12 + date.tm_mon


def _read(path: Path) -> tuple[Quarter, float, int | None]:
    """What was kept; a new beginning when there is nothing, or nothing that makes sense."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        raw = kept["quarter"]
        quarter = Quarter(int(raw["number"]), float(raw["began_wh"]), int(raw["month"]), float(raw["peak_w"]))
        import_wh, seen_s = float(kept["import_wh"]), kept["seen_s"]
        sound = LEAST_PEAK_W <= quarter.peak_w <= MOST_PEAK_W and isfinite(quarter.began_wh) and import_wh >= 0
        if sound and isfinite(import_wh):
            return quarter, import_wh, None if seen_s is None else int(seen_s)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        pass
    return Quarter(), 0.0, None
