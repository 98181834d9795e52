"""The mains connection as the regulator sees it: what the house takes, how warm the breaker is, what the cars may take.

Everything here happens once per fresh reading. What the cars may take falls at once and rises late: to the room under
the recent peak of the house, once there is some of it.
"""

from smartevse.core.breaker import warm
from smartevse.core.circuit import circuit_seen
from smartevse.core.measurement import Phases, age_s, house_da, phases_of, whole
from smartevse.core.memory import Site
from smartevse.core.peaks import ALONE, SHARED, Highs, highs, peaks
from smartevse.core.rules import Inputs, Mode, Rules
from smartevse.core.solar import Trend, filtered, followed, tracked
from smartevse.core.trust import judged

SPARE_DA = 1
"""A rise ends this far below MAINS, so that the flicker of a steady house is no overload each second time.

A cut goes to MAINS itself: it would be taken back otherwise."""

SPARE_SHARED_DA = 3
"""Where cuts and rises end for a Master: several cars that do not obey to the tenth of an ampere."""

RISE_BAND_DA = 14
"""A rise begins when this much more is free; it ends when nothing is left or the house goes up."""

CALM_DA = 2
"""The house is calm while its recent peak is no more than this above what it takes now."""

NO_TREND = Trend()

BATTERY_LIFE_S = 60.0
"""A home battery's current counts for this long."""


def observe(site: Site, inputs: Inputs, rules: Rules, cars: tuple[Phases, Phases], t: float) -> tuple[Site, float]:
    """The site after the latest reading and the seconds since the one before; 0 seconds = there was none to use.

    `cars`: the least and the most the cars may draw on each phase (0.1 A).
    """
    least, most = cars
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
        house_da(known and known[0], mains[0], least[0], most[0]),
        house_da(known and known[1], mains[1], least[1], most[1]),
        house_da(known and known[2], mains[2], least[2], most[2]),
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
        peak, peak_t = (float(house[0]), float(house[1]), float(house[2])), (heard_t, heard_t, heard_t)
        surplus = float(surplus_da)
    else:
        peak, peak_t = peaks(site.peak, site.peak_t, house, heard_t, dt_s)
        surplus = filtered(site.surplus, surplus_da, dt_s)
    high = highs(None if known is None else site.high, house, heard_t, dt_s, SHARED if rules.master else ALONE)
    sun_da, trend = 0, NO_TREND
    if rules.mode == Mode.SOLAR:
        sun_da, trend = tracked(site.sun_da, surplus, rules.import_a * 10, followed(site.trend, surplus_da, dt_s))
    return (
        site._replace(
            stamp_s=inputs.mains.at_s,
            heard_t=heard_t,
            mains=mains,
            house=house,
            calm=(mains[0] - most[0], mains[1] - most[1], mains[2] - most[2]),
            peak=peak,
            peak_t=peak_t,
            high=high,
            heat=heat,
            trust=judged(site.trust, mains, site.mains, cars, t, dt_s),
            granted=_granted(site.granted, house, high, rules),
            surplus=surplus,
            sun_da=sun_da,
            trend=trend,
        ),
        dt_s,
    )


def _granted(granted: Phases, house: Phases, highs_: Highs, rules: Rules) -> Phases:
    """What the cars may take on each phase after a reading: down at once, up slowly."""
    rated_da = rules.mains_a * 10
    cut_da, rise_da = (SPARE_SHARED_DA, SPARE_SHARED_DA) if rules.master else (0, SPARE_DA)
    result = []
    for now_da, house_now_da, (peak_da, *_) in zip(granted, house, highs_, strict=True):
        if house_now_da + now_da > rated_da:
            result.append(max(0, rated_da - cut_da - house_now_da))
            continue
        gap = rated_da - rise_da - peak_da - now_da
        if gap >= RISE_BAND_DA:
            result.append(now_da + int(gap))
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
