"""The mains meter's reading has an age, and what does not count does not renew it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from smartevse.bus import meter as meters
from smartevse.bus.listener import Listener
from smartevse.bus.mains_meter import KwhMeter, MainsMeter, Sensorbox
from smartevse.bus.meter import Request
from smartevse.bus.port import BusError, Refused
from smartevse.core.measurement import Reading
from tests.bus.golden_meters import GOLDEN
from tests.bus.test_sensorbox import CT, EXTENDED, NOTHING_NEW, registers


class Line:
    """A line on which a test chooses the answers."""

    def __init__(self, *answers: Sequence[int] | BusError) -> None:
        self.now_s = 100.0
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.written: list[tuple[int, int, int]] = []
        self.write_error: BusError | None = None

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        assert device_id in (10, 11)
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BusError):
            raise answer
        return answer

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        self.written.append((device_id, address, value))
        if self.write_error is not None:
            raise self.write_error


def box(line: Line, *, three_wire: bool = False) -> MainsMeter:
    return MainsMeter(Sensorbox(line, mains_a=25, three_wire=three_wire), lambda: line.now_s)


def polled(line: Line, meter: MainsMeter, times: int = 1) -> Reading | None:
    """The reading after so many seconds with a poll in each."""

    async def story() -> None:
        for _ in range(times):
            await meter.poll()
            line.now_s += 1

    asyncio.run(story())
    return meter.reading


def test_a_kwh_meter_gives_its_currents_and_their_time() -> None:
    golden = next(g for g in GOLDEN if g.file == "abb_b23" and g.poll == "currents")
    line = Line(registers(golden.answer))
    meter = MainsMeter(KwhMeter(line, meters.load("abb_b23"), 11), lambda: line.now_s)
    assert polled(line, meter) == Reading(102, -35, 1, 100.0)


def test_a_sensorbox_gives_its_currents_and_their_time() -> None:
    line = Line(registers(CT))
    assert polled(line, box(line)) == Reading(102, -34, 1, 100.0)


def test_once_its_version_is_known_it_is_asked_for_all_it_has() -> None:
    line = Line(registers(EXTENDED))
    polled(line, box(line), 3)
    assert [request.count for request in line.asked] == [20, 32, 32]


def test_a_box_that_refuses_the_long_question_is_asked_the_short_one_again() -> None:
    line = Line(registers(EXTENDED), Refused("too long"), registers(CT))
    assert polled(line, box(line), 3) == Reading(102, -34, 1, 102.0)
    assert [request.count for request in line.asked] == [20, 32, 20]


def test_a_box_without_new_data_does_not_renew_the_reading_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    line = Line(registers(CT), registers(NOTHING_NEW))
    meter = box(line)
    assert polled(line, meter, 9) == Reading(102, -34, 1, 100.0)
    assert not caplog.records
    assert polled(line, meter, 10) == Reading(102, -34, 1, 100.0)
    line.answers = [registers(CT)]
    assert polled(line, meter) == Reading(102, -34, 1, 119.0)
    assert [record.getMessage() for record in caplog.records] == [
        "mains meter 10 (Sensorbox): no answer for 10 s: it answers without new data: "
        "see to its P1 cable or CTs, and that nobody else reads it",
        "mains meter 10 (Sensorbox): answers again",
    ]


def test_a_silent_box_may_come_back_as_another_one() -> None:
    line = Line(registers(EXTENDED), BusError("silence"))
    meter = box(line)
    polled(line, meter, 12)
    assert meter.silent
    line.answers = [registers(CT)]
    polled(line, meter, 1)
    assert line.asked[-1].count == 20
    assert not meter.silent


def test_a_box_is_told_how_it_is_wired_until_it_knows() -> None:
    line = Line(registers(CT))
    meter = box(line, three_wire=True)
    polled(line, meter, 2)
    assert line.written == [(10, 0x0800, 2)] * 2
    line.write_error = BusError("noise")
    assert polled(line, meter) == Reading(102, -34, 1, 102.0), "its currents count all the same"


def overheard(meter: MainsMeter, question: str, answer: str) -> None:
    """Somebody else asks, and is answered."""
    listener = Listener()
    for frame in (question, answer):
        for heard in listener.feed(bytes.fromhex(frame), 100.0):
            meter.overhear(heard)


def test_what_a_meter_tells_another_master_counts_too() -> None:
    golden = next(g for g in GOLDEN if g.file == "abb_b23" and g.poll == "currents")
    line = Line(BusError("another master asks"))
    kwh = MainsMeter(KwhMeter(line, meters.load("abb_b23"), 11), lambda: line.now_s)
    overheard(kwh, golden.request, golden.answer)
    assert kwh.reading == Reading(102, -35, 1, 100.0)
    other = MainsMeter(KwhMeter(line, meters.load("abb_b23"), 12), lambda: line.now_s)
    overheard(other, golden.request, golden.answer)
    assert other.reading is None, "another meter's answer"


@pytest.mark.parametrize(
    ("answer", "reading"), [(CT, Reading(102, -34, 1, 100.0)), (NOTHING_NEW, None)], ids=["fresh", "nothing new"]
)
def test_what_a_sensorbox_tells_another_master_counts_too_when_it_is_new(answer: str, reading: Reading | None) -> None:
    line = Line(BusError("another master asks"))
    meter = box(line)
    overheard(meter, "0a 04 00 00 00 14 f1 7e", answer)
    assert meter.reading == reading
