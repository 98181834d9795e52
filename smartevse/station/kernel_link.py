"""The station's way to keys and LEDs without pigpiod: one thread that takes the pins and sets the LEDs.

It looks to the station like `pigpio_link.PigpioLink`. The kernel does not go away like a daemon; what can go wrong is
that the pins cannot be had, and then a person must act.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from smartevse.config import EXIT_CONFIG, Hat
from smartevse.drivers.machine import Machine
from smartevse.drivers.trouble import Trouble
from smartevse.hal.backend import choose, patience_s
from smartevse.hal.hat import HatMap, load
from smartevse.station.pigpio_link import PigpioLink, key_pins, leave

if TYPE_CHECKING:
    from smartevse.drivers.kernel_pins import KernelPins

LOAD_S = 30.0
"""The libraries must be imported within this time, also on a small Pi with a slow card."""
RETRY_S = 0.25
END_S = 2.0

OnEdge = Callable[[str, bool], None]
TakePins = Callable[[Mapping[str, int], Sequence[int], OnEdge], "KernelPins"]


class HatLink(Protocol):
    """Keys and LEDs, whatever is behind them."""

    def start(self) -> None:
        """Begin to import and to take the pins."""

    def show(self, red: int, green: int, blue: int) -> None:
        """Brightness of the LEDs, 0 to 255; never waits."""

    def problem(self, now_s: float) -> str | None:
        """One sentence when the way is lost; call it a few times a second with the monotonic time."""

    def close(self) -> bool:
        """LEDs off, pins free; False when that did not happen in time."""


def settled(hat: Hat) -> Hat:
    """The section with "auto" replaced by what it means here. Raises BoardUnfitError, see `hal.backend.choose`."""
    return replace(hat, backend=choose(hat.backend, hat.host, hat.port, load(), Machine()))


def link_for(
    hat: Hat,
    pins: HatMap,
    on_edge: OnEdge,
    on_ready: Callable[[], None],
    *,
    switch: bool = True,
    on_found: Callable[[], None] = lambda: None,
) -> HatLink:
    """The link for the back-end of the configuration, "kernel" or "pigpio"; not started yet.

    `on_found` is called when pigpiod is there, before the pins are taken; the kernel is not looked for.
    `switch`: the external switch is at SW; False where a 1-wire card reader uses the pin.
    """
    if hat.backend == "kernel":
        return KernelLink(pins, on_edge, on_ready, switch=switch)
    return PigpioLink(hat.host, hat.port, pins, on_edge, on_ready, switch, on_found)


def _take(keys: Mapping[str, int], leds: Sequence[int], on_edge: OnEdge) -> KernelPins:
    from smartevse.drivers.kernel_pins import KernelPins

    return KernelPins(keys, leds, on_edge)


class KernelLink:
    """Starts the thread and takes the LEDs' levels."""

    def __init__(
        self,
        hat: HatMap,
        on_edge: OnEdge,
        on_ready: Callable[[], None],
        take: TakePins = _take,
        give_up: Callable[[str, int], None] = leave,
        pause: Callable[[float], None] = time.sleep,
        *,
        switch: bool = True,
    ) -> None:
        """`on_edge(name, pressed)` and `on_ready()` are called from threads of this link.

        `give_up(sentence, exit status)` ends the program, `take` and `pause` stand in for the pins and for waiting.
        """
        self._hat, self._on_edge, self._on_ready = hat, on_edge, on_ready
        self._switch = switch
        self._take, self._give_up, self._pause = take, give_up, pause
        self._levels: queue.SimpleQueue[tuple[int, int, int] | None] = queue.SimpleQueue()
        self._sent: tuple[int, int, int] | None = None
        self._deadline_s = time.monotonic() + LOAD_S
        self._taken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hat", daemon=True)

    def start(self) -> None:
        """Begin to import and to take the pins."""
        self._thread.start()

    def show(self, red: int, green: int, blue: int) -> None:
        """Brightness of the LEDs, 0 to 255; never waits."""
        levels = (red, green, blue)
        if levels != self._sent:
            self._sent = levels
            self._levels.put(levels)

    def problem(self, now_s: float) -> str | None:
        """One sentence when the pins were not taken in time; once they are the kernel keeps them."""
        if now_s > self._deadline_s and not self._taken.is_set() and self._thread.is_alive():
            return "the kernel does not give the pins of keys and LEDs: ending, to be started anew"
        return None

    def close(self) -> bool:
        """Switch the LEDs off and free the pins; False when that did not happen in time."""
        if self._thread.ident is None:
            return True
        self._levels.put(None)
        self._thread.join(END_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pins = self._pins()
        if pins is None:
            return
        self._taken.set()
        self._on_ready()
        while (levels := self._levels.get()) is not None:
            pins.set_leds(*levels)
        pins.close()

    def _pins(self) -> KernelPins | None:
        """The pins, once they can be had; None after the program was told to end."""
        names = self._hat.pins
        keys = key_pins(names, switch=self._switch)
        leds = (names.led_red, names.led_green, names.led_blue)
        for _ in range(round(patience_s(time.monotonic()) / RETRY_S)):
            try:
                return self._take(keys, leds, self._on_edge)
            except Trouble as error:
                refused = error
            self._pause(RETRY_S)
        self._give_up(str(refused), EXIT_CONFIG)
        return None
