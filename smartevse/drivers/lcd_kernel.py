"""The character LCD on the kernel's I2C, with the library smbus2."""

from __future__ import annotations

from typing import Any

from smbus2 import SMBus, i2c_msg

from smartevse.drivers.lcd_hd44780 import CharacterLcd, LcdError
from smartevse.drivers.trouble import trouble

LONGEST = 8192
"""The most bytes that the kernel's i2c-dev takes in one message."""
_ON = "switch I2C on (sudo raspi-config nonint do_i2c 0) and restart"


def kernel_lcd(
    *, columns: int = 20, rows: int = 4, address: int = 0x27, i2c_bus: int = 1, bus: Any = None
) -> CharacterLcd:
    """The display at this address (0x08 to 0x77) of /dev/i2c-BUS, initialised.

    `bus` stands in for a `smbus2.SMBus`. Raises LcdError when there is no bus or nothing answers at the address.
    """
    if bus is None:
        try:
            bus = SMBus(i2c_bus)
        except OSError as error:
            raise LcdError(str(trouble(error, f"/dev/i2c-{i2c_bus}", _ON, "i2c"))) from error
    return CharacterLcd(_Wire(bus, address), address, columns, rows)


class _Wire:
    """`lcd_hd44780.Wire` over an SMBus."""

    def __init__(self, bus: Any, address: int) -> None:
        self._bus, self._address = bus, address
        self._bytes = bytearray()

    def write_byte(self, _address: int, value: int, /) -> None:
        self._bytes.append(value)

    def flush(self) -> None:
        waiting, self._bytes = bytes(self._bytes), bytearray()
        for start in range(0, len(waiting), LONGEST):
            try:
                self._bus.i2c_rdwr(i2c_msg.write(self._address, waiting[start : start + LONGEST]))
            except OSError as error:
                raise LcdError(f"I2C: nothing answers at {self._address:#04x} ({error.strerror or error})") from error

    def close(self) -> None:
        self._bytes.clear()
        try:
            self._bus.close()
        except OSError as error:
            raise LcdError(f"I2C: {error.strerror or error}") from error
