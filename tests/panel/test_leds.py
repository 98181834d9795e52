from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.states import State
from smartevse.panel.leds import BREATH_S, DIM, FLASH_S, FULL, STARTING, Rgb, leds, moving

STATES = pytest.mark.parametrize("state", State)


@pytest.mark.parametrize(("state", "level"), [(State.A, DIM), (State.B, FULL), (State.B1, FULL)])
def test_waiting_for_a_car_is_dim_green_and_a_connected_car_is_green(state: State, level: int) -> None:
    assert {leds(state, now / 50) for now in range(200)} == {Rgb(0, level, 0)}


def test_charging_breathes_from_full_to_dark_and_back_without_a_jump() -> None:
    levels = [leds(State.C, BREATH_S * step / 100).green for step in range(101)]
    assert (levels[0], levels[50], levels[100]) == (FULL, 0, FULL)
    assert levels[:51] == sorted(levels[:51], reverse=True)
    assert max(abs(a - b) for a, b in pairwise(levels)) <= 8


@STATES
def test_a_fault_flashes_red_in_every_state(state: State) -> None:
    seen = {leds(state, FLASH_S * step / 10, fault=True) for step in range(10)}
    assert seen == {Rgb(FULL, 0, 0), Rgb(0, 0, 0)}


def test_the_error_states_flash_red_by_themselves() -> None:
    for state in (State.E, State.F):
        assert leds(state, 0.0) == Rgb(FULL, 0, 0)
        assert moving(state)


def test_waiting_for_power_is_a_short_green_blink() -> None:
    lit = [leds(State.B1, step / 100, waiting=True).green for step in range(128)]
    assert set(lit) == {0, FULL}
    assert 10 <= lit.count(FULL) <= 16


def test_before_the_guard_has_spoken_the_led_is_magenta_and_steady() -> None:
    assert leds(None, 3.0) == STARTING
    assert not moving(None)


@given(st.sampled_from([*State, None]), st.booleans(), st.booleans(), st.floats(0, 1e7), st.floats(0, 100))
def test_levels_are_bytes_and_stand_still_unless_it_is_said_that_they_move(
    state: State | None, fault: bool, waiting: bool, now_s: float, later_s: float
) -> None:
    first, then = (leds(state, at_s, fault=fault, waiting=waiting) for at_s in (now_s, now_s + later_s))
    assert all(0 <= level <= 255 for level in (*first, *then))
    assert moving(state, fault=fault, waiting=waiting) or first == then
