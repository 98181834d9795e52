"""What is wired behind the hat: the two contactors, their auxiliary contacts, and the mains that they switch."""

from __future__ import annotations

from random import Random

from smartevse.hal.hat import HatMap
from smartevse.physics.contactor import Contacts
from smartevse.physics.electronics import Electronics
from smartevse.physics.faults import Broken
from smartevse.physics.mains import MainsFeedback
from smartevse.physics.parts import Parts
from smartevse.physics.pins import Pins
from smartevse.physics.timeline import Slot, Timeline
from smartevse.physics.trace import Trace

DROP_AFTER_S = 0.5
"""How long a failing contactor holds."""

AUX = ("mirror", "make", "none")
"""What can be wired to AUX_FB: the mirror contacts of all contactors in series (high while all main contacts are open),
the reverse of it, nothing."""


class Installation:
    """The contactors in the box of the station; opening times spread when a random generator is given."""

    def __init__(
        self,
        line: Timeline,
        trace: Trace,
        hat: HatMap,
        parts: Parts,
        pins: Pins,
        broken: Broken,
        random: Random | None,
    ) -> None:
        self._line, self._trace, self._hat, self._parts = line, trace, hat, parts
        self._pins, self._broken, self._random = pins, broken, random
        self.c1 = Contacts(line, Slot.C1, lambda: parts.contactor_close_s, self._c1_open_s)
        self.c2 = Contacts(line, Slot.C2, lambda: parts.contactor_close_s, self._open_s)
        self.c2_fitted = True
        """Contactor 2 switches L2 and L3; without one contactor 1 switches all."""
        self.aux = "mirror"
        """One of `AUX`."""
        self.feedback = MainsFeedback(line.now_s)
        self._aux_stuck: bool | None = None

    def injected(self) -> None:
        """A fault was injected or healed: take up those that concern a moment."""
        broken = self._broken
        if broken.aux_stuck and self._aux_stuck is None:
            self._aux_stuck = self._pins.level(self._hat.pins.aux_fb)
        elif not broken.aux_stuck:
            self._aux_stuck = None
        if broken.c1_drops and self.c1.closed:
            self._line.set(Slot.C1_DROP, self._line.now_s)

    def update(self, board: Electronics) -> tuple[bool, bool, bool]:
        """Feed the coils, work out the contacts and both feedbacks; which phases have voltage behind the contactors."""
        broken, now_s = self._broken, self._line.now_s
        mains = not broken.mains_off
        self.c1.drive(mains and board.supply)
        if self.c1.moved(broken.c1):
            self._trace.add(now_s, "c1_contacts", int(self.c1.closed))
            if self.c1.closed and broken.c1_drops:
                self._line.set(Slot.C1_DROP, now_s + DROP_AFTER_S)
        # its coil is fed over a make contact of contactor 1, so that L2 and L3 are never there without N
        self.c2.drive(mains and board.k3.closed and board.k2.closed and self.c1.closed)
        if self.c2.moved(broken.c2):
            self._trace.add(now_s, "c2_contacts", int(self.c2.closed))
        l1 = mains and self.c1.closed
        others = mains and (self.c2 if self.c2_fitted else self.c1).closed
        self.feedback.set(now_s, mains and board.supply, broken.mains_feedback)  # senses the coil at terminal C1
        closed = self.c1.closed or (self.c2_fitted and self.c2.closed)
        aux = self.aux != "none" and closed == (self.aux == "make")
        self._pins.outside(self._hat.pins.aux_fb, aux if self._aux_stuck is None else self._aux_stuck, now_s)
        return l1, others, others

    def _open_s(self) -> float:
        least_s, most_s = self._parts.contactor_open_min_s, self._parts.contactor_open_max_s
        return self._random.uniform(least_s, most_s) if self._random else (least_s + most_s) / 2

    def _c1_open_s(self) -> float:
        slow_s = self._broken.c1_open_s
        return self._open_s() if slow_s is None else slow_s
