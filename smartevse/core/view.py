"""The debounced view of the pilot: which level, for how many ticks, and whether the EV's diode is there."""

from __future__ import annotations

from typing import NamedTuple

from smartevse.core.pilot import Level, diode_present, level_of
from smartevse.core.signals import Inputs

AGREE_TICKS = 3
"""Ticks of 10 ms that must agree before a car counts as come or gone (behaviour spec 1.3)."""
MANY_TICKS = 10
SETTLE_MS = 30
"""The track-and-hold needs 5 ms at 10 % duty, and drifts while its half is not driven (hat interface)."""


class View(NamedTuple):
    """What the pilot shows. `duty` is what was driven when it was measured."""

    level: Level = Level.A
    ticks: int = 0
    """Consecutive ticks of this level, no further than `MANY_TICKS`; 0 while the level cannot be measured."""
    since_ms: int = 0
    """When this level began."""
    diode_ticks: int = 0
    """Consecutive ticks that showed the diode (positive) or its absence (negative), no further than `MANY_TICKS`."""
    duty: int = 1000
    settled_ms: int = 0
    """When the low half can be trusted again after PWM began or ended."""
    blind_ms: int = 0
    """Until when the high half cannot be trusted, after steady -12 V."""

    @property
    def steady(self) -> bool:
        """Whether enough ticks agree."""
        return self.ticks >= AGREE_TICKS


def next_view(view: View, inputs: Inputs, now_ms: int) -> View:
    """The view after one more tick of readings taken while `view.duty` was driven."""
    if view.duty == 0 or now_ms < view.blind_ms:
        return view._replace(ticks=0, diode_ticks=0) if view.ticks or view.diode_ticks else view
    settled = now_ms >= view.settled_ms
    level = level_of(inputs.cp_high_mv, view.level)
    if level == view.level:
        ticks, since_ms = min(view.ticks + 1, MANY_TICKS), view.since_ms
    else:
        ticks, since_ms = 1, now_ms
    diode = 0
    if 0 < view.duty < 1000 and settled:
        sign = 1 if diode_present(inputs.cp_low_mv) else -1
        diode = max(-MANY_TICKS, min(MANY_TICKS, sign + (view.diode_ticks if sign * view.diode_ticks > 0 else 0)))
    if (level, ticks, since_ms, diode) == view[:4]:
        return view
    return View(level, ticks, since_ms, diode, view.duty, view.settled_ms, view.blind_ms)


def driven(view: View, duty: int, now_ms: int) -> View:
    """The view after a duty cycle was put on the pilot; PWM to PWM needs no settling."""
    if duty == view.duty:
        return view
    pwm_stays = 0 < duty < 1000 and 0 < view.duty < 1000
    return view._replace(
        duty=duty,
        settled_ms=view.settled_ms if pwm_stays else now_ms + SETTLE_MS,
        blind_ms=now_ms + SETTLE_MS if view.duty == 0 else view.blind_ms,
        diode_ticks=view.diode_ticks if pwm_stays else 0,
        ticks=0 if 0 in (duty, view.duty) else view.ticks,
    )
