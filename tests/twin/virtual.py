"""A loop whose time only moves when a test moves it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from smartevse.twin.loop import READ, Loop, Timer


class VirtualLoop(Loop):
    """Timers in virtual time; watched files are remembered and never looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 100.0
        self._queue: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()

    def call_at(self, at_s: float, call: Callable[[], None]) -> Timer:
        timer = Timer(at_s, call)
        heapq.heappush(self._queue, (at_s, next(self._count), timer))
        return timer

    def watch(self, file: int, call: Callable[[int], None], events: int = READ) -> None:
        pass

    def forget(self, file: int) -> None:
        pass

    def run_until(self, end_s: float) -> None:
        """Make every call that is due until then, each at its time."""
        while self._queue and self._queue[0][0] <= end_s:
            at_s, _, timer = heapq.heappop(self._queue)
            self.now_s = max(self.now_s, at_s)
            if timer.call is not None:
                timer.call()
        self.now_s = max(self.now_s, end_s)
