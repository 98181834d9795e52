"""The meters' files and their decoding, against frames recorded from real meters."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import meter as meters
from smartevse.bus import rtu
from smartevse.bus.kinds import FILES
from smartevse.bus.meter import Meter, MeterError, Request
from smartevse.settings.words import EV_METERS
from tests.bus.golden_meters import GOLDEN, Golden

SDM630 = meters.load("eastron_sdm630")
ALL = [path.name.removesuffix(".toml") for path in resources.files("smartevse.bus").joinpath("meters").iterdir()]
EVERY = pytest.mark.parametrize("file", ALL)


def read_of(frame: str) -> Request:
    """The request of a recorded frame."""
    request = rtu.parse_request(bytes.fromhex(frame))
    return Request(request.function, request.address, request.count)


def registers(answer: str) -> tuple[int, ...]:
    """The registers of a recorded answer."""
    data = bytes.fromhex(answer)
    assert rtu.is_sealed(data), "the recorded frame is damaged"
    return rtu.words_in(data[3:-2])


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.label)
def test_what_a_meter_sent_is_understood_as_recorded(golden: Golden) -> None:
    meter = meters.load(golden.file)
    meter = replace(
        meter, values={**meter.values, **golden.instead}, polls={**meter.polls, "golden": tuple(golden.measured)}
    )
    request = read_of(golden.request)
    if golden.poll:
        assert meters.requests(meter, golden.poll) == (request,)
    decoded = meters.decode(meter, "golden", {request: registers(golden.answer)})
    assert decoded == {name: math.trunc(number) for name, number in golden.measured.items()}
    if golden.phases_da is not None:
        assert meters.currents(meter, decoded).phases_da == golden.phases_da


@EVERY
def test_every_meters_file_describes_a_meter(file: str) -> None:
    meter = meters.load(file)
    assert {"currents", "import"} <= meter.polls.keys()
    assert "power" in meter.polls or any(name.startswith("power_l") for name in meter.polls["currents"])
    for poll in meter.polls:
        for cautious in (False, True):
            for request in meters.requests(meter, poll, cautious=cautious):
                assert request.function in (3, 4)
                assert 1 <= request.count <= (meter.cautious_read if cautious else meter.max_read) <= 125
    if meter.signed_by_power:
        for phase in (1, 2, 3):
            assert (f"current_l{phase}_ma" in meter.values) == (f"power_l{phase}_w" in meter.polls["currents"])


def test_every_file_is_a_meter_that_the_owner_can_choose_and_the_other_way_round() -> None:
    assert sorted(FILES.values()) == sorted(ALL)
    assert [word for word in EV_METERS if word not in ("disabled", "custom") and word not in FILES] == []
    assert {word: meters.load(file).name for word, file in FILES.items()} == {
        word: label for word, label in EV_METERS.items() if word in FILES
    }


@EVERY
@settings(deadline=None)
@given(data=st.data())
def test_whatever_a_meter_sends_is_a_plausible_reading_or_none(file: str, data: st.DataObject) -> None:
    meter = meters.load(file)
    word = st.one_of(st.integers(0, 0xFFFF), st.sampled_from([0, 0x7FFF, 0x8000, 0xFFFF, 0x7F80, 0xFF80, 0x7FC0]))
    for poll in meter.polls:
        answers = {
            request: data.draw(st.lists(word, min_size=request.count, max_size=request.count))
            for request in meters.requests(meter, poll)
        }
        try:
            values = meters.decode(meter, poll, answers, {"ct_ratio": data.draw(st.integers(0, 0xFFFF))})
            if poll == "currents":
                flow = meters.currents(meter, values)
                assert all(abs(da) < meters.PLAUSIBLE_DA for da in flow.phases_da)
                assert flow.power_w is None or abs(flow.power_w) <= meters.PLAUSIBLE_W
            elif poll == "import":
                assert 0 <= meters.energy_wh(meter, values) < meters.PLAUSIBLE_WH
        except MeterError:
            continue


@EVERY
@settings(deadline=None)
@given(most=st.integers(4, 125), gap=st.integers(0, 60))
def test_no_request_is_longer_than_the_meter_allows_and_every_value_is_covered(file: str, most: int, gap: int) -> None:
    meter = replace(meters.load(file), max_read=most, gap=gap)
    for poll, wanted in meter.polls.items():
        asked = meters.requests(meter, poll)
        assert all(request.count <= most for request in asked)
        for name in wanted:
            for span in meter.values[name].spans:
                assert any(request.covers(*span) for request in asked)


def test_a_cautious_request_reads_nothing_between_and_means_the_same() -> None:
    (long,) = meters.requests(SDM630, "currents")
    short = meters.requests(SDM630, "currents", cautious=True)
    assert [request.count for request in short] == [10, 2]
    golden = next(g for g in GOLDEN if g.file == "eastron_sdm630" and g.poll == "currents")
    words = registers(golden.answer)
    parts = {r: words[r.address - long.address :][: r.count] for r in short}
    assert meters.decode(SDM630, "currents", parts) == meters.decode(SDM630, "currents", {long: words})


def test_a_phase_that_an_abb_does_not_have_counts_as_none() -> None:
    abb = meters.load("abb_b23")
    (request,) = meters.requests(abb, "currents")
    words = list(registers(next(g for g in GOLDEN if g.file == "abb_b23" and g.poll == "currents").answer))
    words[2:6] = [0xFFFF] * 4
    words[12:16] = [0x7FFF, 0xFFFF] * 2
    flow = meters.currents(abb, meters.decode(abb, "currents", {request: words}))
    assert (flow.phases_da, flow.power_w) == ((102, 0, 0), 2350)
    words[0:2] = [0xFFFF] * 2
    with pytest.raises(MeterError, match="no current for any phase"):
        meters.currents(abb, meters.decode(abb, "currents", {request: words}))


def test_a_counter_that_is_not_available_is_no_answer() -> None:
    abb = meters.load("abb_b23")
    (request,) = meters.requests(abb, "import")
    with pytest.raises(MeterError, match="does not have import_wh"):
        meters.energy_wh(abb, meters.decode(abb, "import", {request: [0xFFFF] * 4}))


def test_a_single_phase_schneider_sends_no_number_for_what_it_lacks() -> None:
    schneider = meters.load("schneider_iem3000")
    (request,) = meters.requests(schneider, "currents")
    words = list(registers(next(g for g in GOLDEN if g.file == "schneider_iem3000" and g.poll == "currents").answer))
    for place in (2, 4, 56, 58):
        words[place : place + 2] = [0xFFC0, 0x0000]
    flow = meters.currents(schneider, meters.decode(schneider, "currents", {request: words}))
    assert (flow.phases_da, flow.power_w) == ((102, 0, 0), 2350)


def test_behind_current_transformers_a_chint_counts_as_often_as_they_say() -> None:
    chint = meters.load("chint_dtsu666")
    golden = next(g for g in GOLDEN if g.file == "chint_dtsu666" and g.poll == "currents")
    answers = {read_of(golden.request): registers(golden.answer)}
    flow = meters.currents(chint, meters.decode(chint, "currents", answers, {"ct_ratio": 12}))
    assert flow.phases_da == (1230, -420, 15)
    with pytest.raises(MeterError, match="ct_ratio is 0"):
        meters.decode(chint, "currents", answers, {"ct_ratio": 0})


@pytest.mark.parametrize(("exponent", "import_wh"), [(0, 12345678), (1, 123456780), (-3, 12345)])
def test_the_energy_of_a_solaredge_follows_its_power_of_ten(exponent: int, import_wh: int) -> None:
    solaredge = meters.load("solaredge")
    (request,) = meters.requests(solaredge, "import")
    words = [0x00BC, 0x614E, *[0] * 6, exponent & 0xFFFF]
    assert meters.decode(solaredge, "import", {request: words}) == {"import_wh": import_wh}
    with pytest.raises(MeterError, match="power of ten"):
        meters.decode(solaredge, "import", {request: [*words[:-1], 0x8000]})


def test_power_that_a_solaredge_sells_is_a_current_out_of_the_house() -> None:
    solaredge = meters.load("solaredge")
    (request,) = meters.requests(solaredge, "currents")
    words = [0] * request.count
    words[0:4] = [1025, 350, 12, -2 & 0xFFFF]
    words[15:20] = [0, 2350, -805 & 0xFFFF, 0, 0]
    flow = meters.currents(solaredge, meters.decode(solaredge, "currents", {request: words[:20]}))
    assert flow.phases_da == (-102, 35, 1)
    assert flow.power_w == -2350 + 805


def f32(value: float) -> tuple[int, ...]:
    """A float as two registers."""
    return struct.unpack(">2H", struct.pack(">f", value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 3e38])
def test_what_is_no_number_counts_as_no_answer(value: float) -> None:
    (request,) = meters.requests(SDM630, "import")
    with pytest.raises(MeterError, match="import_wh"):
        meters.decode(SDM630, "import", {request: f32(value)})


def test_two_hundred_amps_are_not_believed() -> None:
    values = {"current_l1_ma": 16_000, "current_l2_ma": 200_000, "current_l3_ma": 0}
    with pytest.raises(MeterError, match="200 A on L2"):
        meters.currents(SDM630, values)


def test_a_counter_below_zero_is_not_believed() -> None:
    with pytest.raises(MeterError, match="-1 Wh"):
        meters.energy_wh(SDM630, {"import_wh": -1})


def test_an_answer_that_is_too_short_counts_as_none() -> None:
    (request,) = meters.requests(SDM630, "import")
    with pytest.raises(MeterError, match="sent 1"):
        meters.decode(SDM630, "import", {request: [1]})


def word_meter(order: str, kind: str, scale: float) -> Meter:
    """A meter with one value."""
    raw: dict[str, Any] = {
        "name": "test",
        "function": 3,
        "word_order": order,
        "max_read": 10,
        "values": {"power_w": {"address": 7, "type": kind, "scale": scale}},
        "polls": {"power": ["power_w"]},
    }
    return meters.parse(raw)


# type, word order, scale, registers, value
CODINGS = (
    ("i16", "big", 1, [0xFFFF], -1),
    ("u16", "big", 1, [0xFFFF], 65535),
    ("i32", "big", 0.1, [0xFFFF, 0xFFF6], -1),
    ("i32", "little", 1, [0xF26D, 0xFFFF], -3475),
    ("u32", "big", 10, [0x0000, 0x0102], 2580),
    ("u64", "big", 10, [0, 0, 0x0012, 0xD687], 12345670),
    ("i64", "little", 1, [0xFFFE, 0xFFFF, 0xFFFF, 0xFFFF], -2),
    ("f32", "little", 1, [0xE800, 0x4512], 2350),
)


@pytest.mark.parametrize(("kind", "order", "scale", "words", "value"), CODINGS)
def test_every_coding_of_a_value_is_understood(
    kind: str, order: str, scale: float, words: list[int], value: int
) -> None:
    meter = word_meter(order, kind, scale)
    (request,) = meters.requests(meter, "power")
    assert meters.decode(meter, "power", {request: words}) == {"power_w": value}


_GOOD = {"power_w": {"address": 1, "type": "i16", "scale": 1}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"values": {"power_w": {"address": 1, "type": "f64", "scale": 1}}}, "the type 'f64'"),
        ({"values": {}, "polls": {"power": ["power_w"]}}, "asks for power_w"),
        ({"values": {"power_w": {**_GOOD["power_w"], "times": "ratio"}}}, "multiplied with ratio"),
        ({"word_order": "middle"}, "the order 'middle'"),
        ({"byte_order": "up"}, "the order 'up'"),
    ],
)
def test_a_meters_file_that_contradicts_itself_is_refused(changes: dict[str, Any], sentence: str) -> None:
    raw = {"name": "x", "function": 3, "word_order": "big", "max_read": 9, "values": _GOOD, "polls": {}}
    with pytest.raises(ValueError, match=sentence):
        meters.parse(raw | changes)
