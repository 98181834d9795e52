"""This station as Node: what it shows its Master, when it may offer current, and what the Master's word makes of it.

It asks for both grants, to connect and to charge, before it offers anything: so a car that then takes current has been
counted. A car that let the grant pass (asleep, full) and asks later waits for a new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from smartevse import config
from smartevse.bus.ev_meter import EvReading
from smartevse.bus.listener import Heard
from smartevse.bus.node import GRANTS, LOST_AFTER_S, Node, Own, Told
from smartevse.bus.node_line import NodeLine
from smartevse.bus.overheard import Overheard
from smartevse.bus.units import BusError, BusState
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit, binding
from smartevse.core.measurement import Reading
from smartevse.core.phases import fixed_phases
from smartevse.core.pilot import MIN_OFFER_DA, Level
from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.drivers.machine import Machine
from smartevse.guard.wire import Flag, Status
from smartevse.settings.values import Values
from smartevse.station import shared
from smartevse.station.meters import ev_choice
from smartevse.station.regulation import Offer, limit_for
from smartevse.station.wishes import Wishes

DELAY_S = 60.0
"""So long after the Master refused current the car waits at least (the manual's NO CURRENT)."""
BEGIN_S = 30.0
"""A granted car that has not begun by then shows that it does not want to."""
THIS_MACHINE = Machine()
_REFUSED = BusError.LESS_6A | BusError.CT_NOCOMM

_ERRORS = {
    Fault.HIGH_TEMP: BusError.TEMP_HIGH,
    Fault.RCM_TRIP: BusError.RCM_TRIPPED,
    Fault.RCM_TEST: BusError.RCM_TEST,
}
"""Faults of the guard that have a flag on the line."""


@dataclass(slots=True)
class Handshake:
    """What the Node shows, and whether it may offer. Times are seconds of the caller's clock."""

    shown: BusState = BusState.A
    cleared: BusState | None = None
    """What the Master has granted of late: COMM_B_OK, COMM_C_OK, or B while a granted car sleeps."""
    cleared_at_s: float = 0.0
    refused_at_s: float = float("-inf")
    _refusing: bool = False

    def step(self, now_s: float, status: Status | None, told: Told, *, may: bool, lost: bool) -> bool:
        """One look at car and Master; whether current may be offered. `may`: nothing of our own forbids it."""
        refusing = bool(told.errors & _REFUSED)
        if refusing and not self._refusing:
            self.refused_at_s = now_s
        self._refusing = refusing
        pilot = State.A if status is None else status.state
        if pilot is State.C:
            self.shown, self.cleared = BusState.C, BusState.COMM_C_OK
            self.cleared_at_s = now_s
            return may and not lost and not refusing
        if pilot is State.C1:
            self.shown, self.cleared = BusState.C1, None
            return False
        if pilot not in (State.B, State.B1):
            self.shown, self.cleared = BusState.A, None
            return False
        if not may or lost or refusing or now_s - self.refused_at_s < DELAY_S:
            self.shown, self.cleared = (BusState.B1 if pilot is State.B1 else BusState.B), None
            return False
        return self._ask(now_s, told, asks=status is not None and status.level is Level.C)

    def _ask(self, now_s: float, told: Told, *, asks: bool) -> bool:
        """A car is there and may charge as far as we are concerned."""
        if told.granted is not None and told.granted is GRANTS.get(self.shown):
            if told.granted is not self.cleared:
                self.cleared_at_s = now_s
            self.cleared = told.granted
        if self.cleared is BusState.COMM_C_OK and now_s - self.cleared_at_s > BEGIN_S:
            self.cleared = BusState.B
        if self.cleared is BusState.B and (asks or not told.share_da):
            self.cleared = BusState.COMM_B_OK  # it may connect, and asks again whether it may charge
        match self.cleared:
            case None:
                self.shown = BusState.COMM_B
            case BusState.B:
                self.shown = BusState.B
            case _:
                self.shown = BusState.COMM_C
        return self.cleared in (BusState.COMM_C_OK, BusState.B)


class _Words:
    """The settings as registers, made once for each change."""

    def __init__(self, values: Values, family: str) -> None:
        self.values = values
        self.config = shared.config_words(values, family)
        self.system = shared.system_words(values, family)


def phases_in_use(status: Status | None) -> int:
    """1 or 3 while the contactor is closed, else 0."""
    if status is None or not status.flags & Flag.C1:
        return 0
    return 3 if status.flags & Flag.C2 else 1


class NodeTask:
    """The Node's line, and the offer that follows from what comes over it."""

    def __init__(
        self,
        bus: config.Bus,
        values: Values,
        clock: Callable[[], float] = time.monotonic,
        machine: Machine = THIS_MACHINE,
    ) -> None:
        """Raises ValueError when the settings do not make this station a Node."""
        self.family = shared.family(values)
        self.node = Node(values.node, self.family)
        self._serial = machine.serial & 0xFFFF
        self._words = _Words(values, self.family)
        self._clock = clock
        self._started_s = clock()
        self._handshake = Handshake()
        choice = ev_choice(values)
        self._ev = None if choice is None else Overheard(choice.meter(), choice.address)
        self._ev_told = (values["ev_meter"], values["ev_adr"])
        self._config_changed = True
        self._line = None if bus.device is None else NodeLine(bus.device, bus.baud, self.node, clock, self._heard)

    @property
    def reading(self) -> EvReading:
        """What the Master's questions to our EV meter let us hear."""
        return EvReading() if self._ev is None else self._ev.reading

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD."""
        foreign = self.node.told.foreign
        return () if foreign is None else ("Master: check PEERS",)

    async def run(self) -> None:
        """Answer the Master until cancelled."""
        if self._line is not None:
            await self._line.run()

    def offer(
        self, now_s: float, values: Values, status: Status | None, wishes: Wishes, limits: tuple[Limit, ...]
    ) -> Offer:
        """What the own car is offered; `limits` are those of the timer and from outside."""
        told = self.node.told
        own = limit_for(values, status, wishes.override_da, (*wishes.limits, *limits))
        lost = told.lost(now_s) and now_s - self._started_s > LOST_AFTER_S
        cleared = self._handshake.step(now_s, status, told, may=own.offer_da >= MIN_OFFER_DA, lost=lost)
        limit = self._limit(own, told, lost=lost, cleared=cleared, values=values)
        faults = [Fault.NO_SERIAL_COM] if lost or told.errors & BusError.CT_NOCOMM else []
        if told.errors & BusError.LESS_6A:
            faults.append(Fault.NO_CURRENT)
        own_errors = BusError.EV_NOCOMM if any(one.why is Why.NO_EV_DATA for one in limits) else BusError(0)
        self._show(now_s, values, status, limit, own_errors)
        mains = None if told.mains_da is None or lost else Reading(*told.mains_da, told.share_at_s)
        timer_s = told.solar_timer_s or None
        phases = fixed_phases(values.contact2, values.mode) or 3
        return Offer(limit, phases, tuple(faults), timer_s, values.mode, mains)

    def _limit(self, own: Limit, told: Told, *, lost: bool, cleared: bool, values: Values) -> Limit:
        if own.offer_da < MIN_OFFER_DA:
            return own
        if lost or told.errors & BusError.CT_NOCOMM:
            return Limit(0, Why.NO_DATA)
        if told.errors & BusError.LESS_6A:
            return Limit(0, Why.NO_CIRCUIT)
        if not cleared:
            return Limit(0, Why.TURN)
        share_da = told.share_da
        if share_da is None:  # just started, while a car charges
            share_da = int(values["min"]) * 10
        if share_da < MIN_OFFER_DA:
            return Limit(0, Why.TURN)
        return binding((own, Limit(share_da, Why.SHARE)))

    def _show(self, now_s: float, values: Values, status: Status | None, limit: Limit, errors: BusError) -> None:
        """What the Master is to see from now on; `errors` that the guard does not know."""
        told_ev = (values["ev_meter"], values["ev_adr"])
        if self.node.told.config_seen:
            self._config_changed = False
        if told_ev != self._ev_told:
            self._ev_told, self._config_changed = told_ev, True
        for fault, flag in _ERRORS.items():
            if status is not None and status.faults >> fault & 1:
                errors |= flag
        reading = self.reading.fresh(now_s)
        most_da = limit_for(values, status).offer_da
        if values is not self._words.values:
            self._words = _Words(values, self.family)
        self.node.show(
            Own(
                state=self._handshake.shown,
                errors=errors,
                current_da=limit.offer_da,
                mode=int(values.mode),
                solar_timer_s=self.node.told.solar_timer_s or 0,
                config_changed=self._config_changed,
                max_a=most_da // 10,
                real_da=max(0, *(reading.phases_da or (0,))),
                temperature_c=0 if status is None else status.temperature_dc // 10,
                phases=phases_in_use(status),
                serial=self._serial,
                config=self._words.config,
                system=self._words.system,
            )
        )

    def changes(self, values: Values) -> dict[str, int | str]:
        """The settings that the Master changed and that differ from ours, for the store."""
        wanted = self.node.take()
        return shared.changes(wanted, values, self.family)

    def _heard(self, heard: Heard) -> None:
        if self._ev is not None:
            self._ev.hear(heard)
