"""Cards in the running station: reader, list and desk on one side, menu and access of the panel on the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

from smartevse import config
from smartevse.panel import card_words
from smartevse.panel.leds import Rgb
from smartevse.panel.menu import Action
from smartevse.settings.cards import CardList
from smartevse.station.card_desk import DELETE, DELETE_ALL, LEARN, CardDesk
from smartevse.station.card_link import card_link
from smartevse.station.front import Front
from smartevse.station.wishes import Access

KEY = "rfid"
"""The setting whose values and actions these are."""

_log = logging.getLogger("smartevse.cards")


class CardTask:
    """Made and used on the event loop; the list is read and written by `disk`."""

    def __init__(self, config_: config.Config, front: Front, disk: Executor, changed: Callable[[], None]) -> None:
        """`changed` is called when access was given or taken back by a card."""
        self._front, self._disk, self._changed = front, disk, changed
        self._loop = asyncio.get_running_loop()
        self._list = CardList(config_.state_directory)
        self._desk = CardDesk(self._list, self._keep)
        self._link = card_link(config_.hat, config_.panel, self._on_card)
        self._work: set[asyncio.Task[object]] = set()
        self._say_notices()

    @property
    def note(self) -> tuple[str, ...]:
        """A remark for the display while cards are needed and cannot be read."""
        return ("no card reader",) if self._link.lost else ()

    def beat(self, now_s: float, connected: bool) -> None:
        """Ten times a second: who has access, whether the reader is wanted, what the menu tells."""
        word, enabled = self._word, self._front.settled.rfid
        self._link.want(enabled or word in (LEARN, DELETE))
        given = self._front.access is Access.ON
        if self._desk.follow(now_s, enabled=enabled, given=given, connected=connected) is False:
            self._give(False)
        if word is not None:
            self._front.say(*self._told(word, now_s))

    def confirmed(self, action: Action | None) -> None:
        """The owner left an action of the menu with o."""
        if action == Action(KEY, DELETE_ALL):
            self._begin(self._desk.clear(time.monotonic()))

    def lines(self, now_s: float) -> tuple[str, ...]:
        """What the display announces."""
        return self._desk.lines(now_s)

    def lights(self, now_s: float) -> Rgb | None:
        """What the LEDs tell of a card; None while they are free."""
        return self._desk.lights(now_s)

    async def close(self) -> None:
        """Give reader and list back."""
        await asyncio.to_thread(self._link.close)
        await asyncio.gather(*self._work)
        await self._loop.run_in_executor(self._disk, self._list.close)

    @property
    def _word(self) -> str | None:
        action = self._front.action
        return action.word if action is not None and action.key == KEY else None

    def _told(self, word: str, now_s: float) -> tuple[str, ...]:
        if word == DELETE_ALL:
            return (f"{len(self._list.numbers)} cards known", "press o: delete")
        return self._desk.lines(now_s) or (card_words.NO_READER if self._link.lost else card_words.HOLD_CARD)

    def _on_card(self, number: bytes) -> None:
        """From the reader's thread."""
        self._loop.call_soon_threadsafe(lambda: self._begin(self._present(number)))

    async def _present(self, number: bytes) -> None:
        before = self._desk.given
        await self._desk.present(number, time.monotonic(), self._word)
        if self._desk.given != before:
            self._give(self._desk.given)
        self._say_notices()

    def _give(self, given: bool) -> None:
        self._front.give(Access.ON if given else Access.OFF)
        self._changed()

    async def _keep(self, change: Callable[[], None]) -> None:
        await self._loop.run_in_executor(self._disk, change)

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _say_notices(self) -> None:
        for sentence in self._list.take_notices():
            _log.warning("%s", sentence)
