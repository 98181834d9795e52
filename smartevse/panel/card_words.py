"""What display and LEDs tell of a card that was presented."""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.panel.card_access import RELOCK_S, Answer
from smartevse.panel.leds import FULL, Rgb

SHOWN_S = 4.0
"""How long the display tells what became of a card."""
LIT_S = 1.2
"""How long the LEDs do."""
BLINK_S = 0.4

HOLD_CARD = ("hold a card to", "the reader")
"""What the menu asks for in Learn and Delete."""
NO_READER = ("card reader", "does not answer")

_PLUG = ("plug in the car", f"within {RELOCK_S:.0f} s")
_LINES: Mapping[Answer, tuple[str, ...]] = {
    Answer.GRANTED: ("CARD ACCEPTED", "charging may", "begin"),
    Answer.ENDED: ("CARD ACCEPTED", "charging ended"),
    Answer.UNKNOWN: ("CARD REFUSED", "not known here"),
    Answer.IN_USE: ("CARD REFUSED", "another card", "began the charge"),
    Answer.STORED: ("CARD STORED",),
    Answer.ALREADY: ("CARD KNOWN", "already stored"),
    Answer.FULL: ("NOT STORED", "the list is full"),
    Answer.RANDOM: ("NOT STORED", "a phone's number", "is always new"),
    Answer.DELETED: ("CARD DELETED",),
    Answer.ABSENT: ("NOT DELETED", "not known here"),
    Answer.CLEARED: ("ALL CARDS", "DELETED"),
    Answer.FAILED: ("NO CHANGE", "see the journal"),
}
_WITH_COUNT = frozenset({Answer.STORED, Answer.DELETED})


def lines(answer: Answer, *, connected: bool, count: int) -> tuple[str, ...]:
    """At most three lines of 16 ASCII characters; `count`: how many cards are known now."""
    if answer is Answer.GRANTED and not connected:
        return (*_LINES[answer][:1], *_PLUG)
    if answer in _WITH_COUNT:
        return (*_LINES[answer], f"{count} known now")
    return _LINES[answer]


def lights(good: bool, since_s: float) -> Rgb | None:
    """The LEDs `since_s` after a card: green for one that did something, red blinks for a refusal; None for nothing."""
    if not 0 <= since_s < LIT_S:
        return None
    if good:
        return Rgb(0, FULL, 0)
    return Rgb(FULL, 0, 0) if since_s % BLINK_S < BLINK_S / 2 else Rgb()
