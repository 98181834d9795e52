from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from smartevse.panel.card_access import Answer
from smartevse.settings.cards import MOST, CardList
from smartevse.settings.store import StoreError
from smartevse.station.card_desk import DELETE, LEARN, CardDesk

ONE, TWO, PHONE = bytes.fromhex("04a1b2c3"), bytes.fromhex("04a1b2c4"), bytes.fromhex("08a1b2c3")


async def now(change: Callable[[], None]) -> None:
    change()


@pytest.fixture
def cards(tmp_path: Path) -> CardList:
    return CardList(tmp_path)


@pytest.fixture
def desk(cards: CardList) -> CardDesk:
    cards.add(ONE)
    return CardDesk(cards, now)


def present(desk: CardDesk, number: bytes, now_s: float, action: str | None = None) -> Answer | None:
    return asyncio.run(desk.present(number, now_s, action))


def test_without_rfid_a_card_means_nothing(desk: CardDesk) -> None:
    assert desk.follow(0.0, enabled=False, given=True, connected=True) is None
    assert present(desk, ONE, 0.0) is None
    assert desk.lines(0.0) == ()
    assert desk.lights(0.0) is None


def test_a_known_card_gives_access_and_it_ends_a_minute_after_the_cable_left(desk: CardDesk) -> None:
    assert desk.follow(0.0, enabled=True, given=False, connected=True) is None
    assert present(desk, ONE, 1.0) is Answer.GRANTED
    assert desk.given
    assert desk.follow(2.0, enabled=True, given=True, connected=True) is None
    assert desk.follow(61.9, enabled=True, given=True, connected=False) is None
    assert desk.follow(62.0, enabled=True, given=True, connected=False) is False


def test_access_without_a_card_does_not_stay_open_either(desk: CardDesk) -> None:
    assert desk.follow(0.0, enabled=True, given=True, connected=True) is None
    assert desk.follow(59.0, enabled=True, given=True, connected=False) is None
    assert desk.follow(60.0, enabled=True, given=True, connected=False) is False


def test_rfid_that_is_enabled_takes_access_back_unless_a_car_is_connected(desk: CardDesk) -> None:
    desk.follow(0.0, enabled=False, given=True, connected=False)
    assert desk.follow(1.0, enabled=True, given=True, connected=False) is False
    desk.follow(2.0, enabled=False, given=True, connected=True)
    assert desk.follow(3.0, enabled=True, given=True, connected=True) is None


def test_access_that_a_key_took_back_is_not_remembered(desk: CardDesk) -> None:
    desk.follow(0.0, enabled=True, given=False, connected=True)
    present(desk, ONE, 1.0)
    desk.follow(2.0, enabled=True, given=False, connected=True)
    assert not desk.given
    assert present(desk, ONE, 3.0) is Answer.GRANTED


def test_cards_are_learned_and_deleted_with_the_menu_and_give_no_access_by_it(desk: CardDesk, cards: CardList) -> None:
    desk.follow(0.0, enabled=True, given=False, connected=True)
    assert present(desk, TWO, 0.0, LEARN) is Answer.STORED
    assert desk.lines(0.1) == ("CARD STORED", "2 known now")
    assert present(desk, TWO, 1.0, LEARN) is Answer.ALREADY
    assert present(desk, PHONE, 1.0, LEARN) is Answer.RANDOM
    assert cards.numbers == {ONE, TWO}
    assert present(desk, TWO, 2.0, DELETE) is Answer.DELETED
    assert present(desk, TWO, 3.0, DELETE) is Answer.ABSENT
    assert cards.numbers == {ONE}
    assert not desk.given
    assert asyncio.run(desk.clear(4.0)) is Answer.CLEARED
    assert cards.numbers == frozenset()


def test_a_full_list_refuses_one_more(desk: CardDesk, cards: CardList) -> None:
    for number in range(MOST - 1):
        cards.add(number.to_bytes(4, "big"))
    assert present(desk, TWO, 0.0, LEARN) is Answer.FULL
    assert TWO not in cards.numbers


def test_a_list_that_cannot_be_written_is_told_and_nothing_ends(cards: CardList) -> None:
    async def fail(_: Callable[[], None]) -> None:
        raise StoreError("cannot write the list of cards")

    cards.add(ONE)
    desk = CardDesk(cards, fail)
    assert present(desk, TWO, 0.0, LEARN) is Answer.FAILED
    assert present(desk, ONE, 0.0, DELETE) is Answer.FAILED
    assert asyncio.run(desk.clear(0.0)) is Answer.FAILED
    assert desk.lines(0.0) == ("NO CHANGE", "see the journal")


def test_the_display_tells_of_a_card_for_4_s_and_the_lights_for_1(desk: CardDesk) -> None:
    desk.follow(0.0, enabled=True, given=False, connected=False)
    assert present(desk, TWO, 10.0) is Answer.UNKNOWN
    assert desk.lines(13.9) == ("CARD REFUSED", "not known here")
    assert desk.lines(14.0) == ()
    assert desk.lights(11.0) is not None
    assert desk.lights(11.3) is None
    present(desk, ONE, 20.0)
    assert desk.lines(20.0) == ("CARD ACCEPTED", "plug in the car", "within 60 s")


def test_the_journal_does_not_tell_whole_numbers(desk: CardDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk.follow(0.0, enabled=True, given=False, connected=False)
    present(desk, ONE, 0.0)
    present(desk, TWO, 1.0)
    assert [record.getMessage() for record in caplog.records] == [
        "card ..B2C3: access given",
        "card ..B2C4: refused, it is not known here",
    ]
