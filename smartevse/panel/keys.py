"""Turns the levels of the three keys into presses, repeats that speed up, long presses and both outer keys at once.

Pure: the time of each edge is an argument, in monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

REPEAT_FIRST_S = 0.5
"""A held key repeats after this time; each next interval is 1/8 shorter."""
REPEAT_LEAST_S = 0.01
HOLD_S = 2.0
"""A key held this long does what its long press does."""
STUCK_S = 30.0
"""A key that is down longer is taken as stuck: it repeats no more until it was up."""
_MOST_AT_ONCE = 32
"""So many repeats at most come from one call, however late it is."""


class Key(Enum):
    """The three keys, by what is printed on them."""

    LEFT = "<"
    SELECT = "o"
    RIGHT = ">"


class Act(IntEnum):
    """What happened to a key."""

    PRESS = 0
    REPEAT = 1
    HOLD = 2
    """Held for 2 s; comes once."""
    RELEASE = 3
    BOTH = 4
    """< and > are down together; comes once, with the key that came second."""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One thing that a finger did."""

    key: Key
    act: Act


@dataclass(slots=True)
class _Down:
    """One key that is down."""

    since_s: float
    next_s: float
    interval_s: float
    held: bool = False
    mute: bool = False
    """Part of both at once, or stuck: nothing more comes from it until it was up."""
    stuck: bool = False


class Keys:
    """Remembers which keys are down since when."""

    def __init__(self) -> None:
        self._down: dict[Key, _Down] = {}

    @property
    def down(self) -> frozenset[Key]:
        """The keys that are down now."""
        return frozenset(self._down)

    @property
    def stuck(self) -> frozenset[Key]:
        """The keys that are down for longer than anybody holds them, as of the last `poll`."""
        return frozenset(key for key, down in self._down.items() if down.stuck)

    def edge(self, key: Key, pressed: bool, now_s: float) -> tuple[KeyEvent, ...]:
        """A key went down or up; a second edge of the same kind is none."""
        due = self.poll(now_s)
        if pressed == (key in self._down):
            return due
        if not pressed:
            del self._down[key]
            return (*due, KeyEvent(key, Act.RELEASE))
        first = REPEAT_FIRST_S
        self._down[key] = _Down(now_s, now_s + first, first * 7 / 8)
        outer = [self._down[other] for other in (Key.LEFT, Key.RIGHT) if other in self._down]
        if key is not Key.SELECT and len(outer) == 2:
            for down in outer:
                down.mute = True
            return (*due, KeyEvent(key, Act.BOTH))
        return (*due, KeyEvent(key, Act.PRESS))

    def poll(self, now_s: float) -> tuple[KeyEvent, ...]:
        """What keys that are held did until now: call it at `due_s` or every 10 to 20 ms while a key is down."""
        events: list[KeyEvent] = []
        for key, down in self._down.items():
            down.stuck = now_s - down.since_s > STUCK_S
            down.mute = down.mute or down.stuck
            if down.mute:
                continue
            while down.next_s <= now_s:
                if len(events) < _MOST_AT_ONCE:
                    events.append(KeyEvent(key, Act.REPEAT))
                down.next_s = max(down.next_s + down.interval_s, now_s - 1.0)
                down.interval_s = max(down.interval_s * 7 / 8, REPEAT_LEAST_S)
            if not down.held and now_s - down.since_s >= HOLD_S:
                down.held = True
                events.append(KeyEvent(key, Act.HOLD))
        return tuple(events)

    @property
    def due_s(self) -> float | None:
        """When `poll` has something next; None while no key is down that could bring anything."""
        times = [
            down.next_s if down.held else min(down.next_s, down.since_s + HOLD_S)
            for down in self._down.values()
            if not down.mute
        ]
        return min(times, default=None)
