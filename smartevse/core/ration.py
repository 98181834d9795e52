"""How many lines of a kind are worth their wear: a burst, then one in a while that counts those left out; pure.

A line of the journal that stands alone costs a memory card some 140 kB, because the journal touches a page for each of
its fields. A loose wire must not wear the card out, and must not hide what else is told.
"""

from __future__ import annotations

BURST = 8
EVERY_S = 3600.0
"""Of each kind `BURST` lines may come at once, and one more in each of these times: more than a busy day of charging
has. The times begin together for all kinds, so that what is told again costs the card one write and not one each."""
KEPT = 256
"""Kinds that are remembered."""


class Ration:
    """Remembers for each kind how many may still come, and how many were left out since the last one that did."""

    def __init__(self, burst: int = BURST, every_s: float = EVERY_S) -> None:
        self._burst = burst
        self._every_s = every_s
        self._kinds: dict[str, tuple[int, float, int]] = {}
        """Credit, when it was reckoned, lines left out."""

    def take(self, kind: str, now_s: float) -> int | None:
        """Whether a line of this kind may be written: None for no, else how many of its kind were left out before."""
        credit, left_out = self._credit(kind, now_s)
        if credit < 1:
            self._kinds[kind] = credit, now_s, left_out + 1
            return None
        if kind not in self._kinds and len(self._kinds) >= KEPT:
            self._forget(now_s)
        self._kinds[kind] = credit - 1, now_s, 0
        return left_out

    def _credit(self, kind: str, now_s: float) -> tuple[int, int]:
        credit, at_s, left_out = self._kinds.get(kind, (self._burst, now_s, 0))
        return min(self._burst, credit + int(now_s // self._every_s) - int(at_s // self._every_s)), left_out

    def _forget(self, now_s: float) -> None:
        """Drop the kinds that lose nothing by it; when all lose, those that were told longest ago."""
        full = [kind for kind in self._kinds if self._credit(kind, now_s)[0] >= self._burst]
        oldest = sorted(self._kinds, key=lambda kind: self._kinds[kind][1])
        for kind in full or oldest[: KEPT // 4]:
            del self._kinds[kind]


def counted(text: str, left_out: int) -> str:
    """The text of a line with what was left out before it."""
    return f"{text} (and {left_out} times more)" if left_out else text
