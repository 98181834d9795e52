"""Limits on the whole house that tariffs set: by the time of day, or on the average of each quarter of an hour.

Both give the amps (sum of the phases) to use as CAPACITY; the regulator does the rest. Power in W, energy in Wh.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

VOLTS = 230
"""Nominal voltage the tariff's power is turned into current with."""

SPARE_W = 100
"""Kept back, so that rounding and the meter's lag do not reach the limit."""

QUARTER_S = 900
"""A quarter of an hour, by which peak tariffs count."""

LAST_S = 30.0
"""What is left is spread over no less than this: cars and meter are some seconds late."""

LEAST_PEAK_W = 2500
"""The peak that is charged in any case; nothing is saved below it."""


def amps_of(power_w: float) -> int:
    """The CAPACITY that keeps the house below this power: whole amps, sum of the phases, at least 1."""
    return max(1, int((power_w - SPARE_W) // VOLTS)) if -1e9 < power_w < 1e9 else 1


def of_the_hour(blocks: Sequence[tuple[int, int]], minute: int) -> int | None:
    """The CAPACITY (A) of a plan of (start minute of the day, most W) at this minute; None without a plan.

    Before the first block of the day the last one applies.
    """
    if not blocks:
        return None
    ordered = sorted(blocks)
    begun = [power_w for start, power_w in ordered if start <= minute]
    return amps_of(begun[-1] if begun else ordered[-1][1])


@dataclass(frozen=True, slots=True)
class Quarter:
    """What is known of the present quarter of an hour and of this month's highest average."""

    number: int = -1
    """Which quarter: seconds of the wall clock divided by 900."""
    began_wh: float = 0.0
    """Import counter of the meter at its beginning."""
    month: int = 0
    """The month the peak belongs to; any number that changes with it."""
    peak_w: float = LEAST_PEAK_W
    """The highest average of a quarter in that month, at least LEAST_PEAK_W."""


def in_the_quarter(quarter: Quarter, wall_s: float, month: int, import_wh: float) -> tuple[Quarter, int | None]:
    """The CAPACITY (A) with which this quarter stays below the month's peak, and the new memory.

    `import_wh` is the meter's counter of imported energy. None = a number cannot be true or the counter ran backwards:
    the caller keeps its fixed CAPACITY. A quarter seen from its middle counts from there.
    """
    if not (0 <= wall_s < 1e11 and 0 <= import_wh < 1e12):
        return quarter, None
    number = int(wall_s // QUARTER_S)
    if number != quarter.number or import_wh < quarter.began_wh:
        used_wh = import_wh - quarter.began_wh
        peak_w = quarter.peak_w
        if quarter.number == number - 1 and used_wh >= 0:
            peak_w = max(peak_w, used_wh * 3600 / QUARTER_S)
        if month != quarter.month:
            peak_w = LEAST_PEAK_W
        quarter = replace(quarter, number=number, began_wh=import_wh, month=month, peak_w=peak_w)
    left_s = max(LAST_S, QUARTER_S - wall_s % QUARTER_S)
    left_wh = quarter.peak_w * QUARTER_S / 3600 - (import_wh - quarter.began_wh)
    return quarter, amps_of(left_wh * 3600 / left_s)
