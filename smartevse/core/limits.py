"""A limit is an amount and the reason for it; what a car is offered is the smallest of all its limits.

Because the reason travels with the number, the LCD, the journal and the status can always say why it is 6 A.
"""

from collections.abc import Iterable
from typing import NamedTuple

from smartevse.core.reasons import TEXTS, Why, amps, clock


class Limit(NamedTuple):
    """No more than `offer_da` (0.1 A, per phase; 0 = must not charge), because of `why`.

    `phase` (1..3), `seen_da` (the measured or missing current) and `wait_s` fill the gaps in the words of the reason;
    `note` replaces the words of `seen_da` where a number cannot tell ("MAX 6 A is below MIN 10 A").
    """

    offer_da: int
    why: Why
    phase: int = 0
    seen_da: int = 0
    wait_s: int = 0
    note: str = ""
    beside: str = ""
    """What more is to be known, at the end of the sentence: "home battery takes 12.5 A"."""

    @property
    def short(self) -> str:
        """The reason on one LCD line: ASCII, 20 characters at most."""
        seen = f"{self.seen_da / 10:.1f} A" if abs(self.seen_da) < 100 else f"{round(self.seen_da / 10)} A"
        phase = self.note.split(" ", 1)[0] if self.note else f"L{self.phase}"
        return TEXTS[self.why].short.format(offer=amps(self.offer_da), phase=phase, seen=seen, wait=clock(self.wait_s))

    @property
    def reason(self) -> str:
        """The reason in one sentence of the owner's words."""
        sentence = TEXTS[self.why].sentence.format(
            offer=amps(self.offer_da),
            phase=f"L{self.phase}",
            seen=self.note or amps(self.seen_da),
            wait=clock(self.wait_s),
        )
        return f"{sentence}, {self.beside}" if self.beside else sentence

    def same_cause(self, other: "Limit") -> bool:
        """Whether only numbers differ: the journal writes a line when the cause changes, not at every 0.1 A."""
        return self.why == other.why and self.phase == other.phase and self.note == other.note


def binding(limits: Iterable[Limit]) -> Limit:
    """The limit that binds: the smallest, and of equals the first; ValueError when there is none to choose from."""
    found: Limit | None = None
    for limit in limits:
        if found is None or limit.offer_da < found.offer_da:
            found = limit
    if found is None:
        raise ValueError("no limit given: name at least the MAX setting of the unit")
    return found


def normal_limit(max_da: int, cable_da: int | None) -> Limit:
    """What binds in Normal mode: MAX, or the cable where there is a socket (`cable_da` None = fixed cable); 0.1 A."""
    own = Limit(max_da, Why.MAX)
    return own if cable_da is None else binding((own, Limit(cable_da, Why.CABLE)))
