"""The guard's loop: read, decide, drive, every 10 ms, and leave everything safe on every way out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from smartevse.core.charger import step
from smartevse.core.contactor import Contactor
from smartevse.core.signals import Inputs, LockPolicy, Outputs, Permit
from smartevse.core.tick import Memory, Report
from smartevse.guard.readings import Readings
from smartevse.guard.wire import Flag, Refusal, Status
from smartevse.hal.board import Board, Sample
from smartevse.hal.hat import HatMap

TICK_NS = 10_000_000
LATE_NS = 5_000_000
STATUS_EVERY_TICKS = 2
FINISH_NS = 8_000_000_000
"""Longest orderly end: 6 s for the car to let go, and the unlocking pulse."""


class Station(Protocol):
    """Who permits and is told: the socket in the product, a scenario's station in virtual time."""

    refusal: Refusal

    def permit(self, now_ns: int) -> Permit | None:
        """The permit that is fresh now."""

    def send(self, status: Status) -> None:
        """Take a status; never waits."""


class Recorder(Protocol):
    """Who keeps the last ticks; never waits."""

    def append(self, now_ms: int, sample: Sample, permit: Permit | None, memory: Memory, report: Report) -> None:
        """Keep one tick."""


class Guard:
    """One charger: its memory, and one call of `tick` for each 10 ms."""

    def __init__(
        self,
        board: Board,
        hat: HatMap,
        station: Station,
        recorder: Recorder | None = None,
        *,
        mirror_contact: bool = False,
        realtime: bool = False,
    ) -> None:
        """`mirror_contact`: one is wired and required from the start; `realtime`: only told on, in the status."""
        self._board, self._station, self._recorder = board, station, recorder
        self._readings = Readings(hat)
        self._outputs = Outputs()
        self._told: tuple[object, ...] = ()
        self._ticks = 0
        self._sequence = 0
        self._worst_us = 0
        self._late = 0
        self._fixed_flags: int = Flag.REALTIME if realtime else 0
        self.memory = Memory(contactor=Contactor(mirror_fitted=mirror_contact))
        self.report: Report | None = None

    def tick(self, now_ns: int, *, ending: bool = False) -> Report:
        """One tick at a time of the monotonic clock; `ending`: stop in the orderly way whatever is permitted.

        Raises BoardGoneError when the hat cannot be reached.
        """
        sample = self._board.read()
        inputs = self._readings.inputs(sample, self._outputs)
        permit = self._last_permit() if ending else self._station.permit(now_ns)
        now_ms = now_ns // 1_000_000
        if self.report is None:
            self.memory = self.memory._replace(since_ms=now_ms)
        self.memory, outputs, report = step(self.memory, inputs, permit, now_ms)
        self._outputs = outputs
        # late readings prove nothing: the hat's one-shot is not fed on them
        self._board.drive(outputs if sample.fresh else replace(outputs, heartbeat=False))
        self.report = report
        if self._recorder is not None:
            self._recorder.append(now_ms, sample, permit, self.memory, report)
        self._tell(report, inputs, permit, now_ns)
        return report

    def run(self, stopping: Callable[[], bool], turned: Callable[[Guard], None] = lambda _: None) -> None:
        """Tick until `stopping` says so, then end the charge in the orderly way; always leaves the board safe.

        `turned` is called after every tick (readiness, the service manager's watchdog).
        """
        try:
            self._board.open()
            due_ns = ends_ns = time.monotonic_ns()
            while True:
                now_ns = time.monotonic_ns()
                ending = stopping()
                if not ending:
                    ends_ns = now_ns + FINISH_NS
                elif self._finished() or now_ns >= ends_ns:
                    return
                self._late += now_ns - due_ns > LATE_NS
                self.tick(now_ns, ending=ending)
                turned(self)
                done_ns = time.monotonic_ns()
                self._worst_us = max(self._worst_us, (done_ns - now_ns) // 1000)
                due_ns += TICK_NS
                if due_ns < done_ns - TICK_NS:
                    due_ns = done_ns  # after a stall go on from now: ticks are not made up for
                elif due_ns > done_ns:
                    time.sleep((due_ns - done_ns) / 1e9)
        finally:
            self._board.close()

    def _last_permit(self) -> Permit:
        """What holds at an orderly end: no charge, and whatever the owner's policy is, no plug stays locked."""
        return replace(self.memory.kept, charge=False, user_stop=True, lock_policy=LockPolicy.CHARGING)

    def _finished(self) -> bool:
        """Whether the contactor is open and the lock at rest."""
        memory = self.memory
        moving = memory.outputs.lock_r or memory.outputs.lock_w
        return not memory.contactor.closed and memory.contactor.confirmed and not moving and memory.plug.reached

    def _tell(self, report: Report, inputs: Inputs, permit: Permit | None, now_ns: int) -> None:
        """Send a status, every second tick and at every change."""
        memory, outputs = self.memory, self._outputs
        self._ticks += 1
        told = (report.state, report.hold, report.faults, outputs.c1, outputs.c2, outputs.duty_permille)
        if told == self._told and self._ticks % STATUS_EVERY_TICKS:
            return
        self._told = told
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        flags = (
            (Flag.C1, outputs.c1),
            (Flag.C2, outputs.c2),
            (Flag.MAINS, memory.contactor.mains),
            (Flag.MIRROR, inputs.mirror),
            (Flag.SAFE, inputs.safe),
            (Flag.WD_OK, inputs.wd_ok),
            (Flag.RCM_TRIP, inputs.rcm_trip),
            (Flag.LOCKED, memory.plug.locking and memory.plug.reached),
            (Flag.PERMIT_FRESH, permit is not None),
            (Flag.PROVEN, outputs.heartbeat),
            (Flag.WATCHDOG_TESTED, memory.proof.passed),
            (Flag.CABLE_KNOWN, bool(report.cable_da)),
        )
        self._station.send(
            Status(
                sequence=self._sequence,
                at_ns=now_ns,
                faults=report.faults,
                new_fault=memory.standing.raised,
                flags=sum([flag for flag, on in flags if on], self._fixed_flags),
                state=report.state,
                level=report.level,
                hold=report.hold,
                refusal=self._station.refusal,
                duty_permille=outputs.duty_permille,
                offer_da=report.offer_da if 0 < outputs.duty_permille < 1000 else 0,
                cable_da=report.cable_da,
                cp_high_mv=inputs.cp_high_mv,
                cp_low_mv=inputs.cp_low_mv,
                temperature_dc=inputs.temperature_dc,
                rail_mv=inputs.rail_mv,
                proximity_ohm=inputs.proximity_ohm,
                limit_da=report.offer_da,
                opening_ms=memory.contactor.opening_ms,
                worst_tick_us=self._worst_us,
                c1_loaded=memory.contactor.loaded,
                c1_cycles=memory.contactor.cycles,
                late_ticks=self._late,
                state_ms=now_ns // 1_000_000 - memory.since_ms,
            )
        )
        self._worst_us = 0
