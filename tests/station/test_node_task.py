"""A Node under a master of the older family, written from its description: it asks, waits, obeys, and stops alone."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from smartevse import config
from smartevse.bus import rtu, units
from smartevse.bus.listener import Listener
from smartevse.bus.rtu import Function, Request
from smartevse.bus.units import BusError, BusState
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.pilot import Level
from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.drivers.machine import Machine
from smartevse.guard.wire import Flag, Status
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station.node_task import BEGIN_S, DELAY_S, NodeTask
from smartevse.station.regulation import Offer
from smartevse.station.wishes import Access, Wishes
from smartevse.twin.meters import Flow, meter_device
from tests.support.peer import PeerMaster

CYCLE_S = 2.0


@dataclass
class Rig:
    """A Node with a guard and a car of a few lines, and a master that asks every 2 s."""

    changes: dict[str, Value] = field(default_factory=dict)
    master: PeerMaster = field(default_factory=PeerMaster)
    now_s: float = 100.0
    pilot: State = State.A
    plugged: bool = False
    wants: bool = True
    wishes: Wishes = field(default_factory=Wishes)
    faults: int = 0
    shown: list[BusState] = field(default_factory=list)
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        self.values = default_values().changed({"load_bal": "node2", "config": "fixed", "max": 16, **self.changes})
        self.task = NodeTask(config.Bus(), self.values, lambda: self.now_s, self.machine)
        self.offer = Offer(Limit(0, Why.NO_CAR))

    def look(self) -> None:
        """One look of the station, and what the guard makes of it."""
        asks = self.pilot is State.C or (self.pilot is State.B and self.wants)
        level = Level.A if not self.plugged else Level.C if asks else Level.B
        status = Status(state=self.pilot, level=level, faults=self.faults, temperature_dc=250)
        self.offer = self.task.offer(self.now_s, self.values, status, self.wishes, ())
        offer_da = self.offer.limit.offer_da
        if not self.plugged:
            self.pilot = State.A
        elif self.pilot in (State.A, State.C1):
            self.pilot = State.B1
        elif self.pilot is State.B1 and offer_da:
            self.pilot = State.B
        elif self.pilot is State.B:
            self.pilot = State.B1 if not offer_da else State.C if self.wants else State.B
        elif self.pilot is State.C and not offer_da:
            self.pilot = State.C1
        if not self.shown or self.shown[-1] is not self.task.node.own.state:
            self.shown.append(self.task.node.own.state)

    def is_in(self, state: State) -> bool:
        """Whether the guard has this state now."""
        return self.pilot is state

    def run(self, seconds: float, *, master: bool = True) -> None:
        for step in range(int(seconds * 2)):
            self.look()
            if master and step % 4 == 0:
                self.master.cycle(lambda frame: self.task.node.hear(rtu.parse_request(frame), self.now_s))
            self.now_s += 0.5


def test_a_car_is_asked_for_twice_before_anything_is_offered() -> None:
    rig = Rig()
    rig.run(4)
    rig.plugged = True
    rig.run(10)
    assert rig.shown == [BusState.A, BusState.COMM_B, BusState.COMM_C, BusState.C]
    assert (rig.pilot, rig.offer.limit) == (State.C, Limit(160, Why.MAX))
    rig.plugged = False
    rig.run(1)
    assert rig.task.node.own.state is BusState.A


def test_the_share_is_the_offer_below_max() -> None:
    rig = Rig(master=PeerMaster(circuit_da=90))
    rig.plugged = True
    rig.run(10)
    assert rig.offer.limit == Limit(90, Why.SHARE)
    assert rig.task.node.own.current_da == 90


def test_nothing_is_offered_while_the_master_does_not_grant_and_a_minute_after_a_refusal() -> None:
    rig = Rig(master=PeerMaster(no_current=True))
    rig.plugged = True
    rig.run(20)
    assert rig.is_in(State.B1)
    assert Fault.NO_CURRENT in rig.offer.faults
    rig.master.no_current = False
    rig.task.node.hear(Request(3, Function.WRITE_ONE, 1, 1, (0,)), rig.now_s)
    rig.run(DELAY_S - 25)
    assert rig.is_in(State.B1)
    rig.run(40)
    assert rig.is_in(State.C)


def test_an_error_of_the_master_ends_a_charge() -> None:
    rig = Rig()
    rig.plugged = True
    rig.run(10)
    rig.master.no_current = True
    rig.run(3)
    assert rig.is_in(State.B1)
    assert rig.task.node.own.state is BusState.B1
    assert rig.offer.limit.why is Why.NO_CIRCUIT


def test_without_a_master_it_stops_after_10_s_in_every_mode_and_says_so() -> None:
    for mode in ("normal", "smart", "solar"):
        rig = Rig({"mode": mode})
        rig.plugged = True
        rig.run(10)
        assert rig.is_in(State.C)
        rig.run(8, master=False)
        assert rig.is_in(State.C)
        rig.run(4, master=False)
        assert rig.is_in(State.B1)
        assert Fault.NO_SERIAL_COM in rig.offer.faults
        rig.run(DELAY_S + 10)
        assert rig.is_in(State.C), "it goes on by itself when the master is back"


def test_a_station_that_comes_back_while_a_car_charges_goes_on_with_the_minimum() -> None:
    rig = Rig(pilot=State.C, plugged=True)
    rig.run(9, master=False)
    assert rig.is_in(State.C)
    assert rig.offer.limit.offer_da == 60
    rig.run(3)
    assert rig.offer.limit.offer_da == 160


def test_a_car_that_lets_the_grant_pass_shows_b_and_asks_anew_before_it_charges() -> None:
    rig = Rig(wants=False)
    rig.plugged = True
    rig.run(BEGIN_S + 20)
    assert (rig.pilot, rig.shown[-1]) == (State.B, BusState.B)
    rig.wants = True
    rig.look()
    assert rig.offer.limit.offer_da == 0, "not before the master has counted it"
    rig.run(10)
    assert rig.is_in(State.C)
    assert rig.shown[-2:] == [BusState.COMM_C, BusState.C]


def test_what_is_forbidden_here_is_not_asked_for() -> None:
    rig = Rig(wishes=Wishes(access=Access.OFF))
    rig.plugged = True
    rig.run(10)
    assert rig.offer.limit.why is Why.ACCESS
    assert BusState.COMM_B not in rig.shown


def test_faults_of_the_guard_are_shown_and_cannot_be_cleared_from_the_line() -> None:
    rig = Rig(faults=1 << Fault.HIGH_TEMP | 1 << Fault.RCM_TRIP)
    rig.run(2)
    rig.task.node.hear(Request(9, Function.WRITE_ONE, 1, 1, (0,)), rig.now_s)
    rig.run(1)
    answer = rig.task.node.hear(Request(3, Function.READ_INPUT, 1, 1), rig.now_s)
    assert answer is not None
    assert rtu.words_in(answer[3:5]) == (BusError.TEMP_HIGH | BusError.RCM_TRIPPED,)


def test_what_the_master_changes_is_taken_once_and_within_what_the_table_allows() -> None:
    rig = Rig()
    node = rig.task.node
    node.hear(Request(3, Function.WRITE_MANY, 0, 4, (0, 0, 0, 2)), rig.now_s)
    node.hear(Request(3, Function.WRITE_MANY, 0x102, 2, (10, 25)), rig.now_s)
    assert rig.task.changes(rig.values) == {"mode": "solar", "min": 10, "max": 25}
    assert rig.task.changes(rig.values) == {}


def test_the_ev_meter_is_overheard() -> None:
    rig = Rig({"ev_meter": "eastron", "ev_adr": 33})
    meter = meter_device("eastron", 33, lambda: Flow((16.0, 15.0, 14.0), import_wh=7000.0))
    listener = Listener()
    for address, count in ((6, 12), (0x156, 2), (72, 2)):
        frame = rtu.build_request(Request(33, Function.READ_INPUT, address, count))
        answer = meter.frame(frame)
        assert answer is not None
        for heard in listener.feed(frame + answer, rig.now_s):
            rig.task._heard(heard)
    assert rig.task.reading.phases_da == (160, 150, 140)


def test_a_master_of_another_family_is_shown() -> None:
    rig = Rig()
    words = (1, 16, 0, 0, 25, 4, 10, 0, 1, 10, *(0,) * 16)
    rig.task.node.hear(Request(9, Function.WRITE_MANY, 0x200, len(words), words), rig.now_s)
    assert rig.task.notes == ("Master: check PEERS",)
    assert rig.task.node.take().system.keys() <= {
        *("MODE", "CIRCUIT", "GRID", "MAINS", "START", "STOP", "IMPORT", "MAINSMET", "MAINSADR")
    }


@pytest.mark.parametrize(
    ("flags", "phases"), [((), 0), ((Flag.C1,), 1), ((Flag.C1, Flag.C2), 3)], ids=["open", "one phase", "three phases"]
)
def test_the_phases_in_use_are_told(flags: tuple[Flag, ...], phases: int) -> None:
    rig = Rig()
    status = Status(state=State.C, flags=functools.reduce(operator.or_, flags, 0))
    rig.task.offer(rig.now_s, rig.values, status, rig.wishes, ())
    assert rig.task.node.own.phases == phases


def test_the_serial_number_and_the_settings_of_the_line_are_told(tmp_path: Path) -> None:
    tree = tmp_path / "sys/firmware/devicetree/base"
    tree.mkdir(parents=True)
    (tree / "serial-number").write_bytes(b"100000003d1db1e5\0")
    rig = Rig({"circuit": 40, "mains": 35}, machine=Machine(tmp_path))
    rig.look()
    told = rig.task.node.hear(Request(3, Function.READ_INPUT, 11, 1), rig.now_s)
    assert told is not None
    assert rtu.words_in(told[3:-2]) == (0xB1E5,)
    system = rig.task.node.hear(Request(3, Function.READ_INPUT, 0x200, 22), rig.now_s)
    assert system is not None
    words = dict(zip(units.FAMILIES["official"], rtu.words_in(system[3:-2]), strict=True))
    assert (words["CIRCUIT"], words["MAINS"]) == (40, 35)
    rig.values = rig.values.changed({"circuit": 50})
    rig.look()
    assert rig.task.node.own.system[1] == 50, "a change is told at once"
