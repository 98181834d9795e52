"""This station's own unit as the regulator sees it: from the guard's report, EV meter, settings and wishes."""

from __future__ import annotations

from smartevse.bus.ev_reading import EvReading
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.pilot import Level
from smartevse.core.rules import Car, Unit
from smartevse.core.states import State
from smartevse.guard.wire import Flag, Status
from smartevse.settings.values import Values
from smartevse.station.wishes import Wishes

SETTLED_MS = 500
"""So long after the contactor closed the second one has followed (0.1 s): what is closed says how many phases."""

_CARS = {State.A: Car.AWAY, State.B1: Car.CONNECTED, State.B: Car.CONNECTED, State.E: Car.AWAY, State.F: Car.AWAY}


def car_of(status: Status | None) -> Car:
    """What the regulator is told of the car; one that asks for current is about to charge. No report: no car."""
    if status is None:
        return Car.AWAY
    if status.state is State.B and status.level is Level.C:
        return Car.CHARGING
    return _CARS.get(status.state, Car.CHARGING)


def cable_of(values: Values, status: Status | None) -> int | None:
    """What the cable carries, 0.1 A; None while that is not known, and for a fixed cable."""
    if status is None or values.fixed_cable or not status.flags & Flag.CABLE_KNOWN:
        return None
    return status.cable_da


class OwnUnit:
    """Remembers with how many phases the contactors closed: the guard latches that and tells it a moment later."""

    def __init__(self) -> None:
        self._phases = 3

    def unit(
        self,
        values: Values,
        status: Status | None,
        reading: EvReading,
        wishes: Wishes,
        limits: tuple[Limit, ...],
        permitted: int,
    ) -> Unit:
        """The unit now; `permitted`: the phases of the last permit, `limits`: those of the timer and from outside."""
        closed = status is not None and status.flags & Flag.C1
        if not closed:
            self._phases = permitted
        elif status is not None and status.state is State.C and status.state_ms >= SETTLED_MS:
            self._phases = 3 if status.flags & Flag.C2 else 1
        drawn = None
        if reading.phases_da is not None:
            drawn = Reading(*reading.phases_da, reading.currents_at_s)
        return Unit(
            car=car_of(status),
            max_da=values.max_da,
            cable_da=cable_of(values, status),
            override_da=wishes.override_da,
            phases=self._phases,
            car_phases=values.car_phases,
            rotation=values.rotation,
            drawn=drawn,
            limits=(*wishes.limits, *limits),
        )
