"""The two track-and-hold stages behind the pilot: CP_HI follows its high half, CP_LO its low half.

Each is an analogue switch, a resistor and a capacitor. While the switch is open nothing follows, so the voltage is a
function of the time that the switch was closed, which for a regular PWM has a closed form and can be inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, inf, log

SETTLED = 30.0
"""After so many time constants the rest (10^-13) is nothing."""


@dataclass(frozen=True, slots=True)
class Gate:
    """When the switch tracks: `open_s` out of each period, beginning `start_s` into it, counted from `origin_s`.

    `period_s` 0 means that it tracks all the time from `origin_s` on; `open_s` 0 that it never does.
    """

    origin_s: float
    period_s: float
    start_s: float
    open_s: float

    def tracked_s(self, at_s: float) -> float:
        """For how long it has tracked from the origin until this moment."""
        since_s = at_s - self.origin_s
        if not self.period_s:
            return max(0.0, since_s)
        periods = floor(since_s / self.period_s)
        into_s = since_s - periods * self.period_s - self.start_s
        return periods * self.open_s + min(max(into_s, 0.0), self.open_s)

    def when_s(self, tracked_s: float) -> float:
        """The moment at which it has tracked for so long; the inverse of `tracked_s`."""
        if not self.period_s:
            return self.origin_s + tracked_s
        periods = floor(tracked_s / self.open_s)
        return self.origin_s + periods * self.period_s + self.start_s + (tracked_s - periods * self.open_s)


NEVER = Gate(0.0, 0.0, 0.0, 0.0)
"""The half that the pilot never shows: what is held is stale."""


def gates(duty: float, period_s: float, origin_s: float, now_s: float, delay_s: float) -> tuple[Gate, Gate]:
    """The gates of CP_HI and CP_LO for a pilot that is high for `duty` (0 to 1) of each period.

    A period begins at `origin_s` with the low half, as the inverted pin does; each gate opens `delay_s` after its edge.
    """
    if duty >= 1:
        return Gate(now_s + delay_s, 0.0, 0.0, inf), NEVER
    if duty <= 0:
        return NEVER, Gate(now_s + delay_s, 0.0, 0.0, inf)
    low_s, high_s = (1 - duty) * period_s, duty * period_s
    high_gate = Gate(origin_s, period_s, low_s + delay_s, high_s - delay_s) if high_s > delay_s else NEVER
    low_gate = Gate(origin_s, period_s, delay_s, low_s - delay_s) if low_s > delay_s else NEVER
    return high_gate, low_gate


class TrackHold:
    """One stage: its voltage, referred to the pilot, at any time until the next change."""

    __slots__ = (
        "_decay_s",
        "_drift_v_per_s",
        "_end_v",
        "_from_s",
        "_from_v",
        "_gate",
        "_settled_s",
        "_target_v",
        "_tau_s",
        "_tracked_s",
    )

    def __init__(
        self, now_s: float, tau_s: float, volts: float, *, drift_v_per_s: float, end_v: float, decay_s: float
    ) -> None:
        """A stage that holds `volts`. Stale, it drifts at `drift_v_per_s` up to `end_v`, or decays with `decay_s`."""
        self._tau_s = tau_s
        self._drift_v_per_s = drift_v_per_s
        self._end_v = end_v
        self._decay_s = decay_s
        self._from_s = now_s
        self._from_v = self._target_v = volts
        self._gate = NEVER
        self._tracked_s = 0.0
        self._settled_s = inf

    def follow(self, now_s: float, gate: Gate, target_v: float) -> bool:
        """From now on track this voltage through this gate; whether that is a change."""
        if target_v == self._target_v and gate == self._gate:
            return False
        self._from_v = self.volts(now_s)
        self._from_s = now_s
        self._target_v = target_v
        self._gate = gate
        self._tracked_s = max(0.0, gate.tracked_s(now_s)) if gate is not NEVER else 0.0
        self._settled_s = gate.when_s(self._tracked_s + SETTLED * self._tau_s) if gate is not NEVER else inf
        return True

    @property
    def live(self) -> bool:
        """Whether the pilot shows this half at all; otherwise what is held is stale."""
        return self._gate is not NEVER

    @property
    def rising(self) -> bool:
        """Whether the voltage goes up, if it goes anywhere."""
        return not self._decay_s if self._gate is NEVER else self._target_v > self._from_v

    def volts(self, at_s: float) -> float:
        """The voltage held at this moment, not before the last change."""
        if at_s >= self._settled_s:
            return self._target_v
        if self._gate is NEVER:
            return self._stale_v(at_s - self._from_s)
        tracked_s = self._gate.tracked_s(at_s) - self._tracked_s
        return self._target_v + (self._from_v - self._target_v) * exp(-tracked_s / self._tau_s)

    def _stale_v(self, for_s: float) -> float:
        if self._decay_s:
            return self._from_v * exp(-for_s / self._decay_s)
        return max(self._from_v, min(self._from_v + self._drift_v_per_s * for_s, self._end_v))

    def reaches_s(self, level_v: float) -> float:
        """When it will be at this level if nothing changes; infinite if never. For CP_HI, which does not decay."""
        if self._gate is NEVER:
            if self._from_v < level_v <= self._end_v:
                return self._from_s + (level_v - self._from_v) / self._drift_v_per_s
            return inf
        way_v, rest_v = self._from_v - self._target_v, level_v - self._target_v
        if way_v * rest_v <= 0 or abs(rest_v) > abs(way_v):
            return inf  # the level is not between here and there
        return self._gate.when_s(self._tracked_s + self._tau_s * log(way_v / rest_v))
