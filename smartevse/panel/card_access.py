"""Which card may charge when RFID is enabled: a pure state machine over cards, the cable and time.

A known card gives access; it ends with the same card, or 60 s after the cable has left. Nothing of it is kept over a
restart: the next one begins without access.
"""

from __future__ import annotations

from enum import Enum

RELOCK_S = 60.0
"""How long access lasts without a car: the time to plug one in, and to plug it in again."""


class Answer(Enum):
    """What became of a card."""

    GRANTED = "granted"
    """Charging is allowed from now on."""
    ENDED = "ended"
    """The card that gave access has taken it back."""
    UNKNOWN = "unknown"
    """Not in the list: refused."""
    IN_USE = "in use"
    """A known card, but the car that is connected was let in by another one: refused."""
    STORED = "stored"
    ALREADY = "already stored"
    FULL = "full"
    RANDOM = "random"
    """A number that is another one the next time: not stored."""
    DELETED = "deleted"
    ABSENT = "not stored"
    """There was nothing to delete."""
    CLEARED = "cleared"
    """All cards were deleted."""
    FAILED = "failed"
    """The list could not be written."""

    @property
    def good(self) -> bool:
        """Whether the card did what it was presented for."""
        return self in _GOOD


_GOOD = {Answer.GRANTED, Answer.ENDED, Answer.STORED, Answer.DELETED, Answer.CLEARED}


NOBODY = b""
"""In the place of a card: access was given without one, by a switch or before RFID was enabled."""


class CardAccess:
    """The access of one station; denied at the start."""

    def __init__(self) -> None:
        self._owner: bytes | None = None
        self._vacant_s = 0.0
        """Since when no car is connected; counts only while there is access."""

    @property
    def given(self) -> bool:
        """Whether a car may charge."""
        return self._owner is not None

    @property
    def owner(self) -> bytes | None:
        """The card that gave access; `NOBODY` for access without a card, None for no access."""
        return self._owner

    def card(self, number: bytes, known: bool, connected: bool, now_s: float) -> Answer:
        """A card is presented; `connected`: a car is plugged in."""
        self.tick(connected, now_s)
        if number == self._owner:  # also one that was deleted meanwhile: whoever began may end
            self._owner = None
            return Answer.ENDED
        if not known:
            return Answer.UNKNOWN
        if self._owner is not None and connected:
            if self._owner != NOBODY:
                return Answer.IN_USE
            self._owner = None
            return Answer.ENDED
        self._owner, self._vacant_s = number, now_s
        return Answer.GRANTED

    def tick(self, connected: bool, now_s: float) -> bool:
        """Time goes on; True when access has just ended because no car came, or came back."""
        if connected:
            self._vacant_s = now_s
        if self._owner is None or now_s - self._vacant_s < RELOCK_S:
            return False
        self._owner = None
        return True

    def remaining_s(self, connected: bool, now_s: float) -> int | None:
        """The seconds until access ends by itself; None while it does not."""
        if self._owner is None or connected:
            return None
        return max(0, round(RELOCK_S - (now_s - self._vacant_s)))

    def adopt(self, now_s: float) -> None:
        """Access was given without a card: it ends like any other, and any known card may end it."""
        if self._owner is None:
            self._owner, self._vacant_s = NOBODY, now_s

    def withdraw(self) -> None:
        """No access any more: it was taken back without a card."""
        self._owner = None
