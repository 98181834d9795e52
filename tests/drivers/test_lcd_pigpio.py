from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from smartevse.drivers.lcd_hd44780 import CharacterLcd, LcdError
from smartevse.drivers.lcd_pigpio import pigpio_lcd
from tests.drivers.lcd_bench import LcdPi

FRAME = ("CHARGING       16.0A", "16.0 A: cable       ", "11.0kW 12.34kWh     ", "16.0 15.9 16.1A     ")


def paint(lcd: CharacterLcd, lines: tuple[str, ...] = FRAME) -> None:
    lcd.write([(row, 0, text) for row, text in enumerate(lines)])


@pytest.fixture
def pi() -> LcdPi:
    return LcdPi()


@pytest.fixture
def lcd(pi: LcdPi) -> CharacterLcd:
    return pigpio_lcd(pi)


def test_what_is_written_is_read_on_the_display(pi: LcdPi, lcd: CharacterLcd) -> None:
    assert pi.opened == [(1, 0x27)]
    assert pi.lcd.lines() == [" " * 20] * 4
    assert pi.lcd.backlight
    paint(lcd)
    assert tuple(pi.lcd.lines()) == FRAME


def test_every_row_and_column_is_where_it_should_be(pi: LcdPi, lcd: CharacterLcd) -> None:
    for row in range(4):
        for column in (0, 7, 19):
            lcd.write([(row, column, "#")])
            assert pi.lcd.lines()[row][column] == "#"
    assert "".join(pi.lcd.lines()).count("#") == 12


def test_nothing_is_sent_while_the_display_is_still_busy(pi: LcdPi, lcd: CharacterLcd) -> None:
    paint(lcd)
    lcd.resync()
    paint(lcd)
    again = pigpio_lcd(pi)  # a restart finds the display already in 4-bit mode
    paint(again)
    assert pi.lcd.too_early == 0


def test_the_backlight_can_be_switched_without_touching_the_text(pi: LcdPi, lcd: CharacterLcd) -> None:
    paint(lcd)
    lcd.backlight(False)
    assert not pi.lcd.backlight
    lcd.write([(0, 0, "C")])
    assert not pi.lcd.backlight
    lcd.backlight(True)
    assert pi.lcd.backlight
    assert tuple(pi.lcd.lines()) == FRAME


def test_a_resynchronisation_changes_nothing_on_a_healthy_display(pi: LcdPi, lcd: CharacterLcd) -> None:
    paint(lcd)
    lcd.resync()
    assert tuple(pi.lcd.lines()) == FRAME


def test_after_any_disturbance_a_resynchronisation_and_a_new_frame_repair_everything(
    pi: LcdPi, lcd: CharacterLcd
) -> None:
    for _ in range(40):
        pi.lcd.glitch()
        lcd.resync()
        paint(lcd)
        assert tuple(pi.lcd.lines()) == FRAME


def test_any_instruction_that_a_disturbance_made_is_undone(pi: LcdPi, lcd: CharacterLcd) -> None:
    for junk in range(0, 256, 3):
        for nibble in (junk & 0xF0, junk << 4 & 0xF0):
            pi.lcd.write(bytes([nibble, nibble | 4, nibble]))
        lcd.resync()
        paint(lcd)
        assert tuple(pi.lcd.lines()) == FRAME


def test_a_display_that_was_shifted_and_is_half_a_byte_off_is_brought_back(pi: LcdPi, lcd: CharacterLcd) -> None:
    for nibble in (0x10, 0x80, 0x70):  # shift the display, then half of something
        pi.lcd.write(bytes([nibble, nibble | 4, nibble]))
    lcd.resync()
    paint(lcd)
    assert tuple(pi.lcd.lines()) == FRAME


def test_the_register_and_the_light_stand_before_the_enable_pin_rises(pi: LcdPi, lcd: CharacterLcd) -> None:
    paint(lcd)
    lcd.resync()
    lcd.backlight(False)
    paint(lcd)
    for data in pi.sent:
        assert not data[0] & 4
        for before, after in pairwise(data):
            assert not (before ^ after) & 0b1011 or not after & 4


def test_a_display_that_lost_its_supply_for_a_moment_is_brought_back_by_a_resynchronisation(
    pi: LcdPi, lcd: CharacterLcd
) -> None:
    paint(lcd)
    pi.lcd.power(False)
    pi.lcd.power(True)
    lcd.resync()
    paint(lcd)
    assert tuple(pi.lcd.lines()) == FRAME
    assert pi.lcd.backlight


def test_a_display_of_two_lines_works_too(pi: LcdPi) -> None:
    lcd = pigpio_lcd(pi, columns=16, rows=2, address=0x3F)
    paint(lcd, ("READY TO CHARGE ", "16.0 A: MAX     "))
    assert [line[:16] for line in pi.lcd.lines()[:2]] == ["READY TO CHARGE ", "16.0 A: MAX     "]
    assert pi.opened == [(1, 0x3F)]


def test_an_absent_display_is_an_error_and_leaves_no_handle(pi: LcdPi) -> None:
    pi.lcd.power(False)
    with pytest.raises(LcdError, match="I2C write failed"):
        pigpio_lcd(pi)
    assert pi.handles == set()


def test_a_display_that_is_lost_is_an_error_in_every_method(pi: LcdPi, lcd: CharacterLcd) -> None:
    pi.lcd.power(False)
    uses: tuple[Callable[[], None], ...] = (lambda: paint(lcd), lcd.resync, lambda: lcd.backlight(True))
    for use in uses:
        with pytest.raises(LcdError):
            use()
    lcd.close()
    assert pi.handles == set()


def test_a_pigpiod_that_went_away_is_an_error_and_closing_is_not(pi: LcdPi, lcd: CharacterLcd) -> None:
    pi.connected = False
    with pytest.raises(LcdError, match="closed the connection"):
        paint(lcd)
    lcd.close()
    with pytest.raises(LcdError, match="not reachable"):
        pigpio_lcd(pi)


def test_what_could_not_be_sent_is_not_sent_later(pi: LcdPi, lcd: CharacterLcd) -> None:
    pi.lcd.power(False)
    with pytest.raises(LcdError):
        paint(lcd)
    pi.lcd.power(True)
    before_us = pi.bus_us
    lcd.write([(0, 0, "A")])
    assert pi.bus_us - before_us < 1500
