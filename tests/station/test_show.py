"""What LCD and LEDs are told."""

from __future__ import annotations

import pytest

from smartevse.bus.ev_meter import EvReading
from smartevse.core.faults import RULES, Fault
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode
from smartevse.core.states import State
from smartevse.guard.wire import Status
from smartevse.panel import model
from smartevse.panel.display import Display
from smartevse.panel.leds import STARTING
from smartevse.panel.screens import frame
from smartevse.settings.values import default_values
from smartevse.station.regulation import Offer
from smartevse.station.session import Session
from smartevse.station.show import LIGHT_S, Show, panel_status
from smartevse.station.wishes import Access

OFFER = Offer(Limit(160, Why.MAX))


def shown(
    status: Status | None,
    reading: EvReading | None = None,
    session: Session | None = None,
    guard_age_s: float = 0.0,
    notes: tuple[str, ...] = (),
    offer: Offer = OFFER,
    meter: str = "",
) -> model.PanelStatus:
    return panel_status(100.0, guard_age_s, status, offer, reading or EvReading(), session or Session(), notes, meter)


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


def test_a_silent_mains_meter_is_shown_in_the_manuals_words_and_by_its_name() -> None:
    offer = Offer(Limit(0, Why.NO_DATA), faults=(Fault.NO_SERIAL_COM,), mode=Mode.SMART)
    panel = shown(Status(state=State.A), offer=offer, meter="mains meter 10 (Sensorbox)")
    assert panel.fault[:4] == ("ERROR NO", "SERIAL COM", "CHECK", "WIRING")
    assert panel.fault[4:] == ("mains meter 10", "Sensorbox", "no answer", "for 10 s")
    assert all(len(line) <= 16 for line in panel.fault)


def test_a_silent_ev_meter_that_stops_the_charge_is_shown_by_its_name_and_red() -> None:
    offer = Offer(Limit(0, Why.NO_EV_DATA), faults=(Fault.EV_METER,), mode=Mode.SMART)
    panel = shown(Status(state=State.B1), offer=offer, meter="EV meter 12 (Eastron)")
    assert panel.fault == (
        "CAN'T READ",
        "EV METER",
        "CHECK CFG",
        "OR WIRING",
        "EV meter 12",
        "Eastron",
        "no answer",
        "for 64 s",
    )
    show = Show(None, None, 0.0)
    show.update(2.0, None, Status(state=State.B1), offer, EvReading(), Session(), ())
    assert any(show.leds(2 + step / 50)[0] == 255 for step in range(80))


@pytest.mark.parametrize(("mode", "source"), [(Mode.SMART, "FOR POWER"), (Mode.SOLAR, "FOR SOLAR")])
def test_too_little_current_is_shown_with_the_reason_while_a_car_waits(mode: Mode, source: str) -> None:
    offer = Offer(Limit(0, Why.NO_SUN, seen_da=21), faults=(Fault.NO_CURRENT,), mode=mode)
    panel = shown(Status(state=State.B1), offer=offer)
    assert panel.fault[:3] == ("ERROR NO", "CURRENT", "sun: 2.1 A more")
    assert panel.fault[4:6] == ("WAITING", source)
    assert shown(Status(state=State.A), offer=offer).fault == ()


def test_a_fault_of_the_guard_is_shown_before_the_stations_own() -> None:
    offer = Offer(Limit(0, Why.NO_DATA), faults=(Fault.NO_SERIAL_COM,))
    assert shown(Status(faults=1 << Fault.WELDED), offer=offer).fault[0] == "DANGER"


def test_the_mains_currents_are_told_where_they_matter() -> None:
    panel = shown(Status(state=State.C), offer=Offer(Limit(90, Why.SUN), mains=Reading(123.4, -31.0, 49.6, 1.0)))
    assert panel.mains_da == (123, -31, 50)
    assert shown(Status(state=State.C)).notes == ()


def test_the_led_blinks_while_the_car_waits_for_current_and_flashes_red_without_mains_data() -> None:
    show = Show(None, None, 0.0)
    waits = Offer(Limit(0, Why.NO_MAINS, 1, 250), faults=(Fault.NO_CURRENT,), mode=Mode.SMART)
    show.update(1.0, None, Status(state=State.B1), waits, EvReading(), Session(), ())
    assert show.moving
    assert all(show.leds(1 + step / 50)[0] == 0 for step in range(80))
    silent = Offer(Limit(0, Why.NO_DATA), faults=(Fault.NO_SERIAL_COM,), mode=Mode.SMART)
    show.update(2.0, None, Status(state=State.B1), silent, EvReading(), Session(), ())
    assert any(show.leds(2 + step / 50)[0] == 255 for step in range(80))


def test_the_leds_breathe_while_charging_and_tell_of_a_silent_guard() -> None:
    show = Show(None, None, 0.0)
    show.update(1.0, None, None, OFFER, EvReading(), Session(), ())
    assert show.leds(1.0) == STARTING
    assert not show.moving
    show.update(2.0, Status(), Status(state=State.C), OFFER, EvReading(), Session(), ())
    assert show.moving
    assert len({show.leds(2.0 + step / 10) for step in range(10)}) > 5


class Glass(Display):
    """A display that only remembers."""

    def __init__(self) -> None:
        self.light = False
        self.lines: tuple[str, ...] = ()

    def show(self, frame: tuple[str, ...], light: bool = True) -> None:
        self.lines, self.light = frame, light


def lit(show: Show, glass: Glass, now_s: float, state: State, *, touched_s: float = float("-inf")) -> bool:
    show.update(now_s, None, Status(state=state), OFFER, EvReading(), Session(), ())
    show.draw(now_s, None, (), touched_s)
    return glass.light


def test_the_backlight_goes_out_two_minutes_after_a_key_or_a_change_and_stays_while_charging() -> None:
    glass = Glass()
    show = Show(glass, (20, 4), 0.0)
    assert lit(show, glass, 0.0, State.A)
    assert lit(show, glass, LIGHT_S - 1, State.A)
    assert not lit(show, glass, LIGHT_S, State.A)
    assert lit(show, glass, 300.0, State.A, touched_s=299.0)
    assert not lit(show, glass, 299.0 + LIGHT_S, State.A, touched_s=299.0)
    assert lit(show, glass, 500.0, State.B)
    assert not lit(show, glass, 500.0 + LIGHT_S, State.B)
    assert all(lit(show, glass, 1000.0 + minute * 60, State.C) for minute in range(10))


def test_access_who_gives_it_and_the_led_scheme_reach_display_and_leds() -> None:
    glass = Glass()
    show = Show(glass, (20, 4), 0.0)
    show.people(default_values().changed({"rfid": "enabled"}), Access.OFF)
    lit(show, glass, 1.0, State.A)
    assert [line.split()[0] for line in glass.lines[:2]] == ["PRESENT", "RFID"]
    assert show.leds(1.0) == (0, 0, 0)
    show.people(default_values().changed({"leds": "public"}), Access.ON)
    lit(show, glass, 2.0, State.B)
    assert show.leds(2.0) == (0, 0, 255)
