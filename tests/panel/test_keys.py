from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smartevse.panel.keys import HOLD_S, REPEAT_LEAST_S, STUCK_S, Act, Key, KeyEvent, Keys


def acts(events: tuple[KeyEvent, ...]) -> list[Act]:
    return [event.act for event in events]


def test_a_short_press_is_a_press_and_a_release() -> None:
    keys = Keys()
    assert keys.edge(Key.LEFT, True, 1.0) == (KeyEvent(Key.LEFT, Act.PRESS),)
    assert keys.poll(1.4) == ()
    assert keys.edge(Key.LEFT, False, 1.4) == (KeyEvent(Key.LEFT, Act.RELEASE),)
    assert keys.due_s is None


def test_a_contact_that_bounces_to_the_same_level_is_nothing_new() -> None:
    keys = Keys()
    keys.edge(Key.LEFT, True, 1.0)
    assert keys.edge(Key.LEFT, True, 1.1) == ()
    keys.edge(Key.LEFT, False, 1.2)
    assert keys.edge(Key.LEFT, False, 1.3) == ()


def test_a_held_key_repeats_after_500_ms_and_each_interval_is_an_eighth_shorter() -> None:
    keys = Keys()
    keys.edge(Key.RIGHT, True, 0.0)
    times: list[float] = []
    while len(times) < 40:
        due_s = keys.due_s
        assert due_s is not None
        times += [due_s] * acts(keys.poll(due_s)).count(Act.REPEAT)
    intervals = [round(1000 * (after - before)) for before, after in zip([0.0, *times], times, strict=False)]
    assert intervals[:6] == [500, 438, 383, 335, 293, 256]
    assert intervals[-1] == REPEAT_LEAST_S * 1000


def test_a_key_held_for_two_seconds_is_held_once() -> None:
    keys = Keys()
    keys.edge(Key.SELECT, True, 5.0)
    assert Act.HOLD not in acts(keys.poll(5.0 + HOLD_S - 0.01))
    assert Act.HOLD in acts(keys.poll(5.0 + HOLD_S))
    assert Act.HOLD not in acts(keys.poll(9.0))


def test_both_outer_keys_are_one_event_and_then_silence_until_they_are_up() -> None:
    keys = Keys()
    keys.edge(Key.LEFT, True, 0.0)
    assert keys.edge(Key.RIGHT, True, 0.1) == (KeyEvent(Key.RIGHT, Act.BOTH),)
    assert keys.poll(10.0) == ()
    assert keys.due_s is None
    keys.edge(Key.LEFT, False, 10.1)
    assert keys.poll(15.0) == ()
    keys.edge(Key.RIGHT, False, 15.1)
    assert acts(keys.edge(Key.RIGHT, True, 15.2)) == [Act.PRESS]


def test_a_stuck_key_stops_repeating_and_works_again_once_it_was_up() -> None:
    keys = Keys()
    keys.edge(Key.RIGHT, True, 0.0)
    now_s = 0.0
    while (due_s := keys.due_s) is not None:
        now_s = due_s
        keys.poll(now_s)
        assert now_s <= STUCK_S + 0.1
    assert keys.poll(1000.0) == ()
    keys.edge(Key.RIGHT, False, 1000.0)
    assert acts(keys.edge(Key.RIGHT, True, 1001.0)) == [Act.PRESS]


def test_a_late_poll_brings_a_bounded_number_of_repeats() -> None:
    keys = Keys()
    keys.edge(Key.RIGHT, True, 0.0)
    assert 1 <= acts(keys.poll(STUCK_S)).count(Act.REPEAT) <= 32


@given(
    st.lists(st.tuples(st.sampled_from([*Key, None]), st.booleans(), st.floats(0, 5) | st.floats(0, 1e5)), max_size=40)
)
def test_every_press_is_followed_by_one_release_whatever_the_fingers_do(
    story: list[tuple[Key | None, bool, float]],
) -> None:
    keys, now_s, down = Keys(), 0.0, set[Key]()
    for key, pressed, after_s in story:
        now_s += after_s
        for event in keys.poll(now_s) if key is None else keys.edge(key, pressed, now_s):
            if event.act in (Act.PRESS, Act.BOTH):
                assert event.key not in down
                down.add(event.key)
            else:
                assert event.key in down
            if event.act is Act.RELEASE:
                down.remove(event.key)
        assert keys.down == down
        assert keys.due_s is None or keys.due_s > now_s
