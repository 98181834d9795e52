"""Cards held to the twin's reader: the unchanged station reads them over pigpiod's I2C."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.settings.cards import CardList
from tests.end_to_end.harness import Rig, rig
from tests.end_to_end.test_station import charging, choose

OWN, OTHER = "04a1b2c3", "04a1b2c3d4e5f6"


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def known(rig: Rig, *numbers: str) -> None:
    """Cards that were learned before."""
    cards = CardList(rig.state)
    for number in numbers:
        cards.add(bytes.fromhex(number))
    cards.close()


def shows(rig: Rig, *words: str) -> None:
    rig.until(lambda: all(word in " ".join(rig.lcd()) for word in words), f"the display shows {words}")


def away(rig: Rig) -> None:
    """The card is gone for long enough to act again."""
    gone_s = float(rig.do("now"))
    rig.until(lambda: float(rig.do("now")) > gone_s + 2.0, "the card was away for a while")


def test_only_the_card_that_began_a_charge_ends_it(rig: Rig) -> None:
    known(rig, OWN, OTHER)
    rig.settings("set", "RFID", "Enabled")
    _, _, station = rig.all()
    rig.do("ev plug")
    rig.do("ev ready")
    shows(rig, "CARD")
    rig.do(f"card {OTHER[:-2]}f7 0.8")
    shows(rig, "CARD REFUSED", "not known here")
    rig.do(f"card {OWN} 0.8")
    shows(rig, "CARD ACCEPTED")
    rig.until(lambda: rig.world()["contactors"]["c1"], "the contactor is closed")
    rig.do(f"card {OTHER} 0.8")
    shows(rig, "CARD REFUSED", "another card")
    assert rig.world()["contactors"]["c1"]
    away(rig)
    rig.do(f"card {OWN} 5")
    rig.until(lambda: not rig.world()["contactors"]["c1"], "the contactor is open")
    shows(rig, "CARD ACCEPTED", "charging ended")
    rig.until(lambda: rig.world()["reader"]["card"] is None, "the card that stayed is gone")
    assert not rig.world()["contactors"]["c1"]
    assert station.text().count("access given") == 1
    assert OWN.upper() not in station.text()


def test_access_is_denied_at_the_start_also_to_a_car_that_waits(rig: Rig) -> None:
    known(rig, OWN)
    rig.settings("set", "RFID", "Enabled")
    rig.twin()
    rig.do("ev plug")
    rig.do("ev ready")
    rig.guard()
    station = rig.station()
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    shows(rig, "CARD")
    closed = [name for _, name, value in json.loads(rig.do("trace 0"))["events"] if name == "c1_contacts" and value]
    assert closed == []


def test_a_card_is_learned_in_the_menu_and_all_are_deleted(rig: Rig) -> None:
    rig.settings("set", "RFID", "Enabled")
    _, _, station = rig.all()
    rig.press("o", 2.2)
    choose(rig, "RFID")
    rig.press("o")
    rig.until(lambda: rig.lcd()[1].startswith("<"), "RFID is being changed")
    rig.press(">")
    shows(rig, "Learn", "hold a card")
    rig.do(f"card {OWN} 0.8")
    shows(rig, "CARD STORED", "1 known now")
    rig.press(">")
    rig.press(">")
    shows(rig, "Delete All", "1 cards known")
    rig.press("o")
    rig.until(lambda: "all cards: deleted" in station.text(), "the journal tells it")
    assert CardList(rig.state).numbers == frozenset()
    assert "Enabled" in rig.settings("get", "RFID")


def test_a_reader_that_is_pulled_out_is_said_once_and_works_again(rig: Rig) -> None:
    known(rig, OWN)
    rig.settings("set", "RFID", "Enabled")
    _, _, station = rig.all()
    rig.do("fault reader-off on")
    shows(rig, "no card reader")
    rig.do("fault reader-off off")
    rig.until(lambda: "the card reader is there again" in station.text(), "the reader is found again")
    assert station.text().count("no card can be read") == 1
    rig.do(f"card {OWN} 2")
    charging(rig)
