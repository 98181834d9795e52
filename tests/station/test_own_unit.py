"""What the regulator is told of the station's own unit."""

from __future__ import annotations

import pytest

from smartevse.bus.ev_meter import EvReading
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.pilot import Level
from smartevse.core.reasons import Why
from smartevse.core.rules import Car
from smartevse.core.states import State
from smartevse.guard.wire import Flag, Status
from smartevse.settings.values import default_values
from smartevse.station.own_unit import OwnUnit, car_of
from smartevse.station.wishes import Access, Wishes

VALUES = default_values()


@pytest.mark.parametrize(
    ("status", "car"),
    [
        (None, Car.AWAY),
        (Status(state=State.A), Car.AWAY),
        (Status(state=State.B1, level=Level.B), Car.CONNECTED),
        (Status(state=State.B, level=Level.B), Car.CONNECTED),
        (Status(state=State.B, level=Level.C), Car.CHARGING),
        (Status(state=State.C, level=Level.C), Car.CHARGING),
        (Status(state=State.C1, level=Level.C), Car.CHARGING),
        (Status(state=State.E), Car.AWAY),
        (Status(state=State.F), Car.AWAY),
    ],
)
def test_the_car_is_what_the_guard_sees_and_one_that_asks_is_about_to_charge(status: Status | None, car: Car) -> None:
    assert car_of(status) is car


def phases(own: OwnUnit, status: Status, permitted: int) -> int:
    return own.unit(VALUES, status, EvReading(), Wishes(), (), permitted).phases


def test_the_phases_are_those_permitted_until_the_contactor_closes_and_then_those_that_closed() -> None:
    own = OwnUnit()
    assert phases(own, Status(state=State.B), 1) == 1
    closed = Status(state=State.C, flags=Flag.C1)
    assert phases(own, closed, 3) == 1, "a new permit changes nothing while it is closed"
    assert phases(own, closed._replace(state_ms=1000), 3) == 1
    both = closed._replace(flags=Flag.C1 | Flag.C2, state_ms=1000)
    assert phases(own, both, 1) == 3, "what the guard reports counts, whatever was asked for"
    assert phases(own, both._replace(state=State.C1, state_ms=10, flags=Flag.C1), 1) == 3, "C2 opens a moment earlier"
    assert phases(own, Status(state=State.B1), 1) == 1


def test_a_station_that_starts_in_mid_charge_sees_how_many_phases_are_closed() -> None:
    assert phases(OwnUnit(), Status(state=State.C, flags=Flag.C1, state_ms=60_000), 3) == 1


def test_cable_meter_settings_and_wishes_go_into_it() -> None:
    values = VALUES.changed({"max": 32, "ev_phases": "two", "rotation": "l2"})
    wishes = Wishes(access=Access.PAUSE, override_da=100)
    timer = Limit(0, Why.SCHEDULE, wait_s=60)
    status = Status(state=State.B1, flags=Flag.CABLE_KNOWN, cable_da=200)
    unit = OwnUnit().unit(values, status, EvReading((61, 62, 0), 2800, 5.0), wishes, (timer,), 3)
    assert (unit.max_da, unit.cable_da, unit.override_da, unit.car_phases, unit.rotation) == (320, 200, 100, 2, 1)
    assert unit.drawn == Reading(61, 62, 0, 5.0)
    assert unit.limits == (Limit(0, Why.PAUSE), timer)
    fixed = OwnUnit().unit(values.changed({"config": "fixed"}), status, EvReading(), Wishes(), (), 3)
    assert (fixed.cable_da, fixed.drawn, fixed.limits) == (None, None, ())
