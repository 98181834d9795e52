from __future__ import annotations

from smartevse.drivers.card_reader import ReaderError
from smartevse.panel.card_reading import LOST_LOOKS, Reading

ONE = bytes.fromhex("04a1b2c3")


class Reader:
    """A reader on a cable that can be pulled out."""

    def __init__(self) -> None:
        self.there = True
        self.number: bytes | None = None
        self.bad = 0
        self.opened = self.closed = 0
        self.said: list[str] = []
        self.reading = Reading(self.open, self.said.append)

    def open(self) -> Reader:
        if not self.there:
            raise ReaderError("nothing answers at 0x24")
        self.opened += 1
        return self

    def card(self) -> bytes | None:
        if not self.there:
            raise ReaderError("nothing answers at 0x24")
        if self.bad:
            self.bad -= 1
            raise ReaderError("damaged")
        return self.number

    def close(self) -> None:
        self.closed += 1

    def looks(self, start_s: float, seconds: float) -> list[bytes]:
        found = (self.reading.look(start_s + at * 0.25) for at in range(round(seconds * 4)))
        return [number for number in found if number is not None]


def test_a_card_is_told_once_in_its_shortest_form() -> None:
    reader = Reader()
    assert reader.looks(0, 2) == []
    reader.number = ONE + bytes(3)
    assert reader.looks(2, 5) == [ONE]
    reader.number = None
    reader.looks(7, 2)
    reader.number = ONE
    assert reader.looks(9, 2) == [ONE]
    assert reader.said == []


def test_a_reader_that_is_pulled_out_is_said_once_and_comes_back() -> None:
    reader = Reader()
    reader.looks(0, 1)
    reader.there = False
    assert reader.looks(1, 100) == []
    assert reader.said == ["no card can be read: nothing answers at 0x24"]
    assert reader.reading.problem
    reader.there, reader.number = True, ONE
    assert reader.looks(101, 31) == [ONE]
    assert reader.said[1:] == ["the card reader is there again"]
    assert reader.reading.problem == ""
    assert (reader.opened, reader.closed) == (2, 1)


def test_a_reader_that_was_never_there_is_said_and_found_later() -> None:
    reader = Reader()
    reader.there = False
    reader.looks(0, 10)
    reader.there, reader.number = True, ONE
    assert reader.looks(10, 31) == [ONE]
    assert len(reader.said) == 2


def test_a_single_disturbed_answer_is_not_a_lost_reader_and_not_a_card_that_left() -> None:
    reader = Reader()
    reader.number = ONE
    assert reader.looks(0, 1) == [ONE]
    reader.bad = LOST_LOOKS - 1
    assert reader.looks(1, 2) == []
    assert reader.said == []
    assert reader.opened == 1


def test_a_card_that_cannot_be_used_is_said_once() -> None:
    reader = Reader()
    reader.number = bytes(5)
    assert reader.looks(0, 5) == []
    assert reader.said == ["a card's number has 5 bytes, but only 4, 6, 7 or 10 exist: use another reader"]


def test_a_reader_that_nobody_wants_is_given_back() -> None:
    reader = Reader()
    reader.looks(0, 1)
    reader.reading.rest()
    assert reader.closed == 1
    reader.looks(1, 1)
    assert reader.opened == 2
