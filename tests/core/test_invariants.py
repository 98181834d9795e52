"""Two searches for a broken law: one walks the reachable states over a grid of inputs, one plays at random."""

from __future__ import annotations

import copy
import itertools
from collections import deque
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from smartevse.core.signals import Lock, Permit
from smartevse.core.states import State
from tests.support.ideal_hat import PERMIT, IdealHat

PERMITS: tuple[Permit | None, ...] = (PERMIT, None, replace(PERMIT, charge=False), replace(PERMIT, resets=1))
DEVIATIONS: tuple[dict[str, object], ...] = (
    {},
    {"wd_ok": False, "wd_dipped": True},
    {"safe": True},
    {"safe": False},
    {"mains": True},
    {"mirror": False},
    {"mirror": True},
    {"mains": False},
    {"cp_low_mv": -8_000},
    {"cp_low_mv": 0},
    {"cp_high_mv": 16_900},
    {"rail_mv": 3_000},
    {"temperature_dc": 700},
    {"temperature_dc": 1_300},
    {"proximity_ohm": 0},
    {"pins_agree": False},
    {"rcm_trip": True},
    {"fingerprint": 3},
    {"lock_high": True},
)
DURATIONS_TICKS = (1, 4, 120)


def abstract(hat: IdealHat) -> tuple[object, ...]:
    """What makes two memories behave alike, times left out."""
    m = hat.memory
    view, main, proof, plug = m.view, m.contactor, m.proof, m.plug
    return (
        m.state,
        view.level,
        view.steady,
        view.diode_ticks >= 3,
        view.diode_ticks < 0,
        0 < view.duty < 1000,
        m.standing.bits,
        proof.step,
        proof.passed,
        proof.failure,
        main.closed,
        main.confirmed,
        main.mirror_fitted,
        plug.locking,
        plug.reached,
        m.armed,
        bool(m.cable_da),
        m.wake.tries,
    )


def walk(start: IdealHat, most: int) -> dict[tuple[object, ...], IdealHat]:
    """Breadth first over abstract states; every tick on the way is checked against the laws."""
    found = {abstract(start): start}
    edge = deque([start])
    while edge and len(found) < most:
        here = edge.popleft()
        actions = itertools.chain(
            itertools.product("ABCDE", PERMITS, ({},), DURATIONS_TICKS),
            itertools.product("BC", (PERMIT,), DEVIATIONS[1:], (1, 4, 30)),
        )
        for car, permit, deviation, ticks in actions:
            hat = copy.copy(here)
            hat.history = []
            hat.car, hat.permit, hat.override = car, permit, dict(deviation)
            if permit is not None and permit.resets:
                hat.permit = replace(permit, resets=(here.memory.kept.resets + 1) % 256)
            elif permit is not None:
                hat.permit = replace(permit, resets=here.memory.kept.resets, rcm=here.memory.kept.rcm)
            hat.tick(ticks)
            key = abstract(hat)
            if key not in found:
                found[key] = hat
                edge.append(hat)
    return found


@pytest.fixture(scope="module")
def found() -> dict[tuple[object, ...], IdealHat]:
    return walk(IdealHat(permit=replace(PERMIT, rcm=True)), most=150)


def test_no_law_is_broken_in_the_reachable_states_and_each_state_is_reached(
    found: dict[tuple[object, ...], IdealHat],
) -> None:
    assert {hat.memory.state for hat in found.values()} == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_is_left_for_a_healthy_charge_once_the_cause_is_gone(
    state: State, found: dict[tuple[object, ...], IdealHat]
) -> None:
    seen = [hat for hat in found.values() if hat.memory.state is state]
    assert seen
    for one in seen[:: max(1, len(seen) // 3)]:
        hat = copy.copy(one)
        hat.history = []
        hat.override, hat.car = {}, "A"
        hat.permit = replace(PERMIT, resets=(hat.memory.kept.resets + 1) % 256)
        hat.run(62)
        hat.permit = replace(PERMIT, resets=(hat.memory.kept.resets + 1) % 256)
        hat.run(3)
        assert hat.memory.state is State.A
        hat.charging()


class AnythingHappens(RuleBasedStateMachine):
    """A car, a hat, a station and faults in any order; the laws are checked in every tick."""

    @initialize(
        actuator=st.sampled_from(Lock), rcm=st.booleans(), hold_ms=st.sampled_from([0, 30]), fixed=st.booleans()
    )
    def begin(self, actuator: Lock, rcm: bool, hold_ms: int, fixed: bool) -> None:
        permit = replace(PERMIT, lock=actuator, rcm=rcm, rcm_test=rcm, hold_ms=hold_ms, fixed_cable=fixed, wake=True)
        self.hat = IdealHat(actuator=actuator, permit=permit)
        self.kept = permit
        self.hat.run(0.5)

    @rule(car=st.sampled_from("ABBCCCDE"), ticks=st.integers(1, 90))
    def the_car_shows(self, car: str, ticks: int) -> None:
        self.hat.car = car
        self.hat.tick(ticks)

    @rule(
        offer_da=st.one_of(st.just(0), st.integers(60, 800)),
        charge=st.booleans(),
        phases=st.sampled_from([1, 3]),
        resets=st.integers(0, 2),
    )
    def the_station_says(self, offer_da: int, charge: bool, phases: int, resets: int) -> None:
        self.kept = replace(self.kept, offer_da=offer_da, charge=charge, phases=phases, resets=resets)
        self.hat.permit = self.kept
        self.hat.tick(3)

    @rule(ticks=st.integers(1, 700))
    def the_station_is_gone(self, ticks: int) -> None:
        self.hat.permit = None
        self.hat.tick(ticks)
        self.hat.permit = self.kept

    @rule(deviation=st.sampled_from(DEVIATIONS), ticks=st.integers(1, 60))
    def a_reading_is_wrong(self, deviation: dict[str, object], ticks: int) -> None:
        self.hat.override = dict(deviation)
        self.hat.tick(ticks)
        self.hat.override = {}

    @rule(
        weld=st.booleans(),
        coil_dead=st.booleans(),
        one_shot_stuck=st.booleans(),
        rcm_trips=st.booleans(),
        jammed=st.booleans(),
        obeys=st.booleans(),
        diode=st.booleans(),
    )
    def something_breaks_or_is_mended(self, **parts: bool) -> None:
        for part, value in parts.items():
            setattr(self.hat, part, value)
        self.hat.tick(5)

    @rule(seconds=st.integers(1, 8))
    def time_passes(self, seconds: int) -> None:
        self.hat.run(seconds)

    @rule(gap_ms=st.integers(11, 5000))
    def the_computer_stalls(self, gap_ms: int) -> None:
        self.hat.now_ms += gap_ms
        self.hat.tick(2)


TestAnythingHappens = AnythingHappens.TestCase
TestAnythingHappens.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
