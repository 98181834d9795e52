"""How well the RS485 line is used: `python -m bench.bus [--seconds N] [--fuzz N]`.

A twin with its paced line of 9600 baud as its own process, the product's own port and node against it. Reported are the
share of the wire in use (bytes x 10 bits / 9600 over the time) while meters are asked one after the other, the time of
each poll, and how long a node takes to answer: from the end of the question on the wire to the first byte, adapter
included (the twin hands bytes over in lumps of up to 4 ms). Exit status 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from bench.bus_cycle import cycles
from bench.bus_eight import eight
from bench.bus_real import eight_real
from smartevse.bus import meter as meters
from smartevse.bus import rtu, sensorbox
from smartevse.bus.asker import Asker
from smartevse.bus.exact import exact_loop
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import Kind, Listener
from smartevse.bus.master import Master, Say
from smartevse.bus.meaning import meaning
from smartevse.bus.node import CONFIG_RANGES, FAMILY_RANGES, LOCAL, Node, Own
from smartevse.bus.node_line import NodeLine
from smartevse.bus.port import BusError, Port
from smartevse.bus.units import CONFIG_NAMES, CURRENTS, BusState
from tests.twin.running import Twin, running

NODE_P99_MS = 20.0
"""A master of the older family waits 85 ms; a good node never makes it wait."""
METERS = ("eastron", "abb", "schneider", "phoenix")
CHARACTER_S = 10 / 9600


async def ask_meters(twin: Twin, seconds: float) -> tuple[float, dict[str, list[float]]]:
    """The share of the wire, and how long each poll took (ms)."""
    port = Port(twin.bus(0), 9600)
    task = asyncio.create_task(port.run())
    while not port.connected:
        await asyncio.sleep(0.01)
    askers = {kind: Asker(port, meters.load(FILES[kind]), 20 + i) for i, kind in enumerate(METERS)}
    took: dict[str, list[float]] = {name: [] for name in ("sensorbox", *METERS)}
    before = (await asyncio.to_thread(twin.ask, "state"))["bus"]["bytes"]
    began_s = time.monotonic()
    while time.monotonic() - began_s < seconds:
        for name, times in took.items():
            start_s = time.monotonic()
            try:
                if name == "sensorbox":
                    await port.read(sensorbox.ADDRESS, sensorbox.request(1))
                else:
                    await askers[name].ask("currents")
            except BusError as error:
                print(f"{name}: {error}")
            times.append((time.monotonic() - start_s) * 1000)
    elapsed_s = time.monotonic() - began_s
    sent = (await asyncio.to_thread(twin.ask, "state"))["bus"]["bytes"] - before
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return sent * CHARACTER_S / elapsed_s, took


async def ask_node(twin: Twin, count: int) -> list[float]:
    """How long a node took to answer (ms), without the bytes of question and answer."""
    node = Node(2)
    node.show(Own())
    line = NodeLine(twin.bus(1), 9600, node, time.monotonic)
    port = Port(twin.bus(0), 9600)
    tasks = [asyncio.create_task(line.run()), asyncio.create_task(port.run())]
    while not (line.connected and port.connected):
        await asyncio.sleep(0.01)
    request = meters.Request(4, 0, 8)
    wire_s = (8 + 5 + 2 * request.count) * CHARACTER_S
    took = []
    for _ in range(count):
        await asyncio.sleep(0.012)
        start_s = time.monotonic()
        await port.read(node.unit, request)
        took.append((time.monotonic() - start_s - wire_s) * 1000)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return took


def framing(rounds: int) -> float:
    """Frames a second that a listener tells apart."""
    request = rtu.Request(3, rtu.Function.READ_INPUT, 0, 8)
    talk = rtu.build_request(request) + rtu.build_read_response(request, (2, 0, 160, 1, 0, 1, 0, 32))
    listener = Listener()
    start_s = time.perf_counter()
    for i in range(rounds):
        listener.feed(talk, i * 0.1)
    return 2 * rounds / (time.perf_counter() - start_s)


def fuzz(count: int) -> int:
    """So many random and damaged frames against listener, meaning, node and decoders; how many were taken for good.

    Raises AssertionError when one with a wrong checksum was, or when a value left its range.
    """
    dice = random.Random(count)
    listener, node, good, now_s = Listener(), Node(2, "official"), 0, 0.0
    master = Master()
    node.show(Own(BusState.COMM_C))
    kinds = [meters.load(file) for file in FILES.values()]
    for i in range(count):
        now_s += 0.1
        for heard in listener.feed(_frame(dice), now_s):
            meaning(heard)
            if heard.kind is Kind.JUNK:
                continue
            good += 1
            assert rtu.is_sealed(heard.data)
            if heard.request is not None and heard.kind is Kind.REQUEST:
                node.hear(heard.request, now_s)
                master.heard(dice.randrange(1, 8), heard.request.values, now_s)
        told = node.told
        assert told.share_da is None or told.share_da <= 800
        assert told.granted in (None, BusState.COMM_C_OK)
        assert not told.errors & LOCAL
        assert all(value in FAMILY_RANGES[name] for name, value in told.system.items())
        assert all(value in CONFIG_RANGES[CONFIG_NAMES.index(name)] for name, value in told.config.items())
        if i % 16 == 0:
            _command(master, dice, now_s)
        if i % 8 == 0:
            _decode(kinds[i // 8 % len(kinds)], dice)
    return good


def _frame(dice: random.Random) -> bytes:
    """A frame for node or master, good, damaged, or nothing but noise."""
    if dice.random() < 0.2:
        return dice.randbytes(dice.randrange(1, 60))
    function = dice.choice(tuple(rtu.Function))
    count = 1 if function is rtu.Function.WRITE_ONE else dice.randrange(1, 28)
    values = tuple(dice.choice((dice.randrange(16), dice.randrange(0x10000))) for _ in range(count))
    address = dice.choice((0, 1, 3, 6, 0x20, 0x100, 0x108, 0x200, dice.randrange(0x10000)))
    frame = bytearray(rtu.build_request(rtu.Request(dice.choice((1, 3, 9)), function, address, count, values)))
    if dice.random() < 0.5:
        frame[dice.randrange(len(frame))] ^= 1 << dice.randrange(8)
    if dice.random() < 0.1:
        del frame[dice.randrange(len(frame))]
    return bytes(frame)


def _command(master: Master, dice: random.Random, now_s: float) -> None:
    """What a Master writes after nonsense from its Nodes: shares as they were decided, no current for who is silent."""
    assert all(0 <= unit.max_da <= 800 for unit in master.units(now_s))
    say = Say([dice.randrange(0, 801) for _ in range(8)], dice.randrange(3), dice.randrange(3601))
    for write in master.orders(say, now_s):
        rtu.build_request(write)
        if write.address == CURRENTS:
            online = master.online(now_s)
            assert all(da == (say.shares_da[n] if n in (0, *online) else 0) for n, da in enumerate(write.values[:8]))


def _decode(meter: meters.Meter, dice: random.Random) -> None:
    """Random registers as an answer of this meter."""
    answers = {
        request: struct.unpack(f"<{request.count}H", dice.randbytes(2 * request.count))
        for request in meters.requests(meter, "currents")
    }
    try:
        flow = meters.currents(meter, meters.decode(meter, "currents", answers))
    except meters.MeterError:
        return
    assert all(abs(da) < meters.PLAUSIBLE_DA for da in flow.phases_da)


def main() -> int:
    """Measure and print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long meters are asked")
    parser.add_argument("--questions", type=int, default=300, help="how often the node is asked")
    parser.add_argument("--fuzz", type=int, metavar="N", help="only N random and damaged frames, nothing measured")
    parser.add_argument("--eight", type=float, metavar="MINUTES", help="only a Master and seven Nodes, for so long")
    parser.add_argument(
        "--damage", type=float, default=0.0, metavar="SHARE", help="with --eight: damaged frames, 0 to 1"
    )
    parser.add_argument("--real", action="store_true", help="with --eight: every charger as real programs")
    arguments = parser.parse_args()
    if arguments.eight and arguments.real:
        return eight_real(arguments.eight, arguments.damage)
    if arguments.eight:
        return eight(arguments.eight, arguments.damage)
    if arguments.fuzz:
        print(f"{arguments.fuzz:,} random and damaged frames: {fuzz(arguments.fuzz):,} taken, none of them wrongly")
        return 0
    for text in cycles(arguments.seconds):
        print(text)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), units=2) as twin:
        for i, kind in enumerate(METERS):
            twin.tell(f"bus meter {20 + i} {kind}")
        with asyncio.Runner(loop_factory=exact_loop) as runner:
            share, took = runner.run(ask_meters(twin, arguments.seconds))
            answers = sorted(runner.run(ask_node(twin, arguments.questions)))
        print(f"meters asked one after the other: {share:.0%} of the wire in use")
        for name, times in took.items():
            print(f"  {name:10} median {statistics.median(times):5.1f} ms, longest {max(times):5.1f} ms")
        collisions = twin.ask("state")["bus"]["collisions"]
    p99 = answers[int(len(answers) * 0.99)]
    print(f"node answers: median {statistics.median(answers):.1f} ms, p99 {p99:.1f} ms, longest {answers[-1]:.1f} ms")
    print(f"collisions: {collisions}; frames told apart: {framing(5000):,.0f} a second")
    return 0 if p99 <= NODE_P99_MS and not collisions else 1


if __name__ == "__main__":
    sys.exit(main())
