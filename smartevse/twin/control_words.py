"""What the control language is made of: a command, its words as numbers, and how a wrong one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smartevse.twin.unit import Unit

Reply = str


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the control language: how it is used, what it does, and the work."""

    usage: str
    does: str
    work: Callable[[Unit, list[str]], Reply]


class Misused(ValueError):
    """The words behind a command are not as its usage says."""


SWITCH = {"on": True, "off": False, "true": True, "false": False}
"""How yes and no are written."""


def number(text: str) -> float:
    """A number. Raises ValueError with a sentence."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not abs(value) < 1e9:
        raise ValueError(f"{text!r} is not a number that means anything here")
    return value


def hexadecimal(text: str) -> bytes:
    """A card's number. Raises ValueError with a sentence."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{text!r} is no card number in hexadecimal such as 04a1b2c3") from None


def whole(text: str) -> int:
    """A whole number. Raises ValueError with a sentence."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None
