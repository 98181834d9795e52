"""The values of one hat's parts and of the contactors behind it: nominal, or drawn within their tolerances."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from smartevse.hal.hat import HatMap

CUTOFF_SPREAD_C = 3.0
"""Tolerance of the board's temperature cut-off: sensor 2 K, comparator and divider 1 K."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One built unit. Defaults that are not in the hat's map are those of the usual contactor and lock."""

    pilot_high_v: float
    """Open-circuit level of the pilot's driver, 11.74 to 12.08 V."""
    pilot_low_v: float
    """The same for the low half, -11.74 to -12.11 V."""
    source_ohm: float
    """In series with the pilot, 970 to 1030 ohm by the standard."""
    one_shot_s: float
    """How long one heartbeat lasts, 0.090 to 0.110 s."""
    window_low_v: float
    window_high_v: float
    """The window comparators on CP_HI; upper one 6.98 to 7.57 V."""
    window_low_delay_s: float
    window_high_delay_s: float
    """How long the pilot may be outside before the contactor's supply goes off."""
    cutoff_c: float
    """Above this temperature of the board the contactor's supply goes off."""
    relay_s: float
    """Travel of the hat's relays, 5 to 10 ms."""
    contactor_close_s: float = 0.025
    contactor_open_min_s: float = 0.015
    contactor_open_max_s: float = 0.025
    """A contactor's own times, from coil to main contacts."""
    lock_move_s: float = 0.300
    """How long a pulse must last until the lock has moved."""
    rcm_test_s: float = 0.020
    """From the test input of the residual current monitor to its output."""

    @classmethod
    def nominal(cls, hat: HatMap) -> Parts:
        """The values as designed."""
        pilot, window = hat.raw["pilot"], hat.raw["window"]
        return cls(
            pilot_high_v=pilot["high_v"],
            pilot_low_v=pilot["low_v"],
            source_ohm=pilot["source_ohm"],
            one_shot_s=hat.raw["one_shot"]["hold_s"],
            window_low_v=window["low_v"],
            window_high_v=window["high_v"],
            window_low_delay_s=window["low_delay_s"],
            window_high_delay_s=window["high_delay_s"],
            cutoff_c=hat.raw["thermal"]["board_cutoff_c"],
            relay_s=hat.raw["relay"]["travel_s"],
        )

    @classmethod
    def drawn(cls, hat: HatMap, seed: int) -> Parts:
        """One unit out of the production: every value somewhere within its tolerance, the same for the same seed."""
        draw = Random(seed).uniform
        one_shot, window = hat.raw["one_shot"], hat.raw["window"]
        return cls(
            pilot_high_v=draw(11.74, 12.08),  # reference 0.5 %, divider 0.1 %, amplifier's offset
            pilot_low_v=draw(-12.11, -11.74),
            source_ohm=draw(0.99, 1.01) * hat.raw["pilot"]["source_ohm"],
            one_shot_s=draw(one_shot["hold_min_s"], one_shot["hold_max_s"]),
            window_low_v=draw(0.97, 1.03) * window["low_v"],
            window_high_v=draw(window["high_min_v"], window["high_max_v"]),
            window_low_delay_s=draw(0.0, 0.010),
            window_high_delay_s=draw(0.8, 1.2) * window["high_delay_s"],  # capacitor 10 %, threshold
            cutoff_c=hat.raw["thermal"]["board_cutoff_c"] + draw(-CUTOFF_SPREAD_C, CUTOFF_SPREAD_C),
            relay_s=draw(0.005, 0.010),
            contactor_close_s=draw(0.015, 0.035),
            contactor_open_min_s=0.010,
            contactor_open_max_s=draw(0.015, 0.040),
        )
