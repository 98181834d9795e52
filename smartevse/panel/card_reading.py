"""Keeps asking the card reader: a reader that is lost is said once and opened again, a card is told once.

`Reading` decides and is called with the time; the thread around it is the station's.
"""

from __future__ import annotations

from collections.abc import Callable

from smartevse.drivers.card_reader import CardReader
from smartevse.panel.card_number import canonical
from smartevse.panel.presence import Presence

LOOK_EVERY_S = 0.25
RETRY_FIRST_S = 1.0
RETRY_MOST_S = 30.0
LOST_LOOKS = 3
"""A single disturbed answer on the bus is no lost reader."""


class Reading:
    """One reader, opened by `open_` (which raises OSError), and what is said of it."""

    def __init__(self, open_: Callable[[], CardReader], say: Callable[[str], None]) -> None:
        self._open, self._say = open_, say
        self._presence = Presence()
        self._reader: CardReader | None = None
        self._problem = ""
        self._refused = ""
        self._bad_looks = 0
        self._pause_s = RETRY_FIRST_S
        self._retry_s = float("-inf")

    @property
    def problem(self) -> str:
        """Why there is no reader now, "" while there is one."""
        return self._problem

    def look(self, now_s: float) -> bytes | None:
        """Ask the reader; the canonical number of a card that has just been presented. Call it every `LOOK_EVERY_S`."""
        if self._reader is None and now_s < self._retry_s:
            return None
        try:
            if self._reader is None:
                self._reader = self._open()
            seen = self._reader.card()
            number = None if seen is None else canonical(seen)
        except ValueError as error:  # a card that cannot be used
            if str(error) != self._refused:
                self._refused = str(error)
                self._say(self._refused)
            return None
        except OSError as error:
            self._failed(error, now_s)
            return None
        self._works()
        return self._presence.see(number, now_s)

    def rest(self) -> None:
        """Nobody wants cards for now: give the reader back."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._problem, self._refused, self._retry_s = "", "", float("-inf")

    def _works(self) -> None:
        if self._problem:
            self._say("the card reader is there again")
        self._problem = ""
        self._bad_looks, self._pause_s = 0, RETRY_FIRST_S

    def _failed(self, error: OSError, now_s: float) -> None:
        if self._reader is not None:
            self._bad_looks += 1
            if self._bad_looks < LOST_LOOKS and not self._problem:
                return
            self._reader.close()
            self._reader = None
        if not self._problem:
            self._say(f"no card can be read: {error}")
        self._problem = str(error)
        self._retry_s = now_s + self._pause_s
        self._pause_s = min(self._pause_s * 2, RETRY_MOST_S)
