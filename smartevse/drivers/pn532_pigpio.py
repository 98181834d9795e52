"""The card reader chip PN532 on pigpiod's I2C."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pigpio

from smartevse.drivers.card_reader import ReaderError
from smartevse.drivers.pn532 import ADDRESS, Pn532


def pigpio_pn532(pi: Any, *, i2c_bus: int = 1, address: int = ADDRESS) -> Pn532:
    """The reader on the bus, set up. `pi` is a connected `pigpio.pi` used by the calling thread alone.

    Raises ReaderError when pigpiod is not reachable or nothing answers.
    """
    if not pi.connected:
        raise ReaderError("pigpiod is not reachable")
    return Pn532(_Wire(pi, i2c_bus, address))


class _Wire:
    """`pn532.Wire` over one handle of pigpiod's."""

    def __init__(self, pi: pigpio.pi, i2c_bus: int, address: int) -> None:
        self._pi = pi
        self._where = f"{address:#04x} of I2C bus {i2c_bus}"
        with self._translated():
            self._handle: int = pi.i2c_open(i2c_bus, address)

    def write(self, data: bytes, /) -> None:
        with self._translated():
            self._pi.i2c_write_device(self._handle, data)

    def read(self, count: int, /) -> bytes:
        with self._translated():
            length, data = self._pi.i2c_read_device(self._handle, count)
        if length != count:
            raise ReaderError(f"nothing answers at {self._where}")
        return bytes(data)

    def close(self) -> None:
        with self._translated():
            self._pi.i2c_close(self._handle)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Every way in which pigpio tells of a bus or a socket that failed, as ReaderError."""
        try:
            yield
        except pigpio.error as error:
            raise ReaderError(f"nothing answers at {self._where} ({error.value})") from error
        except struct.error as error:
            raise ReaderError("pigpiod closed the connection") from error
        except OSError as error:
            if isinstance(error, ReaderError):
                raise
            raise ReaderError(f"pigpiod: {error.strerror or error}") from error
