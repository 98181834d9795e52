"""The character LCD on pigpiod's I2C."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pigpio

from smartevse.drivers.lcd_hd44780 import CharacterLcd, LcdError


def pigpio_lcd(pi: Any, *, columns: int = 20, rows: int = 4, address: int = 0x27, i2c_bus: int = 1) -> CharacterLcd:
    """The display at this address (0x08 to 0x77) of the bus, initialised.

    `pi` is a connected `pigpio.pi` used by the calling thread alone, as a slow bus holds it up.
    Raises LcdError when pigpiod is not reachable or nothing answers at the address.
    """
    if not pi.connected:
        raise LcdError("pigpiod is not reachable")
    return CharacterLcd(_Wire(pi, i2c_bus, address), address, columns, rows)


class _Wire:
    """`lcd_hd44780.Wire` over one handle of pigpiod's."""

    def __init__(self, pi: pigpio.pi, i2c_bus: int, address: int) -> None:
        self._pi = pi
        with _translated():
            self._handle: int = pi.i2c_open(i2c_bus, address)
        self._bytes = bytearray()

    def write_byte(self, _address: int, value: int, /) -> None:
        self._bytes.append(value)

    def flush(self) -> None:
        waiting, self._bytes = bytes(self._bytes), bytearray()
        if waiting:
            with _translated():
                self._pi.i2c_write_device(self._handle, waiting)

    def close(self) -> None:
        self._bytes.clear()
        with _translated():
            self._pi.i2c_close(self._handle)


@contextmanager
def _translated() -> Iterator[None]:
    """Every way in which pigpio tells of a bus or a socket that failed, as LcdError."""
    try:
        yield
    except pigpio.error as error:
        raise LcdError(f"I2C: {error.value}") from error
    except struct.error as error:
        raise LcdError("pigpiod closed the connection") from error
    except OSError as error:
        raise LcdError(f"pigpiod: {error.strerror or error}") from error
