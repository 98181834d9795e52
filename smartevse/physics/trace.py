"""What happened and exactly when: the record that tests and benches time their reactions with."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

KEPT = 20_000
"""How many events are kept."""


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """Something happened in the world at exactly this time, whenever it was computed."""

    at_s: float
    name: str
    value: int | float | str


class Trace:
    """The newest events, numbered from 0 since the world began."""

    def __init__(self) -> None:
        self._events: deque[TraceEvent] = deque(maxlen=KEPT)
        self.count = 0
        """How many events there ever were: the number of the next one."""

    def add(self, at_s: float, name: str, value: int | float | str) -> None:
        """Note an event."""
        self._events.append(TraceEvent(at_s, name, value))
        self.count += 1

    def since(self, number: int) -> list[TraceEvent]:
        """All kept events from this number on; `count` is the number to ask with next time."""
        return list(islice(self._events, max(0, number - (self.count - len(self._events))), None))
