"""What keeps the guard on time and as small as it began."""

import sys
import time

import pytest

from smartevse.drivers.journal_socket import Lines
from smartevse.guard import process, realtime
from smartevse.guard.loop import Guard
from smartevse.hal import hat as hat_map
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.world import World
from tests.guard.test_loop import FakeStation

HAT = hat_map.load()


def test_free_tuples_are_let_go() -> None:
    realtime.let_go()
    before = sys.getallocatedblocks()
    tuples = [tuple(iter((number, 0, 0))) for number in range(1500)]
    tuples.clear()
    assert sys.getallocatedblocks() - before > 1000, "Python keeps them otherwise"
    realtime.let_go()
    assert sys.getallocatedblocks() - before < 200


def test_they_are_let_go_while_the_guard_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    at_ns, calls = [time.monotonic_ns()], []
    monkeypatch.setattr(realtime, "let_go", lambda: calls.append(at_ns[0]))
    monkeypatch.setattr(time, "monotonic_ns", lambda: at_ns[0])
    world = World(HAT)
    board = SimBoard(world, HAT)
    guard = Guard(board, HAT, FakeStation())
    board.open()
    service = process._Service(Lines({}, sys.stderr, "guard: "))
    for _ in range(6000):
        at_ns[0] += 10_000_000
        world.advance(world.now_s + 0.01)
        guard.tick(at_ns[0])
        service.turned(guard)
    assert len(calls) == pytest.approx(60 * 1e9 / process.LET_GO_EVERY_NS, abs=1)
