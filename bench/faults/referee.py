"""Whether this machine itself stood still: on each processor a process of the highest priority that must wake in time.

A virtual machine is sometimes stopped as a whole, hat and bench included; what the guard did meanwhile says nothing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.sharedctypes import Synchronized

PRIORITY = 90
SLEEP_S = 0.004
STILL_S = 0.015
"""The one-shot lives for 90 ms of which a stall of 75 ms must leave enough."""


class Referee:
    """Knows when the machine stood still last; without the right to a high priority, also when it was crowded out."""

    def __init__(self) -> None:
        self._last_s: list[Synchronized[float]] = []
        self._processes: list[multiprocessing.Process] = []

    def start(self) -> None:
        """One process for each processor."""
        for processor in sorted(os.sched_getaffinity(0)):
            last_s = multiprocessing.Value("d", 0.0)
            process = multiprocessing.Process(target=_watch, args=(processor, last_s), daemon=True)
            process.start()
            self._last_s.append(last_s)
            self._processes.append(process)

    def stop(self) -> None:
        """End them."""
        for process in self._processes:
            process.kill()
            process.join()

    def stood_still_since(self, at_s: float) -> bool:
        """Whether a processor stood still at any time since then (CLOCK_MONOTONIC)."""
        return any(last_s.value > at_s for last_s in self._last_s)


@contextlib.contextmanager
def referee() -> Iterator[Referee]:
    """A referee that is ended whatever happens."""
    made = Referee()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def _watch(processor: int, last_s: Synchronized[float]) -> None:
    os.sched_setaffinity(0, {processor})
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    while True:
        due_s = time.monotonic() + SLEEP_S
        time.sleep(SLEEP_S)
        now_s = time.monotonic()
        if now_s - due_s > STILL_S:
            last_s.value = now_s
