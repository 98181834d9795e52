"""A meter is asked as it allows, and what has to be known once is asked once."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence

import pytest

from smartevse.bus import meter as meters
from smartevse.bus.asker import Asker, ask_currents
from smartevse.bus.meter import Request
from smartevse.bus.port import BusError, Refused


class Line:
    """A Chint behind transformers 5:1, and what a test does to it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.errors: list[BusError] = []
        self.longest = 125

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        self.asked.append(request)
        if self.errors:
            raise self.errors.pop(0)
        if request.count > self.longest:
            raise Refused("too long")
        if request.count == 1:
            return (5,)
        return struct.unpack(f">{request.count}H", struct.pack(">f", 1000.0) * (request.count // 2))


CHINT = meters.load("chint_dtsu666")


def test_the_ratio_of_the_transformers_is_asked_once_and_used_always() -> None:
    line = Line()
    asker = Asker(line, CHINT, 12)
    for _ in range(3):
        assert asyncio.run(ask_currents(asker)).phases_da == (50, 50, 50)
    assert [request.address for request in line.asked] == [0x0006, 0x200C, 0x200C, 0x200C]


def test_without_the_ratio_nothing_is_believed_and_it_is_asked_again() -> None:
    line = Line()
    asker = Asker(line, CHINT, 12)
    line.errors = [BusError("noise")]
    with pytest.raises(BusError):
        asyncio.run(ask_currents(asker))
    assert asyncio.run(ask_currents(asker)).phases_da == (50, 50, 50)
    assert [request.address for request in line.asked] == [0x0006, 0x0006, 0x200C]


def test_a_meter_that_refuses_to_tell_its_ratio_has_none() -> None:
    line = Line()
    line.errors = [Refused("unknown register")]
    assert asyncio.run(ask_currents(Asker(line, CHINT, 12))).phases_da == (10, 10, 10)


def test_a_meter_that_cannot_be_asked_more_shortly_stays_refused() -> None:
    line = Line()
    line.longest = 1
    asker = Asker(line, meters.load("chint_ddsu666"), 12)
    with pytest.raises(Refused):
        asyncio.run(asker.ask("currents"))
    assert len(line.asked) == 1


def test_after_a_refusal_that_short_requests_do_not_cure_the_long_ones_are_tried_again() -> None:
    line = Line()
    line.longest = 1
    asker = Asker(line, meters.load("eastron_sdm630"), 12)
    with pytest.raises(Refused):
        asyncio.run(asker.ask("currents"))
    line.longest = 125
    line.asked.clear()
    asyncio.run(asker.ask("currents"))
    assert [request.count for request in line.asked] == [12]
