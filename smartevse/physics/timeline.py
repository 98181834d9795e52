"""Virtual time: the present moment and, for each thing that can happen by itself, when it will.

Every process of the simulated world is a closed form between two events, so only the events need a place in time
and the result does not depend on how often somebody looks.
"""

from __future__ import annotations

from enum import IntEnum
from math import inf


class Slot(IntEnum):
    """One pending event of each kind; at equal times the lower number happens first."""

    PULSE = 0
    """A pulse on one of the Pi's pins ends."""
    ONE_SHOT = 1
    """The one-shot expires."""
    CP_HIGH_EDGE = 2
    """CP_HI crosses the upper threshold of the window comparator."""
    CP_LOW_EDGE = 3
    """CP_HI crosses the lower threshold of the window comparator."""
    WINDOW = 4
    """The opening delay of the window comparator is over."""
    RCM = 5
    """The residual current monitor answers its test input."""
    K1 = 6
    K2 = 7
    K3 = 8
    """A relay of the hat arrives."""
    C1 = 9
    C2 = 10
    """A contactor arrives."""
    C1_DROP = 11
    """A failing contactor 1 lets go by itself."""
    LOCK = 12
    """The lock's actuator arrives."""
    EV_S2 = 13
    """The EV closes or opens S2."""
    EV_STOP = 14
    """The EV has brought its current down after the PWM stopped."""
    EV_WAKE = 15
    """The -12 V pulse was long enough to wake the EV."""
    EV_DOZE = 16
    """The EV falls asleep."""
    EV_BATTERY = 17
    """The battery begins to limit the current, or is full."""


class Timeline:
    """The present moment in seconds and the pending events."""

    __slots__ = ("_times", "next_s", "now_s")

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self.next_s = inf
        """When the next event is due; infinite when nothing is pending."""
        self._times = [inf] * len(Slot)

    def at(self, slot: Slot) -> float:
        """When the event of this slot is due, in seconds; infinite when it is not pending."""
        return self._times[slot]

    def set(self, slot: Slot, at_s: float) -> None:
        """Let the event of this slot happen at this moment, in place of an earlier plan; a moment gone by is now."""
        old_s = self._times[slot]
        at_s = max(at_s, self.now_s)
        self._times[slot] = at_s
        if at_s <= self.next_s:
            self.next_s = at_s
        elif old_s == self.next_s:
            self.next_s = min(self._times)

    def cancel(self, slot: Slot) -> None:
        """The event of this slot will not happen."""
        self.set(slot, inf)

    def next_except(self, slot: Slot) -> float:
        """When the next event other than this one is due, in seconds."""
        return min(at_s for other, at_s in enumerate(self._times) if other != slot)

    def take(self) -> Slot:
        """Go to the next event and take it off the plan. Only to be called when one is pending."""
        self.now_s = self.next_s
        slot = Slot(self._times.index(self.next_s))
        self._times[slot] = inf
        self.next_s = min(self._times)
        return slot
