"""The Sensorbox, against recorded frames."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import rtu, sensorbox
from smartevse.bus.meter import MeterError
from smartevse.bus.rtu import Function
from smartevse.bus.sensorbox import Box, Wifi

BOTH = (
    "0a 04 28 00 14 32 83 43 66 80 00 43 66 4c cd 43 69 19 9a 3e 12 9a 61 3f 9f 83 80 be 41 4a 5a "
    "3b ea 00 3b bb 6f f3 6b 3a 45 8d e3 ca cb"
)
STALE_P1 = (
    "0a 04 28 00 16 32 03 43 66 e6 66 43 66 80 00 43 69 19 9a 3d 66 9c 53 3f 97 99 d2 be a2 8a 28 "
    "bb 59 73 10 bb 08 29 4d 3b 8f 23 79 ca e6"
)
CT = (
    "0a 04 28 00 14 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
    "41 24 00 00 c0 5e 66 66 3d f5 c2 8f a1 17"
)
NOTHING_NEW = (
    "0a 04 28 00 14 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
    "41 24 00 00 c0 5e 66 66 3d f5 c2 8f 86 e7"
)
EXTENDED = (
    "0a 04 40 01 16 32 83 43 66 80 00 43 66 4c cd 43 69 19 9a 41 24 00 00 c0 5e 66 66 3d f5 c2 8f "
    "41 20 00 00 c0 60 00 00 3d cc cc cd 03 01 0e 1e 11 00 7e 06 c0 a8 01 32 12 34 56 78 "
    "38 37 36 35 34 33 32 31 47 79"
)


def registers(frame: str) -> tuple[int, ...]:
    """The registers of a recorded answer."""
    data = bytes.fromhex(frame)
    assert rtu.is_sealed(data), "the recorded frame is damaged"
    return rtu.words_in(data[3:-2])


def with_flags(frame: str, flags: int) -> tuple[int, ...]:
    """The same answer with other flags."""
    first, second, *rest = registers(frame)
    return (first, second & 0xFF00 | flags, *rest)


@pytest.mark.parametrize(
    ("frame", "phases"),
    [
        (BOTH, (1, 12, -1)),
        (STALE_P1, (0, 0, 0)),
        (CT, (102, -34, 1)),
        (NOTHING_NEW, None),
        (EXTENDED, (102, -34, 1)),
    ],
    ids=["P1 and CT", "CT only, old P1 values", "CT only", "nothing new", "extended"],
)
def test_recorded_answers_give_the_currents_that_count(frame: str, phases: tuple[int, int, int] | None) -> None:
    assert sensorbox.phases_da(sensorbox.decode(registers(frame)), mains_a=25) == phases


def test_above_100_a_the_transformers_are_twice_the_size() -> None:
    box = sensorbox.decode(registers(CT))
    assert sensorbox.phases_da(box, mains_a=100) == (102, -34, 1)
    assert sensorbox.phases_da(box, mains_a=101) == (205, -69, 2)
    p1 = sensorbox.decode(registers(EXTENDED))
    assert sensorbox.phases_da(p1, mains_a=101) == (102, -34, 1), "a smart meter needs no correction"


@pytest.mark.parametrize(
    ("flags", "p1"), [(0x00, None), (0x40, None), (0x03, False), (0x43, False), (0x80, True), (0x83, True)]
)
def test_the_flags_tell_which_data_are_new(flags: int, p1: bool | None) -> None:
    phases = sensorbox.phases_da(sensorbox.decode(with_flags(EXTENDED, flags)), mains_a=25)
    # its CTs see 10.0, -3.5, 0.1 A where P1 says 10.25, -3.475, 0.12
    assert phases == {None: None, False: (100, -35, 1), True: (102, -34, 1)}[p1]


def test_the_frames_to_the_box_are_as_recorded() -> None:
    def read(version: int) -> bytes:
        asked = sensorbox.request(version)
        return rtu.build_request(rtu.Request(10, Function(asked.function), asked.address, asked.count))

    assert read(0) == bytes.fromhex("0a 04 00 00 00 14 f1 7e")
    assert read(1) == bytes.fromhex("0a 04 00 00 00 20 f0 a9")

    def write(address: int, value: int) -> bytes:
        return rtu.build_request(rtu.Request(10, Function.WRITE_ONE, address, 1, (value,)))

    four = sensorbox.decode(registers(CT))
    assert [write(*each) for each in sensorbox.writes(four, three_wire=True)] == [
        bytes.fromhex("0a 06 08 00 00 02 0b 10")
    ]
    three = sensorbox.decode(with_flags(EXTENDED, 0x03))
    assert [write(*each) for each in sensorbox.writes(three, three_wire=False, wifi_mode=2)] == [
        bytes.fromhex("0a 06 08 00 00 00 8a d1"),
        bytes.fromhex("0a 06 08 01 00 02 5a d0"),
    ]


def test_a_box_that_does_as_wanted_or_does_not_care_is_left_alone() -> None:
    assert sensorbox.writes(sensorbox.decode(registers(CT)), three_wire=False) == ()
    assert sensorbox.writes(sensorbox.decode(registers(EXTENDED)), three_wire=False, wifi_mode=1) == (), "P1 has no CTs"
    first, *rest = registers(CT)
    plain = sensorbox.decode((first & 0xFF00, *rest))
    assert plain.wiring is None
    assert sensorbox.writes(plain, three_wire=True, wifi_mode=1) == ()


def test_the_wifi_of_a_box_2_is_told() -> None:
    assert sensorbox.decode(registers(EXTENDED)).wifi == Wifi(
        mode=1,
        connected=True,
        portal=False,
        clock=(14, 30),
        address="192.168.1.50",
        mac_end="12:34:56:78",
        portal_password="12345678",
    )
    assert sensorbox.decode(registers(CT)).wifi is None


def seeing(ct1_ma: int) -> Box:
    """A box whose CT1 sees this."""
    return replace(sensorbox.decode(registers(CT)), ct_ma=(ct1_ma, -3474, 120))


@pytest.mark.parametrize(
    ("seen_ma", "flowing_da", "mains_a"), [(10_000, 100, 25), (9_300, 100, 25), (8_000, 120, 25), (-8_000, 300, 125)]
)
def test_after_calibration_ct1_shows_what_flows(seen_ma: int, flowing_da: int, mains_a: int) -> None:
    box = seeing(seen_ma)
    phases = sensorbox.phases_da(box, mains_a, sensorbox.calibration_for(box, mains_a, flowing_da))
    assert phases is not None
    assert abs(phases[0]) in (flowing_da - 1, flowing_da, flowing_da + 1)


def test_the_calibration_of_ct1_is_for_all_three_and_not_for_p1() -> None:
    assert sensorbox.phases_da(sensorbox.decode(registers(CT)), 25, 2 * sensorbox.UNITY) == (205, -69, 2)
    assert sensorbox.phases_da(sensorbox.decode(registers(EXTENDED)), 25, 2 * sensorbox.UNITY) == (102, -34, 1)


@pytest.mark.parametrize(
    ("box", "flowing_da", "sentence"),
    [
        (seeing(10_000), 59, "choose 6.0 A to 99.9 A"),
        (seeing(10_000), 1000, "choose 6.0 A to 99.9 A"),
        (seeing(5_900), 100, "at least 6 A through CT1, and it sees 5.9 A"),
        (seeing(0), 100, "at least 6 A"),
        (seeing(30_000), 60, "a factor from 0.3 to 2.0"),
        (seeing(10_000), 300, "a factor from 0.3 to 2.0"),
        (replace(seeing(10_000), ct_fresh=False), 100, "at least 6 A"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused_with_a_sentence(box: Box, flowing_da: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        sensorbox.calibration_for(box, 25, flowing_da)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e9])
def test_fresh_data_that_are_no_numbers_are_no_answer(bad: float) -> None:
    words = list(registers(CT))
    words[14:16] = struct.unpack(">2H", struct.pack(">f", bad))
    with pytest.raises(MeterError):
        sensorbox.decode(words)
    words[1] = 0
    assert sensorbox.phases_da(sensorbox.decode(words), 25) is None, "what is not new does not matter"


def test_an_answer_that_is_too_short_is_none() -> None:
    with pytest.raises(MeterError, match="19 registers"):
        sensorbox.decode(registers(CT)[:19])


@settings(deadline=None)
@given(st.lists(st.integers(0, 0xFFFF), min_size=0, max_size=40), st.integers(10, 200), st.integers(307, 2048))
def test_whatever_a_box_sends_is_plausible_currents_or_none(words: list[int], mains_a: int, calibration: int) -> None:
    try:
        phases = sensorbox.phases_da(sensorbox.decode(words), mains_a, calibration)
    except MeterError:
        return
    assert phases is None or all(abs(da) < 4000 for da in phases)
