"""Laws of the regulator under any input, also one that cannot be true."""

from dataclasses import replace
from typing import cast

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from smartevse.core.decision import Decision
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.reasons import Why
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Contact2, Inputs, Mode, Order, Rules, Unit
from tests.core.driving import Drive

# shrinking such inputs takes minutes and tells little more than the first failure
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)

ODD = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**9), 10**9),
    st.sampled_from([0, -1, 60, 160, 5999, float("nan"), float("inf"), float("-inf"), 1e300]),
)
READING = st.one_of(st.none(), st.builds(Reading, ODD, ODD, ODD, ODD))
SANE = st.builds(Reading, *[st.integers(-600, 600)] * 3, st.floats(0, 100))
UNIT = st.builds(
    Unit,
    car=st.sampled_from(Car),
    max_da=ODD,
    cable_da=st.one_of(st.none(), ODD),
    override_da=ODD,
    min_da=ODD,
    phases=st.sampled_from([1, 3]),
    car_phases=st.integers(-1, 5),
    rotation=st.integers(-3, 5),
    drawn=READING,
    priority=st.integers(-5, 5),
    limits=st.lists(
        st.tuples(ODD, st.sampled_from(Why)).map(lambda pair: Limit(cast(int, pair[0]), pair[1])), max_size=2
    ).map(tuple),
)
RULES = st.builds(
    Rules,
    mode=st.sampled_from(Mode),
    mains_a=ODD,
    min_a=ODD,
    circuit_a=ODD,
    start_a=ODD,
    stop_min=ODD,
    import_a=ODD,
    contact2=st.sampled_from(Contact2),
    capacity_a=ODD,
    cap_stop_min=ODD,
    master=st.booleans(),
    meter=st.booleans(),
    guard_normal=st.booleans(),
    order=st.sampled_from(Order),
    rotate_min=ODD,
    stale_s=ODD,
)
INPUTS = st.builds(
    Inputs,
    now_s=ODD,
    rules=RULES,
    units=st.lists(UNIT, max_size=9).map(tuple),
    mains=st.one_of(READING, SANE),
    circuit=READING,
    battery_da=ODD,
    battery_at_s=ODD,
    grid_relay_open=st.booleans(),
)


def _whole(decision: Decision, inputs: Inputs) -> None:
    """What every decision must be, whatever came in."""
    assert len(decision.grants) == len(inputs.units)
    for unit, grant in zip(inputs.units, decision.grants, strict=True):
        assert type(grant.offer_da) is int
        assert grant.offer_da == 0 or 60 <= grant.offer_da <= 800
        assert grant.phases in (1, 3)
        assert grant.limit.reason
        assert 0 < len(grant.limit.short) <= 20
        if unit.car == Car.AWAY:
            assert not grant.charge
        if grant.charge:
            assert grant.limit.offer_da == grant.offer_da
            assert unit.cable_da is None or grant.offer_da <= unit.cable_da
            assert all(grant.offer_da <= limit.offer_da for limit in unit.limits)


@settings(max_examples=150, deadline=None, phases=QUICK)
@given(st.lists(INPUTS, min_size=1, max_size=5))
def test_no_number_raises_and_every_decision_is_whole_and_has_its_reason(steps: list[Inputs]) -> None:
    state = State()
    for inputs in steps:
        state, decision = decide(state, inputs)
        _whole(decision, inputs)


HOUSE = st.lists(st.tuples(*[st.integers(-200, 260)] * 3), min_size=3, max_size=40)


@settings(max_examples=40, deadline=None, phases=QUICK)
@given(HOUSE, st.integers(1, 8), st.sampled_from([Mode.SMART, Mode.SOLAR]), st.integers(16, 63), st.integers(6, 10))
def test_settled_cars_at_more_than_the_minimum_never_take_mains_over_its_limit(
    house: list[tuple[int, int, int]], count: int, mode: Mode, mains_a: int, min_a: int
) -> None:
    rules = Rules(mode=mode, mains_a=mains_a, min_a=min_a, circuit_a=100, master=count > 1)
    units = [Unit(car=Car.CONNECTED, rotation=i % 3, car_phases=1 + i % 3) for i in range(count)]
    drive = Drive(rules, units, lambda t: house[int(t - 1000) // 20 % len(house)])
    for _ in range(10 * len(house)):
        drive.step()
        if int(drive.now_s - 1000) % 20 == 0 or _begun(drive):
            continue  # the house has just changed, or a car has just begun: the regulator has not seen it yet
        loads = drive.loads()
        for p, load in enumerate(loads):
            raised = [
                g for u, g in zip(drive.units, drive.offers(), strict=True)
                if u.car == Car.CHARGING and g > min_a * 10 and p in [(u.rotation + k) % 3 for k in range(u.car_phases)]
            ]  # fmt: skip
            assert load <= mains_a * 10 or not raised or load - mains_a * 10 <= _lagging(drive, p)


def _begun(drive: Drive) -> bool:
    """Whether a car began in the last step, while the others still had what they have to leave to it."""
    return any(u.car == Car.CHARGING != m.car for u, m in zip(drive.units, drive.state.units, strict=True))


def _lagging(drive: Drive, p: int) -> float:
    """What other cars on the phase may still hold because they were lowered within their lag."""
    total = 0.0
    for memory, unit in zip(drive.state.units, drive.units, strict=True):
        if memory.trail and p in [(unit.rotation + k) % 3 for k in range(unit.car_phases)]:
            total += max(da for _, da in memory.trail) + memory.offer_da
    return total


@settings(max_examples=40, deadline=None, phases=QUICK)
@given(st.integers(60, 320), st.one_of(st.none(), st.integers(60, 320)), st.integers(0, 150), st.integers(0, 40))
def test_without_the_limit_that_binds_more_is_offered(
    max_da: int, cable_da: int | None, house_da: int, external: int
) -> None:
    limits = (Limit(60 + external * 10, Why.EXTERNAL),) if external else ()
    unit = Unit(car=Car.CONNECTED, max_da=max_da, cable_da=cable_da, limits=limits)
    rules = Rules(mode=Mode.SMART, mains_a=25)

    def settle(rules: Rules, unit: Unit) -> tuple[int, Why]:
        drive = Drive(rules, [unit], lambda t: (house_da,) * 3)
        grant = drive.run(240).grants[0]
        return grant.offer_da, grant.limit.why

    offer_da, why = settle(rules, unit)
    match why:
        case Why.MAX:
            freed = settle(rules, replace(unit, max_da=800))
        case Why.CABLE:
            freed = settle(rules, replace(unit, cable_da=None))
        case Why.EXTERNAL:
            freed = settle(rules, replace(unit, limits=()))
        case Why.MAINS | Why.RISING:
            freed = settle(replace(rules, mains_a=100), unit)
        case _:
            raise AssertionError(why)
    same_again = {max_da, cable_da, 60 + external * 10 if external else None}
    assert freed[0] > offer_da or offer_da in same_again - {None}


@settings(max_examples=40, deadline=None, phases=QUICK)
@given(HOUSE, st.sampled_from(Mode))
def test_no_offer_changes_without_a_reason_that_tells_of_it(house: list[tuple[int, int, int]], mode: Mode) -> None:
    drive = Drive(Rules(mode=mode), [Unit(car=Car.CONNECTED)], lambda t: house[int(t - 1000) // 10 % len(house)])
    before: Limit | None = None
    for _ in range(5 * len(house)):
        grant = drive.step().grants[0]
        assert grant.limit.offer_da == grant.offer_da or not grant.charge
        if before is not None and before.offer_da != grant.limit.offer_da:
            assert before != grant.limit
        before = grant.limit


@settings(max_examples=50, deadline=None, phases=QUICK)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=2, max_size=30))
def test_a_clock_that_jumps_or_runs_back_never_lets_a_silent_meter_count(jumps: list[float]) -> None:
    state, reading = State(), Reading(50, 50, 50, 1000.0)
    unit = Unit(car=Car.CHARGING)
    rules = Rules(mode=Mode.SMART)
    state, _ = decide(state, Inputs(1000.0, rules, (unit,), reading))
    heard = state.site.heard_t
    for jump in jumps:
        state, decision = decide(state, Inputs(1000.0 + jump, rules, (unit,), reading))
        if state.t - heard >= 10:
            assert decision.no_data
