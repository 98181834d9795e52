"""What the house took of late: the peaks that the cars do not rise into, and for how long they count.

A peak is held for some seconds and then forgotten. A load that switches to and fro (an oven, a hob, a heat pump) comes
back when it has just been forgotten, and each time the cars would have to be cut again: so how long it stays away is
learned from the first time, and from then on the cars wait for it.
"""

from typing import NamedTuple

from smartevse.core.measurement import Phases

PEAK_S = 2.0
"""Time constant with which a peak is forgotten, once it is over for `PEAK_HOLD_S`."""

PEAK_HOLD_S = 3.0
"""A peak counts in full for so long: a load that switches every few seconds is answered once."""

Levels = tuple[float, float, float]
"""One number for each mains phase."""


class Patience(NamedTuple):
    """How far the cars go in waiting for a load that switches to and fro."""

    back_s: float
    """Within this time of its last peak such a load must be back; its peak is held until it is due again."""
    same_da: int
    """A current that is lower than the peak by no more than this is still the same load."""
    back_da: int
    """A load that comes back must be this far above what is remembered of it."""


ALONE = Patience(8.0, 0, 30)
"""One car: what it does not take nobody gets, so that it waits for large loads only."""

SHARED = Patience(60.0, 5, 10)
"""A Master: the overshoot of many cars is great."""


def peaks(before: Levels, before_t: Levels, house: Phases, t: float, dt_s: float) -> tuple[Levels, Levels]:
    """The recent highest current of the house on each phase (0.1 A), and when it was last that high."""
    keep = PEAK_S / (PEAK_S + dt_s)
    found, times = [], []
    for now_da, peak_da, peak_t in zip(house, before, before_t, strict=True):
        if now_da >= peak_da:
            found.append(float(now_da))
            times.append(t)
        else:
            over = t - peak_t >= PEAK_HOLD_S
            found.append(now_da + (peak_da - now_da) * keep if over else peak_da)
            times.append(peak_t)
    return (found[0], found[1], found[2]), (times[0], times[1], times[2])


class High(NamedTuple):
    """What is remembered of one phase of the house, 0.1 A and seconds."""

    level: float
    """What the cars do not rise into."""
    seen: float
    """The last peak as it was."""
    seen_t: float
    """When the house was last that high."""
    hold_s: float = 0.0
    """For how long a load stayed away that came back; 0 = none is known."""


Highs = tuple[High, High, High]


def highs(before: Highs | None, house: Phases, t: float, dt_s: float, patience: Patience) -> Highs:
    """As `peaks`, but each is held for as long as its load was seen to stay away. `before` None = nothing is known."""
    if before is None:
        return _first(house[0], t), _first(house[1], t), _first(house[2], t)
    return (
        _high(before[0], house[0], t, dt_s, patience),
        _high(before[1], house[1], t, dt_s, patience),
        _high(before[2], house[2], t, dt_s, patience),
    )


def _first(now_da: int, t: float) -> High:
    return High(now_da, now_da, t)


def _high(high: High, now_da: int, t: float, dt_s: float, patience: Patience) -> High:
    level, seen, seen_t, hold_s = high
    gap_s = t - seen_t
    jumps = now_da - level >= patience.back_da
    if jumps or now_da >= seen - patience.same_da:
        if jumps and PEAK_HOLD_S < gap_s <= patience.back_s:
            hold_s = max(hold_s, gap_s + 2 * dt_s)
        level = now_da if now_da >= seen or jumps else seen + (now_da - seen) * dt_s / (PEAK_S + dt_s)
        return High(level, level, t, hold_s)
    if gap_s >= max(PEAK_HOLD_S, hold_s):
        level = max(now_da, now_da + (level - now_da) * PEAK_S / (PEAK_S + dt_s))
    if gap_s > patience.back_s:  # it did not come back: it has ended
        return High(level, level, t)
    return High(level, seen, seen_t, hold_s)
