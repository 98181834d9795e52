"""A counter goes up with the car and with nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smartevse.bus.counter import SLACK_WH, Counter
from smartevse.bus.meter import PLAUSIBLE_W


def counted(*readings: tuple[int, float]) -> list[int | None]:
    """What the counter shows after each (raw_wh, at_s)."""
    counter, shown = Counter(), []
    for raw_wh, at_s in readings:
        counter = counter.after(raw_wh, at_s)
        shown.append(counter.total_wh)
    return shown


def test_it_shows_what_the_meter_shows() -> None:
    assert counted((5_000, 0), (5_030, 10), (5_061, 20)) == [5_000, 5_030, 5_061]


def test_it_goes_on_when_the_meters_own_overflows_or_is_set_back() -> None:
    assert counted((99_999_990, 0), (5, 10), (36, 20)) == [99_999_990, 99_999_990, 100_000_021]


def test_one_misread_counter_does_not_stay() -> None:
    assert counted((5_000, 0), (0, 10), (5_060, 20), (5_090, 30)) == [5_000, 5_000, 5_000, 5_030]
    assert counted((5_000, 0), (900_000_000, 10), (5_060, 20), (5_090, 30)) == [5_000, 5_000, 5_000, 5_030]


def test_what_was_charged_while_the_meter_was_silent_is_counted() -> None:
    assert counted((5_000, 0), (27_000, 3_600)) == [5_000, 27_000]


@given(st.lists(st.tuples(st.integers(0, 1 << 40), st.floats(0, 20)), min_size=1))
def test_whatever_the_meter_sends_it_never_falls_and_never_leaps(steps: list[tuple[int, float]]) -> None:
    counter, now_s = Counter().after(steps[0][0], 0.0), 0.0
    for raw_wh, passed_s in steps:
        now_s += passed_s
        before, counter = counter, counter.after(raw_wh, now_s)
        assert before.total_wh is not None
        assert counter.total_wh is not None
        assert 0 <= counter.total_wh - before.total_wh <= SLACK_WH + PLAUSIBLE_W * passed_s / 3600 + 1
