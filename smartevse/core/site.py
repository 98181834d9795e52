"""The mains connection as the regulator sees it: what the house takes, how warm the breaker is, what the cars may take.

Everything here happens once per fresh reading. What the cars may take falls at once and rises slowly: towards the room
under the recent peak of the house, two thirds of the way every 2 s.
"""

from smartevse.core.breaker import warm
from smartevse.core.circuit import circuit_seen
from smartevse.core.measurement import Phases, age_s, house_da, phases_of, whole
from smartevse.core.memory import Site
from smartevse.core.rules import Inputs, Mode, Rules
from smartevse.core.solar import filtered, tracked
from smartevse.core.trust import judged

CUT_DA = 2
"""A cut goes this far below MAINS, so that the next flicker of the house is no new overload."""

SPARE_DA = 3
"""A rise ends this far below MAINS, so that a small load more is no overload."""

RISE_BAND_DA = 5
"""A rise begins when this much more is free; it ends when nothing is left or the house goes up."""

CALM_DA = 2
"""The house is calm while its recent peak is no more than this above what it takes now."""

RISE_S = 3.0
"""Time in which a rise covers the room there is: two thirds every 2 s."""

PEAK_S = 10.0
"""Time constant with which a peak of the house is forgotten."""

BATTERY_LIFE_S = 60.0
"""A home battery's current counts for this long."""


def observe(site: Site, inputs: Inputs, rules: Rules, cars: tuple[Phases, Phases], t: float) -> tuple[Site, float]:
    """The site after the latest reading and the seconds since the one before; 0 seconds = there was none to use.

    `cars`: the least and the most the cars may draw on each phase (0.1 A).
    """
    low, high = cars
    if inputs.circuit is not None or site.circuit is not None:
        site = circuit_seen(site, inputs.circuit, inputs.now_s, rules.stale_s, cars)
    mains = phases_of(inputs.mains)
    if mains is None or inputs.mains is None or inputs.mains.at_s == site.stamp_s:
        return site, 0.0
    age = age_s(inputs.mains, inputs.now_s)
    if age is None or age > rules.stale_s:
        return site, 0.0
    heard_t = t - age
    dt_s = min(60.0, max(0.1, heard_t - site.heard_t))
    known = site.house
    house = (
        house_da(known and known[0], mains[0], low[0], high[0]),
        house_da(known and known[1], mains[1], low[1], high[1]),
        house_da(known and known[2], mains[2], low[2], high[2]),
    )
    rated_da = rules.mains_a * 10
    heat = site.heat
    heat = (
        warm(heat[0], mains[0], rated_da, dt_s),
        warm(heat[1], mains[1], rated_da, dt_s),
        warm(heat[2], mains[2], rated_da, dt_s),
    )
    surplus_da = -sum(house) + _battery_da(inputs)
    if known is None:
        peak = (float(house[0]), float(house[1]), float(house[2]))
        surplus = float(surplus_da)
    else:
        keep = PEAK_S / (PEAK_S + dt_s)
        old = site.peak
        peak = (
            max(house[0], house[0] + (old[0] - house[0]) * keep),
            max(house[1], house[1] + (old[1] - house[1]) * keep),
            max(house[2], house[2] + (old[2] - house[2]) * keep),
        )
        surplus = filtered(site.surplus, surplus_da, dt_s)
    return (
        site._replace(
            stamp_s=inputs.mains.at_s,
            heard_t=heard_t,
            mains=mains,
            house=house,
            peak=peak,
            heat=heat,
            trust=judged(site.trust, mains, site.mains, cars, t, dt_s),
            granted=_granted(site.granted, house, peak, rated_da, dt_s),
            surplus=surplus,
            sun_da=tracked(site.sun_da, surplus, rules.import_a * 10) if rules.mode == Mode.SOLAR else 0,
        ),
        dt_s,
    )


def _granted(granted: Phases, house: Phases, peak: tuple[float, float, float], rated_da: int, dt_s: float) -> Phases:
    """What the cars may take on each phase after a reading: down at once, up slowly."""
    result = []
    for now_da, house_now_da, peak_da in zip(granted, house, peak, strict=True):
        if house_now_da + now_da > rated_da:
            result.append(max(0, rated_da - house_now_da - CUT_DA))
            continue
        gap = rated_da - SPARE_DA - peak_da - now_da
        if gap >= RISE_BAND_DA:
            result.append(now_da + max(1, int(gap * min(1.0, dt_s / RISE_S))))
        elif gap >= 1 and peak_da - house_now_da < CALM_DA:  # a calm house: the rest too, step by step
            result.append(now_da + 1)
        else:
            result.append(now_da)
    return result[0], result[1], result[2]


def _battery_da(inputs: Inputs) -> int:
    """What the home battery takes and could leave to the cars (sum of the phases); 0 when not known or too old."""
    battery_da = whole(inputs.battery_da, -10_000, 10_000)
    age = inputs.now_s - inputs.battery_at_s
    return battery_da if battery_da is not None and -1.0 <= age <= BATTERY_LIFE_S else 0
