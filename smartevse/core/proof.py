"""The proof test of the safety chain: no contactor closes before its watchdog, and the RCM, were seen to work.

Runs only in A and B1, where the pilot is at +12 V anyway and the contactor is open: ask the RCM for a trip where it
has a test input, beat until the one-shot is alive, withhold the heartbeat until it expires in 90 to 110 ms, beat again.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from smartevse.core.signals import Inputs

EXPIRES_FROM_MS, EXPIRES_TO_MS = 85, 115
"""The one-shot's 90 to 110 ms (hat interface) with 5 ms for the way there and back."""
LATCH_MS = 130
"""The RCM's latch is cleared while the one-shot is expired for at least 120 ms (hat interface)."""
RCM_TRIPS_MS = 2000
REVIVES_MS = 200
STUCK_MS = 300
AGAIN_MS = 24 * 3600 * 1000
ON_TIME_MS = 15
"""After a longer pause between two ticks nobody knows when a pulse went out or when the one-shot fell: once more."""


class Step(IntEnum):
    """Where the proof test is."""

    IDLE = 0
    RCM = 1
    """The RCM's test input is driven; it must report a fault."""
    ARM = 2
    """Beating: the one-shot must come alive."""
    WITHHOLD = 3
    """Not beating: it must expire in time."""
    REVIVE = 4
    """Beating again: it must come back."""


class Failure(IntEnum):
    """Which part of the last test failed."""

    NONE = 0
    WATCHDOG = 1
    RCM = 2


class Proof(NamedTuple):
    """The proof test's memory. It is due at the start, for each connected car, after a doubt and every 24 h."""

    step: Step = Step.IDLE
    since_ms: int = 0
    due: bool = True
    passed_ms: int = 0
    failure: Failure = Failure.NONE
    tick_ms: int = 0
    """The test's last tick."""
    fell_ms: int = 0
    """While withholding: the tick that first saw it expired; 0: none yet."""
    expired_after_ms: int = 0
    """How long the one-shot lived in the last test, to the tick."""
    asked: bool = False
    """The monitor was asked for a trip, and no test has come to the end that clears its latch."""

    @property
    def passed(self) -> bool:
        """Whether the chain is proven now."""
        return not self.due and self.step is Step.IDLE and self.failure is Failure.NONE

    @property
    def beats(self) -> bool:
        """Whether the test itself allows the heartbeat."""
        return self.step is not Step.WITHHOLD


def next_proof(proof: Proof, inputs: Inputs, now_ms: int, *, may_run: bool, rcm: bool) -> Proof:
    """The test after one more tick. `may_run`: A or B1, contactor open; `rcm`: the monitor's test is part of it."""
    if proof.step is Step.IDLE:
        if not proof.due and now_ms - proof.passed_ms >= AGAIN_MS:
            proof = proof._replace(due=True)
        if not (proof.due and may_run and proof.failure is Failure.NONE):
            return proof
        first = Step.RCM if rcm else Step.ARM
        return proof._replace(step=first, since_ms=now_ms, tick_ms=now_ms, asked=rcm or proof.asked)
    if not may_run:
        return proof._replace(step=Step.IDLE, due=True)
    late, measuring = now_ms - proof.tick_ms > ON_TIME_MS, proof.step is Step.WITHHOLD
    proof = proof._replace(tick_ms=now_ms)
    if late and not (measuring and proof.expired_after_ms):
        return proof._replace(step=Step.ARM if measuring else proof.step, since_ms=now_ms)
    return _STEPS[proof.step](proof, inputs, now_ms)


def _rcm(proof: Proof, inputs: Inputs, now_ms: int) -> Proof:
    if inputs.rcm_trip:
        return proof._replace(step=Step.ARM, since_ms=now_ms)
    return _failed(proof, Failure.RCM) if now_ms - proof.since_ms > RCM_TRIPS_MS else proof


def _arm(proof: Proof, inputs: Inputs, now_ms: int) -> Proof:
    if inputs.wd_ok and now_ms - proof.since_ms >= 20:
        return proof._replace(step=Step.WITHHOLD, since_ms=now_ms, fell_ms=0, expired_after_ms=0)
    return _failed(proof, Failure.WATCHDOG) if now_ms - proof.since_ms > REVIVES_MS else proof


def _withhold(proof: Proof, inputs: Inputs, now_ms: int) -> Proof:
    # the last pulse went out in the tick before this step began
    if proof.expired_after_ms:
        over = now_ms - proof.since_ms + 10 >= LATCH_MS + EXPIRES_TO_MS
        return proof._replace(step=Step.REVIVE, since_ms=now_ms) if over else proof
    if not proof.fell_ms:
        if not inputs.wd_ok:
            return proof._replace(fell_ms=now_ms)  # the next tick shows whether this one took its readings in time
        return _failed(proof, Failure.WATCHDOG) if now_ms - proof.since_ms > STUCK_MS else proof
    # it fell between two ticks
    lasted_ms = proof.fell_ms - proof.since_ms + 10
    if not EXPIRES_FROM_MS <= lasted_ms <= EXPIRES_TO_MS + 10:
        return _failed(proof, Failure.WATCHDOG)
    return proof._replace(expired_after_ms=lasted_ms)


def _revive(proof: Proof, inputs: Inputs, now_ms: int) -> Proof:
    if inputs.wd_ok:
        return proof._replace(step=Step.IDLE, due=False, passed_ms=now_ms, asked=False)
    return _failed(proof, Failure.WATCHDOG) if now_ms - proof.since_ms > REVIVES_MS else proof


def _failed(proof: Proof, failure: Failure) -> Proof:
    return proof._replace(step=Step.IDLE, due=True, failure=failure)


_STEPS = {Step.RCM: _rcm, Step.ARM: _arm, Step.WITHHOLD: _withhold, Step.REVIVE: _revive}
