"""The Master against units of the older family on a line in virtual time: 9600 baud, real frames, no waiting."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from smartevse.bus import master as masters
from smartevse.bus import meter as meters
from smartevse.bus import rtu
from smartevse.bus.kinds import FILES, number, word
from smartevse.bus.listener import Heard, Kind
from smartevse.bus.master import Master, Say
from smartevse.bus.master_line import ABSENT_S, CYCLE_S, MasterLine
from smartevse.bus.meter import Request as Read
from smartevse.bus.port import FIRST_BYTE_S, BusError, Garbled, Refused
from smartevse.bus.rtu import Function, Request
from smartevse.core.rules import Car
from smartevse.twin.meters import Flow, meter_device
from smartevse.twin.slave import Slave
from tests.support import peer
from tests.support.peer import PeerNode

CHARACTER_S = 10 / 9600
TIMEOUT_S = 0.15


@dataclass
class Wire:
    """A port whose other end is simulated; each byte and each silence takes its time on a clock of its own."""

    nodes: list[PeerNode]
    meters: list[Slave] = field(default_factory=list)
    now_s: float = 0.0
    damage: float = 0.0
    log: list[Request] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    patience_s: dict[int, list[float]] = field(default_factory=dict)
    """How long each unit was given to begin its answers."""

    def clock(self) -> float:
        return self.now_s

    async def read(self, device_id: int, request: Read, *, first_byte_s: float = 0.15) -> Sequence[int]:
        self.patience_s.setdefault(device_id, []).append(first_byte_s)
        answer = self._exchange(Request(device_id, Function(request.function), request.address, request.count))
        return rtu.words_in(answer[3:-2])

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        self._exchange(Request(device_id, Function.WRITE_ONE, address, 1, (value,)))

    async def write_many(self, device_id: int, address: int, values: Sequence[int]) -> int:
        answer = self._exchange(Request(device_id, Function.WRITE_MANY, address, len(values), tuple(values)))
        return int.from_bytes(answer[4:6], "big")

    async def broadcast(self, address: int, values: Sequence[int], *, single: bool = False) -> None:
        function = Function.WRITE_ONE if single else Function.WRITE_MANY
        frame = self._send(Request(9, function, address, len(values), tuple(values)))
        if frame is not None:
            for node in self.nodes:
                assert node.frame(frame, self.now_s) is None

    def _send(self, request: Request) -> bytes | None:
        """The frame as the others hear it; None when it was damaged on the way."""
        frame = rtu.build_request(request)
        self.log.append(request)
        self.now_s += (len(frame) + 3.5) * CHARACTER_S
        return None if self.dice.random() < self.damage else frame

    def _exchange(self, request: Request) -> bytes:
        frame = self._send(request)
        answers = []
        if frame is not None:
            answers = [node.frame(frame, self.now_s) for node in self.nodes]
            answers += [meter.frame(frame) for meter in self.meters]
        given = [answer for answer in answers if answer is not None]
        if not given:
            self.now_s += TIMEOUT_S
            raise BusError("check its address")
        self.now_s += (len(given[0]) + 3.5) * CHARACTER_S
        if len(given) > 1 or self.dice.random() < self.damage:
            raise Garbled("its answers are damaged")
        if given[0][1] & 0x80:
            raise Refused("it refuses")
        return given[0]


CIRCUIT_DA = 240
MIN_DA = 60


class Sharing:
    """A simple regulator: equal shares of 24 A, who comes too late for 6 A waits."""

    def __init__(self, master: Master) -> None:
        self.master = master
        self.no_data = False
        self.mode = 1
        self.said: list[Say] = []

    def decide(self, now_s: float) -> Say:
        seen = self.master.units(now_s)
        wanting = [n for n, unit in enumerate(seen, 1) if unit.car is not Car.AWAY]
        wanting.sort(key=lambda n: seen[n - 1].car is not Car.CHARGING)
        served = wanting[: CIRCUIT_DA // MIN_DA]
        shares = [0] * 8
        for n in served:
            shares[n] = min(int(seen[n - 1].max_da), CIRCUIT_DA // len(served))
        if self.no_data:
            shares = [0] * 8
        waits = [n in wanting and n not in served for n in range(8)]
        self.mode = self.master.take_mode() or self.mode
        say = Say(shares, self.mode, 0, (100, -20, 0), self.no_data, waits)
        self.said.append(say)
        return say


def system(wire: Wire) -> tuple[MasterLine, Sharing]:
    master = Master()
    sharing = Sharing(master)

    def kind(told: int) -> meters.Meter | None:
        file = FILES.get(word(told, "official") or "")
        return None if file is None else meters.load(file)

    return MasterLine(wire, master, wire.clock, sharing.decide, kind=kind), sharing


def run(wire: Wire, line: MasterLine, cycles: int, each: Callable[[int], None] = lambda _: None) -> None:
    async def story() -> None:
        for cycle in range(cycles):
            start_s = wire.now_s
            await line.cycle(start_s + CYCLE_S)
            wire.now_s = max(wire.now_s, start_s + CYCLE_S)
            for node in wire.nodes:
                node.tick(wire.now_s)
            each(cycle)

    asyncio.run(story())


def within_limits(wire: Wire) -> Callable[[int], None]:
    def check(_: int) -> None:
        drawn = [node.drawn_da for node in wire.nodes]
        assert sum(drawn) <= CIRCUIT_DA, drawn

    return check


@pytest.mark.parametrize("echoes", [False, True])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_node_of_the_older_family_is_found_granted_and_given_its_share(echoes: bool, legacy: bool) -> None:
    node = PeerNode(2, echoes, legacy)
    wire = Wire([node])
    line, _ = system(wire)
    run(wire, line, 15)
    node.plug()
    run(wire, line, 2)
    assert node.registers[peer.STATE] == peer.B
    node.ask()
    run(wire, line, 2)
    assert (node.registers[peer.STATE], node.share_da) == (peer.C, 160)


def test_seven_nodes_share_and_the_late_ones_wait_with_their_error() -> None:
    wire = Wire([PeerNode(n) for n in range(1, 8)])
    line, _ = system(wire)
    run(wire, line, 16)
    for node in wire.nodes:
        node.plug()
        run(wire, line, 2, within_limits(wire))
        node.ask()
        run(wire, line, 2, within_limits(wire))
    states = [node.registers[peer.STATE] for node in wire.nodes]
    assert states.count(peer.C) == 4
    assert [node.share_da for node in wire.nodes if node.registers[peer.STATE] == peer.C] == [60] * 4
    assert [node.registers[peer.ERROR] for node in wire.nodes if node.registers[peer.STATE] != peer.C] == [1] * 3
    wire.nodes[0].registers[peer.STATE] = peer.A
    run(wire, line, 3, within_limits(wire))
    assert [node.registers[peer.ERROR] for node in wire.nodes].count(peer.LESS_6A) == 2


def test_a_cycle_with_seven_nodes_and_four_ev_meters_takes_less_than_a_second() -> None:
    wire = Wire([PeerNode(n, echoes=True) for n in range(1, 8)])
    for place, node in enumerate(wire.nodes[:4]):
        node.config[8:] = [4, 12 + place]
        wire.meters.append(meter_device("eastron", 12 + place, lambda: Flow((10.0, 10.0, 10.0))))
    line, _ = system(wire)
    run(wire, line, 24)
    wire.log.clear()
    took = wire.now_s
    run(wire, line, 8)
    assert wire.now_s - took == pytest.approx(8 * CYCLE_S)
    asked = [request.unit for request in wire.log]
    assert all(asked.count(unit) == 8 for unit in range(2, 9))
    assert all(asked.count(unit) >= 8 for unit in range(12, 16)), "each EV meter in each cycle"


def test_the_ev_meter_of_a_node_reaches_the_regulator() -> None:
    node = PeerNode(3, echoes=True)
    node.config[8:] = [number("schneider", "official"), 33]
    wire = Wire([node], [meter_device("schneider", 33, lambda: Flow((9.5, 0.0, 0.0)))])
    line, sharing = system(wire)
    run(wire, line, 12)
    drawn = sharing.master.unit(3, wire.now_s).drawn
    assert drawn is not None
    assert drawn[:3] == (95, 0, 0)


def test_without_mains_data_all_stop_and_go_on_when_they_are_back() -> None:
    wire = Wire([PeerNode(n) for n in (1, 2)])
    line, sharing = system(wire)
    run(wire, line, 15)
    for node in wire.nodes:
        node.plug()
    run(wire, line, 2)
    for node in wire.nodes:
        node.ask()
    run(wire, line, 2)
    assert [node.registers[peer.STATE] for node in wire.nodes] == [peer.C, peer.C]
    sharing.no_data = True
    run(wire, line, 2)
    assert [node.registers[peer.STATE] for node in wire.nodes] == [peer.B1, peer.B1]
    sharing.no_data = False
    run(wire, line, 3)
    assert [node.registers[peer.STATE] for node in wire.nodes] == [peer.B, peer.B]


def test_with_one_frame_in_a_hundred_damaged_nobody_stops_and_no_limit_is_passed() -> None:
    wire = Wire([PeerNode(n, echoes=True) for n in range(1, 5)])
    line, _ = system(wire)
    run(wire, line, 12)
    for node in wire.nodes:
        node.plug()
    run(wire, line, 3)
    for node in wire.nodes:
        node.ask()
    run(wire, line, 3)
    wire.damage = 0.01

    def check(cycle: int) -> None:
        within_limits(wire)(cycle)
        assert [node.registers[peer.STATE] for node in wire.nodes] == [peer.C] * 4

    run(wire, line, 600, check)
    assert len(wire.log) > 600 * 5
    assert line.warnings == ()


def test_a_mode_chosen_at_a_node_is_given_to_all() -> None:
    wire = Wire([PeerNode(1), PeerNode(2)])
    line, sharing = system(wire)
    run(wire, line, 15)
    wire.nodes[1].registers[peer.MODE] = 2
    run(wire, line, 4)
    assert [node.registers[peer.MODE] for node in wire.nodes] == [2, 2]
    assert sharing.mode == 2


def test_settings_wait_for_the_end_of_the_cycle() -> None:
    wire = Wire([PeerNode(1)])
    line, _ = system(wire)
    run(wire, line, 10)
    line.tell_settings(masters.settings_for_all({"MODE": 1}, "official"))
    wire.log.clear()
    run(wire, line, 2)
    places = [i for i, request in enumerate(wire.log) if request.address == 0x200]
    assert len(places) == 1
    assert line.cycles == 12
    assert wire.log[places[0] - 1].address == 0x20


def test_a_node_that_falls_silent_and_comes_back_is_said_once_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    node = PeerNode(2)
    wire = Wire([node])
    line, _ = system(wire)
    run(wire, line, 15)
    node.silent = True
    run(wire, line, 60)
    assert line.notes == ("Node 2 silent",)
    node.silent = False
    run(wire, line, 20)
    said = [record.getMessage() for record in caplog.records]
    assert [text for text in said if "Node 2" in text] == [
        "Node 2 is there",
        "Node 2: no answer for 10 s: check its address",
        "Node 2: answers again",
    ]


def test_two_nodes_with_one_number_and_a_second_master_are_told_by_name() -> None:
    wire = Wire([PeerNode(3, echoes=True)])
    line, _ = system(wire)
    run(wire, line, 15)
    wire.nodes.append(PeerNode(3, echoes=True))
    run(wire, line, 9)
    assert any("Node 3 (4)" in warning and "this number" in warning for warning in line.warnings)
    wire.nodes.pop()
    run(wire, line, 20)
    assert not line.warnings
    request = Request(5, Function.READ_INPUT, 0, 8)
    for _ in range(3):
        line.overheard(Heard(Kind.REQUEST, b"", wire.now_s, request))
    run(wire, line, 2)
    (told,) = tuple(str(sentence) for sentence in line.warnings)
    assert "second master asks on this line (Node 4)" in told
    run(wire, line, 60)
    assert line.warnings == ()


def test_a_node_that_comes_later_is_told_the_settings_too() -> None:
    late = PeerNode(4, silent=True)
    wire = Wire([PeerNode(1), late])
    line, _ = system(wire)
    line.tell_settings(masters.settings_for_all({"MODE": 1}, "official"))
    run(wire, line, 20)
    late.silent = False
    wire.log.clear()
    run(wire, line, 20)
    assert [request.address for request in wire.log].count(0x200) == 1


def test_an_absent_node_is_not_waited_for_as_long_as_one_that_is_there() -> None:
    wire = Wire([PeerNode(1)])
    line, _ = system(wire)
    run(wire, line, 16)
    assert wire.patience_s[2][-1] == FIRST_BYTE_S
    assert set(wire.patience_s[3]) == {ABSENT_S}
    assert ABSENT_S < FIRST_BYTE_S


def test_what_cannot_wait_is_told_before_more_ev_meters_are_asked() -> None:
    wire = Wire([PeerNode(n, echoes=True) for n in range(1, 5)])
    for place, node in enumerate(wire.nodes):
        node.config[8:] = [4, 12 + place]
        wire.meters.append(meter_device("eastron", 12 + place, lambda: Flow((10.0, 10.0, 10.0))))
    line, _ = system(wire)
    run(wire, line, 20)

    async def story() -> int:
        read, asked = wire.read, 0

        async def watched(device_id: int, request: Read, *, first_byte_s: float = 0.15) -> Sequence[int]:
            nonlocal asked
            if device_id >= 12:
                asked += 1
                line.hurry()
            return await read(device_id, request, first_byte_s=first_byte_s)

        wire.read = watched  # type: ignore[method-assign]
        await line.cycle(wire.now_s + 10)
        return asked

    assert asyncio.run(story()) <= 2, "one meter: its currents, perhaps its energy"
