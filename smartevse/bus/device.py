"""The serial device of the RS485 line before it is opened: why it cannot be, and whether that needs a person."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import NamedTuple

_GOING = frozenset((errno.ENXIO, errno.ENODEV, errno.EIO))
"""Errors of an adapter that is just being pulled out."""


class Obstacle(NamedTuple):
    """Why a line cannot be opened."""

    sentence: str
    lasting: bool = True
    """It does not end by itself: an adapter that is away may come back, a group that is missing does not come."""
    busy: bool = False
    """Another program has it open, perhaps for a moment only."""


def obstacle(device: str) -> Obstacle | None:
    """Why the line cannot be opened; None when it can."""
    try:
        handle = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except FileNotFoundError:
        return Obstacle(
            f"the RS485 line {device} is not there: plug the adapter in or correct [bus] device", lasting=False
        )
    except OSError as error:
        why = f"the RS485 line {device} cannot be opened ({error.strerror}): see to its owner and group (dialout)"
        return Obstacle(why, lasting=error.errno not in _GOING)
    try:
        if not os.isatty(handle):
            return Obstacle(f"the RS485 line {device} is not a serial port: correct [bus] device")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return Obstacle(used_by_another(device), busy=True)
    finally:
        with contextlib.suppress(OSError):
            os.close(handle)
    return None


def used_by_another(device: str) -> str:
    """What is said of a line that somebody else has open."""
    return f"the RS485 line {device} is used by another program: end it, one line has one owner"
