"""What is kept of a run: each unit's changes, and the points of its curves when a picture is wanted."""

from __future__ import annotations

from typing import NamedTuple

from smartevse.core.states import Hold, State
from smartevse.scenario.conditions import offer_da
from smartevse.scenario.unit import ChargingUnit


class Change(NamedTuple):
    """What a unit does from this tick on."""

    tick: int
    state: State
    hold: Hold
    faults: int
    offer_da: int
    duty_permille: int
    commanded: bool
    """The guard's output for contactor 1."""
    contactor: bool
    """Contactor 1's contacts."""
    contactor2: bool
    locked: bool
    why: str
    """The code of the station's reason."""


class Sample(NamedTuple):
    """One point of a unit's curves; currents in A."""

    tick: int
    currents_a: tuple[float, float, float]
    limit_da: int
    reason: str


class Recorder:
    """Keeps what one unit did."""

    def __init__(self, sampling: bool) -> None:
        """Nothing yet; `sampling`: keep points too."""
        self._sampling = sampling
        self.changes: list[Change] = []
        self.samples: list[Sample] = []
        self._last: tuple[object, ...] = ()

    def take(self, tick: int, unit: ChargingUnit) -> None:
        """Look at the unit after this tick."""
        report, outputs, world, limit = unit.report, unit.memory.outputs, unit.world, unit.limit
        seen = (
            report.state,
            report.hold,
            report.faults,
            offer_da(unit),
            outputs.duty_permille,
            outputs.c1,
            world.installation.c1.closed,
            world.installation.c2.closed,
            world.board.lock.locked,
            limit.why.value,
        )
        if seen != self._last:
            self._last = seen
            self.changes.append(Change(tick, *seen))
        if self._sampling:
            self.samples.append(Sample(tick, world.ev.currents_a(), limit.offer_da, limit.short))
