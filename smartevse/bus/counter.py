"""A kWh counter that only goes up, whatever the meter's own does: it may overflow, be set back, or be another meter's.

Pure. A step that no car or house can make in the time since the last one is not counted; counting goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass

from smartevse.bus.meter import PLAUSIBLE_W

SLACK_WH = 2000
"""Meters show steps of up to 1 kWh, and a poll may have waited."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What was counted so far. The first reading of the meter is the start, so it shows the same as the meter."""

    total_wh: int | None = None
    raw_wh: int = 0
    at_s: float = 0.0

    def after(self, raw_wh: int, now_s: float) -> Counter:
        """The counter when the meter shows `raw_wh` at this time."""
        if self.total_wh is None:
            return Counter(raw_wh, raw_wh, now_s)
        step_wh = raw_wh - self.raw_wh
        most_wh = SLACK_WH + PLAUSIBLE_W * max(0.0, now_s - self.at_s) / 3600
        if not 0 <= step_wh <= most_wh:
            step_wh = 0
        return Counter(self.total_wh + step_wh, raw_wh, now_s)
