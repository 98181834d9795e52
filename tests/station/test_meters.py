"""The station asks the meters that the settings name, on a real line, and follows when another is chosen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import serial

from smartevse import config
from smartevse.bus import custom
from smartevse.core.measurement import Reading
from smartevse.settings.table import Value
from smartevse.settings.values import Values, default_values
from smartevse.station.meters import (
    BoxChoice,
    KwhChoice,
    Meters,
    battery_choice,
    circuit_choice,
    ev_choice,
    keep_asking,
    mains_choice,
)
from smartevse.station.peers import Peers
from tests.twin.running import running

EASTRON: dict[str, int | str] = {  # how the menu describes an Eastron as a meter of the owner's own
    "custom_order": "hbf_hwf",
    "custom_type": "float32",
    "custom_function": "4",
    "custom_voltage": 0,
    "custom_voltage_div": 0,
    "custom_current": 6,
    "custom_current_div": 0,
    "custom_power": 0x34,
    "custom_power_div": 0,
    "custom_energy": 0x48,
    "custom_energy_div": 0,
}


def settings(changes: dict[str, Value]) -> Values:
    return default_values().changed(changes)


def test_nobody_asks_for_the_mains_in_normal_mode_unless_mains_is_kept_there_too() -> None:
    assert mains_choice(settings({})) is None
    assert mains_choice(settings({"mains_in": "all"})) == BoxChoice(25, False, 1024)
    assert mains_choice(settings({"mode": "smart", "load_bal": "node1"})) is None, "its Master asks"


@pytest.mark.parametrize("mode", ["smart", "solar"])
def test_mains_grid_and_cal_go_to_the_sensorbox(mode: str) -> None:
    values = settings({"mode": mode, "mains": 40, "grid": "3wire", "cal": 1100})
    assert mains_choice(values) == BoxChoice(40, True, 1100)


def test_a_kwh_meter_is_asked_at_its_own_address() -> None:
    values = settings({"mode": "smart", "mainsmet": "eastron", "mainsadr": 20, "ev_meter": "abb", "ev_adr": 21})
    assert mains_choice(values) == KwhChoice("eastron", 20)
    assert ev_choice(values) == KwhChoice("abb", 21)
    assert ev_choice(settings({})) is None


def test_the_owners_own_meter_is_described_by_the_menu() -> None:
    values = settings({"mode": "smart", "mainsmet": "custom", **EASTRON})
    choice = mains_choice(values)
    assert isinstance(choice, KwhChoice)
    assert choice.custom is not None
    assert choice.custom.current == custom.Place(6, 0)
    assert choice.meter().values["current_l2_ma"].address == 8
    assert choice.meter().values["import_wh"].scale == 1000


def test_another_meter_is_asked_as_soon_as_it_is_chosen(tmp_path: Path) -> None:
    with running(tmp_path) as twin:
        twin.tell("bus sensorbox p1")
        twin.tell("bus meter 20 eastron mains")
        twin.tell("house 4 5 6.5")

        async def story() -> None:
            heard = 0

            def count() -> None:
                nonlocal heard
                heard += 1

            async def until(true: Callable[[], bool]) -> None:
                async with asyncio.timeout(20):
                    while not true():
                        await asyncio.sleep(0.01)

            box = settings({"mode": "smart"})
            meters = Meters(config.Bus(twin.bus()), box, count)
            work = asyncio.create_task(meters.run())
            await until(lambda: meters.mains is not None)
            assert meters.mains is not None
            assert (heard, meters.mains[:3]) == (1, (40, 50, 65))
            assert meters.mains_name == "mains meter 10 (Sensorbox)"
            assert meters.box is not None
            own = box.changed({"mainsmet": "custom", "mainsadr": 20, "ev_meter": "eastron", **EASTRON})
            twin.tell("house 1 2 3.5")
            meters.use(own)
            await until(lambda: meters.mains is not None and meters.mains[:3] == (10, 20, 35))
            assert meters.mains_name == "mains meter 20 (Custom)"
            assert (meters.box, meters.notes) == (None, ())
            await until(lambda: meters.reading.phases_da == (0, 0, 0))
            meters.use(own.changed({"mode": "normal"}))
            await until(lambda: meters.mains is None)
            assert meters.reading.phases_da == (0, 0, 0), "the EV meter is asked in every mode"
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

        asyncio.run(story())


def test_circuit_and_battery_meters_are_asked_where_they_have_an_effect(tmp_path: Path) -> None:
    assert circuit_choice(settings({"circ_met": "eastron", "circ_adr": 30})) == KwhChoice("eastron", 30)
    assert circuit_choice(settings({"circ_met": "eastron", "load_bal": "node1"})) is None, "its Master asks"
    assert battery_choice(settings({"batt_met": "eastron"})) is None, "only in Solar"
    with running(tmp_path) as twin:
        twin.tell("bus meter 20 eastron circuit")
        twin.tell("bus meter 21 eastron_inv battery")
        twin.tell("bus meter 22 eastron mains")
        twin.tell("circuit 3 4 5.5")
        twin.tell("battery -12")

        async def story() -> None:
            heard = 0

            def count() -> None:
                nonlocal heard
                heard += 1

            values = settings(
                {
                    "mode": "solar",
                    "mainsmet": "eastron",
                    "mainsadr": 22,
                    "circ_met": "eastron",
                    "batt_met": "eastron_inv",
                }
            )
            meters = Meters(config.Bus(twin.bus()), values, count)
            work = asyncio.create_task(meters.run())
            async with asyncio.timeout(20):
                while meters.circuit is None or meters.battery is None or meters.mains is None:
                    await asyncio.sleep(0.01)
            assert meters.circuit[:3] == (30, 40, 55)
            assert meters.battery[:3] == (-40, -40, -40)
            assert meters.mains[:3] == (-10, 0, 15)
            assert meters.circuit_name == "circuit meter 20 (Eastron)"
            assert heard >= 2
            meters.use(values.changed({"circ_met": "disabled", "batt_met": "disabled"}))
            async with asyncio.timeout(20):
                while meters.circuit is not None or meters.battery is not None:
                    await asyncio.sleep(0.01)
            assert (meters.circuit_name, meters.notes) == ("", ())
            work.cancel()

        asyncio.run(story())


class Forgetful:
    """A meter whose answers to some questions are lost; notes when it is asked."""

    silent = False

    def __init__(self, lost: set[int]) -> None:
        self.reading: Reading | None = None
        self.asked_s: list[float] = []
        self._lost = lost

    async def poll(self) -> None:
        self.asked_s.append(time.monotonic())
        if len(self.asked_s) - 1 not in self._lost:
            self.reading = Reading(0, 0, 0, self.asked_s[-1])


def test_a_lost_answer_is_asked_for_once_more_without_waiting_for_the_next_cycle() -> None:
    meter, heard = Forgetful({1, 3, 4}), []

    async def story() -> None:
        work = asyncio.create_task(keep_asking(meter, lambda: heard.append(len(meter.asked_s))))
        async with asyncio.timeout(20):
            while len(meter.asked_s) < 6:
                await asyncio.sleep(0.01)
        work.cancel()

    asyncio.run(story())
    pauses = [after - before for before, after in pairwise(meter.asked_s)]
    assert heard == [1, 3, 6]
    assert pauses[0] > 1.8
    assert pauses[1] < 1.0, "the second answer was lost"
    assert pauses[3] < 1.0, "so was the fourth"
    assert pauses[4] > 1.2, "and what was asked once more too: now it waits"


def test_a_station_alone_gives_way_to_another_master_and_hears_what_that_one_is_told(tmp_path: Path) -> None:
    with running(tmp_path, units=2) as twin:
        twin.tell("bus sensorbox p1")
        twin.tell("house 4 5 6.5")

        async def ask_as_another() -> None:
            with serial.Serial(twin.bus(1), 9600, timeout=0) as line:
                while True:
                    line.write(bytes.fromhex("0a 04 00 00 00 14 f1 7e"))
                    await asyncio.sleep(1.1)

        async def story() -> None:
            async def until(true: Callable[[], bool]) -> None:
                async with asyncio.timeout(30):
                    while not true():
                        await asyncio.sleep(0.01)

            bus, values = config.Bus(twin.bus()), settings({"mode": "smart"})
            meters = Meters(bus, values, lambda: None)
            peers = Peers(bus, values, meters, lambda: None, lambda _: None)
            work = asyncio.create_task(peers.run())
            await until(lambda: meters.mains is not None)
            other = asyncio.create_task(ask_as_another())
            await until(lambda: "RS485: other master" in peers.notes)
            await asyncio.to_thread(twin.tell, "house 7 8 9.5")
            await until(lambda: meters.mains is not None and meters.mains[:3] == (70, 80, 95))
            assert meters.port is not None
            assert meters.port.gave_way
            other.cancel()
            await until(lambda: meters.port is not None and not meters.port.gave_way)
            await asyncio.to_thread(twin.tell, "house 1 2 3.5")
            await until(lambda: meters.mains is not None and meters.mains[:3] == (10, 20, 35))
            work.cancel()
            await asyncio.gather(work, other, return_exceptions=True)

        asyncio.run(story())
