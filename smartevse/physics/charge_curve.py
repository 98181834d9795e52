"""The EV's current between two events in closed form: it follows its target with a lag, then what the battery takes.

All currents in A per phase, charge in As per phase.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log

LAG_OVER = 40.0
"""After so many time constants nothing is left of a lag that a float could hold."""
FOREVER_S = 1e7
"""Beyond this (four months) nobody waits for a battery."""


@dataclass(frozen=True, slots=True)
class Battery:
    """What limits the current: full current up to `taper_from`, falling in a line to `end` of it at 100 %."""

    full_a: float
    taper_from: float
    end: float
    per_as: float
    """State of charge, 0 to 1, gained by 1 As in each phase."""

    @property
    def slope_a(self) -> float:
        """Current lost for 1.0 of state of charge, in the taper."""
        return self.full_a * (1 - self.end) / (1 - self.taper_from)

    def limit_a(self, soc: float) -> float:
        """The current that the battery takes at this state of charge."""
        return self.full_a - max(0.0, soc - self.taper_from) * self.slope_a


@dataclass(frozen=True, slots=True)
class Curve:
    """One piece: from `start_s` the current goes from `from_a` to `target_a` with the time constant `lag_s`."""

    start_s: float
    from_a: float
    target_a: float
    lag_s: float

    def amps(self, at_s: float) -> float:
        """The current at this moment."""
        if not self.lag_s or self.from_a == self.target_a:
            return self.target_a
        return self.target_a + (self.from_a - self.target_a) * exp((self.start_s - at_s) / self.lag_s)

    def charge_as(self, at_s: float) -> float:
        """The charge since the start of the piece."""
        for_s = at_s - self.start_s
        if not self.lag_s or self.from_a == self.target_a:
            return self.target_a * for_s
        return self.target_a * for_s + (self.from_a - self.target_a) * self.lag_s * (1 - exp(-for_s / self.lag_s))


def taper(start_s: float, soc: float, battery: Battery) -> Curve:
    """The piece in which the battery sets the current: as it fills it takes less, which is a lag towards nothing."""
    return Curve(start_s, battery.limit_a(soc), 0.0, 1 / (battery.slope_a * battery.per_as))


def full_s(curve: Curve, battery: Battery) -> float:
    """When the battery is full, on a curve made by `taper`."""
    return curve.start_s + curve.lag_s * log(max(1.0, curve.from_a / (battery.full_a * battery.end)))


def taper_begins_s(curve: Curve, soc: float, battery: Battery) -> float:
    """When the battery begins to limit the current of this curve; infinite when that is too far away."""

    def room_a(for_s: float) -> float:
        at_s = curve.start_s + for_s
        then = soc + battery.per_as * curve.charge_as(at_s)
        if then < battery.taper_from:
            return inf
        return battery.limit_a(then) - curve.amps(at_s)

    if curve.target_a <= 0 or battery.per_as <= 0:
        return inf
    # where the battery takes just the target: exact when the lag is long over by then
    needed_as = (battery.taper_from - soc + (battery.full_a - curve.target_a) / battery.slope_a) / battery.per_as
    for_s = (needed_as - (curve.from_a - curve.target_a) * curve.lag_s) / curve.target_a
    if for_s > LAG_OVER * curve.lag_s:
        return curve.start_s + for_s if for_s < FOREVER_S else inf
    low_s, high_s = 0.0, 1.0
    while room_a(high_s) > 0:
        low_s, high_s = high_s, 2 * high_s
        if high_s > FOREVER_S:
            return inf
    for _ in range(50):  # to some ns, and the same whoever asks
        middle_s = (low_s + high_s) / 2
        if room_a(middle_s) > 0:
            low_s = middle_s
        else:
            high_s = middle_s
    return curve.start_s + high_s
