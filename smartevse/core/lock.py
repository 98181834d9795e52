"""The locking actuator: 600 ms pulses, the feedback wire, retries with a limit (behaviour spec 3)."""

from __future__ import annotations

from typing import NamedTuple

from smartevse.core.signals import Lock

PULSE_MS = 600
LOOK_MS = 800
"""The feedback is looked at after the actuator has come to rest."""
RETRY_MS = 5000
TRIES = 5
LONG_AGO_MS = -1_000_000


class Plug(NamedTuple):
    """The actuator's memory: what was asked, when the last pulse began, and how often it was tried."""

    locking: bool = False
    pulse_ms: int = LONG_AGO_MS
    tries: int = 0
    reached: bool = True
    """The feedback shows the position that was asked for (always true without an actuator)."""

    @property
    def failed(self) -> bool:
        """Whether all tries were in vain."""
        return not self.reached and self.tries >= TRIES


def next_plug(plug: Plug, actuator: Lock, feedback_high: bool, now_ms: int, *, lock: bool) -> Plug:
    """The actuator after one more tick with this wish."""
    if actuator is Lock.DISABLED:
        return plug if plug == _NONE else _NONE
    if lock != plug.locking:
        return Plug(lock, now_ms, 1, reached=False)
    if now_ms - plug.pulse_ms < LOOK_MS:
        return plug
    if is_locked(actuator, feedback_high) == lock:
        return plug if plug.reached and not plug.tries else plug._replace(reached=True, tries=0)
    if plug.tries >= TRIES:
        return plug._replace(reached=False) if plug.reached else plug
    if plug.tries and now_ms - plug.pulse_ms < RETRY_MS:
        return plug._replace(reached=False) if plug.reached else plug
    return Plug(lock, now_ms, plug.tries + 1, reached=False)


def is_locked(actuator: Lock, feedback_high: bool) -> bool:
    """The meaning of feedback wire B: a solenoid reads low when locked, a motor high (hat interface, "Lock")."""
    return feedback_high if actuator is Lock.MOTOR else not feedback_high


def pulses(plug: Plug, now_ms: int) -> tuple[bool, bool]:
    """Which of the wires (R, W) is pulled to 0 V now: R locks, W unlocks, never both."""
    running = 0 <= now_ms - plug.pulse_ms < PULSE_MS
    return running and plug.locking, running and not plug.locking


_NONE = Plug()
