"""The journal gets one line for each change, in the owner's words."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from smartevse.core.faults import RULES, Fault
from smartevse.core.limits import Limit
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode
from smartevse.core.states import Hold, State
from smartevse.guard.wire import Status
from smartevse.station.changes import OFFER_EVERY_S, Changes, Line, Seen, status_text
from smartevse.station.regulation import Offer
from smartevse.station.session import Session, after

MAX_16A = Limit(160, Why.MAX)


class Story:
    """Looks at a charge, one after the other, and the lines that came of it."""

    def __init__(self) -> None:
        self.changes, self.session, self.now_s, self.status = Changes(), Session(), 0.0, Status()
        self.limit = MAX_16A
        self.own_faults: tuple[Fault, ...] = ()

    def see(
        self,
        state: State,
        counter_wh: int | None = None,
        seconds: float = 1.0,
        hold: Hold = Hold.NONE,
        faults: int = 0,
        new_fault: int | None = None,
        state_ms: int = 0,
    ) -> Sequence[Line]:
        self.now_s += seconds
        self.session = after(self.session, state, counter_wh, self.now_s)
        count = self.status.new_fault + (faults & ~self.status.faults).bit_count() if new_fault is None else new_fault
        self.status = self.status._replace(
            state=state, hold=hold, faults=faults, new_fault=count, state_ms=state_ms, offer_da=160
        )
        offer = Offer(self.limit, faults=self.own_faults, mode=Mode.SOLAR)
        self.seen = Seen(self.status, offer, self.session, self.now_s)
        return self.changes.lines(self.seen)


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def test_a_whole_charge_is_told_in_five_lines() -> None:
    story = Story()
    told = [
        *story.see(State.A),
        *story.see(State.B1, 1000),
        *story.see(State.B, 1000),
        *story.see(State.C, 1000),
        *story.see(State.C, 2420, seconds=35 * 60),
        *story.see(State.B, 2420),
        *story.see(State.A, 2420),
    ]
    assert texts(told) == [
        "car connected",
        "the car may take 16.0 A: the MAX setting of this unit",
        "charging at 16.0 A: the MAX setting of this unit",
        "charging stopped by the car, so far 1.42 kWh in 0:35",
        "car disconnected, charge ended: 1.42 kWh in 0:35",
    ]


def test_nothing_new_is_worth_no_line() -> None:
    story = Story()
    story.see(State.C, 1000)
    assert not any(story.see(State.C, 1000 + step) for step in range(100))


def test_every_line_carries_the_fields() -> None:
    story = Story()
    story.see(State.C, 1000)
    (_, line) = story.see(State.B, 1500)[:1], story.see(State.A, 1500)[0]
    assert line.fields == {
        "EVSE_STATE": "A",
        "EVSE_OFFER_DA": "160",
        "EVSE_REASON": "max",
        "EVSE_SESSION": "1",
        "EVSE_ENERGY_WH": "500",
        "MESSAGE_ID": EVENTS["disconnected"].message_id,
    }


def test_a_new_cause_of_the_current_is_told_at_once_and_a_new_number_once_in_a_while() -> None:
    story = Story()
    story.see(State.C)
    story.limit = Limit(130, Why.CABLE)
    assert texts(story.see(State.C)) == ["the car may take 13.0 A: the cable carries no more"]
    told: list[Line] = []
    for second in range(2 * int(OFFER_EVERY_S) - 1):
        story.limit = Limit(60 + second, Why.CABLE)
        told += story.see(State.C)
    assert len(told) == 1


def test_a_fault_is_told_when_it_comes_and_when_it_is_over() -> None:
    story = Story()
    story.see(State.A)
    (came,) = story.see(State.A, faults=1 << Fault.RAIL)
    (went,) = story.see(State.A)
    assert came.level == logging.ERROR
    assert came.fields["EVSE_FAULT"] == "RAIL"
    assert came.text.startswith("The 12 V supply is out of range")
    assert went.fields["MESSAGE_ID"] == EVENTS["over"].message_id, "what is over needs no remedy"
    assert went.text == "over: The 12 V supply is out of range; the contactor is open."


def test_every_fault_of_the_guard_has_its_line() -> None:
    for fault in RULES:
        (line,) = Story().see(State.A, faults=1 << fault)
        assert line.fields["EVSE_FAULT"] == fault.name
        assert line.fields["MESSAGE_ID"] == MESSAGE_IDS[fault]


def test_a_fault_between_two_looks_is_not_lost() -> None:
    story = Story()
    story.see(State.A, new_fault=7)
    (line,) = story.see(State.A, new_fault=9)
    assert line.text.startswith("2 short fault(s)")


def test_a_car_that_waits_is_told_why_once_it_has_waited_a_second() -> None:
    story = Story()
    story.see(State.A)
    assert texts(story.see(State.B1, hold=Hold.DELAY, state_ms=100)) == ["car connected"]
    assert texts(story.see(State.B1, hold=Hold.DELAY, state_ms=1100)) == [
        "no current is offered: the contactor rests for a moment"
    ]
    assert not story.see(State.B1, hold=Hold.DELAY, state_ms=2000)


def test_a_station_that_starts_in_mid_charge_tells_what_it_finds() -> None:
    assert texts(Story().see(State.C)) == ["car connected", "charging at 16.0 A: the MAX setting of this unit"]


def test_each_kind_of_event_can_be_found_by_its_message_id() -> None:
    story = Story()
    told = [
        *story.see(State.A),
        *story.see(State.B1),
        *story.see(State.B1, state_ms=2000, hold=Hold.PROOF_TEST),
        *story.see(State.B),
        *story.see(State.C),
        *story.see(State.C, faults=1 << Fault.PILOT_SHORT),
        *story.see(State.C),
        *story.see(State.B),
        *story.see(State.A),
    ]
    ids = [line.fields.get("MESSAGE_ID") for line in told]
    order = ("connected", "waiting", "offer", "charging", "", "over", "stopped", "disconnected")
    assert ids == [EVENTS[name].message_id if name else MESSAGE_IDS[Fault.PILOT_SHORT] for name in order], texts(told)


def test_causes_that_take_turns_are_told_once_in_a_while_each_and_the_last_one_in_the_end() -> None:
    story = Story()
    story.see(State.C)
    mains, rising = Limit(90, Why.MAINS, 2, 250), Limit(100, Why.RISING)
    told: list[Line] = []
    for second in range(int(OFFER_EVERY_S) - 2):
        story.limit = rising if second // 4 % 2 else mains
        told += story.see(State.C)
    assert texts(told) == ["the car may take 9.0 A: mains L2 at 25.0 A", "the car may take 10.0 A: rising slowly, more "
                           "current is free"]  # fmt: skip
    story.limit = mains
    assert texts([line for _ in range(int(OFFER_EVERY_S)) for line in story.see(State.C)]) == [texts(told)[0]]


def test_a_silent_mains_meter_is_an_error_of_the_journal_and_its_return_a_line() -> None:
    story = Story()
    story.see(State.C)
    story.limit, story.own_faults = Limit(0, Why.NO_DATA), (Fault.NO_SERIAL_COM,)
    lines = story.see(State.C)
    assert len(lines) == 1
    stopping = texts(story.see(State.C1, hold=Hold.NOT_WANTED))
    assert stopping[0].startswith("the charge is being stopped: no signal from the mains meter")
    assert (lines[0].level, lines[0].fields["EVSE_FAULT"]) == (logging.ERROR, "NO_SERIAL_COM")
    assert lines[0].fields["MESSAGE_ID"] == MESSAGE_IDS[Fault.NO_SERIAL_COM]
    story.limit, story.own_faults = MAX_16A, ()
    assert story.see(State.B1)[0].text.startswith("over: ")


def test_a_car_that_waits_for_sun_is_told_why_and_so_is_the_next_cause() -> None:
    story = Story()
    story.see(State.A)
    story.limit, story.own_faults = Limit(0, Why.NO_SUN, seen_da=21), (Fault.NO_CURRENT,)
    told = texts([*story.see(State.B1), *story.see(State.B1, hold=Hold.NOT_WANTED, state_ms=2000)])
    assert "There is not enough current to start or go on; it tries again after 60 seconds." in told[0]
    assert told[2] == "no current is offered: 2.1 A more sun needed"
    assert not story.see(State.B1, hold=Hold.NOT_WANTED, state_ms=3000), "numbers alone are worth no line"
    story.limit, story.own_faults = Limit(0, Why.RETRY, wait_s=42), ()
    later = [story.see(State.B1, hold=Hold.NOT_WANTED, state_ms=4000) for _ in range(30)]
    assert "tries again in 0:42" in "".join(texts([line for lines in later for line in lines]))


def test_the_status_of_the_service_tells_mode_state_offer_and_reason() -> None:
    story = Story()
    story.limit = Limit(90, Why.MAINS, 2, 250)
    story.see(State.C)
    assert status_text(story.seen) == "Solar mode, state C, offers 16 A; 9.0 A: mains L2 at 25.0 A"
    story.see(State.F, faults=1 << Fault.RAIL)
    assert "The 12 V supply is out of range" in status_text(story.seen)
