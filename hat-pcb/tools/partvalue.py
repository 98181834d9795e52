"""What a part's printed value means: "4.99k 0.1%" is 4990 ohm, "47n C0G" is 47e-9 farad."""

from __future__ import annotations

import re

_SCALE = {"R": 1.0, "k": 1e3, "M": 1e6, "p": 1e-12, "n": 1e-9, "u": 1e-6, "": 1.0}
_VALUE = re.compile(r"^(\d+(?:\.\d+)?)([RkMpnu]?)(?:\s|$)")


def number(text: str) -> float:
    """The value in ohm or farad; raises ValueError for a text that is no value."""
    match = _VALUE.match(text)
    if not match:
        raise ValueError(f'{text!r} is not a part\'s value such as "4.99k 0.1%" or "47n"')
    return float(match[1]) * _SCALE[match[2]]


def tolerance(text: str) -> float:
    """The relative tolerance of a resistor's printed value; 1 % when none is printed."""
    match = re.search(r"(\d+(?:\.\d+)?)%", text)
    return float(match[1]) / 100 if match else 0.01
