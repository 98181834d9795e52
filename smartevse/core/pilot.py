"""The control pilot: duty cycle against current, and the level that the EV puts on it (IEC 61851-1 annex A)."""

from __future__ import annotations

from bisect import bisect_left
from enum import IntEnum

MIN_OFFER_DA = 60
"""Least current that a duty cycle can offer, 6 A (IEC 61851-1 table A.7)."""
MAX_OFFER_DA = 800
"""Most current that a duty cycle can offer, 80 A (IEC 61851-1 table A.7)."""

STEADY_HIGH_PERMILLE = 1000
"""Steady +12 V: no current is offered."""
STEADY_LOW_PERMILLE = 0
"""Steady -12 V: state F, or the pulse that wakes a sleeping car."""

HYSTERESIS_MV = 250
DIODE_PRESENT_BELOW_MV = -10_500
"""The low half of the PWM reads -12 V only through the EV's diode; without it -8.7 V (B) or -5.6 V (C)."""


class Level(IntEnum):
    """The pilot's high half as the EV loads it, named by the state that it asks for (IEC 61851-1 table A.4)."""

    A = 0
    """12 V: nothing connected."""
    B = 1
    """9 V: connected."""
    C = 2
    """6 V: asks for current."""
    D = 3
    """3 V: asks for current and ventilation."""
    E = 4
    """0 V: pilot shorted to earth, or no supply."""


LOWER_EDGE_MV: tuple[int, ...] = (10_500, 7_500, 4_500, 2_000)
"""Below the first edge it is no longer A, below the second no longer B, and so on (hat interface, "Levels")."""
_LEVELS, _EDGES_UP = tuple(Level), tuple(-edge for edge in LOWER_EDGE_MV)


def level_of(high_mv: int, last: Level | None = None) -> Level:
    """The level of a plateau in mV; within 0.25 V of an edge the last level stands, so noise does not toggle it."""
    raw = _LEVELS[bisect_left(_EDGES_UP, -high_mv)]
    if last is None or raw is last or abs(raw - last) > 1:
        return raw
    edge = LOWER_EDGE_MV[min(raw, last)]
    return last if abs(high_mv - edge) <= HYSTERESIS_MV else raw


def diode_present(low_mv: int) -> bool:
    """Whether the low half of the PWM shows the EV's diode; only meaningful while PWM is on."""
    return low_mv < DIODE_PRESENT_BELOW_MV


def duty_permille(offer_da: int) -> int:
    """The duty cycle that offers this current; 1 permille is 1 microsecond of the 1 kHz period.

    Rounded down, so that the EV never reads more than is allowed; 6 A gives exactly 10 % (IEC 61851-1 table A.7).
    Raises ValueError outside 6 to 80 A.
    """
    if not MIN_OFFER_DA <= offer_da <= MAX_OFFER_DA:
        raise ValueError(f"cannot offer {offer_da / 10} A on the pilot: only 6 to 80 A have a duty cycle")
    if offer_da <= 510:
        return offer_da * 10 // 6  # 0.6 A per percent up to 51 A
    return 640 + offer_da * 10 // 25  # 2.5 A per percent above


def offer_da(duty: int) -> int:
    """The current in 0.1 A that an EV may draw at this duty cycle in permille; 0 where none is allowed.

    IEC 61851-1 table A.8: below 3 % none, 3 to 7 % digital communication, 8 to 10 % 6 A, 96 to 97 % 80 A.
    """
    if duty < 80 or duty > 970:
        return 0
    if duty < 100:
        return MIN_OFFER_DA
    if duty <= 850:
        return duty * 6 // 10
    if duty <= 960:
        return (duty - 640) * 25 // 10
    return MAX_OFFER_DA
