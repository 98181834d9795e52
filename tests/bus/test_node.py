"""A node tells and takes what the recorded frames say, and nothing that is dangerous."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import rtu, units
from smartevse.bus.node import LOCAL, LOST_AFTER_S, Node, Own, Told, Wanted
from smartevse.bus.rtu import Function, Request
from smartevse.bus.units import BusError, BusState

CHARGING = Own(BusState.C, current_da=160, mode=1, access=1, max_a=32)
CONFIG = (1, 0, 6, 32, 3, 0, 0, 0, 4, 13)
SETTINGS = (
    "09 10 02 00 00 16 2c 00 01 00 10 00 00 00 00 00 19 00 04 00 0a 00 00 00 01 00 0a 00 00 00 00 00 04 "
    "00 00 00 08 00 00 00 08 00 00 00 08 00 00 00 08 00 00 79 89"
)
CURRENTS_11 = "09 10 00 20 00 0b 16 00 a0 00 00 00 82 00 00 00 00 00 00 00 00 00 00 00 d7 ff e0 00 00 76 cf"
CURRENTS_8 = "09 10 00 20 00 08 10 00 a0 00 00 00 3c 00 00 00 00 00 00 00 00 00 00 99 24"


def node(own: Own = CHARGING) -> Node:
    made = Node(2)
    made.show(own)
    return made


def said(to: Node, frame: str, now_s: float = 100.0) -> str | None:
    """The answer to a frame on the line."""
    answer = to.hear(rtu.parse_request(bytes.fromhex(frame)), now_s)
    return answer.hex(" ") if answer is not None else None


def written(to: Node, address: int, *values: int, unit: int = 3) -> bytes | None:
    return to.hear(Request(unit, Function.WRITE_MANY, address, len(values), values), 100.0)


# what the node is, a recorded question, the recorded answer
RECORDED = (
    (CHARGING, "03 04 00 00 00 08 f0 2e", "03 04 10 00 02 00 00 00 a0 00 01 00 00 00 01 00 00 00 20 9d 1f"),
    (
        Own(BusState.B, current_da=60, mode=1, access=1, config_changed=True, max_a=32),
        "03 04 00 00 00 08 f0 2e",
        "03 04 10 00 01 00 00 00 3c 00 01 00 00 00 01 00 01 00 20 4d 8c",
    ),
    (replace(CHARGING, config=CONFIG), "03 04 01 08 00 02 f0 17", "03 04 04 00 04 00 0d 58 40"),
    (
        replace(CHARGING, config=CONFIG),
        "03 04 01 00 00 0a 70 13",
        "03 04 14 00 01 00 00 00 06 00 20 00 03 00 00 00 00 00 00 00 04 00 0d 47 26",
    ),
    (CHARGING, "03 06 00 06 00 00 68 29", "03 06 00 06 00 00 68 29"),
    (CHARGING, "03 10 00 00 00 02 04 00 05 00 00 e8 16", "03 10 00 00 00 02 40 2a"),
    (CHARGING, "03 06 01 03 00 20 78 0c", "03 06 01 03 00 20 78 0c"),
    (CHARGING, "09 06 00 01 00 01 18 82", None),
    (CHARGING, CURRENTS_11, None),
    (CHARGING, SETTINGS, None),
    (CHARGING, "01 06 00 02 00 a0 28 72", None),
    (CHARGING, "0a 06 00 a8 49 4f 7f 35", None),
)


@pytest.mark.parametrize(("own", "question", "answer"), RECORDED)
def test_a_recorded_question_gets_the_recorded_answer(own: Own, question: str, answer: str | None) -> None:
    assert said(node(own), question) == answer


def test_registers_that_are_not_of_one_group_are_refused() -> None:
    refusal = bytes.fromhex("03 84 02 63 01")
    asked = ((0, 13), (11, 2), (12, 1), (0x20, 8), (0xFF, 2), (0x104, 7), (0x215, 2), (0, 100))
    assert [node().hear(Request(3, Function.READ_INPUT, *block), 0.0) for block in asked] == [refusal] * len(asked)
    assert written(node(), 0x0A, 1, 2, 3) == rtu.build_exception(3, 16, rtu.ExceptionCode.ILLEGAL_ADDRESS)


def test_all_twelve_registers_of_the_status_are_told() -> None:
    own = replace(CHARGING, phases=3, real_da=158, temperature_c=-5, serial=0xABCD)
    asked = node(own).hear(Request(3, Function.READ_INPUT, 0, 12), 100.0)
    assert asked is not None
    assert rtu.words_in(asked[3:-2])[8:] == (3, 158, 0xFFFB, 0xABCD)


def test_the_settings_of_the_line_are_told_as_a_master_sends_them() -> None:
    words = rtu.parse_request(bytes.fromhex(SETTINGS)).values
    made = node(replace(CHARGING, system=words))
    for function in (Function.READ_INPUT, Function.READ_HOLDING):
        for first, count in ((0, 22), (4, 6), (21, 1)):
            answer = made.hear(Request(3, function, 0x200 + first, count), 100.0)
            assert answer is not None
            assert rtu.words_in(answer[3:-2]) == words[first : first + count]
    assert made.hear(Request(9, Function.READ_INPUT, 0x200, 22), 100.0) is None


def test_values_out_of_range_are_skipped_and_only_the_others_counted() -> None:
    made = node()
    assert written(made, 0, 2, 0, 0, 9, 600) == rtu.seal(bytes((3, 16, 0, 0, 0, 4)))
    assert (made.told.mode, made.told.solar_timer_s) == (None, 600)
    assert written(made, 0x0102, 5) == bytes.fromhex("03 90 03 ad c1")
    assert written(made, 0x0007, 32) == bytes.fromhex("03 90 03 ad c1"), "MAX goes up, not down"
    assert made.told.config == {}


def test_a_share_is_taken_from_its_own_place_with_the_mains() -> None:
    made = node()
    said(made, CURRENTS_11, 50.0)
    assert (made.told.share_da, made.told.mains_da) == (130, (215, -32, 0))
    said(made, CURRENTS_8, 52.0)
    assert (made.told.share_da, made.told.mains_da) == (60, None)
    assert not made.told.lost(52.0 + LOST_AFTER_S)
    assert made.told.lost(52.1 + LOST_AFTER_S)


def test_without_any_share_there_is_no_master() -> None:
    assert Told().lost(0.0)


def test_a_share_beyond_all_use_does_not_count_and_does_not_prove_a_master() -> None:
    made = node()
    written(made, 0x20, *(801,) * 8, unit=9)
    assert made.told == Told()


@pytest.mark.parametrize(
    ("state", "frame", "granted"),
    [
        (BusState.COMM_B, "03 10 00 00 00 02 04 00 05 00 00 e8 16", BusState.COMM_B_OK),
        (BusState.COMM_C, "03 10 00 00 00 02 04 00 07 00 00 49 d6", BusState.COMM_C_OK),
        (BusState.COMM_B, "03 10 00 00 00 02 04 00 07 00 00 49 d6", None),
        (BusState.A, "03 10 00 00 00 02 04 00 07 00 00 49 d6", None),
        (BusState.C1, "03 10 00 00 00 02 04 00 07 00 00 49 d6", None),
        (BusState.COMM_B, "03 10 00 00 00 02 04 00 04 00 01 78 16", None),
    ],
)
def test_only_what_was_asked_for_can_be_granted(state: BusState, frame: str, granted: BusState | None) -> None:
    made = node(replace(CHARGING, state=state))
    said(made, frame)
    assert made.told.granted is granted
    assert made.own.state is state


def test_a_grant_is_used_up_when_the_state_moves_on() -> None:
    made = node(replace(CHARGING, state=BusState.COMM_C))
    said(made, "03 10 00 00 00 02 04 00 07 00 00 49 d6")
    made.show(replace(CHARGING, state=BusState.C))
    made.show(replace(CHARGING, state=BusState.COMM_C))
    assert made.told.granted is None


def test_a_master_sets_and_clears_its_own_errors_and_never_those_of_the_station() -> None:
    made = node(replace(CHARGING, errors=BusError.TEMP_HIGH | BusError.RCM_TRIPPED))
    said(made, "09 06 00 01 00 01 18 82")
    assert made.told.errors == BusError.LESS_6A
    answer = made.hear(Request(3, Function.READ_INPUT, 1, 1), 0.0)
    assert answer is not None
    assert rtu.words_in(answer[3:5]) == (BusError.LESS_6A | BusError.TEMP_HIGH | BusError.RCM_TRIPPED,)
    written(made, 1, 0)
    answer = made.hear(Request(3, Function.READ_INPUT, 1, 1), 0.0)
    assert answer is not None
    assert rtu.words_in(answer[3:5]) == (BusError.TEMP_HIGH | BusError.RCM_TRIPPED,)


def test_a_master_cannot_raise_what_only_the_station_can_know() -> None:
    made = node()
    written(made, 1, 0xFF)
    assert made.told.errors == BusError.LESS_6A | BusError.CT_NOCOMM | BusError.TEST_IO | BusError.BL_FLASH


def test_changed_settings_are_told_until_the_master_has_seen_them() -> None:
    made = node(replace(CHARGING, config_changed=True))

    def changed() -> int:
        answer = made.hear(Request(3, Function.READ_INPUT, 6, 1), 0.0)
        assert answer is not None
        return rtu.words_in(answer[3:5])[0]

    assert changed() == 1
    said(made, "03 06 00 06 00 00 68 29")
    assert changed() == 0
    made.show(replace(CHARGING, config_changed=False))
    made.show(replace(CHARGING, config_changed=True))
    assert changed() == 1


def test_of_a_masters_settings_those_are_taken_that_every_family_has_at_the_same_place() -> None:
    made = node()
    said(made, SETTINGS)
    assert made.told.system == {
        "MODE": 1,
        "CIRCUIT": 16,
        "GRID": 0,
        "MAINS": 25,
        "START": 4,
        "STOP": 10,
        "IMPORT": 0,
        "MAINSMET": 1,
        "MAINSADR": 10,
    }
    written(made, 0x0200, 2, 9, 1, *(7,) * 24, unit=9)
    assert (made.told.system["MODE"], made.told.system["CIRCUIT"], made.told.system["GRID"]) == (2, 16, 1)


@pytest.mark.parametrize("number", [0, 8])
def test_there_are_nodes_1_to_7(number: int) -> None:
    with pytest.raises(ValueError, match="Node 1 to Node 7"):
        Node(number)


_WORDS = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40)


@settings(deadline=None, max_examples=400)
@given(
    st.integers(1, 12),
    st.sampled_from(list(Function)),
    st.one_of(st.integers(0, 0xFFFF), st.integers(0, 0x30), st.integers(0xF8, 0x110), st.integers(0x1FE, 0x220)),
    _WORDS,
    st.sampled_from(list(BusState)),
)
def test_whatever_is_asked_nothing_goes_beyond_its_range(
    unit: int, function: Function, address: int, values: list[int], state: BusState
) -> None:
    made = node(replace(CHARGING, state=state))
    if function is Function.WRITE_ONE:
        values = values[:1]
    writes = function in (Function.WRITE_ONE, Function.WRITE_MANY)
    answer = made.hear(Request(unit, function, address, len(values), tuple(values) if writes else ()), 7.0)
    assert (answer is None) == (unit != 3)
    assert answer is None or rtu.is_sealed(answer)
    told = made.told
    assert told.share_da is None or 0 <= told.share_da <= 800
    assert told.granted in (None, {BusState.COMM_B: 5, BusState.COMM_C: 7}.get(state))
    assert not told.errors & LOCAL
    assert told.mode in (None, 0, 1, 2)
    assert told.solar_timer_s is None or told.solar_timer_s <= 3600
    assert made.own == replace(CHARGING, state=state)
    if unit not in (3, units.MASTER_UNIT + 8):
        assert told == Told()


@pytest.mark.parametrize(
    ("address", "value", "what"),
    [
        (0x0005, 0, "access is given at the station"),
        (0x0100, 1, "CONFIG"),
        (0x0101, 2, "LOCK"),
        (0x0102, 5, "MIN below its range"),
        (0x0102, 17, "MIN above its range"),
        (0x0103, 81, "MAX above its range"),
        (0x0104, 1, "LOADBL"),
        (0x0105, 3, "SWITCH"),
        (0x0106, 0, "RCMON"),
        (0x0107, 0, "RFID"),
        (0x0109, 10, "an address that no meter has"),
        (0x0201, 9, "CIRCUIT below its range"),
        (0x0204, 201, "MAINS above its range"),
    ],
)
def test_what_is_out_of_range_or_only_the_owners_is_refused_and_changes_nothing(
    address: int, value: int, what: str
) -> None:
    made = node()
    before = made.told
    one = made.hear(Request(3, Function.WRITE_ONE, address, 1, (value,)), 100.0)
    assert one == rtu.build_exception(3, 6, rtu.ExceptionCode.ILLEGAL_VALUE), what
    assert written(made, address, value) == rtu.build_exception(3, 16, rtu.ExceptionCode.ILLEGAL_VALUE), what
    assert (made.told.config, made.told.system, made.told.mode) == (before.config, before.system, before.mode)
    assert made.own == CHARGING


def test_of_several_registers_the_good_ones_are_counted_and_taken() -> None:
    made = node()
    answer = written(made, 0x0102, 8, 99)
    assert answer == rtu.seal(bytes.fromhex("03 10 01 02 00 01"))
    assert made.told.config == {"MIN": 8}


@pytest.mark.parametrize(("address", "count"), [(0x000B, 2), (0x0109, 2), (0x002A, 2), (0x0050, 1), (0x0300, 1)])
def test_registers_that_are_not_of_one_group_are_refused_as_such(address: int, count: int) -> None:
    expected = rtu.build_exception(3, 16, rtu.ExceptionCode.ILLEGAL_ADDRESS)
    assert written(node(), address, *(0,) * count) == expected


def test_a_masters_custom_meter_is_taken_only_from_its_own_family() -> None:
    words = (1, 16, 0, 1, 25, 4, 10, 0, 19, 10, 3, 1, 4, 100, 1, 200, 2, 300, 0, 400, 3, 0)
    known = Node(2, "official")
    known.hear(Request(9, Function.WRITE_MANY, 0x200, 22, words), 1.0)
    assert known.take().system["custom I reg"] == 200
    unknown = Node(2)
    unknown.hear(Request(9, Function.WRITE_MANY, 0x200, 22, words), 1.0)
    assert "custom I reg" not in unknown.take().system
    other = Node(2, "older")
    other.hear(Request(9, Function.WRITE_MANY, 0x200, 22, words), 1.0)
    assert other.told.foreign == ("official", "3.5")
    assert "custom I reg" not in other.take().system


def test_what_was_taken_is_not_given_twice() -> None:
    made = node()
    written(made, 3, 2)
    assert made.take().mode == 2
    assert made.take() == Wanted()
