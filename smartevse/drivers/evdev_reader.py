"""Card readers that are a USB keyboard: they type the card's number and Enter; read with the library evdev.

Such a reader does not tell when a card leaves; a typed number counts as there at one reading.
"""

from __future__ import annotations

import contextlib
import select
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from smartevse.drivers.card_reader import ReaderError

BY_ID = Path("/dev/input/by-id")
WAIT_S = 0.25
"""How long one reading waits for keys."""
MOST_KEYS = 40
"""No number is longer; what has more is noise."""

_EV_KEY, _DOWN = 0x01, 1
_ENTER = {28, 96}
_KEYS: Mapping[int, str] = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    **dict(zip((79, 80, 81, 75, 76, 77, 71, 72, 73, 82), "1234567890", strict=True)),
    **dict(zip((30, 48, 46, 32, 18, 33), "ABCDEF", strict=True)),
}
"""Key codes of linux/input-event-codes.h: digits, those of the number pad, and A to F."""


def evdev_reader(path: Path | None, parse: Callable[[str], bytes], by_id: Path = BY_ID) -> EvdevReader:
    """The keyboard at `path`, or the only one under /dev/input/by-id; taken for us alone, so that nobody else types.

    `parse` makes a number of what was typed. Raises ReaderError when there is none, several, or it may not be used.
    """
    if path is None:
        path = _only(by_id)
    try:
        import evdev
    except ImportError:
        raise ReaderError("the library evdev is not installed: sudo apt install python3-evdev") from None
    try:
        device = evdev.InputDevice(str(path))
        device.grab()
    except OSError as error:
        raise ReaderError(
            f"the card reader {path} cannot be used ({error.strerror}): plug it in, and see that this user is in the"
            f" group input and no other program has it"
        ) from error
    return EvdevReader(device, parse)


def _only(by_id: Path) -> Path:
    found = sorted(by_id.glob("*-event-kbd"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise ReaderError(f"no card reader of the kind that types is plugged in (looked for {by_id}/*-event-kbd)")
    names = ", ".join(path.name for path in found)
    raise ReaderError(f"several keyboards are plugged in ({names}): name the card reader with [panel] rfid_device")


class EvdevReader:
    """A keyboard that is open; `device` is an `evdev.InputDevice`."""

    def __init__(self, device: Any, parse: Callable[[str], bytes], wait_s: float = WAIT_S) -> None:
        self._device, self._parse, self._wait_s = device, parse, wait_s
        self._typed = ""

    def card(self) -> bytes | None:
        """The number that was typed since the last call. Raises ReaderError, or ValueError for what is no number."""
        try:
            ready, _, _ = select.select([self._device], [], [], self._wait_s)
            events = list(self._device.read()) if ready else []
        except (OSError, ValueError) as error:
            raise ReaderError(f"the card reader is gone ({error}): plug it in again") from error
        number: bytes | None = None
        for event in events:
            if event.type != _EV_KEY or event.value != _DOWN:
                continue
            if event.code in _ENTER:
                typed, self._typed = self._typed, ""
                if typed:
                    number = self._parse(typed)
            else:
                self._typed = (self._typed + _KEYS.get(event.code, ""))[-MOST_KEYS:]
        return number

    def close(self) -> None:
        """Give the keyboard back; never raises."""
        with contextlib.suppress(OSError):
            self._device.close()
