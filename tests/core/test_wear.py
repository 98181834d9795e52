from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.wear import REMEMBERED, SLOWER_MS, Counts, Wear, after


def opened(wear: Wear, times_ms: list[int]) -> Wear:
    before = Counts()
    for number, time_ms in enumerate(times_ms, 1):
        for now in (Counts(number), Counts(number, 0, time_ms)):
            wear, before = after(wear, before, now), now
    return wear


def test_closings_and_loaded_openings_add_up_over_restarts_of_the_guard() -> None:
    wear = after(Wear(), Counts(), Counts(3, 1, 30))
    wear = after(wear, Counts(3, 1, 30), Counts(1))
    wear = after(wear, Counts(1), Counts(2, 1, 40))
    assert (wear.cycles, wear.loaded) == (5, 2)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1))
def test_nothing_that_was_counted_is_ever_taken_back(steps: list[tuple[int, int]]) -> None:
    wear, before = Wear(), Counts()
    for cycles, loaded in steps:
        now = Counts(cycles, loaded)
        grown = after(wear, before, now)
        assert grown.cycles >= wear.cycles
        assert grown.loaded >= wear.loaded
        wear, before = grown, now


def test_a_contactor_that_always_takes_the_same_time_is_measured_too() -> None:
    assert opened(Wear(), [30] * 20).last_ms == (30,) * REMEMBERED


def test_a_contactor_that_opens_more_slowly_than_when_it_was_new_is_told() -> None:
    new = [30, 40] * (REMEMBERED // 2)
    assert opened(Wear(), new).slower_ms == 0
    assert opened(Wear(), [*new, *[60, 70] * (REMEMBERED // 2)]).slower_ms >= SLOWER_MS
    assert opened(Wear(), [*new, *[30, 40] * REMEMBERED]).slower_ms == 0
