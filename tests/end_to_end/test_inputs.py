"""What the running station is told or measures beside the mains: home battery, a current by hand, the circuit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.harness import Rig, rig
from tests.end_to_end.test_regulation import begin, closed, duty, screen

FULL = (266, 267)


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def test_a_home_battery_that_charges_leaves_its_current_to_the_car(rig: Rig) -> None:
    station = begin(rig, "house 2 2 2", "MODE", "Solar", "START", "4", "MAX", "16", "CONTACT 2", "Always Off")
    rig.until(lambda: "A more" in screen(rig), "the car waits for the sun")
    rig.do("battery 30")
    rig.do("sun 12")
    assert "takes 30.0 A" in rig.tell("battery", "30")
    rig.until(lambda: closed(rig), "the car begins although nothing is exported", 60)
    rig.until(lambda: "battery +30.0A" in screen(rig), "the display shows the battery", 30)
    assert "nothing told" not in station.text()
    assert "from -1000 to 1000" in rig.tell("battery", "nan", status=1)
    assert "battery +30.0 A, told" in rig.tell()
    assert rig.tell("battery", "-30").strip() == "the home battery gives 30.0 A"
    rig.until(lambda: "battery -30.0A" in screen(rig), "the display follows", 30)
    assert station.stop() == 0
    assert "Traceback" not in station.text()
    assert "no station answers" in rig.tell("battery", "5", status=3)


def test_a_meter_at_the_home_battery_tells_the_same_without_anybody_telling(rig: Rig) -> None:
    rig.settings("set", "MODE", "Solar", "START", "4", "MAX", "16", "CONTACT 2", "Always Off")
    rig.settings("set", "BATT MET", "Eastron", "BATT ADR", "30")
    rig.twin()
    rig.do("bus sensorbox p1")
    rig.do("bus meter 30 eastron battery")
    rig.do("house 2 2 2")
    rig.do("cable 220")
    rig.guard()
    station = rig.station()
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: "A more" in screen(rig), "the car waits for the sun")
    rig.do("sun 12")
    rig.do("battery 30")
    rig.until(lambda: closed(rig), "the car begins although nothing is exported", 60)
    rig.until(lambda: "battery +30" in screen(rig), "the display shows what the meter tells", 30)
    rig.do("bus silent 30 on")
    rig.until(lambda: "battery meter 30 (Eastron): no answer for 10 s" in station.text(), "the journal names it", 30)
    assert "Traceback" not in station.text()


def test_the_quarter_of_an_hour_stays_below_its_peak(rig: Rig) -> None:
    settings = ("MODE", "Smart", "MAX", "16", "CAP MODE", "Quarter", "CONTACT 2", "Always Off")
    station = begin(rig, "house 1 1 1", *settings)
    rig.until(lambda: closed(rig), "a car on one phase charges through", 30)
    rig.until(lambda: "A: peak" in screen(rig), "the display says what binds", 30)
    assert "this quarter of an hour stays below the month's peak (CAP MODE)" in station.text()
    assert duty(rig) < FULL[0]
    rig.do("house 8 1 1")
    rig.until(lambda: not closed(rig), "with 2.3 kW in the house nothing is left for a car", 40)
    rig.until(lambda: "month's peak" in screen(rig), "and the display says why it waits")
    assert "Traceback" not in station.text()


def test_a_current_set_by_hand_takes_the_place_of_max_until_solar_is_chosen(rig: Rig) -> None:
    station = begin(rig, "house 5 5 5", "MODE", "Smart", "MAX", "16")
    rig.until(lambda: duty(rig) in FULL, "it charges at MAX")
    assert "10.0 A in the place of MAX" in rig.tell("override", "10")
    rig.until(lambda: duty(rig) in (166, 167), "the offer is what was set by hand")
    rig.until(lambda: "10.0 A: override" in screen(rig), "the display says so")
    assert "the car may take 10.0 A: set by hand for now" in station.text()
    assert "6 A to 16 A (MAX)" in rig.tell("override", "17", status=1)
    rig.settings("set", "MODE", "Solar")
    rig.until(lambda: "(10.0 A) is over: Solar was chosen" in station.text(), "Solar ends it")
    assert "choose one of them" in rig.tell("override", "10", status=1)
    rig.settings("set", "MODE", "Smart")
    rig.until(lambda: duty(rig) in FULL, "MAX counts again", 90)
    rig.tell("access", "pause")
    rig.until(lambda: not closed(rig), "a pause ends the charge")
    rig.until(lambda: "PAUSE" in screen(rig), "and the display says so")
    assert "paused by hand" in station.text()
    rig.tell("access", "on")
    rig.until(lambda: closed(rig), "it goes on", 90)
    assert "Traceback" not in station.text()


def test_others_on_the_circuit_lower_the_offer_and_a_silent_meter_there_stops_it_by_name(rig: Rig) -> None:
    settings = ("MAX", "16", "CIRC MET", "Eastron", "CIRC ADR", "20", "CIRCUIT", "20")
    rig.settings("set", *settings)
    rig.twin()
    rig.do("bus meter 20 eastron circuit")
    rig.do("cable 220")
    rig.guard()
    station = rig.station()
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: duty(rig) in FULL, "it charges at MAX")
    rig.until(lambda: rig.world()["house"]["circuit_a"][1] > 15.5, "the car takes it")
    rig.do("circuit 2 11 2")
    rig.until(lambda: 145 <= duty(rig) <= 152, "9 A are left on L2")
    rig.until(lambda: "A: CIRCUIT" in screen(rig), "the display says why")
    assert "the circuit of the chargers carries no more (CIRCUIT)" in station.text()
    rig.do("bus silent 20 on")
    rig.until(lambda: not closed(rig), "charging stops without data", 30)
    rig.until(lambda: "SERIAL COM" in screen(rig), "the display says what the manual says")
    rig.until(lambda: "circuit meter 20 Eastron no answer" in screen(rig), "and who it is")
    rig.until(lambda: "circuit meter 20 (Eastron): no answer for 10 s" in station.text(), "the journal names it")
    assert "no signal from the circuit meter" in station.text()
    rig.do("bus silent 20 off")
    rig.until(lambda: closed(rig), "it goes on by itself", 90)
    assert "Traceback" not in station.text()
