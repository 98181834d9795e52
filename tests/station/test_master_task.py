"""The station as Master: what the regulator gave goes to the Nodes, what their owners chose comes back."""

from __future__ import annotations

from smartevse.bus.master import GONE_AFTER_S, ROUNDS
from smartevse.bus.port import Port
from smartevse.bus.units import BusState
from smartevse.core.decision import Grant
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Mode
from smartevse.core.states import State
from smartevse.guard.wire import Status
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station.master_task import DECISION_LIFE_S, MasterTask
from smartevse.station.regulation import Offer


def task(**changes: Value) -> MasterTask:
    values = default_values().changed({"load_bal": "master", **changes})
    return MasterTask(Port("/nowhere", 9600), values, lambda: None, lambda: 100.0)


def asked_all(made: MasterTask) -> None:
    for _ in range(ROUNDS):
        made.master.polls(100.0)


def status(state: int, mode: int = 0) -> tuple[int, ...]:
    return (state, 0, 0, mode, 0, 1, 0, 16)


def grant(offer_da: int, *, no_current: bool = False) -> Grant:
    return Grant(offer_da, 3, Limit(offer_da, Why.SHARE), no_current)


OFFER = Offer(Limit(100, Why.CIRCUIT), mode=Mode.SOLAR, stop_in_s=42, mains=Reading(215, -32, 0, 99.0))


def test_grants_in_the_units_order_become_shares_with_mode_timer_and_mains() -> None:
    made = task()
    made.decided(100.0, OFFER, (grant(100), grant(60), grant(0, no_current=True)))
    say = made._now(100.0)
    assert (list(say.shares_da), say.mode, say.solar_timer_s) == ([100, 60, 0, 0, 0, 0, 0, 0], 2, 42)
    assert (say.mains_da, say.no_data) == ((215, -32, 0), False)
    assert list(say.no_current) == [False, False, True, False, False, False, False, False]


def test_a_decision_that_grew_old_gives_nothing_to_anybody() -> None:
    made = task()
    made.decided(100.0, OFFER, (grant(100), grant(60)))
    assert made._now(100.0 + DECISION_LIFE_S).shares_da[1] == 60
    assert not any(made._now(100.1 + DECISION_LIFE_S).shares_da)


def test_silent_mains_are_told_as_such() -> None:
    made = task(mode="smart")
    made.decided(100.0, Offer(Limit(0, Why.NO_DATA), faults=(Fault.NO_SERIAL_COM,)), (grant(0), grant(0)))
    assert made._now(100.0).no_data


def test_nodes_become_units_by_what_their_state_says() -> None:
    made = task()
    for number, state in enumerate((BusState.A, BusState.COMM_B, BusState.B, BusState.COMM_C, BusState.C), 1):
        made.master.heard(number, status(state), 100.0)
    cars = [unit.car for unit in made.units(100.0)]
    assert cars == [Car.AWAY, Car.CONNECTED, Car.CONNECTED, Car.CONNECTED, Car.CHARGING, Car.AWAY, Car.AWAY]
    priorities = [unit.priority for unit in made.units(100.0)]
    assert priorities == sorted(priorities, reverse=True)


def test_a_mode_chosen_on_a_node_is_kept_unless_the_switch_says_which() -> None:
    for switch, kept in (("disabled", {"mode": "solar"}), ("smasol_s", {})):
        made = task(mode="smart", switch=switch)
        made.decided(100.0, Offer(Limit(0, Why.NO_CAR), mode=Mode.SMART), (grant(0),))
        made.master.orders(made._now(100.0), 100.0)
        made.master.heard(3, status(BusState.A, mode=1), 100.0)
        made.master.heard(3, status(BusState.A, mode=2), 101.0)
        assert made.changes() == kept
        assert made.changes() == {}


def test_older_programs_are_told_no_mains() -> None:
    made = task(peers="srk")
    asked_all(made)
    made.master.heard(1, status(BusState.C), 100.0)
    made.decided(100.0, OFFER, (grant(100), grant(60)))
    assert len(made.master.orders(made._now(100.0), 100.0)[-1].values) == 8


def test_after_a_start_the_own_car_gets_no_more_than_it_has_until_cut_off_nodes_have_let_go() -> None:
    made = task()
    waiting, charging = Status(state=State.B1), Status(state=State.C, offer_da=90)
    assert made.limits(103.0, waiting) == (Limit(0, Why.FIRST_CHARGERS, wait_s=14),)
    assert made.limits(103.0, charging) == (Limit(90, Why.HOLD_CHARGERS, wait_s=14),)
    assert made.limits(103.0, None)[0].offer_da == 0
    assert made.limits(100.0 + GONE_AFTER_S, charging) == ()
