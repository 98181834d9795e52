"""The converter MCP3208: what it is asked, what it answers (data sheet DS21298), and the kernel's way to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from smartevse.drivers.trouble import missing_library, trouble

CHANNELS = 8
_ON = "switch SPI on (sudo raspi-config nonint do_spi 0) and restart"


def request(channel: int) -> bytes:
    """The three bytes that ask for a single-ended conversion of channel 0 to 7 (figure 6-1 of the data sheet)."""
    return bytes([0x06 | channel >> 2, (channel & 3) << 6, 0])


def code(answer: Sequence[int]) -> int:
    """The 12-bit code in the three bytes that came back; raises ValueError when they are not three."""
    if len(answer) != 3:
        raise ValueError(f"the ADC answered {len(answer)} bytes instead of 3: check SPI and the hat")
    return (answer[1] & 0x0F) << 8 | answer[2]


class SpiBus(Protocol):
    """What is used of `spidev.SpiDev`."""

    max_speed_hz: int
    mode: int

    def open(self, bus: int, device: int) -> None:
        """Open /dev/spidevBUS.DEVICE."""

    def xfer2(self, data: list[int]) -> Sequence[int]:
        """Send bytes and return those that came back meanwhile, in the very same list."""

    def close(self) -> None:
        """Let the device go."""


class KernelAdc:
    """The converter at /dev/spidev0.CHANNEL. Conversions raise OSError when the bus fails."""

    def __init__(self, channel: int, speed_hz: int, spi: SpiBus | None = None, device: Path | None = None) -> None:
        """Open the bus; `spi` and `device` stand in for the library and the device file. Raises Trouble."""
        path = device or Path(f"/dev/spidev0.{channel}")
        self._spi = spi if spi is not None else _library()
        self._requests = [request(number) for number in range(CHANNELS)]
        try:
            self._spi.open(0, channel)
            self._spi.mode = 0
            self._spi.max_speed_hz = speed_hz
        except OSError as error:
            raise trouble(error, str(path), _ON, "spi") from error

    def convert(self, channel: int) -> int:
        """One conversion of channel 0 to 7, as a code of 0 to 4095. Raises OSError or ValueError."""
        # a fresh list each time: the library puts the answer into it
        return code(self._spi.xfer2(list(self._requests[channel])))

    def close(self) -> None:
        """Let the bus go."""
        self._spi.close()


def _library() -> SpiBus:
    try:
        import spidev
    except ImportError as error:
        raise missing_library("spidev", "python3-spidev") from error
    bus: SpiBus = spidev.SpiDev()
    return bus
