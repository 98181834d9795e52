"""The laws of the guard: what must hold in every tick, whatever the readings, permits and times are.

Each row names the law as the safety document does, its source, and the check; a broken one says which tick broke it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from smartevse.core.faults import OPEN_MASK, SILENT_MASK, Fault
from smartevse.core.pilot import Level, duty_permille, level_of, offer_da
from smartevse.core.signals import Inputs, Outputs, Permit
from smartevse.core.states import State
from smartevse.core.tick import Memory

LAST_CLOSED_WITHOUT_PERMIT_MS = 6_010
"""C1 lasts 6 s, and a tick sees its end."""
LONGEST_HOLD_MS = 30


class Seen(NamedTuple):
    """One tick with what was before it."""

    before: Memory
    inputs: Inputs
    permit: Permit | None
    after: Memory
    outputs: Outputs
    now_ms: int
    permit_ended_ms: int
    """When the last fresh permit that wanted charging ended (or now)."""


class Law(NamedTuple):
    """One row."""

    name: str
    source: str
    holds: Callable[[Seen], bool]


def _level(seen: Seen) -> Level:
    return level_of(seen.inputs.cp_high_mv, seen.before.view.level)


def _closes(seen: Seen) -> bool:
    return seen.outputs.c1 and not seen.before.contactor.closed


def _held(seen: Seen) -> bool:
    """Within the optional moment after the car let go."""
    hold_ms = seen.permit.hold_ms if seen.permit else 0
    return _level(seen) is Level.B and seen.now_ms - seen.after.view.since_ms < min(hold_ms, LONGEST_HOLD_MS)


def _pwm_trusted(seen: Seen) -> bool:
    return 0 < seen.before.view.duty < 1000 and seen.now_ms >= seen.before.view.settled_ms


LAWS: tuple[Law, ...] = (
    Law(
        "closed only at 6 V",
        "IEC 61851-1 table A.4, A.6 sequences 2.3 and 8.1",
        lambda s: not s.outputs.c1 or _level(s) is Level.C or _held(s),
    ),
    Law(
        "closed only with the diode",
        "IEC 61851-1 A.3.2",
        lambda s: not s.outputs.c1 or not _pwm_trusted(s) or s.inputs.cp_low_mv < -10_500,
    ),
    Law(
        "closes only from an offer that the pilot shows, after 500 ms of asking",
        "IEC 61851-1 table A.6 sequence 4, behaviour spec 1.5",
        lambda s: (
            not _closes(s)
            or (
                s.before.state is State.B
                and 0 < s.before.view.duty < 1000
                and s.after.view.level is Level.C
                and s.now_ms - s.after.view.since_ms >= 500
            )
        ),
    ),
    Law(
        "closes only with a fresh permit that wants it",
        "architecture, permit of 1 s",
        lambda s: not _closes(s) or (s.permit is not None and s.permit.charge and s.permit.offer_da >= 60),
    ),
    Law(
        "never closed longer than 6 s after the permit ended",
        "IEC 61851-1 table A.6 sequence 10.2",
        lambda s: not s.outputs.c1 or s.now_ms - s.permit_ended_ms <= LAST_CLOSED_WITHOUT_PERMIT_MS,
    ),
    Law(
        "closes only after a passed proof test, with the chain on",
        "hat interface, proof test",
        lambda s: not _closes(s) or (s.before.proof.passed and s.inputs.safe),
    ),
    Law(
        "closes only with a contactor that was seen open for a second",
        "behaviour spec 4, contactor feedback",
        lambda s: not _closes(s) or (s.before.contactor.confirmed and s.now_ms - s.before.contactor.since_ms >= 1000),
    ),
    Law(
        "no fault that opens leaves it closed",
        "R-02, fault table",
        lambda s: not s.outputs.c1 or not s.after.standing.bits & OPEN_MASK,
    ),
    Law(
        "a standing fault that opens is state F",
        "IEC 61851-1 table A.3 state F",
        lambda s: not s.after.standing.bits & OPEN_MASK or s.after.state is State.F,
    ),
    Law(
        "no current on a shorted pilot",
        "IEC 61851-1 table A.6 sequence 12",
        lambda s: not s.outputs.c1 or s.inputs.cp_high_mv > 2_000,
    ),
    Law(
        "no heartbeat without proof",
        "R-54, hat interface, HEARTBEAT",
        lambda s: (
            not s.outputs.heartbeat
            or not s.after.standing.bits & SILENT_MASK
            or s.after.standing.bits & SILENT_MASK == 1 << Fault.WATCHDOG_EXPIRED
            or s.after.proof.step != 0
        ),
    ),
    Law("contactor 2 only with contactor 1", "behaviour spec 4.2", lambda s: s.outputs.c1 or not s.outputs.c2),
    Law(
        "the phases never change while closed",
        "R-03",
        lambda s: (
            not (s.before.contactor.closed and s.after.contactor.closed)
            or s.before.contactor.phases == s.after.contactor.phases
        ),
    ),
    Law(
        "the pilot never offers more than permit and cable",
        "R-01, R-04",
        lambda s: (
            not 0 < s.outputs.duty_permille < 1000
            or (
                s.permit is not None
                and offer_da(s.outputs.duty_permille) <= s.permit.offer_da
                and s.outputs.duty_permille <= duty_permille(s.permit.offer_da)
                and (s.permit.fixed_cable or offer_da(s.outputs.duty_permille) <= s.after.cable_da)
            )
        ),
    ),
    Law(
        "the lock's wires are never both pulled, and no pulse is longer than 600 ms",
        "hat interface, lock",
        lambda s: (
            not (s.outputs.lock_r and s.outputs.lock_w)
            and (not (s.outputs.lock_r or s.outputs.lock_w) or s.now_ms - s.after.plug.pulse_ms < 600)
        ),
    ),
    Law(
        "the plug is not let go while the contactor is closed",
        "R-10",
        lambda s: not (s.outputs.lock_w and s.outputs.c1) or s.before.plug.pulse_ms == s.after.plug.pulse_ms,
    ),
    Law(
        "the RCM is only tested while open",
        "behaviour spec 8.1",
        lambda s: not (s.outputs.rcm_test and s.outputs.c1),
    ),
    Law(
        "steady -12 V only as state F or to wake",
        "IEC 61851-1 table A.3",
        lambda s: s.outputs.duty_permille != 0 or s.after.state in (State.F, State.B),
    ),
)


def check(seen: Seen) -> None:
    """Raise AssertionError with the name of the first law that this tick breaks."""
    for law in LAWS:
        if not law.holds(seen):
            raise AssertionError(f"broken law: {law.name} ({law.source})\n{seen}")
