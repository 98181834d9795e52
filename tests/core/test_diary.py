"""What the guard writes down: changes, once each, and never more than the card can bear."""

from __future__ import annotations

from smartevse.core.diary import STATES, Diary, Line
from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import RULES, Fault
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS
from smartevse.core.pilot import Level
from smartevse.core.ration import BURST, EVERY_S
from smartevse.core.states import Event, Hold, State
from smartevse.core.tick import Report

OFFERED = 266
"""The duty cycle of 16 A."""


def report(state: State, faults: int = 0, event: Event | None = None) -> Report:
    return Report(state, Level.A, Hold.NONE, faults, 160, 320, event)


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines]


def test_every_state_has_its_words() -> None:
    assert set(STATES) == set(State)


def test_a_state_is_told_once_with_its_fields_and_its_id() -> None:
    diary = Diary()
    (line,) = diary.lines(report(State.C, event=Event.READY), OFFERED, 0)
    assert line.text == "state C: the car takes current, contactor on, 16 A offered"
    assert line.fields["EVSE_STATE"] == "C"
    assert line.fields["EVSE_EVENT"] == "READY"
    assert line.fields["EVSE_OFFER_DA"] == "160"
    assert line.fields["MESSAGE_ID"] == EVENTS["state"].message_id
    assert diary.lines(report(State.C), OFFERED, 10) == ()


def test_what_the_pilot_does_not_offer_is_not_told_as_offered() -> None:
    (line,) = Diary().lines(report(State.B1), 1000, 0)
    assert line.fields["EVSE_OFFER_DA"] == "0"


def test_each_fault_is_told_when_it_comes_and_when_it_is_over() -> None:
    diary = Diary()
    diary.lines(report(State.A), 1000, 0)
    for fault in RULES:
        came, *_ = diary.lines(report(State.A, 1 << fault), 1000, 10_000 * (2 * fault + 1))
        assert came.text == TEXTS[fault].sentence
        assert came.fields["EVSE_FAULT"] == fault.name
        assert came.fields["MESSAGE_ID"] == MESSAGE_IDS[fault]
        over, *_ = diary.lines(report(State.A), 1000, 10_000 * (2 * fault + 2))
        assert over.text == f"over: {TEXTS[fault].sentence}"
        assert over.fields["MESSAGE_ID"] == EVENTS["over"].message_id


def test_a_fault_and_the_state_that_it_leads_to_are_told_in_this_order() -> None:
    diary = Diary()
    diary.lines(report(State.C), OFFERED, 0)
    found = texts(diary.lines(report(State.F, 1 << Fault.DIODE, Event.FAULT), 0, 10))
    assert found == [TEXTS[Fault.DIODE].sentence, f"state F: {STATES[State.F]}"]


def test_a_loose_wire_writes_a_burst_and_then_one_line_of_a_kind_in_a_while_that_counts_the_others() -> None:
    diary = Diary()
    day_ms = 24 * 3600 * 1000
    found = [
        line
        for at_ms in range(0, day_ms, 500)
        for line in diary.lines(report((State.A, State.B1)[at_ms // 500 % 2]), 1000, at_ms)
    ]
    assert len(found) <= 2 * (BURST + day_ms / 1000 / EVERY_S)
    assert found[-1].text.endswith("times more)")
    (other,) = diary.lines(report(State.C), OFFERED, day_ms)
    assert other.text.startswith("state C"), "another kind of line is told all the same"
