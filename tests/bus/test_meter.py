"""The meters' files and their decoding, against frames recorded from real meters."""

import math
import struct
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.bus import meter as meters
from smartevse.bus.meter import Meter, MeterError, Request

SDM630 = meters.load("eastron_sdm630")

# name, device, poll, request on the wire, answer on the wire, values
GOLDEN: tuple[tuple[str, str, str, Mapping[str, int]], ...] = (
    (
        "currents",
        "0b 04 00 06 00 0c 10 a4",
        "0b 04 18 41 24 00 00 40 60 00 00 3e 00 00 00 45 12 e8 00 c4 49 40 00 41 e0 00 00 5c 1c",
        {"power_l1_w": 2350, "power_l2_w": -805, "power_l3_w": 28},
    ),
    ("power", "0b 04 00 34 00 02 30 af", "0b 04 04 44 c4 b0 00 71 49", {"power_w": 1573}),
    ("import", "0b 04 00 48 00 02 f1 77", "0b 04 04 46 40 e6 b6 8e ce", {"import_wh": 12345678}),
    ("export", "0b 04 00 4a 00 02 50 b7", "0b 04 04 45 87 0c 00 f1 a1", {"export_wh": 4321500}),
)


def frame(device: int, request: Request) -> bytes:
    """A request as it goes over the wire."""
    body = struct.pack(">BBHH", device, request.function, request.address, request.count)
    return body + struct.pack("<H", _crc(body))


def _crc(body: bytes) -> int:
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def registers(answer: str) -> list[int]:
    """The registers of an answer on the wire."""
    data = bytes.fromhex(answer)
    assert _crc(data) == 0, "the recorded frame is damaged"
    return list(struct.unpack(f">{data[2] // 2}H", data[3:-2]))


@pytest.mark.parametrize(("poll", "request_hex", "answer", "values"), GOLDEN, ids=[row[0] for row in GOLDEN])
def test_an_eastron_is_asked_and_understood_as_recorded(
    poll: str, request_hex: str, answer: str, values: Mapping[str, int]
) -> None:
    (request,) = meters.requests(SDM630, poll)
    assert frame(0x0B, request) == bytes.fromhex(request_hex)
    decoded = meters.decode(SDM630, poll, {request: registers(answer)})
    assert values.items() <= decoded.items()


def test_the_current_takes_the_sign_of_its_phases_power() -> None:
    (request,) = meters.requests(SDM630, "currents")
    flow = meters.currents(SDM630, meters.decode(SDM630, "currents", {request: registers(GOLDEN[0][2])}))
    assert flow.phases_da == (102, -35, 1)
    assert flow.power_w == 1573


def test_a_cautious_meter_is_asked_in_short_requests_with_the_same_result() -> None:
    (long,) = meters.requests(SDM630, "currents")
    short = meters.requests(SDM630, "currents", SDM630.cautious_read)
    assert [request.count for request in short] == [10, 2]
    words = registers(GOLDEN[0][2])
    parts = {r: words[r.address - long.address :][: r.count] for r in short}
    assert meters.decode(SDM630, "currents", parts) == meters.decode(SDM630, "currents", {long: words})


def f32(value: float) -> list[int]:
    """A float as two registers."""
    return list(struct.unpack(">2H", struct.pack(">f", value)))


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
    ("f32", "little", 1, [0xE800, 0x4512], 2350),
)


@pytest.mark.parametrize(("kind", "order", "scale", "words", "value"), CODINGS)
def test_every_coding_of_a_value_is_understood(
    kind: str, order: str, scale: float, words: list[int], value: int
) -> None:
    meter = word_meter(order, kind, scale)
    (request,) = meters.requests(meter, "power")
    assert meters.decode(meter, "power", {request: words}) == {"power_w": value}


@pytest.mark.parametrize("path", [p.name for p in resources.files("smartevse.bus").joinpath("meters").iterdir()])
def test_every_meters_file_describes_a_meter(path: str) -> None:
    meter = meters.load(path.removesuffix(".toml"))
    assert {"currents", "import"} <= meter.polls.keys()
    for poll in meter.polls:
        for request in meters.requests(meter, poll):
            assert request.function in (3, 4)
            assert 1 <= request.count <= meter.max_read <= 125


@pytest.mark.parametrize(
    ("values", "polls", "sentence"),
    [
        ({"power_w": {"address": 1, "type": "f64", "scale": 1}}, {}, "the type 'f64'"),
        ({}, {"power": ["power_w"]}, "asks for power_w"),
    ],
)
def test_a_meters_file_that_contradicts_itself_is_refused(
    values: dict[str, Any], polls: dict[str, Any], sentence: str
) -> None:
    raw = {"name": "x", "function": 3, "word_order": "big", "max_read": 9, "values": values, "polls": polls}
    with pytest.raises(ValueError, match=sentence):
        meters.parse(raw)


@given(st.lists(st.integers(0, 0xFFFF), min_size=12, max_size=12))
def test_whatever_a_meter_sends_is_a_plausible_reading_or_none(words: list[int]) -> None:
    (request,) = meters.requests(SDM630, "currents")
    try:
        flow = meters.currents(SDM630, meters.decode(SDM630, "currents", {request: words}))
    except MeterError:
        return
    assert all(abs(da) < meters.PLAUSIBLE_DA for da in flow.phases_da)
    assert abs(flow.power_w) <= meters.PLAUSIBLE_W


@given(st.integers(1, 125))
def test_no_request_is_longer_than_the_meter_allows_and_every_value_is_covered(most: int) -> None:
    most = max(most, 2)
    for poll, wanted in SDM630.polls.items():
        asked = meters.requests(SDM630, poll, most)
        assert all(request.count <= most for request in asked)
        for name in wanted:
            value = SDM630.values[name]
            assert any(
                r.address <= value.address and value.address + value.registers <= r.address + r.count for r in asked
            )
