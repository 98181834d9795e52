"""What the EV's own meter said last: values with their times, for whoever decides or shows.

A module of its own because a station that restarts decides before it can afford to import what speaks on the line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

CURRENTS_DIE_S = 10.0
"""Currents older than this are dropped, as is said of a silent meter (`bus.asker`)."""
ENERGY_DIES_S = 30.0
"""The counter is asked less often: three polls."""


@dataclass(frozen=True, slots=True)
class EvReading:
    """The last answers of the EV meter, each with the time it came (seconds of the caller's clock)."""

    phases_da: tuple[int, int, int] | None = None
    """Current of L1, L2, L3 in 0.1 A, positive towards the car."""
    power_w: int | None = None
    currents_at_s: float = float("-inf")
    import_wh: int | None = None
    """The counter of the meter, not of the session; it goes on when the meter's overflows or is set back."""
    energy_at_s: float = float("-inf")

    def fresh(self, now_s: float) -> EvReading:
        """The reading without what is older than 10 s (currents) or three polls (energy)."""
        reading = self
        if now_s - self.currents_at_s > CURRENTS_DIE_S:
            reading = replace(reading, phases_da=None, power_w=None)
        if now_s - self.energy_at_s > ENERGY_DIES_S:
            reading = replace(reading, import_wh=None)
        return reading
