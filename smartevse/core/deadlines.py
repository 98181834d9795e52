"""When the guard's decision will change although nothing that it reads does: what lets virtual time leap.

`step` compares the present with moments that it remembers. As long as the readings and the permit stay the same and
none of those moments is reached, a tick gives the same memory as the tick before.
"""

from __future__ import annotations

from smartevse.core import contactor
from smartevse.core.charger import ASKS_MS, C1_LIMIT_MS, CABLE_MS, F_SHOWN_MS, WAKE_AFTER_MS
from smartevse.core.checks import CHAIN_ON_MS, FROZEN_TICKS, LOW_FADES_MS, RAW_FRESH_MS
from smartevse.core.faults import RULES, Clear
from smartevse.core.lock import LOOK_MS, PULSE_MS, RETRY_MS
from smartevse.core.proof import AGAIN_MS, Step
from smartevse.core.signals import Permit
from smartevse.core.states import State
from smartevse.core.tick import Memory

_STATE_MS = (CABLE_MS, F_SHOWN_MS, C1_LIMIT_MS)
_LEVEL_MS = (CHAIN_ON_MS, ASKS_MS)
_CONTACTOR_MS = (
    contactor.SECOND_MS,
    contactor.CLOSES_MS // 2,
    contactor.OPENS_MS,
    contactor.CLOSES_MS,
    contactor.REST_MS,
)
_PLUG_MS = (PULSE_MS, LOOK_MS, RETRY_MS)
_GONE_MS = tuple((1 << fault, fault, rule.gone_ms) for fault, rule in RULES.items() if rule.clear is Clear.GONE)


def next_deadline_ms(memory: Memory, permit: Permit | None, now_ms: int) -> int | None:
    """The next moment after `now_ms` with which a decision will compare the present; None: there is none.

    Some of the moments may change nothing: a tick too many does no harm.
    """
    view, main, plug, wake = memory.view, memory.contactor, memory.plug, memory.wake
    found = [memory.rest_until_ms, memory.reset_until_ms, view.settled_ms, view.blind_ms, wake.until_ms]
    found += [view.settled_ms + ms for ms in (RAW_FRESH_MS, LOW_FADES_MS)]
    found += [memory.since_ms + ms for ms in _STATE_MS]
    found += [view.since_ms + ms for ms in _LEVEL_MS]
    found += [main.since_ms + ms for ms in _CONTACTOR_MS]
    found += [plug.pulse_ms + ms for ms in _PLUG_MS]
    if permit is not None:
        found.append(view.since_ms + permit.hold_ms)
        if permit.wake and memory.state is State.B:
            found.append(max(memory.since_ms, wake.until_ms) + WAKE_AFTER_MS)
    if not memory.proof.due:
        found.append(memory.proof.passed_ms + AGAIN_MS)
    if memory.standing.bits:
        seen_ms = memory.standing.seen_ms
        found += [seen_ms[fault] + gone_ms for bit, fault, gone_ms in _GONE_MS if memory.standing.bits & bit]
    return min((ms for ms in found if ms > now_ms), default=None)


def calm(before: Memory, after: Memory) -> bool:
    """Whether a tick changed nothing that matters, so that more ticks with the same readings will not either.

    What is left out: the fingerprint of a living converter, the pulses of the mains, and when a fault that goes on was
    last seen. Two ticks after a leap bring these up to date.
    """
    if after.proof.step is not Step.IDLE or 0 < after.frozen_ticks < FROZEN_TICKS:
        return False
    if before.contactor != after.contactor and (
        before.contactor.mains != after.contactor.mains
        or before.contactor._replace(quiet_ticks=0) != after.contactor._replace(quiet_ticks=0)
    ):
        return False
    one, two = before.standing, after.standing
    if one is not two and (one.bits, one.counts, one.raised) != (two.bits, two.counts, two.raised):
        return False
    return (
        before.view == after.view
        and before.outputs is after.outputs
        and before.state is after.state
        and before.kept == after.kept
        and before.plug == after.plug
        and before.wake == after.wake
        and before.proof == after.proof
        and (before.since_ms, before.armed, before.cable_da, before.rest_until_ms, before.reset_until_ms, before.beats)
        == (after.since_ms, after.armed, after.cable_da, after.rest_until_ms, after.reset_until_ms, after.beats)
    )
