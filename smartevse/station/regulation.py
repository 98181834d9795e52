"""How much current the car is offered and why: from the settings and the guard's report to the permit.

Normal mode: MAX, or what the cable carries. The guard limits by cable and temperature again, on its own.
"""

from __future__ import annotations

from smartevse.core.limits import Limit, normal_limit
from smartevse.guard.wire import Flag, Status
from smartevse.settings.values import Values


def limit_for(settings: Values, status: Status | None) -> Limit:
    """What binds the offer, with its reason; `status` None while nothing fresh is known of the guard."""
    cable_da: int | None = None
    if status is not None and Flag.CABLE_KNOWN in status.flags and not settings.fixed_cable:
        cable_da = status.cable_da
    return normal_limit(settings.max_da, cable_da)
