"""The contactor as its feedback shows it: did it close, did it open, did it open by itself.

Two things are read back: the voltage at terminal C1, which proves the hat's relays, and a mirror contact of the
contactor, which is closed only while all its main contacts are open and so proves the contactor itself
(IEC 60947-4-1 annex F). The mirror contact is optional; once it was seen closed it is required.
"""

from __future__ import annotations

from typing import NamedTuple

from smartevse.core.signals import Inputs

PULSE_TICKS = 4
"""The feedback is low for about 8 ms in each 20 ms of 50 Hz: gone for this many ticks is gone."""
CLOSES_MS = 250
"""Relay 10 ms, contactor 40 ms, feedback 40 ms, and as much again."""
OPENS_MS = 200
"""Relay 10 ms, contactor 40 ms, feedback 40 ms, and as much again."""
REST_MS = 1000
"""Least time between opening and closing: a contactor must not chatter."""
SECOND_MS = 100
"""Contactor 2 (L2, L3) follows contactor 1 (N, L1) by this time, so that no phase is without neutral."""


class Contactor(NamedTuple):
    """What is commanded since when, and what its feedback says."""

    closed: bool = False
    since_ms: int = -REST_MS
    phases: int = 3
    """Latched when it closes: a phase is never added or dropped under load."""
    quiet_ticks: int = PULSE_TICKS
    """Ticks without voltage at the coil, no further than `PULSE_TICKS`."""
    confirmed: bool = False
    """The feedback agreed with the last command."""
    mirror_fitted: bool = False
    """A mirror contact was seen closed, or is said to be wired: from now on it is required."""
    cycles: int = 0
    loaded: int = 0
    """Openings while the car had not let go: they wear the contacts."""
    opening_ms: int = 0
    """How long the last opening took, to the tick, 0 while it is closed; a growing value announces a weld."""

    @property
    def mains(self) -> bool:
        """Whether there is voltage at the coil of contactor 1."""
        return self.quiet_ticks < PULSE_TICKS


def next_contactor(
    contactor: Contactor, inputs: Inputs, now_ms: int, *, close: bool, phases: int, loaded: bool
) -> Contactor:
    """The contactor after this tick's readings and command; `loaded`: the car has not let go of the current."""
    quiet = 0 if inputs.mains else min(contactor.quiet_ticks + 1, PULSE_TICKS)
    fitted = contactor.mirror_fitted or inputs.mirror
    if (quiet, fitted) != (contactor.quiet_ticks, contactor.mirror_fitted):
        contactor = contactor._replace(quiet_ticks=quiet, mirror_fitted=fitted)
    if close and not contactor.closed:
        return contactor._replace(
            closed=True, since_ms=now_ms, phases=phases, confirmed=False, cycles=contactor.cycles + 1, opening_ms=0
        )
    if contactor.closed and not close:
        return contactor._replace(closed=False, since_ms=now_ms, confirmed=False, loaded=contactor.loaded + loaded)
    if contactor.confirmed or not _agrees(contactor, inputs):
        return contactor
    opened = not contactor.closed and contactor.cycles > 0
    return contactor._replace(
        confirmed=True, opening_ms=now_ms - contactor.since_ms if opened else contactor.opening_ms
    )


def _agrees(contactor: Contactor, inputs: Inputs) -> bool:
    """Whether everything that is read back says what was commanded."""
    mirror_agrees = inputs.mirror != contactor.closed or not contactor.mirror_fitted
    return contactor.mains == contactor.closed and mirror_agrees


def welded(contactor: Contactor, inputs: Inputs, now_ms: int) -> bool:
    """Whether it did not open, or closed without being told to."""
    waited = now_ms - contactor.since_ms >= OPENS_MS
    return not contactor.closed and waited and not _agrees(contactor, inputs)


def not_closed(contactor: Contactor, now_ms: int) -> bool:
    """Whether it was told to close and did not."""
    return contactor.closed and not contactor.confirmed and now_ms - contactor.since_ms >= CLOSES_MS


def opened_itself(contactor: Contactor, inputs: Inputs) -> bool:
    """Whether it was seen closed and is open now, though it was not told to open."""
    return contactor.closed and contactor.confirmed and not _agrees(contactor, inputs)
