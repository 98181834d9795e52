"""What the guard writes down: pure, a line for each change of state and for each fault that comes or goes.

The station's lines are for the owner; these are what the safety process itself saw and did, with or without a station.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import RULES, Effect, names
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS
from smartevse.core.ration import Ration, counted
from smartevse.core.states import State
from smartevse.core.tick import Report
from smartevse.core.units import amps_text

IDENTIFIER = "smartevse-guard"
STATES: Mapping[State, str] = {
    State.A: "no car",
    State.B1: "a car is connected, nothing is offered",
    State.B: "{offer} offered",
    State.C: "the car takes current, contactor on, {offer} offered",
    State.C1: "the offer is taken back, the car is to let go",
    State.E: "the pilot is shorted or dead, contactor off",
    State.F: "a fault is shown to the car, contactor off",
}
"""What each state means for the current."""
_PRIORITIES = {Effect.WARN: "4", Effect.BLOCK: "4", Effect.STOP: "3", Effect.OPEN: "3"}
"""From effects to syslog's levels: warning, error."""
_INFO = "6"


class Line(NamedTuple):
    """One line with its fields for the journal."""

    text: str
    fields: Mapping[str, str]


class Diary:
    """Remembers what was written last."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._faults = 0
        self._ration = Ration()

    def lines(self, report: Report | None, duty_permille: int, now_ms: int) -> tuple[Line, ...]:
        """The lines that this tick is worth; nearly always none."""
        if report is None or (report.state is self._state and report.faults == self._faults):
            return ()
        offer_da = report.offer_da if 0 < duty_permille < 1000 else 0
        found = tuple(self._rationed(self._all(report, offer_da), now_ms / 1000))
        self._state, self._faults = report.state, report.faults
        return found

    def _all(self, report: Report, offer_da: int) -> Iterator[Line]:
        fields = {
            "SYSLOG_IDENTIFIER": IDENTIFIER,
            "PRIORITY": _INFO,
            "EVSE_STATE": report.state.name,
            "EVSE_HOLD": report.hold.name,
            "EVSE_OFFER_DA": str(offer_da),
            "EVSE_EVENT": report.event.name if report.event is not None else "",
        }
        for fault in names(report.faults & ~self._faults):
            more = {"PRIORITY": _PRIORITIES[RULES[fault].effect], "EVSE_FAULT": fault.name}
            yield Line(TEXTS[fault].sentence, {**fields, **more, "MESSAGE_ID": MESSAGE_IDS[fault]})
        for fault in names(self._faults & ~report.faults):
            yield Line(f"over: {TEXTS[fault].sentence}", {**fields, **_event("over"), "EVSE_FAULT": fault.name})
        if report.state is not self._state:
            text = STATES[report.state].format(offer=amps_text(offer_da))
            yield Line(f"state {report.state.name}: {text}", {**fields, **_event("state")})

    def _rationed(self, lines: Iterator[Line], now_s: float) -> Iterator[Line]:
        for line in lines:
            kind = f"{line.fields['MESSAGE_ID']} {line.fields.get('EVSE_FAULT') or line.fields['EVSE_STATE']}"
            left_out = self._ration.take(kind, now_s)
            if left_out is not None:
                yield line._replace(text=counted(line.text, left_out))


def _event(name: str) -> dict[str, str]:
    return {"MESSAGE_ID": EVENTS[name].message_id}
