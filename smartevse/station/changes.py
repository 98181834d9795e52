"""What is worth a line in the journal: pure, from what was seen before to what is seen now, in the owner's words.

One line for each change of state, fault or cause of the current; a current that only follows the sun or the house is
told at most once in ten minutes, and so are causes that take turns.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from smartevse.core import faults
from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS
from smartevse.core.reasons import Why
from smartevse.core.states import Hold, State
from smartevse.core.units import amps_text
from smartevse.guard.wire import Status
from smartevse.station.regulation import Offer
from smartevse.station.session import CONNECTED, TAKING, Session, length
from smartevse.station.words import HOLDS

OFFER_EVERY_S = 600.0
"""Each line costs the card some 140 kB: `docs/card.md`."""
HELD_EVERY_S = 10.0
WAIT_MS = 1000

Cause = tuple[Why, int, str]
"""What makes two limits the same to the owner: the reason, the phase, the note; not the numbers."""

_OWN_LEVELS = {Fault.NO_SERIAL_COM: logging.ERROR, Fault.NO_CURRENT: logging.INFO, Fault.EV_METER: logging.ERROR}
"""A lack of sun is nothing that somebody has to mend."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the charge."""

    status: Status
    offer: Offer
    session: Session
    now_s: float

    @property
    def limit(self) -> Limit:
        """What binds the offer."""
        return self.offer.limit


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal with its fields."""

    level: int
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


class Changes:
    """Remembers what was told last."""

    def __init__(self) -> None:
        self._last: Seen | None = None
        self._told: Limit | None = None
        self._told_s: dict[Cause, float] = {}
        """When each cause of the current was told last."""
        self._held: tuple[Hold, Cause | None] = Hold.NONE, None
        self._held_s = float("-inf")

    def lines(self, seen: Seen) -> tuple[Line, ...]:
        """The lines that this look is worth; the first look tells what is found."""
        last, self._last = self._last, seen
        fields = _fields(seen)
        found = [
            *_fault_lines(last, seen),
            *_own_fault_lines(last, seen),
            *self._state_lines(last, seen),
            *self._hold_lines(seen),
            *self._offer_lines(seen),
        ]
        return tuple(Line(line.level, line.text, {**fields, **line.fields}) for line in found)

    def _state_lines(self, last: Seen | None, seen: Seen) -> Iterator[Line]:
        state = seen.status.state
        before = last.status.state if last is not None else State.A
        if state is before:
            return
        if before in TAKING and state not in TAKING and state is not State.A:
            yield Line(logging.INFO, f"charging stopped{_got(seen)}", _event("stopped"))
        if state in CONNECTED and before not in CONNECTED and (last is None or not last.session.open):
            yield Line(logging.INFO, "car connected", _event("connected"))
        if state is State.C and before is not State.C:
            self._tell(seen)
            yield Line(logging.INFO, f"charging at {seen.limit.reason}", _event("charging"))
        elif state is State.C1:
            yield Line(logging.INFO, f"the charge is being stopped: {_hold(seen)}", _event("stopped"))
        elif state is State.B and before is not State.C:
            self._tell(seen)
            yield Line(logging.INFO, f"the car may take {seen.limit.reason}", _event("offer"))
        elif state is State.A and last is not None and last.session.open:
            ended = f", charge ended: {_total(seen)}" if seen.session.charged_s > 0 else ""
            yield Line(logging.INFO, f"car disconnected{ended}", _event("disconnected"))
        elif state is State.E:
            yield Line(logging.WARNING, "the pilot is shorted or has no supply: nothing is offered", _event("state"))
        elif state is State.F:
            yield Line(logging.ERROR, "charging is stopped by a fault", _event("state"))

    def _hold_lines(self, seen: Seen) -> Iterator[Line]:
        """Why a car waits, once it has waited long enough for somebody to wonder; another cause after a while."""
        hold = seen.status.hold
        held = hold, _cause(seen.limit) if hold is Hold.NOT_WANTED else None
        if seen.status.state is not State.B1:
            self._held = Hold.NONE, None
        elif seen.status.state_ms >= WAIT_MS and held != self._held:
            if hold is self._held[0] and seen.now_s - self._held_s < HELD_EVERY_S:
                return
            self._held, self._held_s = held, seen.now_s
            if _hold(seen):
                yield Line(logging.INFO, f"no current is offered: {_hold(seen)}", _event("waiting"))

    def _offer_lines(self, seen: Seen) -> Iterator[Line]:
        """A new cause at once, one that was told a moment ago not again: causes may take turns."""
        if seen.status.state not in (State.B, State.C) or self._told is None or self._told == seen.limit:
            return
        if not seen.limit.offer_da:
            return  # the next state tells that the charge is stopped, and why
        if seen.now_s - self._told_s.get(_cause(seen.limit), float("-inf")) < OFFER_EVERY_S:
            return
        self._tell(seen)
        yield Line(logging.INFO, f"the car may take {seen.limit.reason}", _event("offer"))

    def _tell(self, seen: Seen) -> None:
        self._told = seen.limit
        self._told_s = {cause: at_s for cause, at_s in self._told_s.items() if seen.now_s - at_s < OFFER_EVERY_S}
        self._told_s[_cause(seen.limit)] = seen.now_s


def _cause(limit: Limit) -> Cause:
    return limit.why, limit.phase, limit.note


def _fault_lines(last: Seen | None, seen: Seen) -> Iterator[Line]:
    """Faults that came, that went, and those that came and went between two looks."""
    before = last.status.faults if last is not None else 0
    now = seen.status.faults
    came, went = now & ~before, before & ~now
    for fault in faults.names(came):
        level = logging.WARNING if faults.RULES[fault].effect <= faults.Effect.BLOCK else logging.ERROR
        told = {"EVSE_FAULT": fault.name, "MESSAGE_ID": MESSAGE_IDS[fault]}
        yield Line(level, f"{TEXTS[fault].sentence} {TEXTS[fault].remedy}", told)
    for fault in faults.names(went):
        yield Line(logging.INFO, f"over: {TEXTS[fault].sentence}", {"EVSE_FAULT": fault.name, **_event("over")})
    missed = (seen.status.new_fault - (last.status.new_fault if last is not None else seen.status.new_fault)) & 0xFFFF
    missed -= came.bit_count()
    if last is not None and 0 < missed < 0x8000:
        text = f"{missed} short fault(s) came and went: journalctl -t smartevse-guard names them"
        yield Line(logging.WARNING, text, _event("short-faults"))


def _own_fault_lines(last: Seen | None, seen: Seen) -> Iterator[Line]:
    """The station's own errors: no mains data, no EV meter, not enough current."""
    before = last.offer.faults if last is not None else ()
    for fault in seen.offer.faults:
        if fault not in before:
            told = {"EVSE_FAULT": fault.name, "MESSAGE_ID": MESSAGE_IDS[fault]}
            yield Line(_OWN_LEVELS[fault], f"{TEXTS[fault].sentence} {_as_sentence(seen.limit.reason)}", told)
    for fault in before:
        if fault not in seen.offer.faults and seen.status.state is not State.A:
            yield Line(logging.INFO, f"over: {TEXTS[fault].sentence}", {"EVSE_FAULT": fault.name, **_event("over")})


def _as_sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _event(name: str) -> dict[str, str]:
    return {"MESSAGE_ID": EVENTS[name].message_id}


def _hold(seen: Seen) -> str:
    hold = seen.status.hold
    if hold is not Hold.NOT_WANTED:
        return HOLDS[hold]
    return seen.limit.reason.removeprefix("waiting: ").removeprefix("stopped: ")


def _got(seen: Seen) -> str:
    return f" by {'the car' if seen.status.state is State.B else 'the charger'}, so far {_total(seen)}"


def _total(seen: Seen) -> str:
    """What the car got: "1.42 kWh in 0:35", or "0:35" without a meter."""
    wh = seen.session.energy_wh
    time = length(seen.session.charging_s(seen.now_s))
    return time if wh is None else f"{wh / 1000:.2f} kWh in {time}"


def _fields(seen: Seen) -> dict[str, str]:
    """What every line carries for `journalctl`."""
    fields = {
        "EVSE_STATE": seen.status.state.name,
        "EVSE_OFFER_DA": str(seen.status.offer_da),
        "EVSE_REASON": seen.limit.why.value,
        "EVSE_SESSION": str(seen.session.number),
    }
    if seen.session.energy_wh is not None:
        fields["EVSE_ENERGY_WH"] = str(seen.session.energy_wh)
    return fields


def status_text(seen: Seen) -> str:
    """What `systemctl status` shows: mode, state, what is offered and why, and the most urgent fault."""
    offered = amps_text(seen.status.offer_da) if seen.status.offer_da else "nothing"
    standing = faults.names(seen.status.faults)
    why = TEXTS[standing[0]].sentence if standing else f"{seen.limit.reason}"
    return f"{seen.offer.mode.name.title()} mode, state {seen.status.state.name}, offers {offered}; {why}"
