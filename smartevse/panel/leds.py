"""The colour and pattern of the LED for every state: pure functions of what is to be seen and the time.

Standard shows each state: green, in Solar orange, red for errors, dark without access. Public shows a passer-by what
he needs: green free, blue taken, orange for a car that waits, red out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from smartevse.core.states import State


class Rgb(NamedTuple):
    """Brightness of the three LEDs, 0 to 255 each."""

    red: int = 0
    green: int = 0
    blue: int = 0


@dataclass(frozen=True, slots=True)
class Light:
    """All that the LEDs tell of."""

    state: State | None = None
    """None while the guard is silent."""
    fault: bool = False
    """An error that needs a look."""
    waiting: bool = False
    """A charge that goes on by itself later."""
    denied: bool = False
    """No access."""
    solar: bool = False
    """MODE is Solar."""
    public: bool = False
    """LEDS is Public."""


DIM = 40
FULL = 255
BREATH_S = 1.28
"""One breath while charging; in Solar it is twice as long."""
FLASH_S = 0.128
"""One flash of a fault: on for half of it, about 8 a second."""
BLINK_S = 1.28
"""One blink while waiting: on for a tenth of it."""

GREEN = Rgb(0, 255, 0)
RED = Rgb(255, 0, 0)
BLUE = Rgb(0, 0, 255)
ORANGE = Rgb(255, 170, 0)
DARK = Rgb()
STARTING = Rgb(255, 0, 255)
"""Before the first status of the guard has come."""

Pattern = Callable[[float], int]


def _steady(level: int) -> Pattern:
    return lambda _: level


def _on_and_off(period_s: float, share: float) -> Pattern:
    return lambda now_s: FULL if now_s % period_s < period_s * share else 0


def _breath(period_s: float) -> Pattern:
    """From full to dark and back with an eased turn at both ends."""

    def level(now_s: float) -> int:
        away = abs(now_s % period_s / period_s * 2 - 1)  # 1 at the start of a breath, 0 in its middle
        return round(FULL * away * away * (3 - 2 * away))

    return level


_FREE, _LIT = _steady(DIM), _steady(FULL)
_FLASH, _BLINK = _on_and_off(FLASH_S, 1 / 2), _on_and_off(BLINK_S, 1 / 10)
_BREATHE, _SLOWLY = _breath(BREATH_S), _breath(2 * BREATH_S)
_STILL = frozenset({_FREE, _LIT})

_STANDARD: Mapping[State, Pattern] = {
    State.A: _FREE,
    State.B1: _LIT,
    State.B: _LIT,
    State.C: _BREATHE,
    State.C1: _BREATHE,
}
_SLOW: Mapping[Pattern, Pattern] = {_BREATHE: _SLOWLY}


def _shown(light: Light) -> tuple[Rgb, Pattern]:
    """Colour and pattern; what is more urgent is asked first."""
    if light.fault or light.state in (State.E, State.F):
        return RED, _FLASH
    if light.state is None:
        return STARTING, _LIT
    if light.public:
        return _public(light, light.state)
    if light.denied:
        return DARK, _LIT
    pattern = _BLINK if light.waiting else _STANDARD[light.state]
    return (ORANGE, _SLOW.get(pattern, pattern)) if light.solar else (GREEN, pattern)


def _public(light: Light, state: State) -> tuple[Rgb, Pattern]:
    """Free, taken or waiting, whoever has access."""
    if state is State.A:
        return GREEN, _FREE
    if light.waiting or light.denied:
        return ORANGE, _BLINK
    return BLUE, _STANDARD[state]


_WORDS: Mapping[Pattern, str] = {
    _FREE: "dim",
    _LIT: "steady",
    _FLASH: "flashing fast",
    _BLINK: "a short blink every 1.3 s",
    _BREATHE: "breathing",
    _SLOWLY: "breathing slowly",
}
_COLOURS: Mapping[Rgb, str] = {RED: "red", GREEN: "green", BLUE: "blue", ORANGE: "orange", STARTING: "magenta"}


def words(light: Light) -> str:
    """The same for people: "green, breathing", "dark"."""
    colour, pattern = _shown(light)
    return "dark" if colour == DARK else f"{_COLOURS[colour]}, {_WORDS[pattern]}"


def leds(light: Light, now_s: float) -> Rgb:
    """The LEDs now."""
    colour, pattern = _shown(light)
    level = pattern(now_s)
    return Rgb(*(part * level // FULL for part in colour))


def moving(light: Light) -> bool:
    """Whether the level changes by itself, so that the caller must call again within some 20 ms."""
    return _shown(light)[1] not in _STILL
