"""The Master's cycle with 0, 3 and 7 Nodes as fast as the line carries it: its time, share of the wire, answers.

Part of `python -m bench.bus`. Sensorbox, own EV meter and those of up to three Nodes are on the line. Beside the share
of the wire stands the most that can be had with these frames: each is followed by the 3.5 characters of silence that
end it, and a Node that is looked for and absent by the time that it is given to begin its answer. What is missing to it
is the devices' own time (the simulated ones answer after 4.5 ms, real ones later) and ours. The line's process takes
real-time priority where it may: a wire is never late.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

from bench.bus_eight import EV_METER, METERED, wire
from bench.rigs import quantile
from smartevse.bus import meter as meters
from smartevse.bus import rtu
from smartevse.bus.ev_meter import EvMeter
from smartevse.bus.exact import exact_loop
from smartevse.bus.kinds import FILES
from smartevse.bus.mains_meter import MainsMeter, Sensorbox
from smartevse.bus.master import Master, Say
from smartevse.bus.master_line import ABSENT_S, MasterLine
from smartevse.bus.meter import Request
from smartevse.bus.node import Node, Own
from smartevse.bus.node_line import NodeLine
from smartevse.bus.port import FIRST_BYTE_S, BusError, Port
from smartevse.bus.units import BusState

CHARACTER_S = 10 / 9600
STATUS_CHARACTERS = 29
ANSWER_P99_MS = 20.0


@dataclass
class Timed:
    """The port, with a stopwatch on the questions for a status and on what is told."""

    port: Port
    answers_ms: list[float] = field(default_factory=list)
    missed: int = 0
    looked: int = 0
    """How many of these were for Nodes that are absent."""

    async def read(self, device_id: int, request: Request, *, first_byte_s: float = FIRST_BYTE_S) -> Sequence[int]:
        """As the port does."""
        start_s = time.monotonic()
        try:
            words = await self.port.read(device_id, request, first_byte_s=first_byte_s)
        except BusError:
            self.missed += 1
            self.looked += first_byte_s == ABSENT_S
            raise
        if request.address == 0 and request.count == 8:
            took_s = time.monotonic() - start_s
            self.answers_ms.append((took_s - STATUS_CHARACTERS * CHARACTER_S) * 1000)
        return words

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        """As the port does."""
        await self.port.write_one(device_id, address, value)

    async def write_many(self, device_id: int, address: int, values: Sequence[int]) -> int:
        """As the port does."""
        return await self.port.write_many(device_id, address, values)

    async def broadcast(self, address: int, values: Sequence[int], *, single: bool = False) -> None:
        """As the port does."""
        await self.port.broadcast(address, values, single=single)


def _own(number: int) -> Own:
    config = (1, 0, 6, 16, number + 1, 0, 0, 0, *((4, EV_METER + number) if number < METERED else (0, 0)))
    return Own(BusState.C, current_da=60, mode=1, max_a=16, config=config)


async def _measure(folder: str, link: Connection, count: int, seconds: float) -> str:
    clock = time.monotonic
    port, master = Port(f"{folder}/bus0", 9600), Master()
    timed = Timed(port)
    mains = MainsMeter(Sensorbox(timed, mains_a=25, three_wire=False), clock)
    eastron = meters.load(FILES["eastron"])
    own_ev = EvMeter(timed, eastron, EV_METER, clock)
    say = Say((60,) * 8, 1, 0, (100, 90, 80))
    line = MasterLine(
        timed,
        master,
        clock,
        lambda _: say,
        mains=mains.poll,
        own_ev=own_ev,
        kind=lambda number: eastron if number == 4 else None,
        cycle_s=0.0,
    )
    nodes = [NodeLine(f"{folder}/bus{n}", 9600, _node(n), clock) for n in range(1, count + 1)]
    tasks = [asyncio.create_task(work) for work in (port.run(), *(node.run() for node in nodes))]
    while not (port.connected and all(node.connected for node in nodes)):
        await asyncio.sleep(0.01)
    running = asyncio.create_task(line.run())
    while len(master.online(clock())) < count or master.config_wanted(clock()):
        await asyncio.sleep(0.05)
    found_s = clock()
    while clock() - found_s < 31 * bool(count < 7):  # the search for absent Nodes is over
        await asyncio.sleep(0.1)
    link.send(("report", None))
    before = link.recv()
    start_s, cycles, answered, missed = clock(), line.cycles, len(timed.answers_ms), timed.missed
    looked_before = timed.looked
    await asyncio.sleep(seconds)
    took_s = clock() - start_s
    link.send(("report", None))
    after = link.recv()
    for task in (running, *tasks):
        task.cancel()
    await asyncio.gather(running, *tasks, return_exceptions=True)
    done = line.cycles - cycles
    sent, frames = after[0] - before[0], after[2] - before[2]
    share = sent * CHARACTER_S / took_s
    silences = sent / (sent + frames * rtu.GAP_CHARACTERS)
    looked = timed.looked - looked_before
    search_s = looked * (ABSENT_S - rtu.GAP_CHARACTERS * CHARACTER_S)
    most = sent / (sent + frames * rtu.GAP_CHARACTERS + search_s / CHARACTER_S)
    text = (
        f"{count} Nodes: a cycle of {took_s / max(done, 1) * 1000:.0f} ms, {share:.1%} of the wire; "
        f"{sent / frames:.1f} bytes a frame and 3.5 characters of silence leave {silences:.1%}, "
        f"{looked} searches for absent Nodes {most:.1%}; {after[1] - before[1]} collisions, "
        f"{timed.missed - missed - looked} questions without answer"
    )
    took = sorted(timed.answers_ms[answered:])
    if took:
        text += f"; answers median {quantile(took, 0.5):.1f} ms, p99 {quantile(took, 0.99):.1f} ms of {len(took)}"
    return text


def _node(number: int) -> Node:
    node = Node(number)
    node.show(replace(_own(number)))
    return node


def cycles(seconds: float) -> list[str]:
    """One line for each number of Nodes."""
    lines = []
    for count in (0, 3, 7):
        with tempfile.TemporaryDirectory(prefix="smartevse-cycle-") as folder, wire(folder, 0.0) as link:
            assert Path(folder, "bus0").is_symlink()
            with asyncio.Runner(loop_factory=exact_loop) as runner:
                lines.append(runner.run(_measure(folder, link, count, seconds)))
    return lines
