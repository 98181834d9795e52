"""The display over the kernel's I2C: the same driver as over pigpiod, with the kernel's errors."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest

from smartevse.drivers.lcd_hd44780 import LcdError
from smartevse.drivers.lcd_kernel import kernel_lcd
from smartevse.twin.lcd import Lcd, NackError

FRAME = ("CHARGING       16.0A", "16.0 A: cable       ", "11.0kW 12.34kWh     ", "16.0 15.9 16.1A     ")


class Bus:
    """What is used of `smbus2.SMBus`, with the twin's display behind."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.lcd = Lcd(lambda: self.now_s)
        self.addresses: set[int] = set()
        self.closed = False

    def i2c_rdwr(self, message: Any) -> None:
        self.addresses.add(message.addr)
        self.now_s += 0.01
        try:
            for byte in bytes(message):
                self.lcd.write(bytes([byte]))
        except NackError:
            raise OSError(errno.EREMOTEIO, "Remote I/O error") from None

    def close(self) -> None:
        self.closed = True


def test_what_is_written_is_read_on_the_display() -> None:
    bus = Bus()
    lcd = kernel_lcd(bus=bus, address=0x3F)
    lcd.write([(row, 0, text) for row, text in enumerate(FRAME)])
    assert tuple(bus.lcd.lines()) == FRAME
    assert bus.addresses == {0x3F}
    bus.lcd.glitch()
    lcd.resync()
    lcd.write([(row, 0, text) for row, text in enumerate(FRAME)])
    assert tuple(bus.lcd.lines()) == FRAME
    lcd.close()
    assert bus.closed


def test_a_display_that_is_absent_or_lost_is_an_error_and_frees_the_bus() -> None:
    bus = Bus()
    lcd = kernel_lcd(bus=bus)
    bus.lcd.power(False)
    uses: tuple[Callable[[], None], ...] = (lambda: lcd.write([(0, 0, "x")]), lcd.resync, lambda: lcd.backlight(True))
    for use in uses:
        with pytest.raises(LcdError, match="nothing answers at 0x27"):
            use()
    with pytest.raises(LcdError, match="nothing answers at 0x27"):
        kernel_lcd(bus=bus)
    assert bus.closed


def test_a_bus_that_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(LcdError, match=r"/dev/i2c-99 is not there: switch I2C on"):
        kernel_lcd(i2c_bus=99)
