"""The line of a node: hears everything, answers what it is asked within milliseconds, and comes back by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import termios
import tty
from collections.abc import Callable

from smartevse.bus.listener import Heard, Kind, Listener
from smartevse.bus.node import Node
from smartevse.bus.port import RETRY_S, obstacle

_log = logging.getLogger("smartevse.bus")
WATCH_S = 0.05
"""How often a line that is quiet is looked at, for the end of damaged frames."""

SPEEDS = {
    1200: termios.B1200,
    2400: termios.B2400,
    4800: termios.B4800,
    9600: termios.B9600,
    19200: termios.B19200,
    38400: termios.B38400,
}


class NodeLine:
    """One serial line on which this station is a node. `overheard` gets what others say, such as the EV meter."""

    def __init__(
        self,
        device: str,
        baud: int,
        node: Node,
        clock: Callable[[], float],
        overheard: Callable[[Heard], None] | None = None,
    ) -> None:
        self.device = device
        self._baud = baud
        self._node = node
        self._clock = clock
        self._overheard = overheard
        self._listener = Listener()
        self._file = -1
        self._said: str | None = ""

    @property
    def connected(self) -> bool:
        """Whether the line is open."""
        return self._file >= 0

    async def run(self) -> None:
        """Keep the line open and answer until cancelled."""
        waits = iter(RETRY_S)
        try:
            while True:
                problem = self._open() if not self.connected else None
                self._say(problem)
                if problem is not None:
                    await asyncio.sleep(next(waits, RETRY_S[-1]))
                    continue
                waits = iter(RETRY_S)
                await asyncio.sleep(WATCH_S)
                self._pass_on(self._listener.idle(self._clock()))
        finally:
            self._close()

    def _open(self) -> str | None:
        """Try to open the line; one sentence when it cannot be."""
        problem = obstacle(self.device)
        if problem is not None:
            return problem
        file = os.open(self.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(file)
            settings = termios.tcgetattr(file)
            settings[2] |= termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = SPEEDS[self._baud]
            termios.tcsetattr(file, termios.TCSANOW, settings)
            os.set_blocking(file, False)
        except termios.error as error:
            os.close(file)
            return f"the RS485 line {self.device} cannot be set to {self._baud} baud ({error})"
        self._file = file
        self._listener = Listener()
        asyncio.get_running_loop().add_reader(file, self._ready)
        return None

    def _ready(self) -> None:
        """Bytes came: answer what became complete with them."""
        try:
            data = os.read(self._file, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        self._pass_on(self._listener.feed(data, self._clock()))

    def _pass_on(self, items: list[Heard]) -> None:
        for heard in items:
            if heard.kind is Kind.REQUEST and heard.request is not None:
                answer = self._node.hear(heard.request, heard.at_s)
                # the last one is asked now; one with others behind it is asked no more
                if answer is not None and heard is items[-1]:
                    with contextlib.suppress(OSError):  # a line that is gone is found by reading
                        os.write(self._file, answer)
            if self._overheard is not None:
                self._overheard(heard)

    def _close(self) -> None:
        if self._file >= 0:
            asyncio.get_running_loop().remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def _say(self, problem: str | None) -> None:
        if problem == self._said:
            return
        if problem is None:
            _log.info("the RS485 line %s is open, as Node %d", self.device, self._node.number)
        else:
            _log.warning("%s; without a master this node stops charging", problem)
        self._said = problem
