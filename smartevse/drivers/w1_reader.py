"""The 1-wire card reader of earlier units, through the kernel's w1 bus: a card on it is a device on the bus.

The kernel reads the 8 bytes, checks their CRC and makes a folder FAMILY-NUMBER of them. Earlier readers have family 01
and six bytes of the card; later ones send seven, of which the kernel takes the first for the family.
"""

from __future__ import annotations

import re
from pathlib import Path

from smartevse.drivers.card_reader import ReaderError

DEVICES = Path("/sys/bus/w1/devices")
OLD_FAMILY = 0x01
_NAME = re.compile(r"([0-9a-f]{2})-([0-9a-f]{12})")
_NO_FAMILY = 0x00
"""What the kernel makes of noise on a line without a pull-up."""


class W1Reader:
    """The cards that the kernel's last search found."""

    def __init__(self, devices: Path = DEVICES) -> None:
        """Raises ReaderError when the kernel has no 1-wire bus."""
        self._devices = devices
        self._names()

    def card(self) -> bytes | None:
        """The number of the card: 6 bytes, or 7 of a later reader; None for none. Raises ReaderError."""
        for name in self._names():
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            family = int(found[1], 16)
            number = int(found[2], 16).to_bytes(6, "little")  # the folder has the highest byte first, the line last
            if family != _NO_FAMILY:
                return number if family == OLD_FAMILY else bytes((family,)) + number
        return None

    def close(self) -> None:
        """Nothing is kept open."""

    def _names(self) -> list[str]:
        try:
            names = sorted(entry.name for entry in self._devices.iterdir())
        except OSError as error:
            raise ReaderError(f"{self._devices} cannot be read ({error.strerror}): {_ON}") from error
        if not any(name.startswith("w1_bus_master") for name in names):
            raise ReaderError(f"the kernel has no 1-wire bus: {_ON}")
        return names


_ON = "put dtoverlay=w1-gpio,gpiopin=4 into config.txt, set SWITCH to Disabled, and restart"
