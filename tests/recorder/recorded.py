"""Recordings for tests: made by the unchanged guard over the simulated hat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from smartevse.guard.loop import Guard
from smartevse.guard.recorder import FlightRecorder
from smartevse.hal import hat as hat_map
from smartevse.physics.world import World
from tests.guard.test_loop import HAT, Garage

NOON_MS = 1_772_366_400_000
"""2026-03-01 12:00:00 UTC."""


def garage_with_recorder(folder: Path) -> tuple[Garage, FlightRecorder]:
    """A garage whose guard records into the folder."""
    garage = Garage()
    recorder = FlightRecorder(folder, hat_map.load().raw["revision"], lambda: NOON_MS + round(garage.world.now_s * 1e3))
    garage.guard = Guard(garage.board, HAT, garage.station, recorder)
    return garage, recorder


def record(folder: Path, happens: Callable[[World], None], *, before_s: float = 1.0) -> Path:
    """A charge during which something happens, until the guard puts its recording aside; returns the first file."""
    garage, recorder = garage_with_recorder(folder)
    garage.charging().run(before_s)
    happens(garage.world)
    garage.run(12)
    recorder.close(asked=True)
    return min(folder.glob("*.rec"))
