"""What the unit that asks must suspect of its line: a second master, two devices with one number. Pure.

A line that works gives no suspicion; what ordinary noise does stays below the limits.
"""

from __future__ import annotations

from collections import deque

from smartevse.bus.meaning import unit_name
from smartevse.bus.rtu import Request

WINDOW_S = 30.0
"""Questions of somebody else that lie further back do not count any more."""
QUESTIONS = 3
"""So many questions of somebody else are no noise: each had a good checksum."""
ANSWERS = 10
"""So many of the last answers of a device are looked at, half of them before anything is concluded."""


class Suspicion:
    """Watches over one line; times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self._foreign: deque[tuple[float, int]] = deque()
        self._answers: dict[int, deque[bool]] = {}

    def overheard(self, request: Request, now_s: float) -> None:
        """Somebody else asked this."""
        self._foreign.append((now_s, request.unit))

    def asked(self, unit: int, *, damaged: bool) -> None:
        """A device was asked, and something came back: a good answer or a damaged one."""
        self._answers.setdefault(unit, deque(maxlen=ANSWERS)).append(damaged)

    def sentences(self, now_s: float) -> tuple[str, ...]:
        """What is wrong, by name; empty when nothing is."""
        found = []
        while self._foreign and now_s - self._foreign[0][0] > WINDOW_S:
            self._foreign.popleft()
        if len(self._foreign) >= QUESTIONS:
            asked = ", ".join(unit_name(unit) for unit in sorted({unit for _, unit in self._foreign}))
            found.append(
                f"a second master asks on this line ({asked}): "
                f"set LOAD BAL to Master on one unit only, and let nothing else ask"
            )
        for unit, answers in sorted(self._answers.items()):
            spoilt = sum(answers)
            if 2 * len(answers) >= ANSWERS and 2 * spoilt >= len(answers):
                found.append(
                    f"{unit_name(unit)} ({unit}): {spoilt} of {len(answers)} answers are damaged, "
                    f"two devices may have this number: give each its own"
                )
        return tuple(found)
