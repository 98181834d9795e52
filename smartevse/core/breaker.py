"""How warm the mains breaker is: a thermal model on the careful side of IEC 60898-1, so that it never has to trip.

A circuit breaker of type B or C must carry 1.13 times its current for an hour and may trip at any time above that.
Its bimetal is taken as one heat store: heat goes towards (current / rated)^2 with the time constant `TAU_S` and trips
at `TRIP`.
The magnetic part trips at three times the rated current at the earliest (type B).
"""

TAU_S = 45.0
"""Faster than breakers are: real curves need 60 s and more at 1.45 times, this model 42 s from cold, 13 s when warm."""

TRIP = 1.13 * 1.13
"""Heat at which the fastest allowed breaker trips: the conventional non-tripping current, squared."""

CAREFUL = 1.0 + (TRIP - 1.0) * 0.5
"""Heat at which we stop a car: half of what is left above the rated current."""

NEAR_MAGNETIC = 25
"""Tenths of the rated current at which all cars stop at once: type B may trip from three times the rated current on."""


def warm(heat: float, current_da: int, rated_da: int, dt_s: float) -> float:
    """The heat after `dt_s` seconds at this current (1.0 = at home with the rated current for long)."""
    if dt_s <= 0:
        return heat
    ratio = current_da / rated_da
    return heat + (ratio * ratio - heat) * dt_s / (TAU_S + dt_s)
