"""What a card that is presented does: gives or ends access, is learned or deleted, and how that is shown.

Pure but for the list of cards, which is changed by `keep` where waiting for the disk holds up nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from smartevse.panel import card_words
from smartevse.panel.card_access import Answer, CardAccess
from smartevse.panel.card_number import is_random, text
from smartevse.panel.leds import Rgb
from smartevse.settings.table import SettingsError

LEARN, DELETE, DELETE_ALL = "learn", "delete", "delete_all"
"""The menu's actions at RFID."""

_log = logging.getLogger("smartevse.cards")


class Cards(Protocol):
    """The list of known cards (`settings.cards.CardList`)."""

    @property
    def numbers(self) -> frozenset[bytes]:
        """The known cards."""

    def add(self, number: bytes, /) -> None:
        """Learn one; ValueError when the list is full or cannot be written."""

    def remove(self, number: bytes, /) -> None:
        """Forget one; ValueError when the list cannot be written."""

    def clear(self) -> None:
        """Forget all; ValueError when the list cannot be written."""


class CardDesk:
    """One station's cards. `keep` runs a change of the list, in another thread, and raises what that raises."""

    def __init__(self, cards: Cards, keep: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
        self._cards, self._keep = cards, keep
        self._access = CardAccess()
        self._enabled: bool | None = None
        self._connected = False
        self._answer: Answer | None = None
        self._answered_s = float("-inf")

    @property
    def given(self) -> bool:
        """Whether a car may charge, as far as cards decide."""
        return self._access.given

    def follow(self, now_s: float, *, enabled: bool, given: bool, connected: bool) -> bool | None:
        """Call it often: what access is to be from now on (False: take it back), None to leave it as it is.

        `enabled`: cards give access; `given`: whether there is access now, whoever gave it.
        """
        self._connected = connected
        before, self._enabled = self._enabled, enabled
        if not enabled or not given:
            self._access.withdraw()
            return None
        if before is False and not connected:  # just enabled: only a charge that runs goes on
            return False
        self._access.adopt(now_s)
        if not self._access.tick(connected, now_s):
            return None
        _log.info("access ended: no car was connected for a minute")
        return False

    async def present(self, number: bytes, now_s: float, action: str | None) -> Answer | None:
        """A card is presented while the menu has this action chosen; what became of it, None where it means nothing."""
        if action in (LEARN, DELETE):
            answer = await (self._learn(number) if action == LEARN else self._delete(number))
        elif self._enabled:
            answer = self._access.card(number, number in self._cards.numbers, self._connected, now_s)
        else:
            return None
        self._tell(answer, now_s, f"card {_short(number)}")
        return answer

    async def clear(self, now_s: float) -> Answer:
        """The owner deletes all cards."""
        answer = Answer.CLEARED if await self._changed(self._cards.clear) else Answer.FAILED
        self._tell(answer, now_s, "all cards")
        return answer

    def lines(self, now_s: float) -> tuple[str, ...]:
        """What the display tells of the last card: at most three lines of 16 characters, none after a while."""
        if self._answer is None or now_s - self._answered_s >= card_words.SHOWN_S:
            return ()
        return card_words.lines(self._answer, connected=self._connected, count=len(self._cards.numbers))

    def lights(self, now_s: float) -> Rgb | None:
        """What the LEDs tell of it; None when they are free for other things."""
        return None if self._answer is None else card_words.lights(self._answer.good, now_s - self._answered_s)

    async def _learn(self, number: bytes) -> Answer:
        if number in self._cards.numbers:
            return Answer.ALREADY
        if is_random(number):
            return Answer.RANDOM
        try:
            await self._keep(lambda: self._cards.add(number))
        except SettingsError as error:
            _log.error("%s", error)
            return Answer.FAILED
        except ValueError as error:
            _log.warning("%s", error)
            return Answer.FULL
        return Answer.STORED

    async def _delete(self, number: bytes) -> Answer:
        if number not in self._cards.numbers:
            return Answer.ABSENT
        return Answer.DELETED if await self._changed(lambda: self._cards.remove(number)) else Answer.FAILED

    async def _changed(self, change: Callable[[], None]) -> bool:
        try:
            await self._keep(change)
        except SettingsError as error:
            _log.error("%s", error)
            return False
        return True

    def _tell(self, answer: Answer, now_s: float, who: str) -> None:
        self._answer, self._answered_s = answer, now_s
        _log.log(logging.INFO if answer.good else logging.WARNING, "%s: %s", who, _JOURNAL[answer])


_JOURNAL = {
    Answer.GRANTED: "access given",
    Answer.ENDED: "access ended",
    Answer.UNKNOWN: "refused, it is not known here",
    Answer.IN_USE: "refused, the charge was begun with another card",
    Answer.STORED: "learned",
    Answer.ALREADY: "is known already",
    Answer.FULL: "not learned, the list is full",
    Answer.RANDOM: "not learned, a phone makes up another number each time",
    Answer.DELETED: "deleted",
    Answer.ABSENT: "not deleted, it is not known here",
    Answer.CLEARED: "deleted",
    Answer.FAILED: "no change, the list cannot be written",
}


def _short(number: bytes) -> str:
    """Enough of a number to know the card, too little to copy it from the journal."""
    return f"..{text(number)[-4:]}"
