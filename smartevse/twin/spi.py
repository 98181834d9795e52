"""pigpiod's SPI commands and the MCP3208 on chip select 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from smartevse.twin.i2c import Answer, word
from smartevse.twin.pigpiod_commands import Cmd, Err

HANDLES = 32
MIN_BAUD = 32_000
MAX_BAUD = 125_000_000
MAX_FLAGS = 1 << 22
MAX_BYTES = 65_536
_AUXILIARY = 1 << 8
"""The flag that chooses the second SPI peripheral of the Pi."""
_LEAVE_SELECT_0, _LEAVE_SELECT_1 = 1 << 5, 1 << 6
"""Flags: this chip select is used for something else, leave its pin alone. Without them SPI takes both pins."""
_SELECT_0, _SELECT_1, _MISO, _MOSI, _CLOCK = 8, 7, 9, 10, 11
_SPI_MODE = 4

SpiDevice = Callable[[bytes], bytes]
"""A chip behind one chip select: what it gets in one transfer → as many bytes that it sends meanwhile."""


class Adc(Protocol):
    """Where the converter's readings come from."""

    def adc(self, channel: int) -> int:
        """One conversion now: 0 to 4095."""


def mcp3208(source: Adc) -> SpiDevice:
    """The converter in front of the hat.

    After the first high bit (start): single-ended or differential, three channel bits, one bit to sample, a low bit,
    then twelve bits, highest first, then the same bits again lowest first, then zeros, for as long as the clock runs.
    Differential inputs read the difference of the pair, never below 0.
    """

    def transfer(sent: bytes) -> bytes:
        bits = len(sent) * 8
        number = int.from_bytes(sent, "big")
        start = bits - number.bit_length()
        if not number or bits - start < 7:
            return bytes(len(sent))
        control = number >> (bits - start - 5) & 0xF
        channel = control & 7
        if control & 8:
            code = source.adc(channel)
        else:
            code = max(source.adc(channel) - source.adc(channel ^ 1), 0)
        code = min(max(code, 0), 0xFFF)
        room = bits - start - 7
        backwards = int(f"{code:012b}"[::-1], 2) & 0x7FF
        train = code << 11 | backwards
        value = train >> 23 - room if room <= 23 else train << room - 23
        return value.to_bytes(len(sent), "big")

    return transfer


class Modes(Protocol):
    """The pins that SPI takes when it is opened."""

    modes: list[int]

    def set_mode(self, gpio: int, mode: int) -> None:
        """Connect a pin."""


class Spi:
    """The two chip selects of the main SPI and the handles that clients have on them."""

    def __init__(self, devices: Mapping[int, SpiDevice], pins: Modes) -> None:
        self._devices = devices
        self._pins = pins
        self._open: dict[int, SpiDevice] = {}
        self._auxiliary: set[int] = set()
        self._before: dict[int, int] = {}
        """What the pins of the main SPI were before it was opened."""
        self.commands: Mapping[int, Callable[[int, int, bytes], Answer]] = {
            Cmd.SPIO: self._opened,
            Cmd.SPIC: self._closed,
            Cmd.SPIR: self._read,
            Cmd.SPIW: self._write,
            Cmd.SPIX: self._xfer,
        }

    def reset(self) -> None:
        """The daemon ended: no handle is open; the pins stay with SPI."""
        self._open.clear()
        self._auxiliary.clear()
        self._before.clear()

    def _opened(self, channel: int, baud: int, ext: bytes) -> int:
        flags = word(ext)
        auxiliary = bool(flags & _AUXILIARY)
        if channel >= (3 if auxiliary else 2):
            return Err.BAD_SPI_CHANNEL
        if not MIN_BAUD <= baud <= MAX_BAUD:
            return Err.BAD_SPI_SPEED
        if flags > MAX_FLAGS:
            return Err.BAD_FLAGS
        handle = next((h for h in range(HANDLES) if h not in self._open), None)
        if handle is None:
            return Err.NO_HANDLE
        if auxiliary:
            self._auxiliary.add(handle)
        elif not self._main_open():
            self._take_pins(flags)
        self._open[handle] = _nobody if auxiliary else self._devices.get(channel, _nobody)
        return handle

    def _main_open(self) -> bool:
        return bool(self._open.keys() - self._auxiliary)

    def _take_pins(self, flags: int) -> None:
        left = {_SELECT_0: flags & _LEAVE_SELECT_0, _SELECT_1: flags & _LEAVE_SELECT_1}
        taken = [gpio for gpio in (_SELECT_0, _SELECT_1, _MISO, _MOSI, _CLOCK) if not left.get(gpio)]
        self._before = {gpio: self._pins.modes[gpio] for gpio in taken}
        for gpio in taken:
            self._pins.set_mode(gpio, _SPI_MODE)

    def _closed(self, handle: int, _: int, ext: bytes) -> int:
        if self._open.pop(handle, None) is None:
            return Err.BAD_HANDLE
        if handle in self._auxiliary:
            self._auxiliary.remove(handle)
        elif not self._main_open():
            for gpio, mode in self._before.items():
                self._pins.set_mode(gpio, mode)
        return 0

    def _read(self, handle: int, count: int, ext: bytes) -> Answer:
        if handle not in self._open:
            return Err.BAD_HANDLE
        return self._open[handle](bytes(count)) if count < MAX_BYTES else Err.BAD_SPI_COUNT

    def _write(self, handle: int, _: int, ext: bytes) -> Answer:
        if handle not in self._open:
            return Err.BAD_HANDLE
        self._open[handle](ext)
        return len(ext)

    def _xfer(self, handle: int, _: int, ext: bytes) -> Answer:
        device = self._open.get(handle)
        return Err.BAD_HANDLE if device is None else device(ext)


def _nobody(sent: bytes) -> bytes:
    """Nothing on this chip select: the line in is pulled low."""
    return bytes(len(sent))
