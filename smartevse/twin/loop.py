"""One thread for the whole twin: sockets, ptys and timers in one place, so that nothing needs a lock.

Times are seconds of CLOCK_MONOTONIC. A timer comes as late as the machine is busy; whoever needs exact times keeps
them in the event and not in the moment it is handled. Waits by `select`, which counts in microseconds where the usual
ways count in milliseconds.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class Timer:
    """A call in the future; `cancel` takes it back."""

    __slots__ = ("at_s", "call")

    def __init__(self, at_s: float, call: Callable[[], None]) -> None:
        self.at_s = at_s
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """The call is not made; nothing happens when it was made already."""
        self.call = None


class Loop:
    """Waits for files and for the clock and calls whoever is concerned, one after the other."""

    def __init__(self) -> None:
        self._selector = selectors.SelectSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = False

    def watch(self, file: int, call: Callable[[int], None], events: int = READ) -> None:
        """Call with the events (READ, WRITE) whenever the file descriptor is ready; replaces an earlier watch."""
        if file in self._selector.get_map():
            self._selector.modify(file, events, call)
        else:
            self._selector.register(file, events, call)

    def forget(self, file: int) -> None:
        """Stop watching a file descriptor; nothing happens when it is not watched."""
        if file in self._selector.get_map():
            self._selector.unregister(file)

    def call_at(self, at_s: float, call: Callable[[], None]) -> Timer:
        """Call once at this time (or at once when it has passed); equal times in the order of asking."""
        timer = Timer(at_s, call)
        heapq.heappush(self._timers, (at_s, next(self._order), timer))
        return timer

    def run(self) -> None:
        """Run until `stop` is called."""
        self._running = True
        select, timers, monotonic = self._selector.select, self._timers, time.monotonic
        while self._running:
            while timers and timers[0][2].call is None:
                heapq.heappop(timers)
            wait_s = None if not timers else max(timers[0][0] - monotonic(), 0.0)
            for key, events in select(wait_s):
                key.data(events)
            now_s = monotonic()
            while timers and timers[0][0] <= now_s:
                timer = heapq.heappop(timers)[2]
                call, timer.call = timer.call, None
                if call is not None:
                    call()

    def stop(self) -> None:
        """End `run` after what is being handled now."""
        self._running = False

    def close(self) -> None:
        """Let the selector go; the watched files stay open."""
        self._selector.close()
