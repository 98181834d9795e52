"""What the silence of a configured EV meter means: in Smart and Solar the charge stops after a minute.

The house is regulated without it for that long: what the car takes is then guessed, as for a car without a meter. A
meter that stays away is one of which somebody believes that it counts.
"""

from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode

STOPS_AFTER_S = 64.0
"""Bus specification 1.8: EV_NOCOMM."""


def ev_silence(mode: Mode, now_s: float, since_s: float, heard_s: float) -> tuple[Limit, ...]:
    """The limit of an own car whose EV meter has been silent for too long: none, or one of 0 A.

    `since_s`: since when it is asked, `heard_s`: its last answer (minus infinity for none), seconds of one clock. In
    Normal mode it never stops a charge.
    """
    if mode is Mode.NORMAL or now_s - max(since_s, heard_s) < STOPS_AFTER_S:
        return ()
    return (Limit(0, Why.NO_EV_DATA),)
