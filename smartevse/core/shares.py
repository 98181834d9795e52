"""Shares what there is over the charging cars, and says for each which limit it ran into."""

from smartevse.core.balancer import NO_LIMIT, OWN, SUM, Want, share
from smartevse.core.limits import Limit
from smartevse.core.memory import Site, bounds_da
from smartevse.core.reasons import Why
from smartevse.core.row import Row, needs_da
from smartevse.core.rules import Inputs, Mode, Rules
from smartevse.core.site import RISE_BAND_DA
from smartevse.core.solar import START_AT_MIN_S

GRID_RELAY_DA = 180
"""All phases together while the grid relay is open: 4.2 kW at 230 V, rounded down."""

SMART_AT_MIN_S = 2.0
"""In Smart a car stays at the minimum for this long after it began: one reading shows what it takes."""

ALONE_BAND_DA = 5
"""A lone car rises by no less than this (or to its own limit), so that it does not follow every flicker."""

REST_DA = 4
"""What the band of several cars has left over is taken after all ..."""

REST_S = 30.0
"""... once the offer has stood for so long: a calm house at its limit loses no current."""

EACH_BAND_DA = 6
"""The same for each of several cars, which otherwise would all move together."""

STOP_FOR = {Why.MAINS: Why.NO_MAINS, Why.CIRCUIT: Why.NO_CIRCUIT, Why.SUN: Why.NO_SUN, Why.CAPACITY: Why.NO_CAPACITY}
"""The reason of a car that gets nothing, by the limit that it did not fit under; the grid relay keeps its own."""

RETRY_S = 60.0
"""The manual: tries again in 60 seconds."""


def guarded(rules: Rules) -> bool:
    """Whether MAINS is kept: in Smart and Solar always, in Normal by choice."""
    return rules.mode != Mode.NORMAL or (rules.guard_normal and rules.meter)


def offer_shares(charging: list[Row], site: Site, rules: Rules, inputs: Inputs, t: float) -> Site:
    """Sets offer and limit of every charging car; returns the site with what was granted kept within reach."""
    if not charging:
        return site._replace(granted=(0, 0, 0)) if any(site.granted) else site
    keep, tested = guarded(rules), site.trust.tested(t)
    at_min_s = START_AT_MIN_S if rules.mode == Mode.SOLAR else SMART_AT_MIN_S
    wants, reach = [], [0, 0, 0]
    started_t = t - at_min_s
    for item in charging:
        memory, least_da, phases = item.memory, item.min_da, item.phases
        starting = keep and (tested or memory.began_t > started_t)
        cap_da = least_da if starting else item.own.offer_da
        wants.append(Want(least_da, cap_da, phases, memory.takes_da))
        for p in phases:
            reach[p] += cap_da
    need = needs_da(charging)
    need_sum = need[3]
    room, why = [NO_LIMIT] * 4, [Why.MAX] * 4
    house = site.house
    if keep and house is not None:
        granted = [0, 0, 0]
        for p in range(3):
            granted[p] = min(site.granted[p], reach[p])
            if granted[p] < need[p] and house[p] + need[p] <= rules.mains_a * 10:
                granted[p] = need[p]
            room[p], why[p] = max(granted[p], need[p]), Why.MAINS
        site = site._replace(granted=(granted[0], granted[1], granted[2]))
        if rules.mode == Mode.SOLAR:
            room[3], why[3] = max(site.sun_da, need_sum), Why.SUN
        if rules.capacity_a:
            capacity_da = max(rules.capacity_a * 10 - int(sum(site.peak) + 0.5), need_sum)
            if capacity_da < room[3]:
                room[3], why[3] = capacity_da, Why.CAPACITY
    if rules.master or site.circuit is not None:
        others = site.circuit or (0, 0, 0)
        for p in range(3):
            left_da = max(0, rules.circuit_a * 10 - others[p])
            if left_da < room[p]:
                room[p], why[p] = left_da, Why.CIRCUIT
    if inputs.grid_relay_open and room[3] > GRID_RELAY_DA:
        room[3], why[3] = GRID_RELAY_DA, Why.GRID_RELAY
    shares = share(wants, (room[0], room[1], room[2], room[3]))
    targets = []
    if len(charging) > 1:
        band_da = EACH_BAND_DA
    else:  # the sun has its own dead bands
        band_da = 0 if why[3] == Why.SUN else ALONE_BAND_DA
    moving = False
    for item, want, one in zip(charging, wants, shares, strict=True):
        target, before = one.da, item.memory.offer_da
        least_da = band_da if t - item.memory.offer_t < REST_S else min(band_da, REST_DA)
        if 0 < target - before < least_da and before >= item.min_da and target < want.cap_da:
            target = before
        moving = moving or target < before or bool(item.memory.trail)
        targets.append(target)
    rising: frozenset[int] = frozenset()
    if moving and len(charging) > 1:
        rising = _release_first(charging, targets, room)
    told: dict[tuple[int, int, int], Limit] = {}
    for i, item in enumerate(charging):
        cause = shares[i].cause
        if targets[i] == 0:
            _stop(item, why[cause] if cause != OWN else Why.SHARE, cause, site, t)
            continue
        item.offer_da = targets[i]
        if i in rising:
            item.limit = Limit(targets[i], Why.RISING)
        elif cause == OWN:
            starting = wants[i].cap_da < item.own.offer_da
            careful = Why.UNPROVEN if tested else Why.START
            item.limit = Limit(targets[i], careful) if starting else item.own
        else:
            key = cause, targets[i], item.min_da
            limit = told.get(key)
            if limit is None:
                limit = told[key] = _explain(item, why[cause], cause, site, rules)
            item.limit = limit
    return site


def _release_first(charging: list[Row], targets: list[int], room: list[int]) -> frozenset[int]:
    """Holds back cars that would rise into current which another has not let go yet; returns which ones.

    `targets` is changed in place.
    """
    used = [0, 0, 0]
    risers = []
    for i, item in enumerate(charging):
        before = item.memory.offer_da
        if targets[i] > before > 0:
            risers.append(i)
            most = before
        else:
            most = max(targets[i], bounds_da(item.memory)[1])
        for p in item.phases:
            used[p] += most
    held = set()
    for i in risers:
        item = charging[i]
        before = item.memory.offer_da
        slack = min(room[p] - used[p] for p in item.phases)
        allowed = max(item.min_da, min(targets[i], before + max(0, slack)))
        if allowed < targets[i]:
            held.add(i)
            targets[i] = allowed
        for p in item.phases:
            used[p] += allowed - before
    return frozenset(held)


def _explain(item: Row, why: Why, cause: int, site: Site, rules: Rules) -> Limit:
    """The limit a charging car ran into, with the numbers its sentence needs."""
    offer_da = item.offer_da
    if why == Why.MAINS and site.house is not None:
        if offer_da == item.min_da and site.short_s:
            return Limit(offer_da, Why.HOLD_MAINS, cause + 1, site.mains[cause])
        high_da = site.high[cause].level if site.high is not None else 0
        if high_da + site.granted[cause] + RISE_BAND_DA <= rules.mains_a * 10:
            return Limit(offer_da, Why.RISING)
        if site.peak[cause] + site.granted[cause] + RISE_BAND_DA <= rules.mains_a * 10:
            return Limit(offer_da, Why.SWITCHING, cause + 1)
        return Limit(offer_da, Why.MAINS, cause + 1, site.mains[cause])
    if why == Why.SUN and site.sun_short_s > 0 and rules.stop_min:
        return Limit(offer_da, Why.HOLD_SUN, wait_s=site.sun_left_s)
    return Limit(offer_da, why)


def _stop(item: Row, why: Why, cause: int, site: Site, t: float) -> None:
    """Takes the offer back from a car that does not fit any more."""
    phase = cause + 1 if 0 <= cause < SUM else 0
    item.offer_da = 0
    item.limit = Limit(0, STOP_FOR.get(why, why), phase, site.mains[cause] if phase else 0)
    item.no_current = True
    item.memory = item.memory._replace(retry_t=t + RETRY_S)
