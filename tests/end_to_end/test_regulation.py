"""Smart and Solar with the unchanged programs: the meter of the house on the RS485 line, the car behind the guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.harness import Program, Rig, rig

MAINS_A = 25
FULL = (266, 267)
"""The duty cycle of 16 A."""


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def duty(rig: Rig) -> int:
    return int(rig.world()["pilot"]["duty_permille"])


def closed(rig: Rig) -> bool:
    return bool(rig.world()["contactors"]["c1"])


def mains_a(rig: Rig) -> list[float]:
    return [float(amps) for amps in rig.world()["house"]["mains_a"]]


def screen(rig: Rig) -> str:
    return " ".join(" ".join(rig.lcd()).split())


def begin(rig: Rig, house: str, *settings: str) -> Program:
    """The programs with these settings, a Sensorbox at the mains of a house, and a car that wants to charge."""
    rig.settings("set", *settings)
    rig.twin()
    rig.do("bus sensorbox p1")
    rig.do(house)
    rig.do("cable 220")
    rig.guard()
    station = rig.station()
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    rig.do("ev plug")
    rig.do("ev ready")
    return station


def test_smart_keeps_the_house_below_mains_and_stops_when_its_meter_falls_silent(rig: Rig) -> None:
    station = begin(rig, "house 5 5 5", "MODE", "Smart", "MAINS", str(MAINS_A), "MAX", "16")
    rig.until(lambda: duty(rig) == 100, "the car begins with MIN")
    rig.until(lambda: duty(rig) in FULL, "it rises to MAX")
    rig.until(lambda: max(mains_a(rig)) > 20, "the car takes it")
    rig.do("house 5 17 5")
    rig.until(lambda: duty(rig) < 140, "the offer falls with the next reading")
    rig.until(lambda: max(mains_a(rig)) <= MAINS_A, "the house is below MAINS")
    assert closed(rig), "the car goes on with less"
    assert "mains L2 at" in station.text()
    rig.do("bus silent 10 on")
    rig.until(lambda: not closed(rig), "charging stops without data", 30)
    rig.until(lambda: "SERIAL COM" in screen(rig), "the display says what the manual says")
    rig.until(lambda: "mains meter 10 Sensorbox no answer" in screen(rig), "and who it is")
    rig.until(lambda: "mains meter 10 (Sensorbox): no answer for 10 s" in station.text(), "the journal names it")
    rig.do("bus silent 10 off")
    rig.until(lambda: closed(rig), "it goes on by itself", 40)
    assert "mains meter 10 (Sensorbox): answers again" in station.text()
    assert station.stop() == 0
    assert "Traceback" not in station.text()


def test_a_station_that_comes_back_does_not_end_a_regulated_charge(rig: Rig) -> None:
    station = begin(rig, "house 5 5 5", "MODE", "Smart", "MAINS", str(MAINS_A), "MAX", "16")
    rig.until(lambda: duty(rig) in FULL, "it charges at MAX")
    station.end()
    again = rig.station()
    rig.until(lambda: "the station is ready" in again.text(), "the station is back")
    rig.until(lambda: duty(rig) in FULL, "it charges at MAX again")
    assert "charging stopped" not in again.text()


def test_solar_waits_for_the_sun_and_says_how_much_is_missing(rig: Rig) -> None:
    station = begin(rig, "house 2 2 2", "MODE", "Solar", "START", "4", "MAX", "16")
    rig.until(lambda: "FOR SOLAR" in screen(rig), "the display says what the car waits for")
    rig.until(lambda: "A more" in screen(rig), "and how much is missing")
    assert not closed(rig)
    assert "10.1 A more sun needed" in station.text()
    rig.do("sun 12")
    rig.until(lambda: closed(rig), "it begins when the sun is strong enough", 60)
    assert duty(rig) == 100
    assert "6.0 A: the car starts at the minimum" in station.text()
