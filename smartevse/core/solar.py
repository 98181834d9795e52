"""How much the sun leaves over for the cars, when it is enough to begin and when it has been too little for too long.

All currents are sums of the phases, 0.1 A. The surplus is what would be exported with no car charging.
"""

BAND_DA = 4
"""Dead band: the cars' current stays while it is this close to the surplus."""

CALM_S = 2.0
"""Time constant of the filter for small changes (the flicker of house and sky)."""

JUMP_DA = 20
"""A change above this is believed at once (the edge of a cloud, a kettle)."""

START_AT_MIN_S = 40.0
"""A car stays at the minimum for this long after it began."""


def filtered(before_da: float, surplus_da: int, dt_s: float) -> float:
    """The surplus without its flicker: small changes slowly, big ones at once."""
    difference = surplus_da - before_da
    if abs(difference) > JUMP_DA:
        return float(surplus_da)
    return before_da + difference * dt_s / (CALM_S + dt_s)


def tracked(granted_da: int, surplus_da: float, import_da: int) -> int:
    """What the cars may take: the surplus plus the allowed import, moved only when it is off by more than the band."""
    target = max(0, int(surplus_da) + import_da)
    return granted_da if abs(target - granted_da) <= BAND_DA else target


def too_little(surplus_da: float, need_da: int, import_da: int, start_da: int) -> bool:
    """Whether the stop timer runs: more than 1 A beyond the allowed import at the minimum, and no restart at once."""
    imported = need_da - surplus_da - import_da
    return imported > 10 and surplus_da <= start_da


def counted(short_s: float, short: bool, dt_s: float) -> float:
    """The stop timer, seconds: runs up while the sun is too weak, and down again in gaps of the clouds."""
    return short_s + dt_s if short else max(0.0, short_s - 10 * dt_s)
