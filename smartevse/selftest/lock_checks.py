"""The lock of a socket: both pulses, and whether the feedback follows and stays."""

from __future__ import annotations

from smartevse.core.signals import Inputs, Lock
from smartevse.selftest.bench import TICK_S
from smartevse.selftest.check import Check, Found, Kit, Setup, good, not_done
from smartevse.selftest.installer import Consent

PULSE_S = 0.6
"""The lock's pulse (hat interface)."""
LOCK_REST_S = 0.3
LOCK_HOLDS_S = 2.0


def _locked(kit: Kit, inputs: Inputs) -> bool:
    return inputs.lock_high == (kit.setup.lock is Lock.MOTOR)


def _pulse(kit: Kit, wire: str) -> bool:
    """One pulse on a wire of the lock; what the feedback says after it."""
    kit.bench.drive(**{wire: True})
    kit.bench.hold(PULSE_S - TICK_S)
    kit.bench.drive(lock_r=False, lock_w=False)
    return _locked(kit, kit.bench.hold(LOCK_REST_S)[-1])


def _unlocks(kit: Kit) -> Found:
    if not kit.installer.allows(Consent.LOCK, kit.bench.wait):
        return not_done("not allowed")
    return good(not _pulse(kit, "lock_w"), "unlocked", "the feedback says locked after an unlocking pulse")


def _locks(kit: Kit) -> Found:
    if not _pulse(kit, "lock_r"):
        return good(False, "", "the feedback did not change with a locking pulse")
    held = all(_locked(kit, i) for i in kit.bench.hold(LOCK_HOLDS_S))
    opened = not _pulse(kit, "lock_w")
    if not held:
        return good(False, "", f"it locked, but did not stay locked for {LOCK_HOLDS_S:g} s")
    return good(opened, "locked, held, unlocked", "it locked, but did not unlock again")


def _has_lock(setup: Setup) -> bool:
    return setup.lock is not Lock.DISABLED and not setup.fixed_cable


LOCK_CHECKS: tuple[Check, ...] = (
    Check(
        "lock-unlocks",
        "gives an unlocking pulse of 600 ms and looks at the feedback",
        "unlocked",
        "Wire B of the lock is broken, or LOCK in the menu is set to the other kind (Solenoid, Motor).",
        _unlocks,
        needs=("rail", "converter"),
        fitted=_has_lock,
    ),
    Check(
        "lock-locks",
        "gives a locking pulse, watches the feedback for 2 s, and unlocks",
        "locked, held, unlocked",
        "The lock is jammed, its wires R or W or B are broken, or it springs open: move it by hand, check the wires.",
        _locks,
        needs=("lock-unlocks",),
        fitted=_has_lock,
    ),
)
