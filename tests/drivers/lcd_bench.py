"""A pigpiod of one display: what the driver sends goes to the twin's display at the pace of a 100 kHz bus."""

from __future__ import annotations

import struct
import time

import pigpio

from smartevse.twin.lcd import Lcd, NackError

BYTE_US = 90
"""Nine clocks at 100 kHz."""
START_STOP_US = 20


class LcdPi:
    """The part of `pigpio.pi` that the driver uses; counts the time the bus is busy."""

    def __init__(self) -> None:
        self.connected = True
        self.bus_us = 0
        self.lcd = Lcd(lambda: time.monotonic() + self.bus_us / 1e6)
        self.sent: list[bytes] = []
        """Each transaction's bytes."""
        self.handles: set[int] = set()
        self.opened: list[tuple[int, int]] = []

    def i2c_open(self, bus: int, address: int) -> int:
        self._alive()
        handle = len(self.opened)
        self.opened.append((bus, address))
        self.handles.add(handle)
        return handle

    def i2c_close(self, handle: int) -> int:
        self._alive()
        self.handles.remove(handle)
        return 0

    def i2c_write_device(self, handle: int, data: bytes) -> int:
        self._alive()
        assert handle in self.handles
        self.sent.append(data)
        self.bus_us += START_STOP_US + BYTE_US
        try:
            for byte in data:
                self.bus_us += BYTE_US
                self.lcd.write(bytes([byte]))
        except NackError:
            raise pigpio.error("I2C write failed") from None
        return 0

    def _alive(self) -> None:
        if not self.connected:
            raise struct.error("unpack requires a buffer of 16 bytes")
