"""The EV meter is asked in its rhythm, and its silence is said once and harms nothing."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Sequence

import pytest

from smartevse.bus import meter as meters
from smartevse.bus.ev_meter import CURRENTS_EVERY_S, ENERGY_EVERY_S, EvMeter, EvReading
from smartevse.bus.meter import Request
from smartevse.bus.port import BusError, Refused

SDM630 = meters.load("eastron_sdm630")
CURRENTS, IMPORT = (meters.requests(SDM630, poll)[0] for poll in ("currents", "import"))


def floats(*values: float) -> list[int]:
    """Registers of floats."""
    data = struct.pack(f">{len(values)}f", *values)
    return list(struct.unpack(f">{len(data) // 2}H", data))


class Line:
    """A line with one meter, whose answers a test chooses, and a clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.asked: list[Request] = []
        self.longest = 80
        self.error: BusError | None = None
        self.values = {**dict.fromkeys(range(0, 0x60, 2), 0.0), 6: 10.25, 8: 3.5, 10: 0.12, 12: 2350.5, 14: -805.0}
        self.values[0x48] = 12.5

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        assert device_id == 12
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        if request.count > self.longest:
            raise Refused("too long")
        first = request.address
        return floats(*(self.values[address] for address in range(first, first + request.count, 2)))


def polled(line: Line, meter: EvMeter, seconds: float) -> None:
    """Let the meter be asked in its rhythm for some seconds."""

    async def story() -> None:
        end_s = line.now_s + seconds
        while line.now_s < end_s:
            await meter.poll()
            line.now_s += CURRENTS_EVERY_S

    asyncio.run(story())


def made() -> tuple[Line, EvMeter]:
    line = Line()
    return line, EvMeter(line, SDM630, 12, lambda: line.now_s)


def test_the_reading_has_currents_power_and_energy() -> None:
    line, meter = made()
    polled(line, meter, 1)
    assert meter.reading == EvReading((102, -35, 1), 2350 - 805, 100.0, 12500, 100.0)


def test_currents_are_asked_every_time_and_energy_every_ten_seconds() -> None:
    line, meter = made()
    polled(line, meter, 40)
    assert line.asked.count(CURRENTS) == 40 / CURRENTS_EVERY_S
    assert line.asked.count(IMPORT) == 40 / ENERGY_EVERY_S


def test_a_silent_meter_is_said_once_by_its_name_and_so_is_its_return(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    line, meter = made()
    polled(line, meter, 4)
    line.error = BusError("check its address")
    polled(line, meter, 60)
    assert meter.silent
    line.error = None
    polled(line, meter, 4)
    assert not meter.silent
    assert [record.getMessage() for record in caplog.records] == [
        "EV meter 12 (Eastron): no answer for 10 s: check its address",
        "EV meter 12 (Eastron): answers again",
    ]


def test_one_lost_answer_is_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    line, meter = made()
    polled(line, meter, 4)
    line.error = BusError("noise")
    polled(line, meter, 4)
    line.error = None
    polled(line, meter, 4)
    assert not caplog.records


def test_old_values_are_dropped_and_not_shown_as_new() -> None:
    line, meter = made()
    polled(line, meter, 1)
    reading = meter.reading
    assert reading.fresh(109.9).phases_da == (102, -35, 1)
    assert reading.fresh(110.1).phases_da is None
    assert reading.fresh(110.1).power_w is None
    assert reading.fresh(110.1).import_wh == 12500
    assert reading.fresh(130.1).import_wh is None


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), 250.0])
def test_what_cannot_be_is_no_answer(nonsense: float, caplog: pytest.LogCaptureFixture) -> None:
    line, meter = made()
    polled(line, meter, 1)
    before = meter.reading
    line.values[6] = nonsense
    polled(line, meter, 12)
    assert meter.reading == before
    assert "EV meter 12 (Eastron): no answer for 10 s" in caplog.text


def test_a_meter_that_refuses_long_requests_is_asked_in_short_ones_from_then_on() -> None:
    line, meter = made()
    line.longest = 10
    polled(line, meter, 4)
    assert meter.reading.phases_da == (102, -35, 1)
    assert [request.count for request in line.asked] == [12, 10, 2, 2, 10, 2]
