"""Shares one current out over the cars: equal, each within its own bounds, on shortage one waits instead of all.

A limit holds on each mains phase and on the sum of the phases. Whole numbers (0.1 A) throughout: the remainder of a
division goes to the last cars, one step each, so nothing is lost.
"""

from collections.abc import Sequence
from typing import NamedTuple

OWN = -1
"""`Share.cause`: the car's own limit binds."""

SUM = 3
"""`Share.cause`: the limit on the sum of the phases binds; 0, 1, 2 = that phase."""

NO_LIMIT = 1 << 30
"""A limit that never binds."""


class Want(NamedTuple):
    """What one car can use: nothing, or min..cap (0.1 A) on each of the mains phases in `phases` (0, 1, 2)."""

    min_da: int
    cap_da: int
    phases: tuple[int, ...]
    takes_da: int = NO_LIMIT
    """What the car is seen to take: more goes to the others first."""


class Share(NamedTuple):
    """What one car gets (0.1 A; 0 = it waits), and which limit stopped it: OWN, a phase 0..2 or SUM."""

    da: int
    cause: int


def share(wants: Sequence[Want], limits_da: tuple[int, int, int, int]) -> list[Share]:
    """Shares for cars listed in the order of their right to charge, under limits for L1, L2, L3 and the sum.

    Every share is 0 or min..cap, no limit is exceeded, nothing is left that a charging car could use, and as many
    as possible charge, the first first. Rounding leftovers go to the last.
    """
    alike = _alike(wants, limits_da)
    if alike is not None:
        return alike
    room = list(limits_da)
    shares = [0] * len(wants)
    cause = [SUM] * len(wants)
    inside: list[int] = []
    for i, want in enumerate(wants):
        low, cap, phases, _ = want
        if low <= 0 or cap < low:
            cause[i] = OWN
            continue
        tight = [p for p in phases if room[p] < low]
        if tight:
            cause[i] = tight[0]
        elif room[3] >= low * len(phases):
            inside.append(i)
            shares[i] = low
            for p in phases:
                room[p] -= low
            room[3] -= low * len(phases)
    if inside:
        _raise_evenly(wants, shares, cause, inside, room, modest=True)
        if any(wants[i].takes_da < wants[i].cap_da for i in inside):
            _raise_evenly(wants, shares, cause, inside, room, modest=False)
    return [Share(da, why) for da, why in zip(shares, cause, strict=True)]


def _alike(wants: Sequence[Want], limits_da: tuple[int, int, int, int]) -> list[Share] | None:
    """The shares when all cars load the same phases and no car's bound lies between theirs: the usual case, quickly.

    None when it is not that simple.
    """
    if not wants:
        return []
    least, _, phases, _ = wants[0]
    n, most, caps = len(wants), NO_LIMIT, 0
    for low, cap, on, takes in wants:
        if low != least or on != phases or takes < cap or cap < low:
            return None
        caps += cap
        most = min(most, cap)
    cause = SUM
    rest = limits_da[SUM] // len(phases)
    for p in phases:
        if limits_da[p] <= rest:
            cause, rest = p, limits_da[p]
    if caps <= rest and least > 0:
        return [Share(want.cap_da, OWN) for want in wants]
    level, extra = divmod(rest, n)
    if level < least or level + 1 > most or least <= 0:
        return None
    return [Share(level, cause)] * (n - extra) + [Share(level + 1, cause)] * extra


def _raise_evenly(
    wants: Sequence[Want], shares: list[int], cause: list[int], inside: list[int], room: list[int], *, modest: bool
) -> None:
    """Raises the lowest shares together, step by step from bound to bound, until nobody can get more.

    `modest`: no car gets more than it is seen to take. `shares`, `cause` and `room` are changed in place.
    """
    ceiling = {
        i: max(shares[i], min(wants[i].cap_da, wants[i].takes_da)) if modest else wants[i].cap_da for i in inside
    }
    open_cars = []
    for i in inside:
        if shares[i] < ceiling[i]:
            open_cars.append(i)
        else:
            cause[i] = OWN
    while open_cars:
        level = min(shares[i] for i in open_cars)
        lowest = [i for i in open_cars if shares[i] == level]
        step = min(ceiling[i] for i in lowest) - level
        others = [shares[i] for i in open_cars if shares[i] > level]
        if others:
            step = min(step, min(others) - level)
        load = [0, 0, 0, 0]
        for i in lowest:
            phases = wants[i].phases
            for p in phases:
                load[p] += 1
            load[3] += len(phases)
        for c in range(4):
            if load[c]:
                step = min(step, room[c] // load[c])
        if step > 0:
            for i in lowest:
                shares[i] += step
            for c in range(4):
                room[c] -= load[c] * step
        else:  # not enough for one step each: the last of them get it while it lasts
            for i in reversed(lowest):
                phases = wants[i].phases
                if room[3] >= len(phases) and all(room[p] > 0 for p in phases):
                    shares[i] += 1
                    for p in phases:
                        room[p] -= 1
                    room[3] -= len(phases)
        still = []
        for i in open_cars:
            if shares[i] >= ceiling[i]:
                cause[i] = OWN
                continue
            full = _full(wants[i].phases, room)
            if full is None:
                still.append(i)
            else:
                cause[i] = full
        open_cars = still


def _full(phases: tuple[int, ...], room: list[int]) -> int | None:
    """The limit that leaves this car no further step; None while there is room."""
    for p in phases:
        if room[p] < 1:
            return p
    return SUM if room[3] < len(phases) else None
