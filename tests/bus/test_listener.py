"""What others say on a line is told apart, however the bytes come and whatever is between them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.bus import rtu
from smartevse.bus.listener import IDLE_S, Heard, Kind, Listener
from tests.bus.golden_meters import GOLDEN

TALK: tuple[tuple[Kind, str], ...] = (
    (Kind.REQUEST, "03 04 00 00 00 08 f0 2e"),
    (Kind.ANSWER, "03 04 10 00 02 00 00 00 a0 00 01 00 00 00 01 00 00 00 20 9d 1f"),
    (Kind.REQUEST, "03 06 00 06 00 00 68 29"),
    (Kind.ANSWER, "03 06 00 06 00 00 68 29"),
    (Kind.REQUEST, "03 10 00 00 00 02 04 00 05 00 00 e8 16"),
    (Kind.ANSWER, "03 10 00 00 00 02 40 2a"),
    (Kind.REQUEST, "09 06 00 01 00 01 18 82"),
    (Kind.REQUEST, "09 06 00 01 00 01 18 82"),
    (Kind.REQUEST, "09 10 00 20 00 0b 16 00 a0 00 00 00 82 00 00 00 00 00 00 00 00 00 00 00 d7 ff e0 00 00 76 cf"),
    (Kind.REQUEST, "03 04 01 08 00 02 f0 17"),
    (Kind.ANSWER, "03 04 04 00 04 00 0d 58 40"),
    (Kind.REQUEST, "03 04 00 00 00 08 f0 2e"),
    (Kind.REFUSAL, "03 84 02 63 01"),
    (Kind.REQUEST, "03 04 00 00 00 08 f0 2e"),
    (Kind.REFUSAL, "03 04 02 02 c1"),
    (Kind.REQUEST, "03 06 01 03 00 20 78 0c"),
    (Kind.REFUSAL, "03 06 03 c2 61"),
    *(
        (kind, text)
        for golden in GOLDEN
        for kind, text in ((Kind.REQUEST, golden.request), (Kind.ANSWER, golden.answer))
    ),
)
STREAM = b"".join(bytes.fromhex(text) for _, text in TALK)


def heard(listener: Listener, lumps: list[bytes], gap_s: float = 0.002) -> list[Heard]:
    """What is heard of these lumps, and of the silence behind them."""
    found, now_s = [], 100.0
    for lump in lumps:
        now_s += gap_s
        found += listener.feed(lump, now_s)
    return found + listener.idle(now_s + 1)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 64, len(STREAM)])
def test_recorded_talk_is_told_apart_in_lumps_of_any_size(size: int) -> None:
    found = heard(Listener(), [STREAM[i : i + size] for i in range(0, len(STREAM), size)])
    assert [(item.kind, item.data) for item in found] == [(kind, bytes.fromhex(text)) for kind, text in TALK]


def test_an_answer_comes_with_its_question_and_its_registers() -> None:
    _, answer = heard(Listener(), [bytes.fromhex(text) for _, text in TALK[:2]])
    assert answer.request == rtu.Request(3, rtu.Function.READ_INPUT, 0, 8)
    assert answer.words == (2, 0, 160, 1, 0, 1, 0, 32)


def test_a_read_of_eight_bytes_is_never_taken_for_the_answer_of_another() -> None:
    twice = [bytes.fromhex("03 04 00 00 00 08 f0 2e")] * 2
    assert [item.kind for item in heard(Listener(), twice)] == [Kind.REQUEST, Kind.REQUEST]


def test_an_answer_with_another_number_of_registers_is_not_the_answer() -> None:
    listener = Listener()
    listener.feed(bytes.fromhex("03 04 01 08 00 02 f0 17"), 100.0)
    assert [item.kind for item in listener.feed(bytes.fromhex(TALK[1][1]), 100.05)] == [Kind.STRAY]


def test_an_answer_that_comes_too_late_belongs_to_nobody() -> None:
    listener = Listener()
    listener.feed(bytes.fromhex(TALK[0][1]), 100.0)
    assert [item.kind for item in listener.feed(bytes.fromhex(TALK[1][1]), 102.0)] == [Kind.STRAY]


def test_the_beginning_of_a_frame_does_not_hold_up_what_follows_a_silence() -> None:
    listener = Listener()
    begun = bytes.fromhex("03 10 00 00 00 7b f6 00")
    assert listener.feed(begun, 100.0) == []
    found = listener.feed(bytes.fromhex(TALK[0][1]), 100.0 + 2 * IDLE_S)
    assert [(item.kind, item.data) for item in found] == [
        (Kind.JUNK, begun),
        (Kind.REQUEST, bytes.fromhex(TALK[0][1])),
    ]


def test_a_frame_behind_stray_bytes_is_found_when_the_line_falls_silent() -> None:
    found = heard(Listener(), [b"\x00\xff" + bytes.fromhex(TALK[0][1])])
    assert [item.kind for item in found] == [Kind.JUNK, Kind.REQUEST]


@pytest.mark.parametrize("stray", [b"\x00", b"\x03", b"\xff\x00\x10"])
def test_a_question_behind_a_few_stray_bytes_is_heard_at_once(stray: bytes) -> None:
    found = Listener().feed(stray + bytes.fromhex(TALK[0][1]), 100.0)
    assert [(item.kind, item.data) for item in found] == [
        (Kind.JUNK, stray),
        (Kind.REQUEST, bytes.fromhex(TALK[0][1])),
    ]


def mutated(seed: int) -> bytes:
    """Recorded talk with bytes lost, changed and added."""
    dice = random.Random(seed)
    data = bytearray(STREAM[: dice.randrange(20, 400)])
    for _ in range(dice.randrange(1, 12)):
        place = dice.randrange(len(data))
        match dice.randrange(3):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                del data[place]
            case _:
                data.insert(place, dice.randrange(256))
    return bytes(data)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.binary(max_size=600), st.integers(0, 1 << 32).map(mutated)),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_whatever_comes_nothing_is_lost_and_no_frame_has_a_wrong_checksum(data: bytes, sizes: list[int]) -> None:
    lumps, rest = [], data
    for size in sizes:
        lumps.append(rest[:size])
        rest = rest[size:]
    found = heard(Listener(), [*lumps, rest], gap_s=0.004)
    assert b"".join(item.data for item in found) == data
    for item in found:
        assert (item.kind is Kind.JUNK) or rtu.is_sealed(item.data)


ASK_NODE2 = bytes.fromhex("03 04 00 00 00 08 f0 2e")
TELL_ALL = bytes.fromhex("09 10 00 20 00 08 10 00 a0 00 00 00 3c 00 00 00 00 00 00 00 00 00 00 99 24")


@pytest.mark.parametrize("cut", range(1, len(TELL_ALL)))
def test_the_rest_of_a_frame_that_is_read_long_after_its_beginning_still_makes_it_whole(cut: int) -> None:
    listener = Listener()
    assert listener.feed(TELL_ALL[:cut], 1.0) == []
    (heard,) = listener.feed(TELL_ALL[cut:], 1.0 + 5 * IDLE_S)
    assert (heard.kind, heard.data) == (Kind.REQUEST, TELL_ALL)


@pytest.mark.parametrize("cut", range(1, len(TELL_ALL)))
def test_what_was_left_over_by_a_silence_never_delays_a_whole_question(cut: int) -> None:
    listener = Listener()
    assert listener.feed(TELL_ALL[:cut], 1.0) == []
    junk, asked = listener.feed(ASK_NODE2, 1.0 + 5 * IDLE_S)
    assert (junk.kind, junk.data) == (Kind.JUNK, TELL_ALL[:cut])
    assert (asked.kind, asked.data) == (Kind.REQUEST, ASK_NODE2)
