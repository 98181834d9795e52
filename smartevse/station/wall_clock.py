"""The local time of day, once it is known to be right: a Raspberry Pi begins with the time when it was switched off.

Right is a clock that the kernel calls synchronised (adjtimex(2)), or one that was set from a battery-backed clock at
start. Once right it stays so while the program runs: the crystal loses seconds a day.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from pathlib import Path

_TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""
_TIMEX_BYTES = 512
"""More than struct timex has on any machine (208 on 64 bit); all zero it asks and changes nothing."""
HCTOSYS = Path("/sys/class/rtc/rtc0/hctosys")
"""Reads 1 when the kernel took its time from this clock at start."""
LOOK_EVERY_S = 5.0


def kernel_says_right() -> bool:
    """Whether the system's clock can be believed."""
    import ctypes  # only an owner who uses the timer pays for it

    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    if 0 <= ctypes.CDLL(None).adjtimex(buffer) != _TIME_ERROR:
        return True
    try:
        return HCTOSYS.read_text("ascii").strip() == "1"
    except (OSError, UnicodeDecodeError):
        return False


def local_s() -> int:
    """Seconds of the local wall clock since 1970: noon is noon all year; it jumps where summer time does."""
    return calendar.timegm(time.localtime())


class WallClock:
    """The time of day or None; asks the kernel now and then until it says yes."""

    def __init__(
        self,
        local: Callable[[], int] = local_s,
        right: Callable[[], bool] = kernel_says_right,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._local = local
        self._right = right
        self._monotonic = monotonic
        self._is_right = False
        self._look_s = float("-inf")

    def now_s(self) -> int | None:
        """Local seconds; None while the clock is not known to be right."""
        if not self._is_right and self._monotonic() >= self._look_s:
            self._look_s = self._monotonic() + LOOK_EVERY_S
            self._is_right = self._right()
        return self._local() if self._is_right else None
