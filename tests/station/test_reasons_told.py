"""Every reason of the table comes through: on both displays, in the journal when it begins, in `systemctl status`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smartevse.bus.ev_meter import EvReading
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.states import Hold, State
from smartevse.guard.wire import Status
from smartevse.panel.pages import narrow
from smartevse.panel.screens import TURN_S, frame
from smartevse.station.changes import Changes, Seen, status_text
from smartevse.station.regulation import Offer
from smartevse.station.session import Session, after
from smartevse.station.show import panel_status

WAITING = tuple(Why)[tuple(Why).index(Why.NO_CAR) :]
"""Reasons to offer nothing; those before it come with a current."""


def looks(why: Why) -> tuple[Seen, Seen]:
    """The moment before, and the one in which this reason holds."""
    limit = Limit(0 if why in WAITING else 100, why, phase=2, seen_da=231, wait_s=62)
    if why is Why.SETTINGS:
        limit = limit._replace(note="MAX 6 A is below MIN 10 A")
    session = after(Session(), State.B1, None, 1.0)
    if why is Why.NO_CAR:
        return _seen(State.A, 0, Limit(160, Why.MAX), Session(), 1.0), _seen(State.A, 0, limit, Session(), 5.0)
    if limit.offer_da:
        before = _seen(State.C, 160, Limit(160, Why.EXTERNAL if why is Why.MAX else Why.MAX), session, 1.0)
        return before, _seen(State.C, 100, limit, session, 5.0)
    return _seen(State.A, 0, Limit(160, Why.MAX), Session(), 1.0), _seen(State.B1, 0, limit, session, 5.0)


def _seen(state: State, offer_da: int, limit: Limit, session: Session, now_s: float) -> Seen:
    hold = Hold.NOT_WANTED if state is State.B1 else Hold.NONE
    status = Status(state=state, hold=hold, offer_da=offer_da, state_ms=round(now_s * 1000), temperature_dc=250)
    return Seen(status, Offer(limit), session, now_s)


@pytest.mark.parametrize(("columns", "rows"), [(20, 4), (16, 2)])
@pytest.mark.parametrize("why", Why)
def test_every_reason_is_on_the_display(why: Why, columns: int, rows: int) -> None:
    seen = looks(why)[1]
    told = panel_status(seen.now_s, 0.0, seen.status, seen.offer, EvReading(), seen.session, ())
    shown = [frame(replace(told, now_s=TURN_S * turn), columns, rows) for turn in range(12)]
    words = narrow(seen.limit.short, columns)[:columns]
    assert any(words in line for lines in shown for line in lines)


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.NO_CAR])
def test_every_reason_is_a_line_of_the_journal_when_it_begins_with_its_code_as_a_field(why: Why) -> None:
    changes = Changes()
    before, seen = looks(why)
    changes.lines(before)
    lines = changes.lines(seen)
    sentence = seen.limit.reason.removeprefix("waiting: ").removeprefix("stopped: ")
    assert any(sentence in line.text for line in lines), lines
    assert {line.fields["EVSE_REASON"] for line in lines} == {why.value}


@pytest.mark.parametrize("why", Why)
def test_every_reason_is_in_the_status_of_the_service(why: Why) -> None:
    seen = looks(why)[1]
    assert seen.limit.reason in status_text(seen)
