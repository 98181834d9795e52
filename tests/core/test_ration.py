"""How many lines of a kind are written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.ration import BURST, EVERY_S, KEPT, Ration, counted


def test_a_burst_comes_whole_and_then_one_in_a_while_that_counts_the_others() -> None:
    ration = Ration()
    assert [ration.take("a", 0.0) for _ in range(BURST)] == [0] * BURST
    assert [ration.take("a", 1.0) for _ in range(5)] == [None] * 5
    assert ration.take("a", EVERY_S + 1.0) == 5
    assert ration.take("a", EVERY_S + 2.0) is None


def test_kinds_do_not_take_from_each_other() -> None:
    ration = Ration()
    while ration.take("a", 0.0) is not None:
        pass
    assert ration.take("b", 0.0) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 3600)), max_size=300))
def test_none_is_lost_from_the_count_and_no_more_come_than_are_allowed(acts: list[tuple[int, float]]) -> None:
    ration, now_s = Ration(), 0.0
    told, asked, waiting = [0] * 4, [0] * 4, [0] * 4
    for kind, step_s in acts:
        now_s += step_s
        left_out = ration.take(str(kind), now_s)
        asked[kind] += 1
        if left_out is None:
            waiting[kind] += 1
        else:
            assert left_out == waiting[kind]
            told[kind], waiting[kind] = told[kind] + 1 + left_out, 0
    assert [a == t + w for a, t, w in zip(asked, told, waiting, strict=True)] == [True] * 4


def test_it_forgets_and_stays_small() -> None:
    ration = Ration()
    for number in range(10 * KEPT):
        assert ration.take(f"line {number}", float(number)) == 0
    assert len(ration._kinds) <= KEPT


def test_a_line_tells_what_was_left_out_before_it() -> None:
    assert counted("shorted", 0) == "shorted"
    assert counted("shorted", 7) == "shorted (and 7 times more)"
