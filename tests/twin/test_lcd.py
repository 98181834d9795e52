"""The display: bytes on I2C become the text that a person reads."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pigpio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from RPLCD.i2c import CharLCD

from smartevse.twin.lcd import COLUMNS, CUSTOM, ROW_START, ROWS, Lcd, NackError
from tests.twin.running import Twin

_RS, _E, _LIGHT = 1, 4, 8
BLANK = " " * COLUMNS


class _Bus:
    """What RPLCD uses of an SMBus, sent through pigpio's I2C commands."""

    def __init__(self, pi: pigpio.pi) -> None:
        self._pi = pi
        self._handles: dict[int, int] = {}

    def write_byte(self, address: int, value: int) -> None:
        if address not in self._handles:
            self._handles[address] = self._pi.i2c_open(1, address)
        self._pi.i2c_write_byte(self._handles[address], value)


class _RpLcd(CharLCD):  # type: ignore[misc]
    def __init__(self, pi: pigpio.pi) -> None:
        self._pi = pi
        super().__init__("PCF8574", 0x27, cols=COLUMNS, rows=ROWS)

    def _init_connection(self) -> None:
        self.bus = _Bus(self._pi)


@pytest.fixture
def rplcd(twin: Twin) -> Iterator[_RpLcd]:
    pi = pigpio.pi("127.0.0.1", twin.port)
    notifier = pi._notify
    yield _RpLcd(pi)
    pi.stop()
    notifier.join(timeout=10)


def test_rplcd_writes_what_a_person_reads(twin: Twin, rplcd: _RpLcd) -> None:
    rplcd.write_string("SmartEVSE\r\n32 A  230 V")
    rplcd.cursor_pos = (3, 17)
    rplcd.write_string("END")
    seen = twin.ask("lcd")
    assert seen["lines"] == ["SmartEVSE".ljust(20), "32 A  230 V".ljust(20), BLANK, "END".rjust(20)]
    assert (seen["backlight"], seen["on"], seen["too_early"]) == (True, True, 0)
    rplcd.clear()
    rplcd.backlight_enabled = False
    seen = twin.ask("lcd")
    assert seen["lines"] == [BLANK] * ROWS
    assert not seen["backlight"]


def test_rplcd_draws_its_own_characters(twin: Twin, rplcd: _RpLcd) -> None:
    bolt = (0b00010, 0b00100, 0b01000, 0b11111, 0b00010, 0b00100, 0b01000, 0b10000)
    rplcd.create_char(3, bolt)
    rplcd.cursor_pos = (2, 5)
    rplcd.write_string("\x03")
    seen = twin.ask("lcd")
    assert seen["cgram"][3] == list(bolt)
    assert seen["lines"][2][5] == chr(CUSTOM + 3)


def test_a_replugged_display_is_blank_until_it_is_started_again(twin: Twin, rplcd: _RpLcd) -> None:
    rplcd.write_string("hello")
    twin.tell("fault lcd-off")
    assert twin.ask("lcd")["lines"] == [BLANK] * ROWS
    with pytest.raises(pigpio.error):
        rplcd.write_string("lost")
    twin.tell("fault lcd-off off")
    rplcd.write_string("unseen")
    assert twin.ask("lcd")["lines"] == [BLANK] * ROWS
    again = _RpLcd(rplcd._pi)
    again.write_string("back")
    assert twin.ask("lcd")["lines"][0] == "back".ljust(20)


def test_a_disturbance_is_seen_and_a_new_start_heals_it(twin: Twin, rplcd: _RpLcd) -> None:
    rplcd.write_string("hello")
    twin.tell("fault lcd-glitch")
    assert twin.ask("lcd")["lines"][0] != "hello".ljust(20) or "".join(twin.ask("lcd")["lines"]).strip() != "hello"
    again = _RpLcd(rplcd._pi)
    again.write_string("hello")
    assert twin.ask("lcd")["lines"] == ["hello".ljust(20), BLANK, BLANK, BLANK]


class _Driver:
    """The shortest way to speak to the controller in 4-bit mode."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.lcd = Lcd(lambda: self.now_s)
        for nibble in (3, 3, 3, 2):
            self._nibble(nibble, 0)
        for value in (0x28, 0x0C, 0x01):
            self.instruction(value)

    def _nibble(self, nibble: int, flags: int) -> None:
        port = nibble << 4 | flags | _LIGHT
        self.lcd.write(bytes((port | _E, port)))

    def instruction(self, value: int) -> None:
        self._send(value, 0)
        self.now_s += 0.002

    def text(self, text: str) -> None:
        for byte in text.encode("ascii"):
            self._send(byte, _RS)

    def _send(self, value: int, flags: int) -> None:
        self._nibble(value >> 4, flags)
        self._nibble(value & 0xF, flags)


PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7D, exclude_characters="\\"), max_size=20)


@given(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), PRINTABLE)
def test_text_stands_where_it_was_addressed(row: int, column: int, text: str) -> None:
    driver = _Driver()
    text = text[: COLUMNS - column]
    driver.instruction(0x80 | ROW_START[row] + column)
    driver.text(text)
    expected = [BLANK] * ROWS
    expected[row] = (" " * column + text).ljust(COLUMNS)
    assert driver.lcd.lines() == expected


def test_a_long_text_goes_on_in_the_third_row_then_the_second() -> None:
    driver = _Driver()
    driver.text("a" * 20 + "b" * 20 + "c" * 20 + "d" * 20)
    assert driver.lcd.lines() == ["a" * 20, "c" * 20, "b" * 20, "d" * 20]


@given(st.binary(max_size=60))
def test_no_bytes_upset_the_display_and_a_restart_always_works(junk: bytes) -> None:
    driver = _Driver()
    driver.lcd.write(junk)
    assert [len(line) for line in driver.lcd.lines()] == [COLUMNS] * ROWS
    driver.lcd.write(bytes((_LIGHT,)))
    driver.now_s += 1
    for nibble in (3, 3, 3, 2):
        driver._nibble(nibble, 0)
    for value in (0x28, 0x0C, 0x06, 0x01):
        driver.instruction(value)
    driver.text("ready")
    assert driver.lcd.lines() == ["ready".ljust(20), BLANK, BLANK, BLANK]


def test_a_display_that_is_off_shows_nothing_but_keeps_its_text() -> None:
    driver = _Driver()
    driver.text("kept")
    driver.instruction(0x08)
    assert driver.lcd.lines() == [BLANK] * ROWS
    driver.instruction(0x0F)
    assert driver.lcd.lines()[0] == "kept".ljust(20)
    assert driver.lcd.cursor() == (0, 4)


def test_the_window_can_be_shifted() -> None:
    driver = _Driver()
    driver.text("shift")
    driver.instruction(0x18)
    assert driver.lcd.lines()[0] == "hift".ljust(20)
    driver.instruction(0x1C)
    assert driver.lcd.lines()[0] == "shift".ljust(20)


def test_a_write_too_soon_after_a_clear_is_noticed() -> None:
    driver = _Driver()
    driver.instruction(0x01)
    driver.now_s -= 0.002
    driver.text("x")
    assert driver.lcd.too_early == 1


def test_an_unplugged_display_answers_nothing() -> None:
    lcd = Lcd(time.monotonic)
    lcd.power(False)
    for act in (lambda: lcd.write(b"\x00"), lambda: lcd.read(1)):
        with pytest.raises(NackError):
            act()
