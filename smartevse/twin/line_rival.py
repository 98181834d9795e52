"""A second master on the twin's line: somebody set two chargers to Master, or left a laptop connected."""

from __future__ import annotations

from collections.abc import Callable

from smartevse.bus import master, rtu
from smartevse.bus.units import NODES
from smartevse.twin.line import Line
from smartevse.twin.loop import Loop, Timer

EVERY_S = 0.23
"""It asks one Node after the other without listening first; not in step with any other master."""


class Rival:
    """Asks as long as it is switched on."""

    def __init__(self, loop: Loop, line: Line, clock: Callable[[], float]) -> None:
        self._loop = loop
        self._line = line
        self._clock = clock
        self._turn = 0
        self._timer: Timer | None = None

    @property
    def on(self) -> bool:
        """Whether it is there."""
        return self._timer is not None

    def switch(self, on: bool) -> None:
        """Connect it, or take it away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if on:
            self._ask()

    def _ask(self) -> None:
        self._turn = (self._turn + 1) % len(NODES)
        now_s = self._clock()
        self._line.send(rtu.build_request(master.status_request(NODES[self._turn])), self, now_s)
        self._timer = self._loop.call_at(now_s + EVERY_S, self._ask)
