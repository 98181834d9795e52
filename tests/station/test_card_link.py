"""The reader's thread, and which reader the configuration means."""

from __future__ import annotations

import queue

import pytest

from smartevse import config
from smartevse.drivers.card_reader import ReaderError
from smartevse.station.card_link import CardLink, ReaderOpener, card_link, no_reader

ONE = bytes.fromhex("04a1b2c3")


class Reader:
    def __init__(self) -> None:
        self.opened = 0
        self.closed: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def open(self) -> Reader:
        self.opened += 1
        return self

    def card(self) -> bytes | None:
        return ONE

    def close(self) -> None:
        self.closed.put(True)


def test_the_reader_is_asked_only_while_cards_are_wanted() -> None:
    reader, cards = Reader(), queue.SimpleQueue[bytes]()
    link = CardLink(reader.open, cards.put)
    link.want(False)
    assert reader.opened == 0
    link.want(True)
    assert cards.get(timeout=20) == ONE
    link.want(False)
    assert reader.closed.get(timeout=20)
    link.want(True)
    link.close()


def test_a_configuration_without_a_reader_says_so() -> None:
    with pytest.raises(ReaderError, match="name the reader that is connected"):
        no_reader()
    link = card_link(config.Hat(), config.Panel(rfid="none"), lambda _: None)
    assert not link.lost
    link.close()


@pytest.mark.parametrize(
    ("panel", "sentence"),
    [
        (config.Panel(rfid="evdev", rfid_device="/nowhere"), r"evdev is not installed|/nowhere cannot be used"),
        (config.Panel(rfid="w1"), r"dtoverlay=w1-gpio"),
        (config.Panel(rfid="pn532", i2c_bus=9), r"/dev/i2c-9 is not there"),
    ],
)
def test_a_reader_that_this_machine_has_not_is_named_with_what_to_do(panel: config.Panel, sentence: str) -> None:
    with pytest.raises(ReaderError, match=sentence):
        ReaderOpener(config.Hat(backend="kernel"), panel)()
