"""The card reader of the configuration, with a thread of its own: a slow bus or a lost reader holds up nobody."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartevse import config
from smartevse.drivers.card_reader import ReaderError
from smartevse.panel.card_reading import LOOK_EVERY_S, Reading

if TYPE_CHECKING:
    from smartevse.drivers.card_reader import CardReader

END_S = 1.0

_log = logging.getLogger("smartevse.cards")


class ReaderOpener:
    """Opens the reader, again and again where needed; used by the reader's thread alone.

    pigpiod's connection is kept. `hat.backend` is "kernel" or "pigpio": what "auto" means was found out before.
    """

    def __init__(self, hat: config.Hat, panel: config.Panel) -> None:
        self._hat, self._panel = hat, panel
        self._pi: Any = None

    def __call__(self) -> CardReader:
        """A reader that is ready; ReaderError when it is not there."""
        if self._panel.rfid == "w1":
            from smartevse.drivers.w1_reader import W1Reader

            return W1Reader()
        if self._panel.rfid == "evdev":
            from smartevse.drivers.evdev_reader import evdev_reader
            from smartevse.panel.card_number import parse

            return evdev_reader(Path(self._panel.rfid_device) if self._panel.rfid_device else None, parse)
        if self._hat.backend == "kernel":
            from smartevse.drivers.pn532_kernel import kernel_pn532

            return kernel_pn532(i2c_bus=self._panel.i2c_bus)
        import pigpio

        from smartevse.drivers.pn532_pigpio import pigpio_pn532

        if self._pi is None or not self._pi.connected:
            self._pi = pigpio.pi(self._hat.host, self._hat.port, show_errors=False)
        return pigpio_pn532(self._pi, i2c_bus=self._panel.i2c_bus)


class CardLink:
    """The thread that asks the reader while cards are wanted."""

    def __init__(self, open_: Callable[[], CardReader], on_card: Callable[[bytes], None]) -> None:
        """`on_card(number)` is called from this thread."""
        self._reading = Reading(open_, lambda sentence: _log.warning("%s", sentence))
        self._on_card = on_card
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)

    def want(self, wanted: bool) -> None:
        """Whether cards matter now: the thread begins with the first time they do, and rests while they do not."""
        if wanted == self._wanted.is_set():
            return
        if wanted:
            self._wanted.set()
            if self._thread.ident is None:
                self._thread.start()
        else:
            self._wanted.clear()

    @property
    def lost(self) -> bool:
        """Whether cards are wanted and the reader does not answer."""
        return self._wanted.is_set() and bool(self._reading.problem)

    def close(self) -> None:
        """Give the reader back; one that hangs is left."""
        self._ending.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(END_S)

    def _run(self) -> None:
        while not self._ending.is_set():
            if not self._wanted.is_set():
                self._reading.rest()
                self._wanted.wait()
                continue
            number = self._reading.look(time.monotonic())
            if number is not None and self._wanted.is_set():
                self._on_card(number)
            self._ending.wait(LOOK_EVERY_S)
        self._reading.rest()


def no_reader() -> CardReader:
    """For a configuration without one. Raises ReaderError always."""
    raise ReaderError('[panel] rfid is "none": name the reader that is connected')


def card_link(hat: config.Hat, panel: config.Panel, on_card: Callable[[bytes], None]) -> CardLink:
    """The link to the reader of the configuration; its thread begins when cards are wanted."""
    return CardLink(no_reader if panel.rfid == "none" else ReaderOpener(hat, panel), on_card)
