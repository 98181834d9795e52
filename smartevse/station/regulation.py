"""How much current the car is offered and why: from the settings and the guard's report to the permit.

Normal mode: MAX, or what the cable carries. The guard limits by cable and temperature again, on its own.
"""

from __future__ import annotations

from smartevse.core.limits import Limit, normal_limit
from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.signals import Permit
from smartevse.guard.wire import Flag, Status
from smartevse.settings.values import Values


def limit_for(settings: Values, status: Status | None) -> Limit:
    """What binds the offer, with its reason; `status` None while nothing fresh is known of the guard."""
    cable_da: int | None = None
    if status is not None and Flag.CABLE_KNOWN in status.flags and not settings.fixed_cable:
        cable_da = status.cable_da
    return normal_limit(settings.max_da, cable_da)


def permit_for(settings: Values, limit: Limit, resets: int, *, rcm_test: bool) -> Permit:
    """What the guard may do; `resets` counts the key presses that were meant to reset a fault, `rcm_test` says that
    the monitor, if one is fitted, has a test input.

    A limit that the pilot cannot offer (below 6 A) offers none.
    """
    offer_da = limit.offer_da if limit.offer_da >= MIN_OFFER_DA else 0
    return Permit(
        offer_da=offer_da,
        charge=offer_da > 0,
        fixed_cable=settings.fixed_cable,
        rcm=settings.rcm,
        rcm_test=rcm_test,
        wake=settings.wake,
        lock=settings.lock,
        lock_policy=settings.lock_policy,
        resets=resets & 0xFF,
    )
