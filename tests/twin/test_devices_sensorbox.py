"""The simulated Sensorbox and the house behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from smartevse.bus import rtu
from smartevse.bus.mains_meter import MainsMeter
from smartevse.bus.mains_meter import Sensorbox as Source
from smartevse.bus.meter import Request
from smartevse.bus.port import Port
from smartevse.bus.rtu import Function
from smartevse.core.measurement import Reading
from smartevse.twin.house_line import House
from smartevse.twin.sensorbox import Sensorbox
from tests.twin.running import Twin


class Street:
    """A house, its box and a wire to it, in virtual time."""

    def __init__(self, feed: str) -> None:
        self.now_s = 100.0
        self.house = House(lambda: self.now_s)
        self.house.set(takes_a=(10.0, 2.5, 0.5), sun_a=(0.0, 6.0, 0.0))
        self.box = Sensorbox(self.house.measure, lambda: self.now_s, feed)

    def _frame(self, request: rtu.Request) -> bytes:
        answer = self.box.frame(rtu.build_request(request))
        assert answer is not None
        return answer

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        answer = self._frame(rtu.Request(device_id, Function(request.function), request.address, request.count))
        return rtu.words_in(answer[3:-2])

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        request = rtu.Request(device_id, Function.WRITE_ONE, address, 1, (value,))
        assert self._frame(request) == rtu.build_write_response(request)

    def meter(self, *, three_wire: bool = False) -> MainsMeter:
        return MainsMeter(Source(self, mains_a=25, three_wire=three_wire), lambda: self.now_s)


@pytest.mark.parametrize(
    ("feed", "counts"), [("p1", True), ("ct", True), ("both", True), ("old-p1", False), ("none", False)]
)
def test_the_house_is_seen_through_every_feed_that_has_currents(feed: str, counts: bool) -> None:
    street = Street(feed)
    meter = street.meter()
    asyncio.run(meter.poll())
    assert meter.reading == (Reading(100, -35, 5, 100.0) if counts else None)


def test_an_answer_takes_the_new_data_away_until_the_next_second() -> None:
    street = Street("ct")
    first, second = street.meter(), street.meter()
    asyncio.run(first.poll())
    street.now_s += 0.4
    asyncio.run(second.poll())
    assert second.reading is None
    street.now_s += 0.6
    asyncio.run(second.poll())
    assert second.reading is not None


def test_it_keeps_the_wiring_that_it_is_told() -> None:
    street = Street("ct")
    asyncio.run(street.meter(three_wire=True).poll())
    assert street.box.wiring == 2


def test_the_mains_carry_house_and_cars_less_the_sun_and_count_both_ways() -> None:
    street = Street("p1")
    street.house.add_car(lambda: (16.0, 16.0, 0.0))
    street.house.add_car(lambda: (0.0, 0.0, 6.0))
    assert street.house.currents_a() == (26.0, 12.5, 6.5)
    street.now_s += 3600
    flow = street.house.measure()
    assert flow.import_wh == pytest.approx(45 * 230)
    street.house.set(takes_a=(0.0, 0.0, 0.0), sun_a=(30.0, 30.0, 30.0))
    street.now_s += 3600
    flow = street.house.measure()
    assert [flow.import_wh, flow.export_wh] == pytest.approx([45 * 230, 52 * 230])


def test_the_boxs_refusals() -> None:
    box = Street("p1").box
    assert box.frame(rtu.seal(bytes.fromhex("0a 04 00 00 00 21"))) == rtu.seal(bytes.fromhex("0a 84 02"))
    assert box.frame(rtu.seal(bytes.fromhex("0a 06 00 a8 49 4f"))) == rtu.seal(bytes.fromhex("0a 86 02"))
    assert box.frame(rtu.seal(bytes.fromhex("0b 04 00 00 00 14"))) is None


def test_the_station_reads_house_and_sun_over_the_line(twin: Twin) -> None:
    twin.tell("house 10 2.5 0.5")
    twin.tell("sun 6")
    twin.tell("bus meter 30 schneider mains")

    async def story() -> list[Sequence[int]]:
        port = Port(twin.bus(), 9600)
        running = asyncio.create_task(port.run())
        async with asyncio.timeout(20):
            while not port.connected:
                await asyncio.sleep(0.01)
            answers = [await port.read(10, Request(4, 0, 32)), await port.read(30, Request(3, 0x0BB7, 2))]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return answers

    box, meter = asyncio.run(story())
    assert list(box[8:14]) == [0x4080, 0, 0xC060, 0, 0xC0B0, 0]
    assert list(meter) == [0x4080, 0]
    assert twin.ask("state")["house"]["mains_a"] == [4.0, -3.5, -5.5]
