"""The board over the kernel: pulses between ticks, heartbeat and safe states as with pigpiod, and what is said."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from smartevse.hal import hat as hat_map
from smartevse.hal.backend import BOOTED_S, LONGEST_S, SETTLE_S, patience_s
from smartevse.hal.board import BoardGoneError, BoardUnfitError, Drive
from smartevse.hal.kernel_board import FRESH_S, HEARTBEAT_S, KernelBoard
from smartevse.physics.world import World
from tests.hal.kernel_world import KernelWorld

HAT = hat_map.load()
PINS = HAT.pins


@pytest.fixture(params=["pi4", "pi5"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> KernelWorld:
    return KernelWorld(World(HAT), HAT, tmp_path, request.param)


def opened(made: KernelWorld) -> KernelBoard:
    board = KernelBoard(HAT, made.kernel(), lambda: made.world.now_s, made.pause)
    board.open()
    return board


def duty_ns(made: KernelWorld) -> int:
    return int((made.pwm_folder / "duty_cycle").read_text().splitlines()[0])


def test_chips_are_found_by_what_they_are_whatever_their_numbers(made: KernelWorld) -> None:
    opened(made)
    assert (made.pwm_folder / "period").read_text() == "1000000\n"
    assert (made.pwm_folder / "enable").read_text() == "1\n"
    assert made.opened == [(0, 0)]


def test_an_opened_and_a_closed_board_give_steady_plus_12_v_and_no_command(made: KernelWorld) -> None:
    world = made.world
    world.set_output(PINS.c1_cmd, True)  # left by a program that was killed
    board = opened(made)
    assert (duty_ns(made), world.pins.level(PINS.c1_cmd)) == (0, False)
    board.drive(Drive(duty_permille=100, c1=True, c2=True, lock_r=True, rcm_test=True))
    assert duty_ns(made) == 900_000
    board.close()
    assert duty_ns(made) == 0
    commands = (PINS.c1_cmd, PINS.c2_cmd, PINS.lock_r, PINS.lock_w, PINS.rcm_test, PINS.heartbeat)
    assert not any(world.pins.level(pin) for pin in commands)


def test_a_duty_that_a_killed_program_left_is_low_before_its_period_changes(made: KernelWorld) -> None:
    made.pwm_folder.mkdir()
    for name, text in (("period", "2000000\n"), ("duty_cycle", "1500000\n"), ("enable", "1\n")):
        (made.pwm_folder / name).write_text(text)
    opened(made)
    assert duty_ns(made) == 0


def test_the_heartbeat_is_a_pulse_of_100_us_in_each_tick_that_has_fresh_readings(made: KernelWorld) -> None:
    board, world = opened(made), made.world
    board.read()
    before_s = world.now_s
    board.drive(Drive(heartbeat=True))
    assert world.now_s - before_s == pytest.approx(HEARTBEAT_S)
    assert world.board.wd_ok
    assert not world.pins.level(PINS.heartbeat)
    made.pause(0.2)
    assert not world.board.wd_ok
    board.drive(Drive(heartbeat=True))  # the readings are older than FRESH_S by now
    assert FRESH_S < 0.2
    assert not world.board.wd_ok


def test_a_pulse_between_two_ticks_is_seen_in_both_levels_and_only_once(made: KernelWorld) -> None:
    board, world = opened(made), made.world
    board.read()
    made.pause(0.001)
    world.pins.outside(PINS.rcm_trip, True, world.now_s)
    made.pause(0.0001)
    world.pins.outside(PINS.rcm_trip, False, world.now_s)
    made.pause(0.009)
    sample = board.read()
    assert not sample.levels >> PINS.rcm_trip & 1
    assert sample.seen_high >> PINS.rcm_trip & 1
    assert sample.seen_low >> PINS.rcm_trip & 1
    assert not board.read().seen_high >> PINS.rcm_trip & 1


def test_changes_that_the_kernel_had_to_forget_prove_nothing(made: KernelWorld) -> None:
    made.kept_events = 4
    board, world = opened(made), made.world
    made.pause(0.001)
    world.pins.outside(PINS.safe, True, world.now_s)
    made.pause(0.001)
    assert board.read().fresh
    for level in (False, True) * 5:
        made.pause(0.0001)
        world.pins.outside(PINS.safe, level, world.now_s)
    assert not board.read().fresh
    assert board.read().fresh


def test_each_channel_of_the_converter_has_its_turn(made: KernelWorld) -> None:
    board = opened(made)
    made.world.temperature_c, made.world.cable_ohm, made.world.rail_v = 50.0, 220, 13.0
    for _ in range(6):
        made.pause(0.01)
        sample = board.read()
    assert HAT.temperature_dc(sample.adc[HAT.channels.temperature]) == pytest.approx(500, abs=15)
    assert HAT.proximity_ohm(sample.adc[HAT.channels.pp]) == pytest.approx(220, rel=0.03)
    assert HAT.rail_mv(sample.adc[HAT.channels.rail_12v]) == pytest.approx(13_000, abs=200)


def test_what_another_program_holds_is_named_after_some_seconds_of_patience(made: KernelWorld) -> None:
    made.busy = {PINS.c1_cmd: "blink.py"}
    made.pause(BOOTED_S)
    with pytest.raises(BoardUnfitError, match=r"used by the program 'blink\.py': end that one"):
        opened(made)
    assert SETTLE_S <= made.world.now_s - BOOTED_S < SETTLE_S + 1


def test_a_machine_that_has_just_started_may_give_its_devices_late(made: KernelWorld) -> None:
    made.busy = {PINS.c1_cmd: "nobody, udev has not yet come to it"}

    def comes(seconds: float) -> None:
        made.pause(seconds)
        if made.world.now_s > LONGEST_S - 1:
            made.busy = {}

    KernelBoard(HAT, made.kernel(), lambda: made.world.now_s, comes).open()


@pytest.mark.parametrize(
    ("now_s", "waits_s"), [(0.0, LONGEST_S), (8.0, LONGEST_S), (50.0, 10.0), (57.0, SETTLE_S), (1e6, SETTLE_S)]
)
def test_how_long_devices_are_waited_for(now_s: float, waits_s: float) -> None:
    assert patience_s(now_s) == waits_s


def test_a_program_that_lets_go_in_time_does_no_harm(made: KernelWorld) -> None:
    made.busy = {PINS.c1_cmd: "smartevse"}

    def ends(seconds: float) -> None:
        made.pause(seconds)
        made.busy = {}

    board = KernelBoard(HAT, made.kernel(), lambda: made.world.now_s, ends)
    board.open()
    assert board.read().fresh


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOENT, "is not there: .*raspi-config"),
        (errno.EACCES, "no permission .* into the group spi"),
        (errno.EBUSY, "used by another program"),
        (errno.EIO, "does not work"),
    ],
)
def test_a_bus_that_cannot_be_opened_is_told_with_what_to_do(made: KernelWorld, number: int, sentence: str) -> None:
    made.spi_refusal = OSError(number, "as the kernel says")
    with pytest.raises(BoardUnfitError, match=sentence) as caught:
        opened(made)
    assert "/dev/spidev0.0" in str(caught.value)


def test_no_pwm_and_no_gpio_are_told_with_what_to_do(tmp_path: Path) -> None:
    made = KernelWorld(World(HAT), HAT, tmp_path)
    (made.chip / "device").unlink()
    with pytest.raises(BoardUnfitError, match=r"no hardware PWM for GPIO 18 .*dtoverlay=pwm,pin=18,func=2"):
        opened(made)
    for path in made.dev.iterdir():
        path.unlink()
    with pytest.raises(BoardUnfitError, match=r"the GPIO of the header is not there: this back-end is for a Raspberry"):
        opened(made)


def test_a_pi_that_loses_its_hat_while_it_runs_says_so_and_may_be_tried_again(made: KernelWorld) -> None:
    board = opened(made)
    made.error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(BoardGoneError, match=r"lost \(Input/output error\)") as caught:
        board.read()
    assert not isinstance(caught.value, BoardUnfitError)
    board.close()
