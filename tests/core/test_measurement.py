import pytest

from smartevse.core.breaker import TRIP, warm
from smartevse.core.measurement import Reading, age_s, house_da, phases_of, whole

NAN, INF = float("nan"), float("inf")


def test_what_the_cars_explain_does_not_change_the_house() -> None:
    assert house_da(100, 290, 70, 160) == 130  # even with the car at its highest the house has risen by 3 A
    assert house_da(100, 250, 70, 160) == 100  # the car may be anywhere on its way down
    assert house_da(100, 150, 70, 160) == 80  # even with the car at its lowest the house has fallen
    assert house_da(None, 250, 70, 160) == 180  # nothing known: the worst case


@pytest.mark.parametrize("bad", [NAN, INF, -INF, 1e9, -1e9])
def test_a_current_that_cannot_be_true_makes_the_reading_void(bad: float) -> None:
    assert phases_of(Reading(10, bad, 10, 0)) is None
    assert whole(bad, -100, 100) is None


def test_a_reading_from_the_future_or_without_a_time_has_no_age() -> None:
    assert age_s(Reading(0, 0, 0, 10.0), 12.5) == 2.5
    assert age_s(Reading(0, 0, 0, 15.0), 12.5) is None
    assert age_s(Reading(0, 0, 0, NAN), 12.5) is None
    assert age_s(Reading(0, 0, 0, 12.6), 12.5) == 0.0


def _trips_after(current_da: int, preload_da: int) -> float:
    heat = (preload_da / 250) ** 2
    seconds = 0.0
    while heat < TRIP and seconds < 7200:
        heat = warm(heat, current_da, 250, 1.0)
        seconds += 1
    return seconds


def test_the_breaker_model_is_on_the_careful_side_of_the_standard() -> None:
    assert _trips_after(280, 250) == 7200  # 1.12 times: never
    assert 1 < _trips_after(637, 0) < 60  # 2.55 times from cold: the standard allows 1 s to 60 s
    assert _trips_after(362, 0) < 3600  # 1.45 times: within the hour
    assert _trips_after(362, 250) < _trips_after(362, 0)
