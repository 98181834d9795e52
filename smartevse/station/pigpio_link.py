"""The station's way to pigpiod: one thread that owns keys and LEDs, and a watch that ends the program when it is lost.

When pigpiod goes away the client's own thread spins on a dead socket and its calls never return; no object of it can
be used again. So there is only one cure: say it in one line and leave; systemd starts the station anew.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from smartevse.config import EXIT_CONFIG
from smartevse.drivers.foreign import foreign
from smartevse.drivers.pigpiod import TICK, NotPigpiodError, Pigpiod, PigpiodError, command
from smartevse.hal.hat import HatMap, Pins
from smartevse.station import journal

if TYPE_CHECKING:
    from smartevse.drivers.pigpio_pins import PigpioPins

LOOK_EVERY_S = 0.5
"""How often pigpiod is asked for a sign of life."""
ANSWER_S = 2.0
"""A call that takes longer will never come back."""
FIRST_ANSWER_S = 0.5
"""A daemon that takes longer for its first answer is left to what comes next."""
START_S = 3.0
"""How long a pigpiod that is being started is waited for."""
RETRY_S = 0.25
LOAD_S = 30.0
"""The libraries must be imported within this time, also on a small Pi with a slow card."""
EXIT_LOST = 1

_log = logging.getLogger("smartevse.pigpio")


class PigpioLink:
    """Starts the thread, takes the LEDs' levels, and tells when pigpiod is lost."""

    def __init__(
        self,
        host: str,
        port: int,
        hat: HatMap,
        on_edge: Callable[[str, bool], None],
        on_ready: Callable[[], None],
        switch: bool = True,
        on_found: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_edge(name, pressed)`, `on_found()` and `on_ready()` are called from threads of this link.

        `on_found`: pigpiod is there, the pins follow; `switch`: SW is one of the keys.
        """
        self._switch = switch
        self._where = f"{host}:{port}"
        self._host, self._port, self._hat = host, port, hat
        self._on_edge, self._on_found, self._on_ready = on_edge, on_found, on_ready
        self._levels: queue.SimpleQueue[tuple[int, int, int] | None] = queue.SimpleQueue()
        self._sent: tuple[int, int, int] | None = None
        self._deadline_s = time.monotonic() + LOAD_S
        self._problem: str | None = None
        self._pins: PigpioPins | None = None
        self._thread = threading.Thread(target=self._run, name="pigpio", daemon=True)

    def start(self) -> None:
        """Begin to import, connect and take the pins."""
        self._thread.start()

    def show(self, red: int, green: int, blue: int) -> None:
        """Brightness of the LEDs, 0 to 255; never waits."""
        levels = (red, green, blue)
        if levels != self._sent:
            self._sent = levels
            self._levels.put(levels)

    def problem(self, now_s: float) -> str | None:
        """One sentence when pigpiod is lost; call it a few times a second with the monotonic time."""
        if self._problem is None and now_s > self._deadline_s and self._thread.is_alive():
            return f"pigpiod at {self._where} does not answer any more: ending, to be started anew"
        return self._problem

    def close(self) -> bool:
        """Switch the LEDs off and disconnect; False when pigpiod did not let that happen in time."""
        if self._thread.ident is None:
            return True
        self._levels.put(None)
        self._thread.join(ANSWER_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """The thread: everything that waits for pigpiod."""
        self._look_who_is_there()
        from smartevse.drivers.pigpio_pins import GONE

        try:
            # Kept: without a reference gpiozero would close each device, and complain of the dead socket each time.
            hat = self._pins = self._connected()
        except GONE as error:
            self._problem = (
                f"no pigpiod at {self._where} ({_words(error)}): start it with 'systemctl start pigpiod' or correct "
                f"[hat] host and port; ending, to be started anew"
            )
            return
        try:
            self._on_ready()
            self._serve(hat)
        except GONE as error:
            self._problem = f"pigpiod at {self._where} is gone ({_words(error)}): ending, to be started anew"

    def _look_who_is_there(self) -> None:
        """Tell that pigpiod is there, or end the program when it is something else: then a person must act."""
        try:
            link = Pigpiod(self._host, self._port, FIRST_ANSWER_S)
            with contextlib.closing(link):
                link.exchange([command(TICK)])
        except NotPigpiodError as error:
            leave(str(error), EXIT_CONFIG)
        except PigpiodError:
            stranger = foreign(self._host, self._port, time.monotonic())
            if stranger is not None:
                leave(stranger, EXIT_CONFIG)
            return  # what comes next says it in its own words
        self._on_found()

    def _connected(self) -> PigpioPins:
        """The pins, once pigpiod listens; raises what the network says when it does not within `START_S`."""
        from smartevse.drivers.pigpio_pins import PigpioPins

        pins = self._hat.pins
        keys = key_pins(pins, switch=self._switch)
        leds = (pins.led_red, pins.led_green, pins.led_blue)
        give_up_s = time.monotonic() + START_S
        while True:
            self._in_time(2 * ANSWER_S)
            try:
                return PigpioPins(self._host, self._port, keys, leds, self._on_edge)
            except ConnectionRefusedError:
                if time.monotonic() > give_up_s:
                    raise
            time.sleep(RETRY_S)

    def _serve(self, hat: PigpioPins) -> None:
        look_at_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            if now_s >= look_at_s:
                self._in_time(ANSWER_S)
                hat.look()
                look_at_s = now_s + LOOK_EVERY_S
            self._in_time(LOOK_EVERY_S + ANSWER_S)
            try:
                levels = self._levels.get(timeout=max(0.0, look_at_s - time.monotonic()))
            except queue.Empty:
                continue
            if levels is None:
                hat.close()
                return
            hat.set_leds(*levels)

    def _in_time(self, seconds: float) -> None:
        """The next thing must be done within this time."""
        self._deadline_s = time.monotonic() + seconds


def key_pins(pins: Pins, *, switch: bool) -> dict[str, int]:
    """What a finger or a switch pulls down, by its name; without SW where a card reader sits on it."""
    keys = {"<": pins.key_left, "o": pins.key_select, ">": pins.key_right}
    return {**keys, "sw": pins.sw} if switch else keys


def leave(sentence: str, status: int = EXIT_LOST) -> None:
    """Say why and end the process at once, past every thread that waits for a daemon which is gone."""
    _log.error("%s", sentence, extra=journal.event("refused" if status == EXIT_CONFIG else "pigpiod"))
    journal.flush()
    os._exit(status)


def report_thread_end(arguments: threading.ExceptHookArgs) -> None:
    """For `threading.excepthook`: a thread of ours that fails ends the program, one that lost its daemon is expected.

    The client's own threads die with a traceback when the connection is reset; the watch tells of that in one line.
    """
    ours = arguments.thread is not None and type(arguments.thread) is threading.Thread
    if not ours and issubclass(arguments.exc_type, OSError):
        return
    _log.critical("an error in the program's thread %s", arguments.thread, exc_info=arguments.exc_value)
    journal.flush()
    os._exit(EXIT_LOST)


def _words(error: BaseException) -> str:
    """What an exception says, for the end of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the connection was closed"
