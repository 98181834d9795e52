"""The hat's safety chain: one-shot, window comparators on CP_HI, and the AND that feeds relay K3."""

from __future__ import annotations

from math import inf

from smartevse.physics.parts import Parts
from smartevse.physics.timeline import Slot, Timeline
from smartevse.physics.track_hold import TrackHold

HYSTERESIS_V = 0.1
"""Of the window comparators."""


class OneShot:
    """Retriggered by rising edges of the heartbeat; `alive` is WD_OK unless that is stuck."""

    __slots__ = ("_hold_s", "_line", "alive", "held", "last_s")

    def __init__(self, line: Timeline, hold_s: float) -> None:
        self._line = line
        self._hold_s = hold_s
        self.alive = False
        self.held = False
        """Heartbeats are known to go on: no expiry is planned."""
        self.last_s = -inf
        """The last rising edge."""

    def trigger(self) -> bool:
        """A rising edge; whether the one-shot was dead before."""
        self.last_s = self._line.now_s
        if not self.held:
            self._line.set(Slot.ONE_SHOT, self.last_s + self._hold_s)
        woke = not self.alive
        self.alive = True
        return woke

    def hold(self, on: bool) -> None:
        """Take the heartbeat for regular until further notice, or again count each edge, from now."""
        was_held, self.held = self.held, on and self.alive
        if self.held:
            self._line.cancel(Slot.ONE_SHOT)
        elif was_held:
            self.trigger()

    def expire(self) -> None:
        """Too long without an edge."""
        self.alive = False


class Window:
    """The two comparators on CP_HI with their opening delays; `open` while the pilot may keep the contactor fed."""

    __slots__ = ("_line", "_parts", "_stage", "_too_high", "_too_low", "open")

    def __init__(self, line: Timeline, parts: Parts, stage: TrackHold) -> None:
        self._line, self._parts, self._stage = line, parts, stage
        self._too_high = True
        self._too_low = False
        self.open = False

    def follow(self) -> None:
        """The stage was given something else to follow: compare now, and plan the next crossings."""
        volts = self._stage.volts(self._line.now_s)
        high_v, low_v = self._parts.window_high_v, self._parts.window_low_v
        if volts >= high_v:
            self._too_high = True
        elif volts <= high_v - HYSTERESIS_V:
            self._too_high = False
        if volts <= low_v:
            self._too_low = True
        elif volts >= low_v + HYSTERESIS_V:
            self._too_low = False
        self._plan()
        self._delay()

    def cross_high(self) -> None:
        """CP_HI has crossed the upper threshold."""
        self._too_high = not self._too_high
        self._plan()
        self._delay()

    def cross_low(self) -> None:
        """CP_HI has crossed the lower threshold."""
        self._too_low = not self._too_low
        self._plan()
        self._delay()

    def _plan(self) -> None:
        high_v = self._parts.window_high_v - (HYSTERESIS_V if self._too_high else 0.0)
        low_v = self._parts.window_low_v + (HYSTERESIS_V if self._too_low else 0.0)
        self._line.set(Slot.CP_HIGH_EDGE, self._towards(high_v, rising=not self._too_high))
        self._line.set(Slot.CP_LOW_EDGE, self._towards(low_v, rising=self._too_low))

    def _towards(self, level_v: float, rising: bool) -> float:
        return self._stage.reaches_s(level_v) if self._stage.rising == rising else inf

    def _delay(self) -> None:
        """Outside: close the window after its delay. Inside: at once, and any delay that runs is forgotten."""
        if not (self._too_high or self._too_low):
            self._line.cancel(Slot.WINDOW)
            self.open = True
        elif self.open:
            delay_s = self._parts.window_low_delay_s if self._too_low else self._parts.window_high_delay_s
            self._line.set(Slot.WINDOW, min(self._line.at(Slot.WINDOW), self._line.now_s + delay_s))

    def close(self) -> None:
        """The delay is over."""
        self.open = False
