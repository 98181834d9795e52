"""The line of a node: hears everything, answers what it is asked within milliseconds, and comes back by itself.

Between a question and its answer the line is silent for 3.5 characters: so each is a frame of its own for all others,
and whoever asked has let go of the wires.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import termios
import tty
from collections.abc import Callable

from smartevse.bus import rtu
from smartevse.bus.device import obstacle, used_by_another
from smartevse.bus.listener import Heard, Kind, Listener
from smartevse.bus.node import Node
from smartevse.bus.port import RETRY_S

_log = logging.getLogger("smartevse.bus")
WATCH_S = 0.05
"""How often a line that is quiet is looked at, for the end of damaged frames."""

HELD_UP_S = 0.12
"""Who has not looked at the line for so long does not know when a question ended, and leaves it: its Master may have
gone on, and an answer would fall into what is said now."""

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
        self._answer = b""
        """What is to be sent when the line has been silent for long enough."""
        self._due: asyncio.TimerHandle | None = None
        self._looked_s = float("-inf")

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
                self._looked_s = self._clock()
                await asyncio.sleep(WATCH_S)
                due = self._answer
                self._pass_on(self._listener.idle(self._clock()))
                self._answer = due  # a question that is found only now is too late: whoever asked has gone on
        finally:
            self._close()

    def _open(self) -> str | None:
        """Try to open the line; one sentence when it cannot be."""
        problem = obstacle(self.device)
        if problem is not None:
            return problem.sentence
        file = os.open(self.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever comes later is told that it is used
            tty.setraw(file)
            settings = termios.tcgetattr(file)
            settings[2] |= termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = SPEEDS[self._baud]
            termios.tcsetattr(file, termios.TCSANOW, settings)
            os.set_blocking(file, False)
        except BlockingIOError:
            os.close(file)
            return used_by_another(self.device)
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
        now_s = self._clock()
        held_up, self._looked_s = now_s - self._looked_s > HELD_UP_S, now_s
        self._pass_on(self._listener.feed(data, now_s))
        if held_up:
            self._answer = b""
        self._wait()

    def _pass_on(self, items: list[Heard]) -> None:
        for heard in items:
            if heard.kind is not Kind.JUNK:
                self._answer = b""  # the last one is asked now; one with others behind it is asked no more
            if heard.kind is Kind.REQUEST and heard.request is not None:
                self._answer = self._node.hear(heard.request, heard.at_s) or b""
            if self._overheard is not None:
                self._overheard(heard)

    def _wait(self) -> None:
        """Answer after the silence that has just begun; whatever comes meanwhile makes it begin anew."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._answer:
            self._due = asyncio.get_running_loop().call_later(rtu.gap_s(self._baud), self._send)

    def _send(self) -> None:
        answer, self._answer, self._due = self._answer, b"", None
        with contextlib.suppress(OSError):  # a line that is gone is found by reading
            os.write(self._file, answer)

    def _close(self) -> None:
        self._answer = b""
        self._wait()
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
