"""What LCD and LEDs are told."""

from __future__ import annotations

from smartevse.bus.ev_meter import EvReading
from smartevse.core.faults import RULES, Fault
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.guard.wire import Status
from smartevse.panel import model
from smartevse.panel.leds import STARTING
from smartevse.panel.screens import frame
from smartevse.station.session import Session
from smartevse.station.show import Show, panel_status

LIMIT = Limit(160, Why.MAX)


def shown(
    status: Status | None,
    reading: EvReading | None = None,
    session: Session | None = None,
    guard_age_s: float = 0.0,
    notes: tuple[str, ...] = (),
) -> model.PanelStatus:
    return panel_status(100.0, guard_age_s, status, LIMIT, reading or EvReading(), session or Session(), notes)


def test_the_guards_report_is_shown_with_the_reason_of_the_current() -> None:
    panel = shown(Status(state=State.C, offer_da=160, temperature_dc=315, cable_da=320))
    assert (panel.state, panel.offer_da, panel.reason) == (State.C, 160, "16.0 A: MAX")
    assert (panel.temperature_dc, panel.cable_da) == (315, 320)
    assert panel.ev_meter is None


def test_the_meter_and_the_session_are_shown_together() -> None:
    session = Session(1, True, connected_at_s=40.0, start_wh=1000, last_wh=2420)
    panel = shown(Status(state=State.C), EvReading((160, 159, 161), 11040), session)
    assert panel.ev_meter == model.EvReading(11040, 1420, (160, 159, 161))
    assert panel.session_s == 60


def test_a_guard_that_is_silent_is_shown_before_everything_else() -> None:
    assert frame(shown(None, guard_age_s=1.5))[0].startswith("NO SIGNAL FROM")


def test_every_fault_of_the_guard_has_its_screen() -> None:
    for fault in RULES:
        assert shown(Status(faults=1 << fault)).fault


def test_of_two_faults_the_one_that_does_more_is_shown() -> None:
    both = shown(Status(faults=1 << Fault.NOT_UNLOCKED | 1 << Fault.WELDED))
    assert both.fault == shown(Status(faults=1 << Fault.WELDED)).fault


def test_the_leds_breathe_while_charging_and_tell_of_a_silent_guard() -> None:
    show = Show(None, None, 0.0)
    show.update(1.0, None, None, LIMIT, EvReading(), Session(), ())
    assert show.leds(1.0) == STARTING
    assert not show.moving
    show.update(2.0, Status(), Status(state=State.C), LIMIT, EvReading(), Session(), ())
    assert show.moving
    assert len({show.leds(2.0 + step / 10) for step in range(10)}) > 5
