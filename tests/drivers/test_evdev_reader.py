from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from smartevse.drivers.card_reader import ReaderError
from smartevse.drivers.evdev_reader import EvdevReader, evdev_reader
from smartevse.panel.card_number import parse

CODES = {**{str(n % 10): n + 1 for n in range(1, 11)}, "a": 30, "b": 48, "c": 46, "d": 32, "e": 18, "f": 33, "\n": 28}


class Event(NamedTuple):
    type: int
    code: int
    value: int


class Keyboard:
    """What is used of `evdev.InputDevice`: its file is a pipe that tells when there are events."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        self.events: list[Event] = []
        self.gone = False

    def fileno(self) -> int:
        return self._out

    def type(self, text: str) -> None:
        for letter in text:
            self.events += [Event(4, 4, 458756), Event(1, CODES[letter], 1), Event(1, CODES[letter], 0), Event(0, 0, 0)]
        os.write(self._in, b"x")

    def read(self) -> Iterator[Event]:
        if self.gone:
            raise OSError(19, "No such device")
        os.read(self._out, 1)
        events, self.events = self.events, []
        return iter(events)

    def close(self) -> None:
        os.close(self._out)
        os.close(self._in)


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    made = Keyboard()
    yield made
    made.close()


@pytest.mark.parametrize("typed", ["04a1b2c3\n", "0077705923\n", "\n\n04a1b2c3\n"])
def test_a_typed_number_is_read_once(keyboard: Keyboard, typed: str) -> None:
    reader = EvdevReader(keyboard, parse, wait_s=0.0)
    assert reader.card() is None
    keyboard.type(typed)
    assert reader.card() == bytes.fromhex("04a1b2c3")
    assert reader.card() is None


def test_what_is_no_number_is_refused_and_the_next_one_is_read(keyboard: Keyboard) -> None:
    reader = EvdevReader(keyboard, parse, wait_s=0.0)
    keyboard.type("0000004\n")
    with pytest.raises(ValueError, match="'0000004' is no card number"):
        reader.card()
    keyboard.type("04a1b2c3\n")
    assert reader.card() == bytes.fromhex("04a1b2c3")


def test_a_number_that_comes_in_pieces_is_one_number(keyboard: Keyboard) -> None:
    reader = EvdevReader(keyboard, parse, wait_s=0.0)
    keyboard.type("04a1")
    assert reader.card() is None
    keyboard.type("b2c3\n")
    assert reader.card() == bytes.fromhex("04a1b2c3")


def test_endless_keys_without_an_end_are_forgotten(keyboard: Keyboard) -> None:
    reader = EvdevReader(keyboard, parse, wait_s=0.0)
    keyboard.type("0" * 500)
    assert reader.card() is None
    keyboard.type("\n")
    with pytest.raises(ValueError, match=r"has 20 bytes"):
        reader.card()


def test_a_reader_that_is_pulled_out_is_an_error(keyboard: Keyboard) -> None:
    reader = EvdevReader(keyboard, parse, wait_s=0.0)
    keyboard.type("04")
    keyboard.gone = True
    with pytest.raises(ReaderError, match="gone"):
        reader.card()


def test_without_one_or_with_several_keyboards_it_is_said_which_are_there(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="no card reader"):
        evdev_reader(None, parse, tmp_path)
    (tmp_path / "usb-a-event-kbd").touch()
    (tmp_path / "usb-b-event-kbd").touch()
    with pytest.raises(ReaderError, match=r"usb-a-event-kbd, usb-b-event-kbd.*rfid_device"):
        evdev_reader(None, parse, tmp_path)
