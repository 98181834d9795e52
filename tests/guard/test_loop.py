from collections.abc import Callable

import pytest

from smartevse.core.signals import Permit
from smartevse.core.states import State
from smartevse.guard.loop import Guard
from smartevse.guard.wire import Flag, Refusal, Status
from smartevse.hal import hat as hat_map
from smartevse.hal.board import SAFE, BoardGoneError, Drive, Sample
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.world import World

HAT = hat_map.load()


class FakeStation:
    """A station that permits what it is told to and keeps what it hears."""

    refusal = Refusal.NONE

    def __init__(self) -> None:
        self.allowed: Permit | None = Permit(160, True)
        self.heard: list[Status] = []

    def permit(self, now_ns: int) -> Permit | None:
        return self.allowed

    def send(self, status: Status) -> None:
        self.heard.append(status)


class Garage:
    """The unchanged guard over the simulated hat in virtual time."""

    def __init__(self, seed: int = 1) -> None:
        self.world = World(HAT, seed=seed)
        self.world.cable_ohm = 220
        self.board = SimBoard(self.world, HAT)
        self.station = FakeStation()
        self.guard = Guard(self.board, HAT, self.station)
        self.board.open()

    def run(self, seconds: float, *, ending: bool = False) -> State:
        state = State.A
        for _ in range(round(seconds * 100)):
            self.world.advance(self.world.now_s + 0.01)
            state = self.guard.tick(round(self.world.now_s * 1e9), ending=ending).state
        return state

    def charging(self) -> "Garage":
        self.run(1)
        self.world.ev.plug()
        self.run(1)
        self.world.ev.ready(True)
        assert self.run(3) is State.C
        return self

    def contacts(self) -> list[tuple[float, object]]:
        return [(event.at_s, event.value) for event in self.world.trace() if event.name == "c1_contacts"]


def test_a_car_charges_through_the_simulated_hat() -> None:
    garage = Garage().charging()
    garage.run(10)
    assert garage.world.ev.currents_da()[0] in range(150, 161)
    garage.world.ev.ready(False)
    garage.run(4)
    garage.world.ev.unplug()
    assert garage.run(1) is State.A
    assert [value for _, value in garage.contacts()] == [1, 0]
    assert not any(status.faults for status in garage.station.heard)


@pytest.mark.parametrize(
    "happens",
    [
        lambda world: world.ev.unplug(),
        lambda world: world.inject("cp-short"),
        lambda world: world.inject("cp-open"),
        lambda world: world.inject("no-diode"),
        lambda world: world.inject("vent"),
        lambda world: world.inject("rail-off"),
    ],
)
def test_the_contacts_are_open_within_100_ms_of_what_must_open_them(happens: Callable[[World], None]) -> None:
    for seed in range(8):
        garage = Garage(seed).charging()
        garage.run(0.01 * seed)
        garage.world.advance(garage.world.now_s + 0.0013 * seed)
        happened_s = garage.world.now_s
        happens(garage.world)
        garage.run(0.3)
        opened_s, value = garage.contacts()[-1]
        assert value == 0
        assert opened_s - happened_s <= 0.100


def test_statuses_come_50_times_a_second_and_at_every_change() -> None:
    garage = Garage()
    garage.run(1)
    quiet = len(garage.station.heard)
    garage.run(2)
    assert len(garage.station.heard) - quiet == 100
    garage.charging()
    states = [status.state for status in garage.station.heard]
    assert {State.A, State.B1, State.B, State.C} <= set(states)
    last = garage.station.heard[-1]
    told = Flag.C1 | Flag.SAFE | Flag.MAINS | Flag.PROVEN | Flag.WATCHDOG_TESTED
    assert last.flags & told == told
    assert (last.offer_da, last.cable_da, last.c1_cycles) == (160, 320, 1)


@pytest.mark.parametrize(("cable_ohm", "most_da"), [(1500, 130), (680, 160), (220, 320), (100, 630)])
def test_a_station_that_offers_more_than_the_cable_carries_is_held_to_the_cable_and_told_so(
    cable_ohm: int, most_da: int
) -> None:
    garage = Garage()
    garage.world.cable_ohm = cable_ohm
    garage.station.allowed = Permit(800, True)
    garage.charging()
    heard = garage.station.heard
    assert heard[-1].cable_da == most_da
    assert heard[-1].limit_da <= most_da
    assert 0 < max(status.offer_da for status in heard) <= most_da
    assert garage.world.ev.currents_da()[0] <= most_da


def test_the_reason_of_a_refusal_is_in_the_next_status() -> None:
    garage = Garage()
    garage.run(0.1)
    garage.station.refusal = Refusal.MALFORMED
    garage.run(0.02)
    assert garage.station.heard[-1].refusal is Refusal.MALFORMED


def test_ending_lets_the_car_let_go_before_the_contactor_opens() -> None:
    garage = Garage().charging()
    garage.run(8, ending=True)
    trace = [event for event in garage.world.trace() if event.name in ("ev_s2", "c1_cmd", "duty")]
    assert [(event.name, event.value) for event in trace[-3:]] == [("duty", 1000), ("ev_s2", 0), ("c1_cmd", 0)]


def test_ticks_are_not_made_up_for_after_a_stall_and_the_chain_is_proven_again() -> None:
    garage = Garage().charging()
    garage.world.advance(garage.world.now_s + 0.5)
    garage.run(0.02)
    assert not garage.guard.memory.outputs.c1
    passed_ms = garage.guard.memory.proof.passed_ms
    garage.run(5)
    assert garage.guard.memory.proof.passed_ms > passed_ms


class BrokenBoard:
    """A board that fails at the n-th read."""

    def __init__(self, reads: int, error: Exception) -> None:
        self.reads, self.error = reads, error
        self.driven: list[Drive] = []

    def open(self) -> None:
        """Nothing to open."""

    def read(self) -> Sample:
        self.reads -= 1
        if self.reads < 0:
            raise self.error
        return Sample((2000,) * 8, 0, 0, 0)

    def drive(self, drive: Drive) -> None:
        self.driven.append(drive)

    def close(self) -> None:
        self.driven.append(SAFE)


@pytest.mark.parametrize("error", [BoardGoneError("gone"), RuntimeError("a bug")])
def test_every_way_out_leaves_the_board_safe(error: Exception) -> None:
    board = BrokenBoard(3, error)
    with pytest.raises(type(error)):
        Guard(board, HAT, FakeStation()).run(lambda: False)
    assert board.driven[-1] == SAFE


def test_asked_to_end_it_leaves_the_board_safe() -> None:
    board = BrokenBoard(10**9, RuntimeError())
    turns: list[Guard] = []
    Guard(board, HAT, FakeStation()).run(lambda: len(turns) >= 3, turns.append)
    assert board.driven[-1] == SAFE
