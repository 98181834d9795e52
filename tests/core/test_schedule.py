import pytest

from smartevse.core.reasons import Why
from smartevse.core.schedule import DAY_S, Plan, advanced, checked, plan_limit

NOON = 20_000 * DAY_S + 43_200


def test_before_the_start_the_car_waits_and_the_reason_counts_down() -> None:
    limit = plan_limit(Plan(NOON + 7500), NOON)
    assert limit is not None
    assert (limit.offer_da, limit.why, limit.wait_s) == (0, Why.SCHEDULE, 7500)
    assert limit.short == "starts in 2h05"


def test_within_the_window_nothing_is_limited_also_when_the_start_is_past() -> None:
    assert plan_limit(Plan(NOON - 60, NOON + 60), NOON) is None
    assert plan_limit(Plan(NOON - 60), NOON) is None
    assert plan_limit(Plan(), NOON) is None


def test_after_the_stop_the_car_waits_for_a_new_plan() -> None:
    limit = plan_limit(Plan(NOON - 60, NOON), NOON)
    assert limit is not None
    assert limit.why == Why.SCHEDULE_OVER


@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_daily_plan_opens_every_day(days: int) -> None:
    plan = Plan(NOON, NOON + 3600, daily=True)
    wall = NOON + days * DAY_S
    assert plan_limit(plan, wall + 1800) is None
    waiting = plan_limit(plan, wall + 3600)
    assert waiting is not None
    assert waiting.wait_s == DAY_S - 3600
    assert advanced(plan, wall + 3600).start_s == wall + DAY_S


def test_a_plan_waits_while_the_clock_is_not_set() -> None:
    limit = plan_limit(Plan(NOON), None)
    assert limit is not None
    assert limit.why == Why.NO_CLOCK


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(NOON, NOON - 1), "before the start"),
        (Plan(NOON - 100, NOON - 50), "in the past"),
        (Plan(NOON + 400 * DAY_S), "more than a year"),
        (Plan(NOON, NOON + 2 * DAY_S, daily=True), "within 24 hours"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_with_a_sentence(plan: Plan, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked(plan, NOON)
