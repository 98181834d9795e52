"""The external switch at SW: what its closing and opening asks for, by the setting SWITCH.

Pure: the level and the time are arguments. A level counts when it has stood for 70 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartevse.station.wishes import Access

STEADY_S = 0.07
"""So long a new level must stand (seven looks of 10 ms)."""
LONG_S = 1.5
"""A Sma-Sol button held so long ends a running charge instead of changing the mode."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the switch asks for; nothing by default."""

    access: Access | None = None
    toggle_access: bool = False
    stop: bool = False
    """End a running charge, with the time to unplug."""
    mode: str | None = None
    """"smart" or "solar", to be taken from the other one of the two."""
    toggle_mode: bool = False
    relay_open: bool | None = None
    """The grid operator's relay: open asks for 4.2 kW at most."""
    touched: bool = False
    """Somebody pressed it: light the display, reset a fault that waits for the owner."""


NOTHING = Asked()

_CLOSED: Mapping[str, Asked] = {
    "disabled": Asked(stop=True, touched=True),
    "access_b": Asked(toggle_access=True, touched=True),
    "access_s": Asked(access=Access.ON, touched=True),
    "smasol_b": Asked(touched=True),
    "smasol_s": Asked(mode="smart", touched=True),
    "grid_relay": Asked(relay_open=False),
}
_OPENED: Mapping[str, Asked] = {
    "access_s": Asked(access=Access.OFF),
    "smasol_b": Asked(toggle_mode=True),
    "smasol_s": Asked(mode="solar"),
    "grid_relay": Asked(relay_open=True),
}
STAYS = frozenset({"access_s", "smasol_s", "grid_relay"})
"""Switches whose level counts, also the one they have at the start; of a button only the press does."""


class Switch:
    """Remembers the level and since when it stands."""

    def __init__(self) -> None:
        self._closed = False
        """The level that counts."""
        self._level = False
        """The level that was seen last, since `_since_s`."""
        self._since_s = float("-inf")
        self._pressed_s: float | None = None
        """When a button went down whose long press is still to come."""
        self._spent = False
        """The long press did something: the release does nothing more."""

    def edge(self, closed: bool, now_s: float) -> None:
        """The level changed; `tick` tells what follows once it has stood."""
        if closed != self._level:
            self._level, self._since_s = closed, now_s

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to decide; None while nothing is pending."""
        if self._level != self._closed:
            return self._since_s + STEADY_S
        return None if self._pressed_s is None else self._pressed_s + LONG_S

    def begin(self, kind: str) -> Asked:
        """What a switch that stays asks for by its level: at the start, and when SWITCH was set to it."""
        self._closed = self._level
        self._pressed_s = None
        if kind not in STAYS:
            return NOTHING
        asked = (_CLOSED if self._closed else _OPENED).get(kind, NOTHING)
        return Asked(access=asked.access, mode=asked.mode, relay_open=asked.relay_open)

    def tick(self, kind: str, now_s: float, *, charging: bool) -> Asked:
        """What is asked for now; `kind` is the word of SWITCH, `charging`: the contactor is closed."""
        if self._level != self._closed and now_s - self._since_s >= STEADY_S:
            self._closed = self._level
            return self._closing(kind) if self._closed else self._opening(kind)
        if self._pressed_s is not None and now_s - self._pressed_s >= LONG_S:
            self._pressed_s = None
            if kind == "smasol_b" and charging:
                self._spent = True
                return Asked(stop=True)
        return NOTHING

    def _closing(self, kind: str) -> Asked:
        self._pressed_s, self._spent = self._since_s, False
        return _CLOSED.get(kind, NOTHING)

    def _opening(self, kind: str) -> Asked:
        self._pressed_s = None
        return NOTHING if self._spent else _OPENED.get(kind, NOTHING)
