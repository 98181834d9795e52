"""From a reader that is asked again and again to a card that is presented once: it must leave before it acts again."""

from __future__ import annotations

AWAY_S = 1.0
"""A card counts as gone when no reading within this time had it: radio readers lose a card for a moment."""


class Presence:
    """Which card lies on the reader."""

    def __init__(self) -> None:
        self._number: bytes | None = None
        self._seen_s = float("-inf")

    def see(self, number: bytes | None, now_s: float) -> bytes | None:
        """What a reading at `now_s` had, None for no card; the number when a card has just been presented."""
        if now_s - self._seen_s >= AWAY_S:
            self._number = None
        if number is None:
            return None
        presented = number != self._number
        self._number, self._seen_s = number, now_s
        return number if presented else None
