"""When not even the minimum fits: which car stops, and when. The others go on.

A car is first held at the minimum, because most shortages are a kettle or a cloud and pass; how long is bounded by the
heat of the breaker, by the manual's STOP for the sun and by CAP STOP for the capacity.
"""

from smartevse.core.breaker import CAREFUL, NEAR_MAGNETIC, TRIP
from smartevse.core.limits import Limit
from smartevse.core.memory import NEVER, Site
from smartevse.core.reasons import Why
from smartevse.core.row import Row, needs_da
from smartevse.core.rules import Mode, Rules
from smartevse.core.shares import RETRY_S, guarded
from smartevse.core.solar import counted, part_missing, too_little

HOLD_S = 10.0
"""How long the minimum is held under a shortage of mains: twice the car's lag."""

DEEP_DA = 8
"""A shortage by this much counts in full, a smaller one in proportion: the flicker of a house at its limit is none."""

FAR_OVER = 2
"""Times MAINS from which a shortage counts `FAR_WEIGHT` times: the second such reading in a row stops the cars.

One alone is the inrush of a motor, which a breaker is made for.
"""

FAR_WEIGHT = 3
"""How much faster such a shortage counts."""

SUN_QUEUE_S = 60.0
"""With several cars charging, one stops after this long without enough sun for all."""


def relieve(charging: list[Row], site: Site, rules: Rules, t: float, fresh_s: float) -> tuple[Site, int | None]:
    """Takes cars out of `charging` (in the order of their right to charge) that must stop; sets their reason.

    Returns the site with its timers and the seconds until the next such stop, None while no timer runs.
    """
    if not charging or not guarded(rules) or site.house is None:
        if site.short_s or site.sun_short_s or site.cap_short_t != NEVER:
            site = site._replace(short_s=0.0, sun_short_s=0.0, cap_short_t=NEVER)
        return site, None
    site = _mains(charging, site, rules, t, fresh_s)
    wait_s: int | None = None
    if rules.capacity_a:
        site, wait_s = _capacity(charging, site, rules, t)
    if rules.mode == Mode.SOLAR:
        site, sun_wait_s = _sun(charging, site, rules, t, fresh_s)
        if sun_wait_s is not None:
            wait_s = sun_wait_s if wait_s is None else min(wait_s, sun_wait_s)
    return site, wait_s


def over_mains(charging: list[Row], site: Site, rules: Rules) -> list[int]:
    """The phases (0..2) on which the house and the cars at their minimum are above MAINS."""
    need = needs_da(charging)
    house = site.house or (0, 0, 0)
    return [p for p in range(3) if need[p] and house[p] + need[p] > rules.mains_a * 10]


def _mains(charging: list[Row], site: Site, rules: Rules, t: float, fresh_s: float) -> Site:
    """Stops the last car on an overloaded phase after the hold; all of them when the breaker is in danger.

    A car that was cut may still draw what it had: what it alone can explain does not count against it, until the
    breaker is as warm as the first of its kind that trips.
    """
    over = over_mains(charging, site, rules)
    rated_da = rules.mains_a * 10
    need, house = needs_da(charging), site.house or (0, 0, 0)
    far = any(site.mains[p] > FAR_OVER * rated_da for p in over)
    over_da = max((min(house[p], site.calm[p]) + need[p] - rated_da for p in over), default=0)
    # a car that was cut and fits when it has obeyed cools the breaker by itself: it is only stopped at the very edge
    hot = TRIP if over_da <= 0 else CAREFUL
    urgent = any(site.heat[p] >= hot or site.mains[p] * 10 > NEAR_MAGNETIC * rated_da for p in over)
    if over_da <= 0 and not urgent:
        # a load that switches every few seconds is a shortage too: only half of each gap counts against it
        return site._replace(short_s=max(0.0, site.short_s - fresh_s / 2)) if site.short_s else site
    deep = min(1.0, max(0, over_da) / DEEP_DA)
    short_s = site.short_s + fresh_s * (FAR_WEIGHT if far else deep)
    urgent = urgent or (far and short_s >= HOLD_S)
    if urgent or short_s >= HOLD_S:
        while over:
            victim = next(item for item in reversed(charging) if any(p in over for p in item.phases))
            phase = next(p for p in over if p in victim.phases)
            _stop(charging, victim, Limit(0, Why.NO_MAINS, phase + 1, site.mains[phase]), t)
            over = over_mains(charging, site, rules)
            if not urgent:
                break
        short_s = 0.0
    return site._replace(short_s=short_s)


def _capacity(charging: list[Row], site: Site, rules: Rules, t: float) -> tuple[Site, int | None]:
    """Stops the last car when the minimum stays above CAPACITY for CAP STOP minutes, or for the hold when that is 0."""
    need_da = sum(item.need_da for item in charging)
    if sum(site.house or ()) + need_da <= rules.capacity_a * 10:
        return (site if site.cap_short_t == NEVER else site._replace(cap_short_t=NEVER)), None
    since_t = t if site.cap_short_t == NEVER else site.cap_short_t
    most_s = rules.cap_stop_min * 60 or HOLD_S
    if charging and t - since_t >= most_s:
        _stop(charging, charging[-1], Limit(0, Why.NO_CAPACITY), t)
        since_t = t
    return site._replace(cap_short_t=since_t), max(0, int(since_t + most_s - t))


def _sun(charging: list[Row], site: Site, rules: Rules, t: float, fresh_s: float) -> tuple[Site, int | None]:
    """Runs the manual's STOP timer, and stops as many cars as the sun does not carry when it is over."""
    import_da, start_da = rules.import_a * 10, rules.start_a * 10
    need_da = sum(item.need_da for item in charging)
    most_s = rules.stop_min * 60
    if len(charging) > 1:
        most_s = min(most_s, int(SUN_QUEUE_S))
    part = 0.0
    if charging and too_little(site.surplus, need_da, import_da, start_da):
        part = part_missing(site.surplus, need_da, import_da) if len(charging) == 1 else 1.0
    short_s = counted(site.sun_short_s, part, fresh_s) if fresh_s else site.sun_short_s
    if not most_s:
        return site._replace(sun_short_s=0.0), None
    if part and short_s >= most_s:
        while charging and too_little(site.surplus, need_da, import_da, start_da):
            need_da -= charging[-1].need_da
            missing_da = max(1, int(start_da - site.surplus) + 1)
            _stop(charging, charging[-1], Limit(0, Why.NO_SUN, seen_da=missing_da), t)
        short_s = 0.0
    if short_s <= 0:
        return (site._replace(sun_short_s=0.0) if site.sun_short_s else site), None
    left_s = max(0, int((most_s - short_s) / (part or 1.0)))
    return site._replace(sun_short_s=short_s, sun_left_s=left_s), left_s


def _stop(charging: list[Row], victim: Row, limit: Limit, t: float) -> None:
    """Takes one car out of the charging ones."""
    charging.remove(victim)
    victim.limit = limit
    victim.no_current = True
    victim.memory = victim.memory._replace(retry_t=t + RETRY_S)
