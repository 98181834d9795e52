"""The Master grants, shares, sets and clears errors by the recorded frames, and asks absent Nodes only now and then."""

from __future__ import annotations

import pytest

from smartevse.bus import master as masters
from smartevse.bus import rtu, units
from smartevse.bus.master import GONE_AFTER_S, PROBE_S, REPEAT_S, SEARCH_S, SILENT_AFTER_S, Master, Say
from smartevse.bus.rtu import Request
from smartevse.bus.units import BusError, BusState
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Unit

NOTHING = (0,) * 8


def status(
    state: int = BusState.A, errors: int = 0, da: int = 0, mode: int = 0, timer_s: int = 0, changed: int = 0
) -> tuple[int, ...]:
    return (state, errors, da, mode, timer_s, 1, changed, 32)


def shared(**shares_da: int) -> tuple[int, ...]:
    """Shares by "nodeN" and "own"."""
    return (shares_da.get("own", 0), *(shares_da.get(f"node{n}", 0) for n in range(1, 8)))


def frames(requests: list[Request]) -> list[str]:
    return [rtu.build_request(request).hex(" ") for request in requests]


def to_node(master: Master, say: Say, now_s: float = 0.0) -> list[str]:
    """What is written to Nodes, without what all are told."""
    return frames([request for request in master.orders(say, now_s) if request.unit != 9])


def with_node2(state: int, now_s: float = 0.0, **more: int) -> Master:
    made = Master()
    made.heard(2, status(state, **more), now_s)
    return made


def test_questions_are_those_that_were_recorded() -> None:
    assert frames([masters.status_request(2)]) == ["03 04 00 00 00 08 f0 2e"]
    assert frames([masters.ev_meter_request(2)]) == ["03 04 01 08 00 02 f0 17"]
    assert frames([masters.settings_seen(2)]) == ["03 06 00 06 00 00 68 29"]
    assert frames([masters.errors_for_all(BusError.LESS_6A)]) == ["09 06 00 01 00 01 18 82"]


def test_grants_are_those_that_were_recorded() -> None:
    say = Say(shared(node2=60))
    assert to_node(with_node2(BusState.COMM_B), say) == ["03 10 00 00 00 02 04 00 05 00 00 e8 16"]
    assert to_node(with_node2(BusState.COMM_C), say) == ["03 10 00 00 00 02 04 00 07 00 00 49 d6"]


def test_currents_are_told_as_recorded_with_the_mains_and_without() -> None:
    made = with_node2(BusState.C)
    say = Say(shared(own=160, node2=130), mains_da=(215, -32, 0))
    assert frames(made.orders(say, 0.0)) == [
        "09 10 00 20 00 0b 16 00 a0 00 00 00 82 00 00 00 00 00 00 00 00 00 00 00 d7 ff e0 00 00 76 cf"
    ]
    older = Master(mains_told=False)
    older.heard(2, status(BusState.C), 0.0)
    assert frames(older.orders(say, 0.0)) == [
        "09 10 00 20 00 08 10 00 a0 00 00 00 82 00 00 00 00 00 00 00 00 00 00 fb 0e"
    ]


def test_settings_are_told_as_recorded() -> None:
    values = {"MODE": 1, "CIRCUIT": 16, "MAINS": 25, "START": 4, "STOP": 10, "MAINSMET": 1, "MAINSADR": 10}
    unset = {f"custom {value} div": 8 for value in "UIPE"} | {"custom function": 4}
    assert frames([masters.settings_for_all(values | unset, "official")]) == [
        "09 10 02 00 00 16 2c 00 01 00 10 00 00 00 00 00 19 00 04 00 0a 00 00 00 01 00 0a 00 00 00 00 00 04 "
        "00 00 00 08 00 00 00 08 00 00 00 08 00 00 00 08 00 00 79 89"
    ]


@pytest.mark.parametrize(("family", "count"), [("official", 22), ("3.5", 22), ("older", 26), ("2.30", 27)])
def test_each_family_gets_its_own_layout(family: str, count: int) -> None:
    values = {"MAINSADR": 10, "custom U reg": 77, "SB2_WIFI": 1, "CAL": 1024}
    request = masters.settings_for_all(values, family)
    names = units.FAMILIES[family]
    assert request.count == count == len(request.values)
    assert request.values[names.index("custom U reg")] == 77
    assert request.values[3] == (1024 if "CAL" in names else 1)


def test_a_deny_is_said_once_and_without_a_state_that_may_be_old() -> None:
    made = with_node2(BusState.COMM_C)
    say = Say(NOTHING, no_current=(True,) * 8)
    assert made.orders(say, 0.0)[0] == Request(3, rtu.Function.WRITE_MANY, 1, 1, (BusError.LESS_6A,))
    made.heard(2, status(BusState.COMM_C), 1.0)
    assert to_node(made, say, 1.0) == [], "it had no time to show"
    made.heard(2, status(BusState.COMM_C), REPEAT_S)
    assert len(to_node(made, say, REPEAT_S)) == 1
    made.heard(2, status(BusState.COMM_C, BusError.LESS_6A), 2 * REPEAT_S)
    assert to_node(made, say, 2 * REPEAT_S) == []


def test_errors_of_the_node_itself_survive_what_is_written() -> None:
    made = with_node2(BusState.C, errors=BusError.TEMP_HIGH | BusError.LESS_6A)
    (write,) = [r for r in made.orders(Say(shared(node2=100)), 0.0) if r.unit == 3]
    assert (write.address, write.values) == (1, (BusError.TEMP_HIGH,))


def test_without_mains_data_each_node_is_told_and_nobody_gets_currents() -> None:
    made = with_node2(BusState.C)
    writes = made.orders(Say(NOTHING, no_data=True), 0.0)
    assert [(r.unit, r.address, r.values) for r in writes] == [(3, 1, (BusError.CT_NOCOMM,))]
    made.heard(2, status(BusState.B1, BusError.CT_NOCOMM), 1.0)
    assert made.orders(Say(NOTHING, no_data=True), 1.0) == []
    back = made.orders(Say(shared(node2=60)), 2.0)
    assert [(r.unit, r.address, r.values[:1]) for r in back] == [(3, 1, (0,)), (9, 0x20, (0,))]


def test_when_nobody_gets_anything_all_are_told_in_one_frame() -> None:
    made = Master()
    for number in (1, 2, 3):
        made.heard(number, status(BusState.C), 0.0)
    writes = made.orders(Say(NOTHING, no_current=(True,) * 8), 0.0)
    assert [(r.unit, r.address) for r in writes] == [(9, 1), (9, 0x20)]


def test_a_nodes_own_mode_goes_up_once_and_then_to_all() -> None:
    made = with_node2(BusState.A, mode=1)
    assert to_node(made, Say(NOTHING, mode=1)) == []
    made.heard(2, status(mode=1), 1.0)
    made.heard(2, status(mode=2), 2.0)
    assert made.take_mode() == 2
    assert made.take_mode() is None
    made.heard(3, status(mode=1), 2.0)
    assert to_node(made, Say(NOTHING, mode=2), 3.0) == [rtu.build_request(masters._write(3, 3, 2)).hex(" ")]


def test_a_mode_that_the_master_changed_is_not_taken_for_the_nodes_wish() -> None:
    made = with_node2(BusState.A, mode=1)
    made.orders(Say(NOTHING, mode=1), 0.0)
    made.heard(2, status(mode=1), 1.0)
    assert len(to_node(made, Say(NOTHING, mode=0), 1.0)) == 1
    made.heard(2, status(mode=1), 2.0)
    assert made.take_mode() is None


def test_a_solar_timer_is_set_when_it_is_off_by_more_than_3_s() -> None:
    assert to_node(with_node2(BusState.A, timer_s=597), Say(NOTHING, solar_timer_s=600)) == []
    (frame,) = to_node(with_node2(BusState.A, timer_s=596), Say(NOTHING, solar_timer_s=600))
    assert frame.startswith("03 10 00 04 00 01 02 02 58")


def test_absent_nodes_are_looked_for_one_at_a_time_and_rarely() -> None:
    made = Master()
    made.heard(2, status(), 0.0)
    asked: list[int] = []
    made.polls(-SEARCH_S - 0.1)
    cycles = 350
    for cycle in range(cycles):
        now_s = cycle / 10
        polls = made.polls(now_s)
        assert len(polls) <= 2
        assert 2 in polls
        asked += [number for number in polls if number != 2]
        made.heard(2, status(), now_s)
    assert len(asked) == cycles / 10 / PROBE_S
    assert set(asked) == {1, 3, 4, 5, 6, 7}


def test_all_are_looked_for_in_each_cycle_when_the_own_line_was_cut() -> None:
    made = Master()
    made.polls(0.0)
    for cycle in range(100):
        for number in (1, 2, 3):
            made.heard(number, status(), float(cycle))
        made.polls(float(cycle))
    last_s = 99.0
    asked = [number for second in range(1, 8) for number in made.polls(last_s + SILENT_AFTER_S + second)]
    assert sorted(asked) == [1, 2, 3, 4, 5, 6, 7], "seven seconds, and not 35"


def test_a_silent_node_gets_nothing_but_keeps_its_place_until_its_car_has_surely_stopped() -> None:
    made = with_node2(BusState.C)
    say = Say(shared(node2=100))

    def share_da(now_s: float) -> int:
        return made.orders(say, now_s)[-1].values[2]

    assert share_da(SILENT_AFTER_S) == 100
    assert share_da(SILENT_AFTER_S + 0.1) == 0
    assert made.unit(2, GONE_AFTER_S).car is Car.CHARGING
    assert made.unit(2, GONE_AFTER_S + 0.1).car is Car.AWAY


@pytest.mark.parametrize("words", [(), (2,), (2, 0, 160, 1, 0, 1, 0)])
def test_an_answer_that_is_too_short_is_none(words: tuple[int, ...]) -> None:
    made = Master()
    made.heard(2, words, 0.0)
    assert made.online(0.0) == ()


def test_a_state_that_nobody_knows_means_no_car_and_a_current_beyond_all_use_is_capped() -> None:
    made = Master()
    made.heard(2, (200, 0, 0, 0, 0, 1, 0, 255), 0.0)
    assert made.unit(2, 0.0) == Unit(car=Car.AWAY, max_da=800, priority=6)


def test_the_ev_meter_of_a_node_is_read_at_first_and_when_it_changed() -> None:
    made = with_node2(BusState.A)
    assert made.config_wanted(0.0) == (2,)
    made.config(2, (4, 13))
    assert (made.config_wanted(0.0), made.peers[2].ev_meter) == ((), (4, 13))
    made.heard(2, status(changed=1), 1.0)
    assert made.config_wanted(1.0) == (2,)


def test_after_the_start_all_nodes_are_found_within_seven_cycles() -> None:
    made = Master()
    asked = [number for cycle in range(7) for number in made.polls(float(cycle))]
    assert sorted(asked) == list(range(1, 8))


def test_a_master_that_just_began_gives_nobody_more_than_he_has() -> None:
    made = Master(held_until_s=GONE_AFTER_S)
    made.heard(2, (BusState.C, 0, 130, 1, 0, 1, 0, 16), 0.5)
    made.heard(3, (BusState.COMM_C, 0, 0, 1, 0, 1, 0, 16), 0.5)
    assert made.unit(2, 1.0).limits == (Limit(130, Why.HOLD_CHARGERS, wait_s=16),)
    assert made.unit(3, 1.0).limits == (Limit(0, Why.FIRST_CHARGERS, wait_s=16),)
    assert made.unit(2, GONE_AFTER_S).limits == made.unit(3, GONE_AFTER_S).limits == ()


def test_a_master_that_just_began_asks_all_nodes_twice_before_it_tells_a_share() -> None:
    made = Master(held_until_s=GONE_AFTER_S)
    say = Say(shared(own=160, node2=130))
    for cycle in range(2):
        assert not any(order.address == units.CURRENTS for order in made.orders(say, float(cycle)))
        assert made.polls(float(cycle)) == tuple(range(1, 8))
    assert [order.address for order in made.orders(say, 2.0)] == [units.CURRENTS]
    assert len(made.polls(2.0)) == 1, "from then on one absent Node a cycle"
