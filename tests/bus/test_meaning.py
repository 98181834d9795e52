"""Recorded frames in a person's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import units
from smartevse.bus.listener import Kind, Listener
from smartevse.bus.meaning import meaning
from tests.bus.golden_meters import GOLDEN
from tests.bus.test_listener import mutated
from tests.bus.test_sensorbox import BOTH, EXTENDED

ASK_STATUS = "03 04 00 00 00 08 f0 2e"

SAID: tuple[tuple[str, str, str], ...] = (
    ("", ASK_STATUS, "Node 2 is asked for its status"),
    (
        ASK_STATUS,
        "03 04 10 00 02 00 00 00 a0 00 01 00 00 00 01 00 00 00 20 9d 1f",
        "Node 2: state C, no error, 16.0 A, Smart, solar timer 0 s, access on, at most 32 A",
    ),
    (
        ASK_STATUS,
        "03 04 10 00 01 00 00 00 3c 00 01 00 00 00 01 00 01 00 20 4d 8c",
        "Node 2: state B, no error, 6.0 A, Smart, solar timer 0 s, access on, its settings changed, at most 32 A",
    ),
    ("", "03 04 01 08 00 02 f0 17", "Node 2 is asked for the type and address of its EV meter"),
    ("03 04 01 08 00 02 f0 17", "03 04 04 00 04 00 0d 58 40", "Node 2: EVMETER 4, EVADR 13"),
    ("", "03 10 00 00 00 02 04 00 05 00 00 e8 16", "Node 2 is told: may connect, no error"),
    ("", "03 10 00 00 00 02 04 00 07 00 00 49 d6", "Node 2 is told: may charge, no error"),
    ("03 10 00 00 00 02 04 00 05 00 00 e8 16", "03 10 00 00 00 02 40 2a", "Node 2: done"),
    ("", "03 10 00 00 00 02 04 00 04 00 01 78 16", "Node 2 is told: state COMM_B, LESS_6A"),
    ("", "03 10 00 00 00 04 08 00 01 00 00 00 00 00 02 a5 7a", "Node 2 is told: state B, no error, mode Solar"),
    (
        "",
        "03 10 00 00 00 05 0a 00 02 00 00 00 00 00 02 02 58 18 a2",
        "Node 2 is told: state C, no error, mode Solar, solar timer 600 s",
    ),
    ("", "09 06 00 01 00 01 18 82", "all nodes are told: LESS_6A"),
    (
        "",
        "09 10 00 20 00 0b 16 00 a0 00 00 00 82 00 00 00 00 00 00 00 00 00 00 00 d7 ff e0 00 00 76 cf",
        "all nodes: the currents are master 16.0 A, Node 2 13.0 A; mains 21.5 A -3.2 A 0.0 A",
    ),
    (
        "",
        "09 10 00 20 00 08 10 00 a0 00 00 00 3c 00 00 00 00 00 00 00 00 00 00 99 24",
        "all nodes: the currents are master 16.0 A, Node 2 6.0 A",
    ),
    (
        "",
        "09 10 02 00 00 16 2c 00 01 00 10 00 00 00 00 00 19 00 04 00 0a 00 00 00 01 00 0a 00 00 00 00 00 04 "
        "00 00 00 08 00 00 00 08 00 00 00 08 00 00 00 08 00 00 79 89",
        "all nodes: the settings are MODE 1, CIRCUIT 16, GRID 0, SB2_WIFI 0, MAINS 25, START 4, STOP 10, IMPORT 0, "
        "MAINSMET 1, MAINSADR 10 (a unit of the family official or 3.5)",
    ),
    (ASK_STATUS, "03 84 02 63 01", "Node 2 refuses: it does not have these registers"),
    (ASK_STATUS, "03 04 02 02 c1", "Node 2 refuses: it does not have these registers"),
    ("03 06 01 03 00 20 78 0c", "03 06 03 c2 61", "Node 2 refuses: it does not accept the value or the number of regi"),
    ("", "0a 06 08 00 00 02 0b 10", "device 10 (Sensorbox) is told its wiring: 3 wires"),
    ("0a 04 00 00 00 14 f1 7e", BOTH, "device 10 (Sensorbox): version 0, P1 (DSMR 5.0) 0.14 A 1.25 A -0.19 A, CT "),
    ("0a 04 00 00 00 20 f0 a9", EXTENDED, "device 10 (Sensorbox): version 1, P1 (DSMR 5.0) 10.25 A -3.47 A 0.12 A"),
    ("", "01 06 00 02 00 a0 28 72", "the master is told 160 for register 0x0002"),
)


@pytest.mark.parametrize(("before", "frame", "text"), SAID, ids=[text[:50] for _, _, text in SAID])
def test_a_recorded_frame_is_told_in_words(before: str, frame: str, text: str) -> None:
    listener = Listener()
    listener.feed(bytes.fromhex(before), 100.0)
    (item,) = listener.feed(bytes.fromhex(frame), 100.02)
    assert meaning(item).startswith(text)


def test_a_meters_answer_is_told_for_every_kind_that_is_asked_like_this() -> None:
    golden = next(g for g in GOLDEN if g.file == "gavazzi_em340" and g.poll == "currents")
    listener = Listener()
    listener.feed(bytes.fromhex(golden.request), 100.0)
    (item,) = listener.feed(bytes.fromhex(golden.answer), 100.02)
    values = "current_l1_ma 10250, current_l2_ma -3475, current_l3_ma 120"
    assert meaning(item) == f"device 11: Phoenix C {values}; C.Gavazzi {values}"


def test_each_family_is_known_by_the_length_of_its_settings_as_far_as_that_tells() -> None:
    assert [units.families(count) for count in (22, 26, 27, 25)] == [("official", "3.5"), ("older",), ("2.30",), ()]
    assert units.system_names(26)[3] == "CAL"
    assert units.system_names(22)[3] == "SB2_WIFI"
    assert units.system_names(22)[10:] == ("",) * 12, "the two families of 22 settings agree on none of these"
    assert units.system_names(25)[3] == "", "of an unknown family only what all agree on has a name"
    assert units.system_names(25)[:3] == ("MODE", "CIRCUIT", "GRID")


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(max_size=300), st.integers(0, 1 << 32).map(mutated)))
def test_everything_that_can_be_heard_has_a_meaning(data: bytes) -> None:
    listener = Listener()
    for item in (*listener.feed(data, 100.0), *listener.idle(101.0)):
        assert meaning(item)


@settings(deadline=None)
@given(st.sampled_from([0, 0x20, 0x100, 0x108, 0x200, 0x800]), st.integers(1, 9), st.binary(min_size=2, max_size=120))
def test_every_write_has_a_meaning(address: int, unit: int, data: bytes) -> None:
    from smartevse.bus import rtu

    words = rtu.words_in(data[: len(data) // 2 * 2])
    frame = rtu.build_request(rtu.Request(unit, rtu.Function.WRITE_MANY, address, len(words), words))
    (item,) = Listener().feed(frame, 100.0)
    assert item.kind is Kind.REQUEST
    assert meaning(item)
