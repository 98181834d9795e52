"""A silent EV meter, seen by the whole station: alone, as Master and as Node."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from smartevse import config
from smartevse.bus.rtu import Function, Request
from smartevse.bus.units import BusError
from smartevse.core.faults import Fault
from smartevse.core.measurement import Reading
from smartevse.core.pilot import Level
from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.guard.wire import Flag, Status
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station.meters import Meters
from smartevse.station.peers import Peers
from smartevse.station.regulation import Offer, Regulation
from smartevse.station.wishes import Wishes

CHARGING = Status(state=State.C, level=Level.C, flags=Flag.C1 | Flag.C2, state_ms=60_000, offer_da=100)


class Silent(Meters):
    """A mains meter that answers always and an EV meter that never does."""

    def __init__(self, changes: dict[str, Value]) -> None:
        self.now_s = 1000.0
        super().__init__(config.Bus(device="/dev/null"), default_values().changed(changes), lambda: None)

    @property
    def mains(self) -> Reading:
        return Reading(50.0 + self.now_s % 7, 40.0, 30.0, self.now_s)  # a house is never still

    @property
    def mains_name(self) -> str:
        return "mains meter 10 (Sensorbox)"


@dataclass
class House:
    """A station that charges; one look each second."""

    changes: dict[str, Value]
    offer: Offer = field(init=False)

    def __post_init__(self) -> None:
        self.changes = {"ev_meter": "eastron", "config": "fixed", **self.changes}
        self.meters = Silent(self.changes)
        values = default_values().changed(self.changes)
        self.peers = Peers(config.Bus(device="/dev/null"), values, self.meters, lambda: None, lambda _: None)
        self.regulation = Regulation(line=True)

    def run(self, seconds: int) -> Offer:
        for _ in range(seconds):
            self.meters.now_s += 1
            self.offer = self.peers.offer(self.meters.now_s, CHARGING, self.regulation, Wishes(), ())
        return self.offer

    def hear(self, request: Request) -> None:
        """What the Master writes to this Node."""
        assert self.peers._node is not None
        self.peers._node.node.hear(request, self.meters.now_s)


@pytest.mark.parametrize("role", ["disabled", "master"])
def test_alone_and_as_master_it_stops_after_64_s_with_the_meters_name(role: str) -> None:
    house = House({"mode": "smart", "load_bal": role})
    assert house.run(60).limit.offer_da >= 60
    assert house.offer.faults == ()
    stopped = house.run(6)
    assert stopped.limit.why is Why.NO_EV_DATA
    assert stopped.limit.offer_da == 0
    assert stopped.faults == (Fault.EV_METER,)
    assert house.peers.silent_name(stopped) == "EV meter 12 (Eastron)"


def test_in_normal_mode_it_goes_on() -> None:
    house = House({"max": 16})
    assert house.run(200).limit.why is Why.MAX
    assert house.offer.faults == ()


def test_another_meter_or_mode_gets_its_own_minute() -> None:
    house = House({"mode": "smart"})
    house.run(50)
    house.peers.use(default_values().changed({**house.changes, "ev_adr": 13}))
    assert house.run(50).faults == ()
    assert house.run(20).faults == (Fault.EV_METER,)


def test_a_node_stops_too_and_tells_its_master_with_the_flag_for_it() -> None:
    house = House({"mode": "smart", "load_bal": "node1"})
    node = house.peers._node
    assert node is not None
    shares = (100,) * 8
    for _ in range(60):
        house.hear(Request(9, Function.WRITE_MANY, 0x20, 8, shares))
        house.run(1)
    assert house.offer.limit.offer_da == 100
    assert not node.node.own.errors & BusError.EV_NOCOMM
    for _ in range(6):
        house.hear(Request(9, Function.WRITE_MANY, 0x20, 8, shares))
        house.run(1)
    assert house.offer.limit.why is Why.NO_EV_DATA
    assert house.offer.faults == (Fault.EV_METER,)
    assert node.node.own.errors & BusError.EV_NOCOMM
    house.hear(Request(2, Function.WRITE_MANY, 1, 1, (0,)))
    house.run(1)
    assert node.node.own.errors & BusError.EV_NOCOMM, "the line cannot clear what only this station knows"
