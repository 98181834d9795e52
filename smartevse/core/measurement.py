"""Readings of meters: which of them count, how old they are, and what the house takes without the cars.

The difficulty is the car's lag. For up to `LAG_S` after a new offer a car may still draw the old one, so a reading does
not say whether a high current is the house or a car on its way down. `house_da` therefore keeps what it knew about the
house for as long as the reading can be explained by the cars alone: one overload is answered once, not at every reading
until the car has obeyed.
"""

from typing import NamedTuple

LAG_S = 5.0
"""The longest a car may take to follow the duty cycle (IEC 61851-1 table A.6)."""

MOST_DA = 10_000
"""No mains, car or battery current is above 1,000 A: such a reading is a fault of the wire or the meter."""

Phases = tuple[int, int, int]
"""A current for each mains phase, 0.1 A, import positive."""


class Reading(NamedTuple):
    """Three phase currents in 0.1 A (import positive) and when they were measured, on the caller's monotonic clock."""

    l1_da: float
    l2_da: float
    l3_da: float
    at_s: float


def whole(value: float, low: int, high: int) -> int | None:
    """The number as an int, or None when it is not a number, infinite or outside low..high."""
    return int(value) if low <= value <= high else None


def phases_of(reading: Reading | None) -> Phases | None:
    """The three currents as whole numbers; None when one of them cannot be true."""
    if reading is None:
        return None
    a, b, c, _ = reading
    if -MOST_DA <= a <= MOST_DA and -MOST_DA <= b <= MOST_DA and -MOST_DA <= c <= MOST_DA:
        return int(a), int(b), int(c)
    return None


def age_s(reading: Reading, now_s: float) -> float | None:
    """How old the reading is; None when its time cannot be trusted (not a number, or in the future)."""
    age = now_s - reading.at_s
    return max(0.0, age) if -1.0 <= age < float("inf") else None


def house_da(known_da: int | None, reading_da: int, cars_low_da: int, cars_high_da: int) -> int:
    """What the house takes on one phase, without the cars (0.1 A; negative = the sun gives more).

    The cars draw between `cars_low_da` and `cars_high_da`. What was known stays as long as it explains the reading;
    otherwise it moves by as little as needed. Nothing known: the worst case.
    """
    most, least = reading_da - cars_low_da, reading_da - cars_high_da
    if known_da is None or known_da > most:
        return most
    return max(known_da, least)
