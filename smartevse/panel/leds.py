"""The colour and pattern of the LED for every state: a pure function of the state and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from smartevse.core.states import State


class Rgb(NamedTuple):
    """Brightness of the three LEDs, 0 to 255 each."""

    red: int = 0
    green: int = 0
    blue: int = 0


DIM = 40
FULL = 255
BREATH_S = 1.28
"""One breath while charging."""
FLASH_S = 0.128
"""One flash of a fault: on for half of it, about 8 a second."""
BLINK_S = 1.28
"""One blink while waiting: on for a tenth of it."""

GREEN = Rgb(0, 255, 0)
RED = Rgb(255, 0, 0)
STARTING = Rgb(255, 0, 255)
"""Before the first status of the guard has come."""

Pattern = Callable[[float], int]


def _steady(level: int) -> Pattern:
    return lambda _: level


def _flash(now_s: float) -> int:
    return FULL if now_s % FLASH_S < FLASH_S / 2 else 0


def _blink(now_s: float) -> int:
    return FULL if now_s % BLINK_S < BLINK_S / 10 else 0


def _breathe(now_s: float) -> int:
    """From full to dark and back with an eased turn at both ends."""
    away = abs(now_s % BREATH_S / BREATH_S * 2 - 1)  # 1 at the start of a breath, 0 in its middle
    return round(FULL * away * away * (3 - 2 * away))


_PATTERNS: Mapping[State, Pattern] = {
    State.A: _steady(DIM),
    State.B1: _steady(FULL),
    State.B: _steady(FULL),
    State.C: _breathe,
    State.C1: _breathe,
    State.E: _flash,
    State.F: _flash,
}
_RED_STATES = frozenset({State.E, State.F})


def leds(state: State | None, now_s: float, *, fault: bool = False, waiting: bool = False) -> Rgb:
    """The LEDs now; `state` None while the guard is silent, `fault` for an error that needs a look, `waiting` for a
    charge that goes on by itself later. A fault is seen before everything else.
    """
    if fault or state in _RED_STATES:
        return _scaled(RED, _flash(now_s))
    if state is None:
        return STARTING
    if waiting:
        return _scaled(GREEN, _blink(now_s))
    return _scaled(GREEN, _PATTERNS[state](now_s))


def _scaled(colour: Rgb, level: int) -> Rgb:
    return Rgb(*(part * level // FULL for part in colour))


def moving(state: State | None, *, fault: bool = False, waiting: bool = False) -> bool:
    """Whether the level changes by itself, so that the caller must call again within some 20 ms."""
    return fault or (state is not None and (waiting or _PATTERNS[state] in (_flash, _breathe)))
