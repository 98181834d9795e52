"""How much the sun leaves over for the cars, when it is enough to begin and when it has been too little for too long.

All currents are sums of the phases, 0.1 A. The surplus is what would be exported with no car charging.

The flicker of house and sky must not move the cars to and fro, and yet no sun should be lost. So a change is followed
by the tenth of an ampere in the direction of the last one, and a turn wants more; and while a cloud comes or goes the
cars are told where the sun will be when they have obeyed.
"""

from typing import NamedTuple

ONWARD_DA = 1
"""Dead band in the direction of the last change."""

TURN_DA = 6
"""Dead band for a change in the other direction: twice the flicker of an ordinary house on three phases."""

CALM_S = 2.0
"""Time constant of the filter for small changes (the flicker of house and sky)."""

JUMP_DA = 12
"""A change above this is believed at once (the edge of a cloud, a kettle)."""

EDGE_DA_S = 3.0
"""From this speed on, in two readings after each other and in the same direction, it is the edge of a cloud."""

LEAD_S = 2.0
"""How far such an edge is drawn on: the dead time of an ordinary car."""

START_AT_MIN_S = 40.0
"""A car stays at the minimum for this long after it began."""


LEAST_PART = 0.25
"""The stop timer never runs slower than at this part of its speed, so STOP 10 stops after 40 minutes at the latest."""

GAP_SPEED = 20.0
"""How much faster it runs back in a gap of the clouds."""


class Trend(NamedTuple):
    """Where the sun is going."""

    surplus_da: int | None = None
    """The last surplus as it was measured; None = none yet."""
    rate_da_s: float = 0.0
    """How fast it changed last (0.1 A a second)."""
    lead_da: float = 0.0
    """How much further it will be when the cars have obeyed; 0 = it stands, or only flickers."""
    rising: bool = True
    """Whether the cars' current last went up."""


def followed(trend: Trend, surplus_da: int, dt_s: float) -> Trend:
    """The trend after one more measured surplus, `dt_s` (above 0) after the one before."""
    if trend.surplus_da is None:
        return trend._replace(surplus_da=surplus_da)
    rate, before = (surplus_da - trend.surplus_da) / dt_s, trend.rate_da_s
    slower = min(abs(rate), abs(before))
    edge = rate * before > 0 and slower >= EDGE_DA_S
    lead_da = (slower if rate > 0 else -slower) * LEAD_S if edge else 0.0
    return trend._replace(surplus_da=surplus_da, rate_da_s=rate, lead_da=lead_da)


def filtered(before_da: float, surplus_da: int, dt_s: float) -> float:
    """The surplus without its flicker: small changes slowly, big ones at once."""
    difference = surplus_da - before_da
    if abs(difference) > JUMP_DA:
        return float(surplus_da)
    return before_da + difference * dt_s / (CALM_S + dt_s)


def tracked(granted_da: int, surplus_da: float, import_da: int, trend: Trend) -> tuple[int, Trend]:
    """What the cars may take: the surplus plus the allowed import, moved only when it is off by more than the band."""
    target = max(0, int(surplus_da + trend.lead_da) + import_da)
    rising = target > granted_da
    if abs(target - granted_da) <= (ONWARD_DA if rising == trend.rising else TURN_DA):
        return granted_da, trend
    return target, trend if rising == trend.rising else trend._replace(rising=rising)


def too_little(surplus_da: float, need_da: int, import_da: int, start_da: int) -> bool:
    """Whether the stop timer runs: more than 1 A beyond the allowed import at the minimum, and no restart at once."""
    imported = need_da - surplus_da - import_da
    return imported > 10 and surplus_da <= start_da


def part_missing(surplus_da: float, need_da: int, import_da: int) -> float:
    """How fast the stop timer runs while the sun is too weak: by the part of the minimum that it does not carry.

    STOP minutes are those without any sun. So it is the energy bought that counts: a thin cloud may stay longer than a
    thick one, and a car that would soon begin again stops less often.
    """
    return min(1.0, max(LEAST_PART, (need_da - surplus_da - import_da) / need_da))


def counted(short_s: float, part: float, dt_s: float) -> float:
    """The stop timer, seconds: runs up by `part` (0..1), and for 0, in gaps of the clouds, down again."""
    return short_s + dt_s * part if part else max(0.0, short_s - GAP_SPEED * dt_s)
