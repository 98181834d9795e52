"""Drives the board for the checks: ticks with a heartbeat, readings in physical units, and a watch on the contactor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from smartevse.core.checks import HIGH_TEMP_DC, RAIL_FROM_MV, RAIL_TO_MV
from smartevse.core.pilot import Level, level_of
from smartevse.core.signals import Inputs, Outputs
from smartevse.guard.readings import Readings
from smartevse.hal.board import Board, Sample
from smartevse.hal.hat import HatMap

TICK_S = 0.010
SETTLE_S = 0.15
"""After a change of what is driven: every channel has had its turn twice, relays and plateaus are there."""
LATE_S = 0.05
"""A tick that took longer was held up by other programs."""
ODD_TICKS = 3
"""So many ticks in a row something may look wrong before the contactor is opened: the hat itself is faster."""
MAINS_S = 0.06
"""Voltage comes in pulses of the mains frequency: three periods."""


class Unsafe(Exception):
    """The contactor was opened because something was wrong while it was closed; the text says what."""


_WATCHED: tuple[tuple[str, Callable[[Inputs], bool]], ...] = (
    ("the car no longer asks for current", lambda i: level_of(i.cp_high_mv) is not Level.C),
    ("the residual current monitor tripped", lambda i: i.rcm_trip),
    ("the hat's safety chain opened (SAFE is low)", lambda i: not i.safe),
    ("the 12 V supply is out of range", lambda i: not RAIL_FROM_MV <= i.rail_mv <= RAIL_TO_MV),
    ("the board is too hot", lambda i: i.temperature_dc >= HIGH_TEMP_DC),
    ("the outputs read back differently", lambda i: not i.pins_agree),
)
"""What must not be while a contactor is commanded."""


class Bench:
    """One hat under test. Every method raises BoardGoneError when it is lost, and Unsafe, the contactor open."""

    def __init__(self, board: Board, hat: HatMap, pause: Callable[[float], None], clock: Callable[[], float]) -> None:
        """`pause` waits for so many seconds of `clock`; the board is open already."""
        self.hat = hat
        self._board, self._pause, self._clock = board, pause, clock
        self._readings = Readings(hat)
        self.outputs = Outputs()
        self.sample: Sample | None = None
        self._driven = Outputs()
        self._odd = 0
        self._watching = True
        self.late = 0
        """How many readings came too late to prove anything."""

    def drive(self, **changes: object) -> None:
        """Change what is driven from the next tick on; the fields of `Outputs`."""
        self.outputs = replace(self.outputs, **changes)  # type: ignore[arg-type]

    def rest(self) -> None:
        """Everything off at once, without heartbeat, so that the hat lets nothing close; time for that to happen."""
        self.outputs = self._driven = Outputs()
        self._watching = True
        self._board.drive(self.outputs)
        self.hold(SETTLE_S)

    def beat(self) -> None:
        """Feed the hat's watchdog from the next tick on."""
        self.drive(heartbeat=True)

    def tick(self, length_s: float = TICK_S) -> Inputs:
        """Wait, read, and drive what was set."""
        began_s = self._clock()
        self._pause(length_s)
        # what is read was driven a tick ago
        self.sample = self._board.read()
        self.late += not self.sample.fresh or self._clock() - began_s > length_s + LATE_S
        inputs = self._readings.inputs(self.sample, self._driven)
        self._watch(inputs)
        self._board.drive(self.outputs)
        self._driven = self.outputs
        return inputs

    def hold(self, seconds: float, tick_s: float = TICK_S) -> list[Inputs]:
        """Tick for so long; all readings."""
        return [self.tick(tick_s) for _ in range(max(1, round(seconds / tick_s)))]

    def settled(self, seconds: float = 0.2) -> list[Inputs]:
        """The readings of so many seconds, once what was changed last has come to rest."""
        self.hold(SETTLE_S)
        return self.hold(seconds)

    def until(self, holds: Callable[[Inputs], bool], within_s: float, tick_s: float = TICK_S) -> float | None:
        """Seconds until it holds, counted from now; None when it does not in time."""
        began_s = self._clock()
        while True:
            if holds(self.tick(tick_s)):
                return self._clock() - began_s
            if self._clock() - began_s >= within_s:
                return None

    def mains(self) -> bool:
        """Whether there is voltage at the coil of contactor 1 now."""
        return any(inputs.mains for inputs in self.hold(MAINS_S))

    def wait(self) -> None:
        """Let a moment pass for a person."""
        self.hold(0.05)

    def stop_watching(self) -> None:
        """The next opening is meant: do not take part in it. Ends with the next `rest`."""
        self._watching = False

    def _watch(self, inputs: Inputs) -> None:
        """Open at once when a contactor is commanded and something is wrong for some ticks."""
        if not (self._watching and (self._driven.c1 or self._driven.c2)):
            self._odd = 0
            return
        wrong = next((text for text, holds in _WATCHED if holds(inputs)), None)
        self._odd = self._odd + 1 if wrong is not None else 0
        if wrong is not None and self._odd >= ODD_TICKS:
            self.outputs = self._driven = Outputs()
            self._board.drive(self.outputs)
            raise Unsafe(f"the contactor was opened again: {wrong}")


def mean_v(readings: list[Inputs], name: str) -> float:
    """The mean of a reading in mV, as V."""
    return fmean(getattr(inputs, name) for inputs in readings) / 1000
