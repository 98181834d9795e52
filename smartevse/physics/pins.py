"""The 40-pin header: who drives each pin, its level now, and what it was since a moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

COUNT = 32
"""Pins of pigpio's first bank, which has the whole header."""
PULLED_UP_AT_BOOT = 9
"""GPIO 0 to 8 of a Pi are pulled up at boot, the others down."""
ON_HEADER = 28
KEPT = 4096
"""How many changes are remembered."""
PULLS = ("up", "down", "none")


class Pins:
    """Levels of BCM 0 to 31. The hat's resistors are stronger than the Pi's pulls, its outputs than both."""

    def __init__(self, now_s: float, hat_pulls: Mapping[int, str]) -> None:
        """`hat_pulls` has "up" or "down" for each pin that the hat holds by a resistor."""
        self._hat_pulls = hat_pulls
        self._pulls = [""] * COUNT
        self._driven: list[bool | None] = [None] * COUNT
        self._outside: list[bool | None] = [None] * COUNT
        self.driven_mask = 0
        """One bit for each pin that the Pi drives."""
        self.bank = 0
        self._history: deque[tuple[float, int]] = deque(maxlen=KEPT)
        self.release(now_s)

    def release(self, now_s: float) -> None:
        """All pins as after a reset of the Pi."""
        self._driven = [None] * COUNT
        self._pulls = ["up" if n < PULLED_UP_AT_BOOT else "down" if n < ON_HEADER else "none" for n in range(COUNT)]
        self.driven_mask = 0
        for gpio in range(COUNT):
            self._update(gpio, now_s)

    def drive(self, gpio: int, level: bool | None, now_s: float) -> None:
        """Let the Pi drive a pin to this level; None: let it go."""
        self._driven[gpio] = level
        if level is None:
            self.driven_mask &= ~(1 << gpio)
        else:
            self.driven_mask |= 1 << gpio
        self._update(gpio, now_s)

    def pull(self, gpio: int, pull: str, now_s: float) -> None:
        """Set the Pi's pull resistor. Raises ValueError for a word that is not one of `PULLS`."""
        if pull not in PULLS:
            raise ValueError(f"GPIO {gpio} cannot be pulled {pull!r}; use one of {', '.join(PULLS)}")
        self._pulls[gpio] = pull
        self._update(gpio, now_s)

    def outside(self, gpio: int, level: bool | None, now_s: float) -> None:
        """What the hat's logic or a key puts on an input; None: nothing."""
        if self._outside[gpio] is not level:
            self._outside[gpio] = level
            self._update(gpio, now_s)

    def level(self, gpio: int) -> bool:
        """The level of one pin now."""
        return bool(self.bank >> gpio & 1)

    def _update(self, gpio: int, now_s: float) -> None:
        level = self._driven[gpio]
        if level is None:
            level = self._outside[gpio]
        if level is None:
            level = self._hat_pulls.get(gpio, self._pulls[gpio]) == "up"
        bank = self.bank | 1 << gpio if level else self.bank & ~(1 << gpio)
        if bank != self.bank or not self._history:
            self.bank = bank
            self._history.append((now_s, bank))

    def seen(self, since_s: float) -> tuple[int, int]:
        """(pins that were low, pins that were high) at any time since then."""
        low = high = 0
        for at_s, bank in reversed(self._history):
            low |= ~bank
            high |= bank
            if at_s <= since_s:
                break
        return low & 0xFFFFFFFF, high

    def changes(self, since_s: float) -> list[tuple[float, int]]:
        """Every change after then, oldest first, behind the state that it found: time and bank after it."""
        found: list[tuple[float, int]] = []
        for change in reversed(self._history):
            found.append(change)
            if change[0] <= since_s:
                break
        return found[::-1]
