"""What LCD and LEDs show: from what is known of the guard, the meter and the session."""

from __future__ import annotations

import time
from dataclasses import replace

from smartevse import __version__
from smartevse.bus.ev_meter import EvReading
from smartevse.core import faults
from smartevse.core.ev_silence import STOPS_AFTER_S
from smartevse.core.faults import Fault
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode
from smartevse.core.states import Hold, State
from smartevse.guard.wire import Status
from smartevse.panel import leds as led_patterns
from smartevse.panel import model
from smartevse.panel.display import Display
from smartevse.panel.fault_screens import FAULT_SCREENS
from smartevse.panel.model import MenuView, PanelStatus, UnitLine
from smartevse.panel.screens import frame
from smartevse.settings.values import Values
from smartevse.station.access import given_by
from smartevse.station.regulation import Offer
from smartevse.station.session import Session
from smartevse.station.wishes import Access

_WAITS = (State.B1, State.B, State.C1)
LIGHT_S = 120.0
"""The backlight stays on this long after a key or a change of state."""


def panel_status(
    now_s: float,
    guard_age_s: float,
    status: Status | None,
    offer: Offer,
    reading: EvReading,
    session: Session,
    notes: tuple[str, ...],
    meter: str = "",
) -> PanelStatus:
    """What the screens draw; `status` of the guard is None when it is older than its life. `meter`: the silent one."""
    seen = status or Status()
    shown = faults.names(seen.faults)
    mains = offer.mains
    return PanelStatus(
        now_s=now_s,
        state=seen.state,
        hold=seen.hold.name,
        fault=FAULT_SCREENS[shown[0]] if shown else _own_error(seen.state, offer, meter),
        guard_age_s=guard_age_s,
        offer_da=seen.offer_da,
        reason=offer.limit.short,
        cable_da=seen.cable_da,
        ev_meter=_ev(reading, session),
        session_s=int(now_s - session.connected_at_s) if session.open else None,
        temperature_dc=seen.temperature_dc if status is not None else None,
        version=__version__,
        clock=time.strftime("%H:%M"),
        notes=notes,
        mode=offer.mode.name,
        mains_da=(round(mains.l1_da), round(mains.l2_da), round(mains.l3_da)) if mains is not None else None,
        stop_in_s=offer.stop_in_s,
        battery_da=offer.battery_da,
        phases=offer.phases,
    )


def _own_error(state: State, offer: Offer, meter: str) -> tuple[str, ...]:
    """The screens of the station's own errors: the manual's words, then which meter, or what is waited for and why."""
    if Fault.NO_SERIAL_COM in offer.faults:
        return (*FAULT_SCREENS[Fault.NO_SERIAL_COM], *_named(meter), "no answer", "for 10 s")
    if Fault.EV_METER in offer.faults:
        return (*FAULT_SCREENS[Fault.EV_METER], *_named(meter), "no answer", f"for {STOPS_AFTER_S:.0f} s")
    if Fault.NO_CURRENT in offer.faults and state in _WAITS:
        source = "SOLAR" if offer.mode is Mode.SOLAR else "POWER"
        return ("ERROR NO", "CURRENT", offer.limit.short, "", "WAITING", f"FOR {source}", "tries again", "after 60 s")
    return ()


def _named(meter: str) -> tuple[str, str]:
    name, _, kind = meter.partition(" (")
    return name, kind.removesuffix(")")


def _ev(reading: EvReading, session: Session) -> model.EvReading | None:
    if reading.phases_da is None or reading.power_w is None:
        return None
    return model.EvReading(reading.power_w, session.energy_wh or 0, reading.phases_da)


def _goes_on(status: Status, offer: Offer) -> bool:
    """Whether a car that waits goes on by itself: after a delay, or when there is current again."""
    return status.hold is Hold.DELAY or Fault.NO_CURRENT in offer.faults or offer.limit.why is Why.RETRY


class Show:
    """Hands frames to the display's thread and knows what the LEDs show."""

    def __init__(self, display: Display | None, size: tuple[int, int] | None, now_s: float) -> None:
        self._began_s = now_s
        self._display = display
        self._columns, self._rows = size or (20, 4)
        self._status = PanelStatus(guard_age_s=0.0)
        self._state: State | None = None
        self._fault = False
        self._light = led_patterns.Light()
        self._access, self._access_by, self._public = Access.ON, "keys", False
        self._announced: tuple[str, ...] = ()
        self._units: tuple[UnitLine, ...] = ()
        self._changed_s = float("-inf")

    def announce(self, lines: tuple[str, ...], now_s: float) -> None:
        """What has just happened, instead of the state; () when that is over."""
        if lines and lines != self._announced:
            self._changed_s = now_s
        self._announced = lines

    def units(self, units: tuple[UnitLine, ...]) -> None:
        """The table of all chargers, on a Master."""
        self._units = units

    def people(self, values: Values, access: Access) -> None:
        """Who may charge, who gives that, and how the LEDs are to tell it."""
        self._access, self._access_by, self._public = access, given_by(values), values.public_leds

    def update(
        self,
        now_s: float,
        last: Status | None,
        status: Status | None,
        offer: Offer,
        reading: EvReading,
        session: Session,
        notes: tuple[str, ...],
        meter: str = "",
    ) -> None:
        """What is known now."""
        state = status.state if status is not None else None
        own = {Fault.NO_SERIAL_COM, Fault.EV_METER}.intersection(offer.faults)
        fault = (status is not None and bool(status.faults)) or bool(own)
        if (state, fault) != (self._state, self._fault):
            self._changed_s = now_s
        self._state, self._fault = state, fault
        self._light = led_patterns.Light(
            state,
            fault=fault,
            waiting=status is not None and status.state is State.B1 and _goes_on(status, offer),
            denied=self._access is Access.OFF,
            solar=offer.mode is Mode.SOLAR,
            public=self._public,
        )
        heard_s = last.at_ns / 1e9 if last is not None else self._began_s
        told = panel_status(now_s, now_s - heard_s, status, offer, reading, session, notes, meter)
        self._status = replace(told, access=self._access.value, access_by=self._access_by, units=self._units)

    def draw(self, now_s: float, menu: MenuView | None, hint: tuple[str, ...], touched_s: float) -> None:
        """Give the display the newest frame; the display drops it when nothing changed."""
        if self._display is None:
            return
        status = replace(self._status, now_s=now_s, menu=menu, hint=hint, announce=self._announced)
        lit = now_s - max(touched_s, self._changed_s) < LIGHT_S
        light = lit or self._fault or self._state in (State.C, State.C1)
        self._display.show(frame(status, self._columns, self._rows), light)

    def farewell(self) -> None:
        """What the display keeps when the station has ended: not a state that nobody looks after any more."""
        if self._display is not None:
            lines = ("STATION STOPPED", "no charging", "until it is", "started again")[: self._rows]
            self._display.show(tuple(line.center(self._columns)[: self._columns] for line in lines))

    @property
    def moving(self) -> bool:
        """Whether the LEDs change by themselves."""
        return led_patterns.moving(self._light)

    def leds(self, now_s: float) -> tuple[int, int, int]:
        """Brightness of red, green and blue, 0 to 255."""
        return led_patterns.leds(self._light, now_s)
