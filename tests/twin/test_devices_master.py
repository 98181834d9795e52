"""Master and Nodes of ours over the real client, real ptys and the simulated line, with what goes wrong on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from smartevse.bus.master import Master, Say
from smartevse.bus.master_line import MasterLine
from smartevse.bus.node import Node, Own
from smartevse.bus.node_line import NodeLine
from smartevse.bus.port import Port
from smartevse.bus.units import BusState
from tests.twin.running import Twin, running

SHARES = (0, 130, 60, 0, 0, 0, 0, 0)


@dataclass
class System:
    """A Master at the first end and Node 1 and 2 at the others."""

    port: Port
    master: Master
    line: MasterLine
    nodes: list[Node] = field(default_factory=list)
    lines: list[NodeLine] = field(default_factory=list)


@contextlib.asynccontextmanager
async def system(twin: Twin) -> AsyncIterator[System]:
    port, master = Port(twin.bus(0), 9600), Master()
    line = MasterLine(port, master, time.monotonic, lambda _: Say(SHARES, 1, 0, (215, -32, 0)), cycle_s=0.3)
    port.overheard = line.overheard
    made = System(port, master, line)
    for number in (1, 2):
        node = Node(number)
        node.show(Own(BusState.COMM_B, mode=1, max_a=16))
        made.nodes.append(node)
        made.lines.append(NodeLine(twin.bus(number), 9600, node, time.monotonic))
    tasks = [asyncio.create_task(work) for work in (port.run(), *(one.run() for one in made.lines))]
    await until(lambda: port.connected and all(one.connected for one in made.lines))
    tasks.append(asyncio.create_task(line.run()))
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def shared(made: System) -> list[int | None]:
    return [node.told.share_da for node in made.nodes]


def test_nodes_are_found_granted_and_told_shares_and_mains(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with system(twin) as made:
            await until(lambda: [node.told.granted for node in made.nodes] == [BusState.COMM_B_OK] * 2)
            await until(lambda: shared(made) == [130, 60])
            assert made.nodes[0].told.mains_da == (215, -32, 0)
            assert made.line.warnings == ()

    with running(tmp_path, units=3) as twin:
        asyncio.run(story(twin))


def test_a_second_master_is_told_by_name_and_shares_still_arrive(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with system(twin) as made:
            await until(lambda: shared(made) == [130, 60])
            await asyncio.to_thread(twin.tell, "bus rival on")
            await until(lambda: any("a second master asks" in sentence for sentence in made.line.warnings))
            await asyncio.to_thread(twin.tell, "bus rival off")
            at_s = time.monotonic()
            await until(lambda: all(node.told.share_at_s > at_s for node in made.nodes))

    with running(tmp_path, units=3) as twin:
        asyncio.run(story(twin))


def test_noise_lost_and_late_bytes_and_a_pulled_adapter_delay_and_end_nothing(tmp_path: Path) -> None:
    async def story(twin: Twin) -> None:
        async with system(twin) as made:
            await until(lambda: shared(made) == [130, 60])
            for begin, end in (
                ("bus noise 0.01", "bus noise 0"),
                ("bus lost 0.01", "bus lost 0"),
                ("bus late 60", "bus late 0"),
                ("bus cut", "bus restore"),
            ):
                await asyncio.to_thread(twin.tell, begin)
                await asyncio.sleep(0.5)
                await asyncio.to_thread(twin.tell, end)
                at_s = time.monotonic()
                await until(lambda at_s=at_s: all(node.told.share_at_s > at_s for node in made.nodes))  # type: ignore[misc]
                assert shared(made) == [130, 60]

    with running(tmp_path, units=3) as twin:
        asyncio.run(story(twin))
