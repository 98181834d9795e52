"""Charging sessions: from the car's plug going in to its coming out, with the energy and the time it charged.

Pure: the state, the meter's counter and the time are arguments. The counter is latched when the car starts to charge,
so that an EV meter which was silent at the moment of plugging in still tells the session's energy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from smartevse.core.states import State

CONNECTED = frozenset({State.B1, State.B, State.C, State.C1})
TAKING = frozenset({State.C, State.C1})
"""States in which the contactor is closed."""


@dataclass(frozen=True, slots=True)
class Session:
    """One car's stay. Times are seconds of a monotonic clock, counters Wh of the EV meter."""

    number: int = 0
    """Counts the sessions of this run of the program; 0 before the first car."""
    open: bool = False
    """Whether the car is still connected."""
    connected_at_s: float = 0
    taking_since_s: float | None = None
    """When the contactor closed, while it is closed."""
    charged_s: float = 0
    """How long the contactor was closed before that."""
    start_wh: int | None = None
    """The counter when the charge began, or the first one seen after it."""
    last_wh: int | None = None

    @property
    def energy_wh(self) -> int | None:
        """What the car got; None without a meter. A counter that was set back counts as nothing, never as negative."""
        if self.start_wh is None or self.last_wh is None:
            return None
        return max(0, self.last_wh - self.start_wh)

    def charging_s(self, now_s: float) -> float:
        """How long the car was charged until now, in seconds."""
        return self.charged_s + (now_s - self.taking_since_s if self.taking_since_s is not None else 0)


def after(session: Session, state: State, counter_wh: int | None, now_s: float) -> Session:
    """The session once this state and this counter (None: no answer) were seen."""
    if state is State.A:
        return replace(_stopped(session, now_s), open=False) if session.open else session
    if state in CONNECTED and not session.open:
        session = Session(number=session.number + 1, open=True, connected_at_s=now_s)
    if not session.open:
        return session
    if state in TAKING and session.taking_since_s is None:
        session = replace(session, taking_since_s=now_s)
    elif state not in TAKING:
        session = _stopped(session, now_s)
    if counter_wh is None or counter_wh == session.last_wh:
        return session
    begun = session.charged_s > 0 or session.taking_since_s is not None
    if begun and session.start_wh is not None:
        return replace(session, last_wh=counter_wh)
    return replace(session, start_wh=counter_wh, last_wh=counter_wh)


def length(seconds: float) -> str:
    """A duration in the owner's words: "0:35" is 35 minutes, "26:10" a day and some."""
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def _stopped(session: Session, now_s: float) -> Session:
    """The session with the contactor open."""
    if session.taking_since_s is None:
        return session
    return replace(session, charged_s=session.charging_s(now_s), taking_since_s=None)
