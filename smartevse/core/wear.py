"""How worn the contactor is: closings, openings under load, and whether it opens more slowly than when it was new.

The guard counts since it started; this adds up over its restarts. A contactor whose opening grows longer is about to
weld (behaviour spec 11 pain 14).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

REMEMBERED = 16
"""Opening times kept of the beginning and of now."""
SLOWER_MS = 20
"""Twice the feedback's resolution of one tick: less is no trend."""


@dataclass(frozen=True, slots=True)
class Wear:
    """The contactor's life. Opening times in ms, from the command to the feedback, to the guard's tick of 10 ms."""

    cycles: int = 0
    loaded: int = 0
    """Openings while the car had not let go of the current."""
    new_ms: tuple[int, ...] = ()
    """The first opening times of this contactor."""
    last_ms: tuple[int, ...] = ()
    """The newest opening times."""

    @property
    def slower_ms(self) -> int:
        """How much longer it takes to open than when it was new; 0 while that is no trend."""
        if len(self.new_ms) < REMEMBERED or len(self.last_ms) < REMEMBERED:
            return 0
        longer = round(median(self.last_ms) - median(self.new_ms))
        return longer if longer >= SLOWER_MS else 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the guard has counted since it started; `opening_ms` is 0 from each closing to the end of its opening."""

    cycles: int = 0
    loaded: int = 0
    opening_ms: int = 0


def after(wear: Wear, before: Counts, now: Counts) -> Wear:
    """The wear after the guard's counts went from `before` to `now`; smaller counts are those of a new guard."""
    if now.cycles < before.cycles:
        before = Counts()
    if now == before:
        return wear
    wear = replace(
        wear,
        cycles=wear.cycles + now.cycles - before.cycles,
        loaded=wear.loaded + max(now.loaded - before.loaded, 0),
    )
    if not now.opening_ms or before.opening_ms:
        return wear
    new_ms = wear.new_ms if len(wear.new_ms) >= REMEMBERED else (*wear.new_ms, now.opening_ms)
    return replace(wear, new_ms=new_ms, last_ms=(*wear.last_ms, now.opening_ms)[-REMEMBERED:])
