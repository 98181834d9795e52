"""Who may begin, in which order, and whose turn it is when there is not enough for all."""

from smartevse.core.limits import Limit
from smartevse.core.memory import NEVER, Site
from smartevse.core.reasons import Why
from smartevse.core.row import Row, needs_da
from smartevse.core.rules import Car, Inputs, Mode, Order, Rules
from smartevse.core.shares import GRID_RELAY_DA, RETRY_S, guarded

BEGIN_S = 120.0
"""A car that has not begun this long after it was allowed to (full, asleep) lets its turn pass."""

PASSED_S = 3600.0
"""For this long such a car is not given another's place."""

SUN_STEADY_S = 10.0
"""The sun must have been enough for this long before a car begins."""

RELEASE_S = 15.0
"""A car whose turn is over lets go within this time."""


def in_order(items: list[Row], rules: Rules) -> tuple[list[Row], list[Row]]:
    """The charging cars and those that wait, each in the order of their right to charge; no unit without a car."""
    charging: list[Row] = []
    waiting: list[Row] = []
    for item in items:
        car = item.memory.car
        if car is Car.CHARGING:
            charging.append(item)
        elif car is not Car.AWAY:
            waiting.append(item)
    for group in (charging, waiting):
        if len(group) > 1:
            group.sort(key=_turn)
            if rules.order == Order.PRIORITY:
                group.sort(key=_priority)  # of the same priority they stay in the order of their turn
    return charging, waiting


def _turn(item: Row) -> int:
    return item.memory.turn


def _priority(item: Row) -> int:
    return -item.unit.priority


def rotate(charging: list[Row], waiting: list[Row], rules: Rules, t: float, turns: int) -> int:
    """Ends the turn of the car that has charged longest when another has been kept waiting; returns the last turn.

    With fixed priorities only a car of the same or a lower priority gives way.
    """
    span_s = rules.rotate_min * 60
    if not span_s or not charging:
        return turns
    for item in waiting:
        memory = item.memory
        if not memory.waits or t - memory.passed_t < PASSED_S:
            continue
        tired = [
            one
            for one in charging
            if t - one.memory.began_t >= span_s
            and (rules.order != Order.PRIORITY or one.unit.priority <= item.unit.priority)
        ]
        if tired:
            one = min(tired, key=lambda row: row.memory.began_t)
            turns += 1
            one.memory = one.memory._replace(turn=turns, retry_t=t + RELEASE_S, waits=True)
            one.limit = Limit(0, Why.TURN)
            charging.remove(one)
            break
    return turns


def admit(charging: list[Row], waiting: list[Row], site: Site, rules: Rules, inputs: Inputs, t: float) -> None:
    """Sets offer and limit of every waiting car. Each that may begin reserves its minimum until it has begun."""
    if not waiting:
        return
    taken = needs_da(charging)
    for item in waiting:
        memory = item.memory
        if item.own.offer_da == 0:
            item.limit = item.own
            _forget(item)
            continue
        refused = _refused(item, taken, site, rules, inputs)
        if refused is not None:
            crowded = taken[3] > 0 and _refused(item, [0, 0, 0, 0], site, rules, inputs) is None
            if crowded:
                item.limit = Limit(0, Why.TURN)
                if not memory.waits or memory.permit_t != NEVER:
                    item.memory = memory._replace(waits=True, permit_t=NEVER)
            else:
                item.limit, item.no_current = refused, True
                again_t = t + RETRY_S
                if refused.why == Why.NO_SUN:  # the sun comes and goes: 60 s after the stop, and some seconds of it
                    again_t = max(memory.retry_t, t + SUN_STEADY_S)
                item.memory = memory._replace(waits=False, permit_t=NEVER, retry_t=again_t)
            continue
        if memory.retry_t > t:
            item.limit = Limit(0, Why.RETRY, wait_s=int(memory.retry_t - t) + 1)
            continue
        _permit(item, len(charging), site, rules)
        since_t = t if memory.permit_t == NEVER else memory.permit_t
        passed_t = t if t - since_t >= BEGIN_S else memory.passed_t
        if passed_t != t:
            _reserve(taken, item)
        if since_t != memory.permit_t or memory.waits or passed_t != memory.passed_t:
            item.memory = memory._replace(permit_t=since_t, waits=False, passed_t=passed_t)


def _permit(item: Row, count: int, site: Site, rules: Rules) -> None:
    """Offers a car that may begin what it would get: all in Normal, the minimum where it must rise slowly."""
    if guarded(rules):
        item.offer_da = item.min_da
        item.limit = Limit(item.min_da, Why.START)
        return
    item.offer_da, item.limit = item.own.offer_da, item.own
    if rules.master or site.circuit is not None:
        others_da = max((site.circuit[p] for p in item.phases), default=0) if site.circuit is not None else 0
        part_da = max(item.min_da, (rules.circuit_a * 10 - others_da) // (count + 1))
        if part_da < item.offer_da:
            item.offer_da, item.limit = part_da, Limit(part_da, Why.CIRCUIT)


def _reserve(taken: list[int], item: Row) -> None:
    """Adds the minimum of a car to what is taken on each phase and in sum."""
    for p in item.phases:
        taken[p] += item.min_da
    taken[3] += item.need_da


def _refused(item: Row, taken: list[int], site: Site, rules: Rules, inputs: Inputs) -> Limit | None:
    """Why the minimum of this car does not fit beside what is taken; None when it fits."""
    others = site.circuit or (0, 0, 0)
    if rules.master or site.circuit is not None:
        for p in item.phases:
            if others[p] + taken[p] + item.min_da > rules.circuit_a * 10:
                return Limit(0, Why.NO_CIRCUIT)
    if inputs.grid_relay_open and taken[3] + item.need_da > GRID_RELAY_DA:
        return Limit(0, Why.GRID_RELAY)
    if not guarded(rules):
        return None
    for p in item.phases:
        if int(site.peak[p] + 0.5) + taken[p] + item.min_da > rules.mains_a * 10:
            return Limit(0, Why.NO_MAINS, p + 1, site.mains[p])
    if rules.capacity_a and int(sum(site.peak) + 0.5) + taken[3] + item.need_da > rules.capacity_a * 10:
        return Limit(0, Why.NO_CAPACITY)
    if rules.mode == Mode.SOLAR:
        if taken[3] == 0:
            missing_da = rules.start_a * 10 + 1 - int(site.surplus)
        else:
            missing_da = taken[3] + item.need_da - int(site.surplus) - rules.import_a * 10
        if missing_da > 0:
            return Limit(0, Why.NO_SUN, seen_da=missing_da)
    return None


def _forget(item: Row) -> None:
    """A car that is not to charge neither waits for a turn nor holds one."""
    if item.memory.waits or item.memory.permit_t != NEVER:
        item.memory = item.memory._replace(waits=False, permit_t=NEVER)
