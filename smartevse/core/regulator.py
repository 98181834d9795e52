"""The right current and why: `decide` turns readings, settings and the states of all cars into offers with reasons.

Call it every 2 s, and at once when a fresh mains reading arrives or a car comes, asks or leaves. It is pure: the state
it returns is handed back in with the next call. It takes any numbers, also those that cannot be true, and raises
nothing.

The order of a decision: what is known of the site (`core.site`), which cars must stop (`core.shortage`), how what
there is is shared (`core.shares`), who may begin (`core.admission`).
"""

from smartevse.core import phases as phase_policy
from smartevse.core.admission import admit, in_order, rotate
from smartevse.core.decision import Decision, Grant
from smartevse.core.limits import Limit
from smartevse.core.memory import NEVER, Memory, Site, State, follow_car, offered, step_s
from smartevse.core.reasons import Why
from smartevse.core.row import OVER_S, Row, draws, place, row
from smartevse.core.rules import Car, Inputs, Mode, Rules, check
from smartevse.core.shares import offer_shares
from smartevse.core.shortage import relieve
from smartevse.core.site import observe

FAR_S = 1e12
"""A clock beyond this is no clock."""


def decide(state: State, inputs: Inputs) -> tuple[State, Decision]:
    """One decision for all units of a stand-alone station or a Master; the new state goes into the next call."""
    rules, conflict = check(inputs.rules)
    now_s = inputs.now_s if -FAR_S < inputs.now_s < FAR_S else state.now_s
    dt_s = 0.0 if now_s is None else step_s(state.now_s, now_s)
    t = state.t + dt_s
    turns = state.turns
    remembered = state.units
    if len(remembered) < len(inputs.units):
        remembered += (Memory(),) * (len(inputs.units) - len(remembered))
    items: list[Row] = []
    for unit, before in zip(inputs.units, remembered, strict=False):
        memory, turns = follow_car(before, unit, t, turns)
        items.append(row(unit, memory, rules, conflict))
    site = state.site
    if rules.mode != state.mode:
        site = site._replace(short_s=0.0, cap_short_t=NEVER, sun_short_s=0.0)
        for item in items:
            item.memory = item.memory._replace(retry_t=NEVER, phases_score=0.0)
    for item in items:
        place(item)
    site, fresh_s = observe(site, inputs, rules, draws(items, inputs, t), t)
    _choose_phases(items, site, rules, t, fresh_s)
    halt = _halt(rules, site, t)
    charging, waiting = in_order(items, rules)
    if halt is not None:
        for item in (*charging, *waiting):
            item.limit = halt
        if halt.why == Why.FIRST_DATA:
            for item in charging:
                _hold(item)
        decision_wait = None
    else:
        charging = _allowed(charging, waiting, t)
        site, decision_wait = relieve(charging, site, rules, t, fresh_s)
        turns = rotate(charging, waiting, rules, t, turns)
        site = offer_shares(charging, site, rules, inputs, t)
        admit(charging, waiting, site, rules, inputs, t)
    grants = tuple([_grant(item) for item in items])
    memories = tuple([offered(item.memory, item.offer_da, t) for item in items])
    no_data = halt is not None and halt.why == Why.NO_DATA
    return (
        State(now_s, t, rules.mode, turns, site, memories),
        Decision(grants, no_data=no_data, stop_in_s=decision_wait),
    )


def _halt(rules: Rules, site: Site, t: float) -> Limit | None:
    """Why no car at all may charge: no meter, no data yet, or none for too long."""
    if rules.mode == Mode.NORMAL and not (rules.guard_normal and rules.meter):
        return None
    if not rules.meter:
        return Limit(0, Why.NO_METER)
    if t - site.heard_t >= rules.stale_s:
        return Limit(0, Why.NO_DATA)
    if site.house is None:
        return Limit(0, Why.FIRST_DATA)
    if site.trust.frozen:
        return Limit(0, Why.FROZEN)
    if site.trust.backwards_t > t:
        return Limit(0, Why.BACKWARDS)
    return None


def _hold(item: Row) -> None:
    """Keeps a car that charges already at the minimum until the meter was heard: the station itself has just begun."""
    if item.own.offer_da == 0:
        item.limit = item.own
    else:
        item.offer_da, item.limit = item.min_da, Limit(item.min_da, Why.HOLD_DATA)


def _allowed(charging: list[Row], waiting: list[Row], t: float) -> list[Row]:
    """The charging cars that may go on as far as they alone are concerned; the others get their reason to stop.

    A car that was stopped and has not let go yet counts as waiting.
    """
    going = []
    for item in charging:
        memory = item.memory
        if item.own.offer_da == 0:
            item.limit = item.own
        elif memory.over_t != NEVER and t - memory.over_t >= OVER_S:
            item.limit = Limit(0, Why.DISOBEYS, seen_da=int(max(item.unit.drawn or (0,))))
            item.memory = memory._replace(retry_t=t + 60)
        elif item.unit.phases != memory.phases:
            item.limit = Limit(0, Why.PHASES)
        elif memory.retry_t > t:
            waiting.append(item)
        else:
            going.append(item)
    return going


def _choose_phases(items: list[Row], site: Site, rules: Rules, t: float, fresh_s: float) -> None:
    """Notes for each unit how many phases it is to use the next time its contactors close."""
    wanted = phase_policy.fixed_phases(rules.contact2, rules.mode)
    if wanted is None and len(items) != 1:
        wanted = 3
    for item in items:
        memory = item.memory
        score, count = 0.0, wanted
        if count is None:
            available_da = site.surplus + rules.import_a * 10
            if 1 in (item.unit.car_phases, memory.uses):
                count = 1
            elif memory.car == Car.CHARGING and site.house is not None:
                score = memory.phases_score
                if fresh_s:
                    score = phase_policy.evidence(memory.phases, score, available_da, item.min_da, fresh_s)
                count = phase_policy.changed(memory.phases, score, t - memory.phases_t)
            elif memory.car == Car.CHARGING:
                count = item.unit.phases
            else:
                count = phase_policy.first_phases(available_da, item.min_da)
        if count != memory.phases:
            item.memory = memory._replace(phases=count, phases_t=t, phases_score=0.0)
            place(item)
        elif score != memory.phases_score:
            item.memory = memory._replace(phases_score=score)


def _grant(item: Row) -> Grant:
    """The grant of one unit after all rules have spoken."""
    memory, limit = item.memory, item.limit
    if memory.car is Car.AWAY or limit is None:
        return Grant(0, memory.phases, item.own if item.own.offer_da == 0 else Limit(0, Why.NO_CAR))
    return Grant(item.offer_da, memory.phases, limit, item.no_current)
