"""The card reader chip PN532 on the kernel's I2C, with the library smbus2."""

from __future__ import annotations

from typing import Any

from smbus2 import SMBus, i2c_msg

from smartevse.drivers.card_reader import ReaderError
from smartevse.drivers.pn532 import ADDRESS, Pn532
from smartevse.drivers.trouble import trouble

_ON = "switch I2C on (sudo raspi-config nonint do_i2c 0) and restart"


def kernel_pn532(*, i2c_bus: int = 1, address: int = ADDRESS, bus: Any = None) -> Pn532:
    """The reader on /dev/i2c-BUS, set up. `bus` stands in for a `smbus2.SMBus`.

    Raises ReaderError when there is no bus or nothing answers.
    """
    if bus is None:
        try:
            bus = SMBus(i2c_bus)
        except OSError as error:
            raise ReaderError(str(trouble(error, f"/dev/i2c-{i2c_bus}", _ON, "i2c"))) from error
    return Pn532(_Wire(bus, f"{address:#04x} of I2C bus {i2c_bus}", address))


class _Wire:
    """`pn532.Wire` over an SMBus."""

    def __init__(self, bus: Any, where: str, address: int) -> None:
        self._bus, self._where, self._address = bus, where, address

    def write(self, data: bytes, /) -> None:
        self._transfer(i2c_msg.write(self._address, data))

    def read(self, count: int, /) -> bytes:
        message = i2c_msg.read(self._address, count)
        self._transfer(message)
        return bytes(message)

    def close(self) -> None:
        try:
            self._bus.close()
        except OSError as error:
            raise ReaderError(f"I2C: {error.strerror or error}") from error

    def _transfer(self, message: Any) -> None:
        try:
            self._bus.i2c_rdwr(message)
        except OSError as error:
            raise ReaderError(f"nothing answers at {self._where} ({error.strerror or error})") from error
