"""The actuator that holds the plug: moved by a pulse on its two wires, watched over its feedback wire B."""

from __future__ import annotations

from smartevse.physics.timeline import Slot, Timeline

MOTOR = "motor"
SOLENOID = "solenoid"
KINDS = (SOLENOID, MOTOR)
DIVIDER = 10 / 49
"""Feedback wire B: 39 kilohm over 10 kilohm."""


class Lock:
    """One lock. A pulse shorter than its travel leaves it where it is; in the middle it is never left."""

    def __init__(self, line: Timeline, move_s: float) -> None:
        self._line = line
        self._move_s = move_s
        self._pulse = (False, False)
        self._since_s = line.now_s
        self.kind = SOLENOID
        """"solenoid": wire B low means locked; "motor": wire B high means locked."""
        self.locked = False
        self.jammed = False
        self.pulse_s = 0.0
        """How long the last pulse lasted."""

    def drive(self, lock_r: bool, lock_w: bool, supplied: bool) -> None:
        """Set the two wires: R alone to 0 V locks, W alone unlocks. Without the supply nothing moves."""
        pulse = (lock_r, lock_w) if supplied and lock_r != lock_w else (False, False)
        if pulse == self._pulse:
            return
        now_s = self._line.now_s
        if any(self._pulse):
            self.pulse_s = now_s - self._since_s
            self._line.cancel(Slot.LOCK)
        self._pulse, self._since_s = pulse, now_s
        if any(pulse):
            self._line.set(Slot.LOCK, now_s + self._move_s)

    def arrive(self) -> bool:
        """The pulse has lasted long enough; whether the lock moved."""
        wanted = self._pulse[0]
        moved = wanted != self.locked and not self.jammed
        if moved:
            self.locked = wanted
        return moved

    def feedback_v(self, rail_v: float, cut: bool) -> float:
        """The voltage of wire B behind its divider; a cut wire is pulled to earth."""
        high = self.locked if self.kind == MOTOR else not self.locked
        return rail_v * DIVIDER if high and not cut else 0.0
