"""The frames of Modbus RTU, held against recorded ones and against laws."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.bus import rtu
from smartevse.bus.rtu import ExceptionCode, FrameError, Function, Request

UNITS = st.integers(0, 247)
WORDS = st.integers(0, 0xFFFF)
READS = st.builds(
    Request, UNITS, st.sampled_from((Function.READ_HOLDING, Function.READ_INPUT)), WORDS, st.integers(1, 125)
)
WRITE_ONE = st.builds(Request, UNITS, st.just(Function.WRITE_ONE), WORDS, st.just(1), st.tuples(WORDS))
WRITE_MANY = st.lists(WORDS, min_size=1, max_size=123).flatmap(
    lambda words: st.builds(
        Request, UNITS, st.just(Function.WRITE_MANY), WORDS, st.just(len(words)), st.just(tuple(words))
    )
)
REQUESTS = READS | WRITE_ONE | WRITE_MANY

RECORDED = [
    ("0b 04 00 06 00 0c 10 a4", Request(11, Function.READ_INPUT, 6, 12)),
    ("0b 04 00 34 00 02 30 af", Request(11, Function.READ_INPUT, 0x34, 2)),
    ("0c 04 00 06 00 0c 11 13", Request(12, Function.READ_INPUT, 6, 12)),
    ("0b 03 5b 0c 00 10 97 8b", Request(11, Function.READ_HOLDING, 0x5B0C, 16)),
    ("0b 03 b0 2b 00 02 92 69", Request(11, Function.READ_HOLDING, 0xB02B, 2)),
]


@pytest.mark.parametrize(("text", "request_"), RECORDED)
def test_recorded_requests_are_read_and_rebuilt_byte_for_byte(text: str, request_: Request) -> None:
    frame = bytes.fromhex(text)
    assert rtu.parse_request(frame) == request_
    assert rtu.build_request(request_) == frame


def test_a_recorded_answer_is_built_byte_for_byte() -> None:
    asked = Request(11, Function.READ_INPUT, 0x34, 2)
    assert rtu.build_read_response(asked, (0x44C4, 0xB000)) == bytes.fromhex("0b 04 04 44 c4 b0 00 71 49")


@given(REQUESTS)
def test_what_is_built_is_read_back(request_: Request) -> None:
    frame = rtu.build_request(request_)
    assert len(frame) <= rtu.MAX_FRAME_BYTES
    assert rtu.request_bytes(frame) == len(frame)
    assert rtu.parse_request(frame) == request_


@given(REQUESTS, st.data())
def test_a_damaged_byte_is_never_taken_for_a_request(request_: Request, data: st.DataObject) -> None:
    frame = bytearray(rtu.build_request(request_))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FrameError):
        rtu.parse_request(bytes(frame))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused_with_a_sentence(frame: bytes) -> None:
    if not rtu.is_sealed(frame):
        with pytest.raises(FrameError, match=r"^.{20,}$"):
            rtu.parse_request(frame)


@given(st.binary(max_size=254))
def test_any_sealed_bytes_are_a_request_or_refused_with_a_sentence(body: bytes) -> None:
    frame = rtu.seal(body)
    with contextlib.suppress(FrameError):
        assert rtu.build_request(rtu.parse_request(frame)) == frame


@given(READS, st.data())
def test_the_length_of_an_answer_is_known_from_its_first_three_bytes(request_: Request, data: st.DataObject) -> None:
    words = data.draw(st.lists(WORDS, min_size=request_.count, max_size=request_.count))
    frame = rtu.build_read_response(request_, words)
    assert rtu.response_bytes(frame[:3]) == len(frame)
    assert rtu.words_in(frame[3:-2]) == tuple(words)
    assert rtu.is_sealed(frame)


@given(WRITE_ONE | WRITE_MANY)
def test_a_write_is_confirmed_with_what_was_written(request_: Request) -> None:
    frame = rtu.build_write_response(request_)
    assert len(frame) == rtu.response_bytes(frame) == 8
    assert frame[:4] == rtu.build_request(request_)[:4]


def test_a_refusal_has_the_high_bit_and_its_reason() -> None:
    frame = rtu.build_exception(12, 4, ExceptionCode.ILLEGAL_ADDRESS)
    assert frame[:3] == bytes((12, 0x84, 2))
    assert rtu.response_bytes(frame) == len(frame)


@given(st.lists(REQUESTS, max_size=4), st.data())
def test_requests_are_found_however_the_stream_is_cut(requests: list[Request], data: st.DataObject) -> None:
    frames = [rtu.build_request(r) for r in requests]
    whole = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    stream, found = bytearray(), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        stream += whole[start:end]
        found += rtu.take_requests(stream)
    assert found == frames
    assert not stream


@given(REQUESTS, st.binary(min_size=1, max_size=12).filter(lambda junk: not rtu.take_requests(bytearray(junk))))
def test_the_first_whole_request_after_noise_is_found(request_: Request, junk: bytes) -> None:
    frame = rtu.build_request(request_)
    found = rtu.take_requests(bytearray(junk) + frame)
    assert frame in found


def test_too_many_registers_are_refused() -> None:
    with pytest.raises(FrameError, match="1 to 125"):
        rtu.parse_request(rtu.seal(bytes.fromhex("0b 04 00 00 00 7e")))
