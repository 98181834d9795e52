from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.states import State
from smartevse.panel.leds import (
    BLUE,
    BREATH_S,
    DARK,
    DIM,
    FLASH_S,
    FULL,
    GREEN,
    ORANGE,
    STARTING,
    Light,
    Rgb,
    leds,
    moving,
)

STATES = pytest.mark.parametrize("state", State)


def over_time(light: Light) -> list[Rgb]:
    """Every 10 ms for 10 s."""
    return [leds(light, now / 100) for now in range(1000)]


@pytest.mark.parametrize(("state", "level"), [(State.A, DIM), (State.B, FULL), (State.B1, FULL)])
def test_waiting_for_a_car_is_dim_green_and_a_connected_car_is_green(state: State, level: int) -> None:
    assert set(over_time(Light(state))) == {Rgb(0, level, 0)}


@pytest.mark.parametrize(("solar", "breath_s"), [(False, BREATH_S), (True, 2 * BREATH_S)])
def test_charging_breathes_from_full_to_dark_and_back_without_a_jump(solar: bool, breath_s: float) -> None:
    light = Light(State.C, solar=solar)
    levels = [leds(light, breath_s * step / 100).green for step in range(101)]
    top = ORANGE.green if solar else FULL
    assert (levels[0], levels[50], levels[100]) == (top, 0, top)
    assert levels[:51] == sorted(levels[:51], reverse=True)
    assert max(abs(a - b) for a, b in pairwise(levels)) <= 8


@STATES
@pytest.mark.parametrize("public", [False, True])
def test_a_fault_flashes_red_in_every_state(state: State, public: bool) -> None:
    light = Light(state, fault=True, waiting=True, denied=True, solar=True, public=public)
    seen = {leds(light, FLASH_S * step / 10) for step in range(10)}
    assert seen == {Rgb(FULL, 0, 0), Rgb(0, 0, 0)}


def test_the_error_states_flash_red_by_themselves() -> None:
    for state in (State.E, State.F):
        assert leds(Light(state), 0.0) == Rgb(FULL, 0, 0)
        assert moving(Light(state))


@pytest.mark.parametrize(
    ("light", "colour"), [(Light(), GREEN), (Light(solar=True), ORANGE), (Light(public=True), ORANGE)]
)
def test_waiting_for_power_is_a_short_blink(light: Light, colour: Rgb) -> None:
    lit = [leds(replace(light, state=State.B1, waiting=True), step / 100) for step in range(128)]
    assert set(lit) == {DARK, colour}
    assert 10 <= lit.count(colour) <= 16


def test_solar_is_orange() -> None:
    assert leds(Light(State.B, solar=True), 0.0) == ORANGE
    assert leds(Light(State.A, solar=True), 0.0) == Rgb(*(part * DIM // FULL for part in ORANGE))


@pytest.mark.parametrize("state", [State.A, State.B1, State.B, State.C, State.C1])
def test_without_access_it_is_dark(state: State) -> None:
    assert set(over_time(Light(state, denied=True))) == {DARK}


@pytest.mark.parametrize(
    ("light", "colours"),
    [
        (Light(State.A), {Rgb(0, DIM, 0)}),
        (Light(State.A, denied=True), {Rgb(0, DIM, 0)}),
        (Light(State.B), {BLUE}),
        (Light(State.B1, denied=True), {DARK, ORANGE}),
        (Light(State.B, solar=True), {BLUE}),
    ],
)
def test_in_public_green_is_free_blue_is_taken_and_orange_waits(light: Light, colours: set[Rgb]) -> None:
    assert set(over_time(replace(light, public=True))) == colours


def test_in_public_a_charge_breathes_blue() -> None:
    assert {(colour.red, colour.green) for colour in over_time(Light(State.C, public=True))} == {(0, 0)}
    assert len(set(over_time(Light(State.C, public=True)))) > 50


def test_before_the_guard_has_spoken_the_led_is_magenta_and_steady() -> None:
    assert set(over_time(Light())) == {STARTING}
    assert not moving(Light())


lights = st.builds(
    Light,
    st.sampled_from([*State, None]),
    *[st.booleans()] * 5,
)


@given(lights, st.floats(0, 1e7), st.floats(0, 100))
def test_levels_are_bytes_and_stand_still_unless_it_is_said_that_they_move(
    light: Light, now_s: float, later_s: float
) -> None:
    first, then = (leds(light, at_s) for at_s in (now_s, now_s + later_s))
    assert all(0 <= level <= 255 for level in (*first, *then))
    assert moving(light) or first == then
