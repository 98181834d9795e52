"""The cable's proximity resistor and the current it stands for (IEC 61851-1 table B.2, the manual for 680 ohm)."""

from __future__ import annotations

SHORT_BELOW_OHM = 60
"""Below this the contact is shorted: a fault, not a cable."""

CABLES: tuple[tuple[int, int], ...] = (
    # highest ohm of the window, current in 0.1 A; a gap below a window belongs to it: the smaller current holds
    (140, 630),  # 80 to 140
    (308, 320),  # 164 to 308
    (936, 160),  # 400 to 936: 20 A by the standard, 16 A by the manual
    (2_460, 130),  # 1100 to 2460
)
NO_RESISTOR_DA = 130


def cable_da(resistance_ohm: int) -> int | None:
    """The current the cable can carry, in 0.1 A; None when PP is shorted. Without a resistor: 13 A, as the manual says.

    Between two windows the smaller current of the two holds; above the last window it is 13 A.
    """
    if resistance_ohm < SHORT_BELOW_OHM:
        return None
    for highest_ohm, current_da in CABLES:
        if resistance_ohm <= highest_ohm:
            return current_da
    return NO_RESISTOR_DA
