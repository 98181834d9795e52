"""What the drivers of the kernel's interfaces say when one cannot be had: a sentence that a person can follow."""

from __future__ import annotations

import errno
from collections.abc import Mapping


class Trouble(Exception):
    """An interface of the kernel cannot be used; the text is one sentence: what, where, and what to do."""


_ABSENT, _DENIED, _TAKEN = "absent", "denied", "taken"
_KINDS: Mapping[int | None, str] = {
    errno.ENOENT: _ABSENT,
    errno.ENODEV: _ABSENT,
    errno.ENXIO: _ABSENT,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.EBUSY: _TAKEN,
}


def trouble(error: OSError, what: str, switch_on: str, group: str, owner: str = "") -> Trouble:
    """The sentence for an error of `what` (such as "/dev/spidev0.0").

    `switch_on` tells how the kernel is made to have it, `group` who may use it, `owner` who has it if that is known.
    """
    kind = _KINDS.get(error.errno)
    if kind == _ABSENT:
        return Trouble(f"{what} is not there: {switch_on}")
    if kind == _DENIED:
        return Trouble(f"no permission for {what}: put the user of this program into the group {group}")
    if kind == _TAKEN:
        holder = f"the program {owner!r}" if owner else "another program"
        return Trouble(f"{what} is used by {holder}: end that one, the hat has one owner")
    return Trouble(
        f"{what} does not work ({error.strerror or error}): check that the hat sits well, then restart the Pi"
    )


def missing_library(module: str, package: str) -> Trouble:
    """The sentence for a Python library that is not installed."""
    return Trouble(f"the library {module} is not installed: sudo apt install {package}, or pip install {module}")
