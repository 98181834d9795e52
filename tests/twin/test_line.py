"""The RS485 line: real byte times, one sender at a time, frames that end by a gap."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.bus.rtu import is_sealed, seal
from smartevse.twin.line import TURNAROUND_S, Line, PtyEnd
from smartevse.twin.line_rival import Rival
from tests.twin.virtual import VirtualLoop

BYTE_S = 10 / 9600


class _Device:
    """Remembers what it hears and answers what it is told to."""

    def __init__(self, unit: int, answer: bytes | None = None) -> None:
        self.unit = unit
        self.silent = False
        self.answer = answer
        self.heard: list[bytes] = []

    def frame(self, frame: bytes) -> bytes | None:
        self.heard.append(frame)
        return self.answer


class _Wire:
    """A line in virtual time with two ends for programs."""

    def __init__(self, folder: Path) -> None:
        self.loop = VirtualLoop()
        self.line = Line(self.loop, lambda: self.loop.now_s)
        self.a = self.line.add_pty(folder / "a")
        self.b = self.line.add_pty(folder / "b")
        self.open = {end: os.open(end.link, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY) for end in (self.a, self.b)}

    def read(self, end: PtyEnd, count: int = 0) -> bytes:
        """What a program reads at this end; waits for so many bytes."""
        return _read(self.open[end], count)

    def send(self, end: PtyEnd, data: bytes) -> None:
        self.line.send(data, end, self.loop.now_s)

    def wait(self, seconds: float) -> None:
        self.loop.run_until(self.loop.now_s + seconds)


def _read(file: int, count: int) -> bytes:
    """At least so many bytes (the kernel hands them on in its own time), and what else is there already."""
    got = bytearray()
    while select.select([file], [], [], 5 if len(got) < count else 0)[0]:
        got += os.read(file, 4096)
    return bytes(got)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[_Wire]:
    wire = _Wire(tmp_path)
    yield wire
    for file in wire.open.values():
        os.close(file)
    wire.line.close()
    wire.loop.close()


def test_bytes_arrive_when_they_have_passed_the_wire(wire: _Wire) -> None:
    wire.send(wire.a, b"12345678")
    wire.wait(7.9 * BYTE_S)
    assert wire.b.coming, "the last byte is still on the wire"
    wire.wait(0.2 * BYTE_S)
    assert not wire.b.coming
    assert wire.read(wire.b, 8) == b"12345678"
    assert not wire.a.coming, "nobody hears himself"
    assert wire.read(wire.a) == b""


def test_all_bytes_arrive_in_order_at_the_time_of_the_last(wire: _Wire) -> None:
    data = bytes(range(100))
    wire.send(wire.a, data)
    wire.wait(100 * BYTE_S + 1e-6)
    assert wire.read(wire.b, 100) == data


def test_writes_of_one_sender_follow_each_other(wire: _Wire) -> None:
    device = _Device(1)
    wire.line.add_device(device)
    wire.send(wire.a, b"abc")
    wire.wait(BYTE_S)
    wire.send(wire.a, b"def")
    wire.wait(1)
    assert device.heard == [b"abcdef"]
    assert wire.line.collisions == 0


def test_a_gap_of_three_and_a_half_characters_ends_a_frame(wire: _Wire) -> None:
    device = _Device(1)
    wire.line.add_device(device)
    wire.send(wire.a, b"abc")
    wire.wait(3 * BYTE_S + 3.4 * BYTE_S)
    assert device.heard == []
    wire.wait(0.2 * BYTE_S)
    wire.send(wire.a, b"def")
    wire.wait(1)
    assert device.heard == [b"abc", b"def"]


def test_a_gap_that_has_passed_ends_a_frame_also_when_the_machine_is_late(wire: _Wire) -> None:
    device = _Device(1)
    wire.line.add_device(device)
    wire.send(wire.a, b"abc")
    wire.line.send(b"def", wire.a, wire.loop.now_s + (3 + 3.6) * BYTE_S)
    assert device.heard == [b"abc"], "before any timer was looked at"


def test_an_answer_comes_after_the_turnaround(wire: _Wire) -> None:
    wire.line.add_device(_Device(1, b"ok"))
    wire.send(wire.a, b"abcd")
    wire.wait(4 * BYTE_S + TURNAROUND_S + 1.9 * BYTE_S)
    assert wire.a.coming, "the answer is still on the wire"
    wire.wait(0.2 * BYTE_S)
    assert wire.read(wire.a, 2) == b"ok"
    assert wire.read(wire.b, 6) == b"abcdok"


def test_two_senders_at_once_damage_each_other(wire: _Wire) -> None:
    device = _Device(1)
    wire.line.add_device(device)
    wire.send(wire.a, b"aaaaaaaa")
    wire.wait(4.5 * BYTE_S)
    wire.send(wire.b, b"bbbb")
    wire.wait(1)
    assert wire.line.collisions == 1
    heard_by_b, heard_by_a = wire.read(wire.b, 8), wire.read(wire.a, 4)
    assert heard_by_b[:4] == b"aaaa"
    assert heard_by_b[5:] != b"aaa"
    assert heard_by_a != b"bbbb"
    assert b"bbbb" not in device.heard[0]


def test_noise_damages_the_share_of_bytes_that_was_asked_for(wire: _Wire) -> None:
    wire.line.noise = 0.5
    wire.send(wire.a, bytes(1000))
    wire.wait(2)
    got = wire.read(wire.b, 1000)
    assert 400 < sum(byte != 0 for byte in got) < 600


def test_an_unplugged_end_hears_nothing_and_comes_back_under_its_name(wire: _Wire) -> None:
    wire.line.unplug(wire.b)
    assert not wire.b.link.exists()
    wire.send(wire.a, b"lost")
    wire.wait(1)
    wire.line.plug(wire.b)
    again = os.open(wire.b.link, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    wire.send(wire.a, b"heard")
    wire.wait(1)
    assert _read(again, 5) == b"heard"
    os.close(again)


def test_a_real_file_is_never_replaced_by_an_end(tmp_path: Path) -> None:
    (tmp_path / "bus0").write_text("precious")
    loop = VirtualLoop()
    line = Line(loop, lambda: loop.now_s)
    with pytest.raises(FileExistsError):
        line.add_pty(tmp_path / "bus0")
    assert (tmp_path / "bus0").read_text() == "precious"
    loop.close()


def test_silence_is_asked_of_a_device_that_is_there() -> None:
    loop = VirtualLoop()
    line = Line(loop, lambda: loop.now_s)
    device = _Device(12)
    line.add_device(device)
    line.silence(12, True)
    assert device.silent
    with pytest.raises(ValueError, match="the numbers are 12"):
        line.silence(3, True)
    loop.close()


def test_frames_can_be_any_length(wire: _Wire) -> None:
    device = _Device(1)
    wire.line.add_device(device)
    frame = seal(bytes(range(250)))
    wire.send(wire.a, frame)
    wire.wait(1)
    assert device.heard == [frame]


def test_lost_bytes_are_missing_for_some_and_late_ones_never_overtake(tmp_path: Path) -> None:
    wire = _Wire(tmp_path)
    wire.line.lost = 0.5
    sent = bytes(range(64))
    wire.send(wire.a, sent)
    wire.wait(0.2)
    got = wire.read(wire.b, 1)
    assert 0 < len(got) < len(sent)
    assert list(got) == sorted(got)
    wire.line.lost, wire.line.late_s = 0.0, 0.1
    for part in (b"abcd", b"efgh", b"ijkl"):
        wire.send(wire.a, part)
        wire.wait(0.006)
    wire.wait(0.2)
    assert wire.read(wire.b, 12) == b"abcdefghijkl"


def test_a_second_master_asks_until_it_is_taken_away(tmp_path: Path) -> None:
    wire = _Wire(tmp_path)
    rival = Rival(wire.loop, wire.line, lambda: wire.loop.now_s)
    rival.switch(True)
    wire.wait(1.0)
    heard = wire.read(wire.a, 8)
    assert rival.on
    assert is_sealed(heard[:8])
    assert len(heard) >= 4 * 8
    rival.switch(False)
    wire.wait(0.1)
    frames = wire.line.frames
    wire.wait(1.0)
    assert wire.line.frames == frames
