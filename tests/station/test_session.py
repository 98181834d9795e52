"""A session tells what the car got, whatever the meter does."""

from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.states import State
from smartevse.station.session import TAKING, Session, after, length

A, B1, B, C, C1, E, F = State


def run(*steps: tuple[State, int | None]) -> tuple[Session, ...]:
    """The sessions after each step, one second apart."""
    session, seen = Session(), []
    for second, (state, counter_wh) in enumerate(steps):
        session = after(session, state, counter_wh, float(second))
        seen.append(session)
    return tuple(seen)


def test_a_session_lasts_from_plugging_in_to_pulling_out() -> None:
    seen = run((A, None), (B1, None), (B, None), (C, None), (A, None))
    assert [session.open for session in seen] == [False, True, True, True, False]
    assert seen[-1].number == 1
    assert seen[-1].connected_at_s == 1.0


def test_the_energy_is_counted_from_the_start_of_the_charge() -> None:
    seen = run((A, 1000), (B, 1000), (B, 1010), (C, 1100), (C, 1500), (B, 2430), (A, 2430))
    assert seen[-1].energy_wh == 2430 - 1010


def test_the_energy_is_kept_while_the_car_pauses() -> None:
    seen = run((B, 1000), (C, 1000), (C, 1400), (B, 1420), (C, 1420), (C, 2000), (A, 2000))
    assert seen[-1].energy_wh == 1000


def test_a_meter_that_was_silent_at_the_start_counts_from_its_first_answer() -> None:
    seen = run((B, None), (C, None), (C, 5000), (C, 5600), (A, None))
    assert seen[-1].energy_wh == 600


def test_without_a_meter_there_is_no_energy() -> None:
    assert run((B, None), (C, None), (A, None))[-1].energy_wh is None


def test_the_duration_is_the_time_with_the_contactor_closed() -> None:
    seen = run((B, None), (C, None), (C, None), (C1, None), (B1, None), (B, None), (C, None), (A, None))
    assert seen[-1].charging_s(100.0) == 3 + 1


def test_a_new_car_begins_at_zero() -> None:
    seen = run((B, 100), (C, 100), (C, 900), (A, 900), (B, 900))
    assert seen[-1].number == 2
    assert seen[-1].energy_wh == 0
    assert seen[-1].charging_s(9.0) == 0


def test_a_fault_in_mid_charge_keeps_the_session() -> None:
    seen = run((B, 100), (C, 100), (C, 300), (F, 320), (B, 320), (A, 320))
    assert [session.number for session in seen] == [1] * 6
    assert seen[-1].energy_wh == 220


def test_durations_are_hours_and_minutes() -> None:
    assert [length(s) for s in (0, 59, 60, 35 * 60, 26 * 3600 + 600)] == ["0:00", "0:00", "0:01", "0:35", "26:10"]


COUNTERS = st.one_of(st.none(), st.integers(0, 10_000))


@given(st.lists(st.tuples(st.sampled_from(State), COUNTERS), max_size=30))
def test_energy_and_time_are_never_negative_and_time_never_longer_than_it_was_closed(
    steps: list[tuple[State, int | None]],
) -> None:
    seen = run(*steps)
    for number, session in enumerate(seen):
        closed = sum(state in TAKING for state, _ in steps[:number])
        assert session.energy_wh is None or session.energy_wh >= 0
        assert 0 <= session.charging_s(float(number)) <= closed
