"""The simulated board behind the contract of every board."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smartevse.hal.board import SAFE, Board, BoardGoneError, Drive
from smartevse.hal.hat import load
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.ev import EvOptions
from smartevse.physics.world import World

HAT = load()
CHARGING = Drive(duty_permille=266, c1=True, c2=True, heartbeat=True)


def opened(*, noise: bool = False) -> tuple[World, SimBoard]:
    world = World(HAT, noise=noise)
    board = SimBoard(world, HAT)
    board.open()
    return world, board


def ticks(world: World, board: SimBoard, drive: Drive, count: int) -> None:
    for _ in range(count):
        world.advance(world.now_s + 0.010)
        board.read()
        board.drive(drive)


def charging() -> tuple[World, SimBoard]:
    world, board = opened()
    world.ev.options = EvOptions(lag_s=0.0)
    world.ev.plug()
    world.ev.ready()
    ticks(world, board, Drive(duty_permille=266, heartbeat=True), 100)
    ticks(world, board, CHARGING, 20)
    assert world.ev.currents_da() == (159, 159, 159)
    return world, board


def test_it_is_a_board() -> None:
    board: Board = opened()[1]
    assert board.read().slow_age_ticks == 0


def test_an_open_board_is_safe_and_reads_state_a() -> None:
    world, board = opened()
    world.advance(0.01)
    sample = board.read()
    assert HAT.pilot_mv(sample.adc[HAT.channels.cp_high]) == pytest.approx(12_000, abs=20)
    assert not sample.levels >> HAT.pins.safe & 1
    assert board.outputs == SAFE
    assert board.history == []


def test_every_output_reaches_its_pin_and_pwm_is_inverted() -> None:
    world, board = opened()
    pins = HAT.pins
    for name, gpio in (
        ("c1", pins.c1_cmd),
        ("c2", pins.c2_cmd),
        ("lock_r", pins.lock_r),
        ("lock_w", pins.lock_w),
        ("rcm_test", pins.rcm_test),
    ):
        board.drive(replace(SAFE, **{name: True}))
        assert world.bank() >> gpio & 1
        board.drive(SAFE)
        assert not world.bank() >> gpio & 1
    for permille in (1000, 100, 0):
        board.drive(Drive(duty_permille=permille, heartbeat=True))
        assert world.state()["pilot"]["duty_permille"] == permille  # type: ignore[index]


def test_the_history_has_each_change_once_with_its_time() -> None:
    world, board = opened()
    ticks(world, board, SAFE, 3)
    ticks(world, board, CHARGING, 3)
    ticks(world, board, SAFE, 2)
    assert [drive for _, drive in board.history] == [CHARGING, SAFE]
    assert [at_s for at_s, _ in board.history] == pytest.approx([0.04, 0.07])


def test_a_pulse_between_two_reads_is_seen() -> None:
    world, board = charging()
    board.read()
    seen = 0
    for _ in range(4):
        world.advance(world.now_s + 0.010)
        sample = board.read()
        board.drive(CHARGING)
        seen += sample.seen_low >> HAT.pins.c1_fb & 1
    assert 2 <= seen <= 4


def test_closing_leaves_everything_safe_and_closing_twice_does_nothing() -> None:
    world, board = charging()
    board.close()
    board.close()
    assert board.outputs == SAFE
    assert board.history[-1] == (world.now_s, SAFE)
    world.advance(world.now_s + 0.1)
    assert world.ev.currents_da() == (0, 0, 0)
    assert world.board.wave.duty == 1.0
    with pytest.raises(BoardGoneError, match="not open"):
        board.read()
    with pytest.raises(BoardGoneError, match="not open"):
        board.drive(SAFE)


def test_a_silent_guard_loses_the_contactor() -> None:
    world, board = charging()
    ticks(world, board, Drive(duty_permille=266, c1=True, c2=True), 15)
    assert world.ev.currents_da() == (0, 0, 0)


def test_a_leap_is_the_same_as_the_ticks_that_it_saves() -> None:
    world, board = charging()
    other_world, other = charging()
    count = world.trace_count
    ticks(world, board, CHARGING, 500)
    other.leap(world.now_s)
    assert other_world.trace(count) == world.trace(count)
    assert other_world.state() == world.state()
    ticks(world, board, SAFE, 20)
    ticks(other_world, other, SAFE, 20)
    assert other_world.trace(count) == world.trace(count)


def test_a_steady_charge_has_its_next_event_far_away_and_a_silent_one_has_not() -> None:
    world, board = charging()
    next_s = board.next_event_s()
    assert next_s is not None
    assert next_s > world.now_s + 3600
    ticks(world, board, Drive(duty_permille=266, c1=True, c2=True), 1)
    silent_s = board.next_event_s()
    assert silent_s is not None
    assert silent_s < world.now_s + 0.1


def test_without_noise_two_reads_are_alike_and_with_noise_they_are_not() -> None:
    for noise in (False, True):
        world, board = opened(noise=noise)
        world.advance(0.1)
        codes = {board.read().adc for _ in range(20)}
        assert (len(codes) == 1) != noise
