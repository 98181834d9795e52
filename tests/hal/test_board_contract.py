"""Every board passes the same contract: the simulated one in virtual time, pigpiod's through the twin's socket, and the
kernel's over simulated kernel interfaces."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from smartevse.drivers.pigpiod import NO_HANDLE, SPI_HANDLES, SPIO, Pigpiod, command
from smartevse.hal import hat as hat_map
from smartevse.hal.board import SAFE, Board, BoardGoneError, Drive, Sample
from smartevse.hal.kernel_board import KernelBoard
from smartevse.hal.pigpio_board import SPI_FLAGS, PigpioBoard
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.world import World
from tests.end_to_end.harness import rig
from tests.hal.kernel_world import KernelWorld

HAT = hat_map.load()
PINS = HAT.pins


class Bench(NamedTuple):
    """A board with the world around it."""

    board: Board
    wait: Callable[[float], None]
    plug: Callable[[], object]
    lose: Callable[[], object]
    stop_clock: Callable[[], object]
    """From now on no reading grows old for the board."""


@contextmanager
def simulated(_: Path) -> Iterator[Bench]:
    world = World(HAT)
    board = SimBoard(world, HAT)
    yield Bench(board, lambda s: world.advance(world.now_s + s), world.ev.plug, board.close, lambda: None)


@contextmanager
def through_pigpiod(folder: Path) -> Iterator[Bench]:
    with rig(folder) as made:
        made.twin()
        stopped_s: list[float] = []
        board = PigpioBoard(HAT, "127.0.0.1", made.port, lambda: stopped_s[0] if stopped_s else time.monotonic())
        yield Bench(
            board,
            time.sleep,
            lambda: made.do("ev plug"),
            lambda: made.do("pigpiod kill"),
            lambda: stopped_s.append(time.monotonic()),
        )
        board.close()


@contextmanager
def through_the_kernel(folder: Path) -> Iterator[Bench]:
    made = KernelWorld(World(HAT), HAT, folder)
    world = made.world
    stopped_s: list[float] = []
    board = KernelBoard(HAT, made.kernel(), lambda: stopped_s[0] if stopped_s else world.now_s, made.pause)
    yield Bench(
        board,
        made.pause,
        world.ev.plug,
        lambda: setattr(made, "error", OSError(errno.EIO, "Input/output error")),
        lambda: stopped_s.append(world.now_s),
    )
    board.close()


@pytest.fixture(params=[simulated, through_pigpiod, through_the_kernel], ids=["sim", "pigpio", "kernel"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with request.param(tmp_path) as made:
        made.board.open()
        yield made


def ticks(bench: Bench, drive: Drive, count: int) -> Sample:
    """Tick so often with that drive; the sample after it."""
    for _ in range(count):
        bench.wait(0.01)
        bench.board.read()
        bench.board.drive(drive)
    bench.wait(0.01)
    return bench.board.read()


def pin(sample: Sample, number: int) -> bool:
    return bool(sample.levels >> number & 1)


def test_an_open_board_reads_state_a_and_drives_nothing(bench: Bench) -> None:
    sample = ticks(bench, SAFE, 8)
    assert len(sample.adc) == 8
    assert all(0 <= code < HAT.full_code for code in sample.adc)
    assert HAT.pilot_mv(sample.adc[HAT.channels.cp_high]) == pytest.approx(12_000, abs=300)
    assert HAT.temperature_dc(sample.adc[HAT.channels.temperature]) == pytest.approx(250, abs=20)
    assert HAT.rail_mv(sample.adc[HAT.channels.rail_12v]) == pytest.approx(12_000, abs=300)
    assert not any(pin(sample, number) for number in (PINS.c1_cmd, PINS.c2_cmd, PINS.safe, PINS.wd_ok, PINS.lock_r))


def test_the_heartbeat_keeps_the_one_shot_alive_and_only_the_heartbeat(bench: Bench) -> None:
    beating = Drive(heartbeat=True)
    assert pin(ticks(bench, beating, 20), PINS.wd_ok)
    bench.wait(0.2)
    assert not pin(bench.board.read(), PINS.wd_ok)


def test_the_pilot_shows_the_duty_cycle_and_the_car(bench: Bench) -> None:
    bench.plug()
    sample = ticks(bench, Drive(duty_permille=266, heartbeat=True), 20)
    assert HAT.pilot_mv(sample.adc[HAT.channels.cp_high]) == pytest.approx(9_000, abs=400)
    assert HAT.pilot_mv(sample.adc[HAT.channels.cp_low]) == pytest.approx(-12_000, abs=400)


@pytest.mark.parametrize("name", ["c1", "c2", "lock_r", "lock_w", "rcm_test"])
def test_each_output_reaches_its_pin_and_leaves_it_again(bench: Bench, name: str) -> None:
    number = {"c1": PINS.c1_cmd, "c2": PINS.c2_cmd, "lock_r": PINS.lock_r, "lock_w": PINS.lock_w}.get(
        name, PINS.rcm_test
    )
    assert pin(ticks(bench, Drive(**{name: True}), 2), number)
    assert not pin(ticks(bench, SAFE, 2), number)


def test_a_short_fall_of_an_input_between_two_ticks_is_not_missed(bench: Bench) -> None:
    bench.stop_clock()
    ticks(bench, Drive(heartbeat=True), 5)
    bench.wait(0.15)  # the one-shot expires and the next heartbeat revives it before anybody looks
    bench.board.drive(Drive(heartbeat=True))
    bench.wait(0.01)
    sample = bench.board.read()
    assert pin(sample, PINS.wd_ok)
    assert sample.seen_low >> PINS.wd_ok & 1


def test_a_closed_board_has_left_everything_safe_and_says_that_it_is_gone(bench: Bench) -> None:
    ticks(bench, Drive(duty_permille=500, c1=True, lock_r=True, heartbeat=True), 3)
    bench.board.close()
    with pytest.raises(BoardGoneError):
        bench.board.read()
    bench.board.open()
    sample = bench.board.read()
    assert not pin(sample, PINS.c1_cmd)
    assert not pin(sample, PINS.lock_r)


def test_a_lost_board_is_told_within_a_few_ticks(bench: Bench) -> None:
    ticks(bench, SAFE, 3)
    bench.lose()
    with pytest.raises(BoardGoneError):
        ticks(bench, Drive(heartbeat=True), 5)


@pytest.mark.parametrize("cut", [0, 1, 15, 16, 17, 18, 19, 40])
def test_an_answer_of_pigpiod_cut_at_any_byte_loses_the_board_and_nothing_else(tmp_path: Path, cut: int) -> None:
    with rig(tmp_path) as made:
        made.twin()
        board = PigpioBoard(HAT, "127.0.0.1", made.port)
        board.open()
        made.do(f"pigpiod cut {cut}")
        with pytest.raises(BoardGoneError, match="pigpiod"):
            _read_often(board)
        board.close()


def _read_often(board: Board) -> None:
    for _ in range(3):
        board.read()


def test_a_program_that_was_stopped_between_reading_and_driving_does_not_beat(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.twin()
        late_s = [0.0]
        board = PigpioBoard(HAT, "127.0.0.1", made.port, lambda: time.monotonic() + late_s[0])
        board.open()
        board.read()
        late_s[0] = 0.5
        board.drive(Drive(heartbeat=True))
        assert not pin(board.read(), PINS.wd_ok)
        board.drive(Drive(heartbeat=True))
        assert pin(board.read(), PINS.wd_ok)
        board.close()


def test_after_a_heartbeats_life_the_watchdog_was_low_whether_or_not_a_report_of_it_has_come(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.twin()
        now_s = [1000.0]
        board = PigpioBoard(HAT, "127.0.0.1", made.port, lambda: now_s[0])
        board.open()
        for _ in range(3):
            board.read()
            board.drive(Drive(heartbeat=True))
        assert not board.read().seen_low >> PINS.wd_ok & 1
        now_s[0] += 0.120
        sample = board.read()
        assert sample.seen_low >> PINS.wd_ok & 1
        board.close()


def test_a_board_that_is_closed_gives_the_converter_back(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.twin()
        for _ in range(SPI_HANDLES + 3):
            board = PigpioBoard(HAT, "127.0.0.1", made.port)
            board.open()
            board.close()
        with closing(Pigpiod("127.0.0.1", made.port, 1.0)) as link:
            opening = [command(SPIO, 0, 1_000_000, bytes(4))] * SPI_HANDLES
            assert link.attempt(opening) == list(range(SPI_HANDLES)), "all handles are free"


def test_programs_that_were_killed_do_not_use_up_pigpiod_s_handles(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.twin()
        with closing(Pigpiod("127.0.0.1", made.port, 1.0)) as killed:
            opening = [command(SPIO, HAT.spi_channel, HAT.spi_hz, SPI_FLAGS)] * (SPI_HANDLES + 1)
            assert killed.attempt(opening)[-1] == NO_HANDLE
        board = PigpioBoard(HAT, "127.0.0.1", made.port)
        board.open()
        assert board.read().adc[HAT.channels.rail_12v] > 1000
        board.close()
