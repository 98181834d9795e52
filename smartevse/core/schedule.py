"""Delayed and repeated charging: when the owner's plan lets a car charge. Times are seconds of the local wall clock.

A plan is a start, an optional stop and an optional daily repeat. It only ever holds a car back; whatever else limits
the car still does.
"""

from dataclasses import dataclass, replace

from smartevse.core.limits import Limit
from smartevse.core.reasons import Why

DAY_S = 86_400
"""One day of the local clock; the caller's clock already knows about summer time."""

MOST_AHEAD_S = 366 * DAY_S
"""A start further ahead than this is a mistake."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Charge from `start_s` to `stop_s` (None = open), every day anew when `daily`. No start: no plan."""

    start_s: int | None = None
    stop_s: int | None = None
    daily: bool = False


def checked(plan: Plan, wall_s: int) -> Plan:
    """The plan if it can be kept; ValueError with a whole sentence when it cannot.

    A start in the past is fine: the window is open already. A daily plan is moved to its present or next window.
    """
    if plan.start_s is None:
        return Plan()
    if plan.start_s > wall_s + MOST_AHEAD_S:
        raise ValueError("The start is more than a year ahead: give a date within the next 366 days.")
    if plan.stop_s is not None and plan.stop_s <= plan.start_s:
        raise ValueError("The stop lies before the start: give a stop that is later than the start.")
    if plan.daily and plan.stop_s is not None and plan.stop_s - plan.start_s >= DAY_S:
        raise ValueError("A daily plan must stop within 24 hours of its start: give an earlier stop or no repeat.")
    if plan.stop_s is not None and plan.stop_s <= wall_s and not plan.daily:
        raise ValueError("The stop lies in the past: give a stop that is still to come.")
    return advanced(plan, wall_s)


def advanced(plan: Plan, wall_s: int) -> Plan:
    """The plan after the windows that are over: a daily one moves on by days, another ends."""
    if plan.start_s is None or plan.stop_s is None or wall_s < plan.stop_s:
        return plan
    if not plan.daily:
        return replace(plan, start_s=None)
    days = (wall_s - plan.stop_s) // DAY_S + 1
    return replace(plan, start_s=plan.start_s + days * DAY_S, stop_s=plan.stop_s + days * DAY_S)


def plan_limit(plan: Plan, wall_s: int | None) -> Limit | None:
    """The limit the plan sets now: 0 A with the time to wait, or None while the car may charge.

    `wall_s` None = the clock is not known to be right: a plan then waits, as a wrong night is dearer than a late start.
    A plan whose stop has passed keeps the car stopped until it is given anew.
    """
    if plan.start_s is None:
        return Limit(0, Why.SCHEDULE_OVER) if plan.stop_s is not None else None
    if wall_s is None:
        return Limit(0, Why.NO_CLOCK)
    now = advanced(plan, wall_s)
    if now.start_s is None:
        return Limit(0, Why.SCHEDULE_OVER)
    if wall_s < now.start_s:
        return Limit(0, Why.SCHEDULE, wait_s=now.start_s - wall_s)
    return None
