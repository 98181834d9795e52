"""Eight chargers on one line: Master, seven Nodes, a Sensorbox and four EV meters, for as long as wanted.

The line is a process of its own: ptys at 9600 baud, lumps of an adapter, meters that see what the cars take. Master and
Nodes are the station's own parts over real ptys, all on one event loop; the guard and the car of each are a few lines
here, as sixteen processes would starve two processors. `python -m bench.bus --eight MINUTES [--damage SHARE]` runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.rigs import quantile
from smartevse import config
from smartevse.bus.exact import exact_loop
from smartevse.core.pilot import Level
from smartevse.core.states import State
from smartevse.guard.wire import Status
from smartevse.settings.table import Value
from smartevse.settings.values import Values, default_values
from smartevse.station.meters import Meters
from smartevse.station.peers import Peers
from smartevse.station.regulation import Offer, Regulation
from smartevse.station.wishes import Wishes
from smartevse.twin.line import Line, PtyEnd
from smartevse.twin.loop import Loop
from smartevse.twin.meters import Flow, meter_device
from smartevse.twin.sensorbox import Sensorbox

UNITS = 8
METERED = 4
EV_METER = 12
MAINS_A, CIRCUIT_A, MIN_A = 40, 40, 6
TICK_S = 0.1
LAG_S = 1.5
"""How long a car takes to follow its offer."""
OVER_S = 3.0
"""A sum above CIRCUIT that lasts no longer is a car on its way down."""
MAINS_OVER_S = {False: 15.0, True: 25.0}
"""Without and with adapters pulled out: a Node that is cut off goes on with its last share for 10 s and lets go."""
FRAME_BYTES = 25
"""The mean length of a frame, to damage a share of the frames by damaging bytes."""


def serve(folder: str, link: Connection, noise: float, other: Connection) -> None:
    """The line's process: obeys (word, value) from the link, answers "report"; `other` is the link's other end."""
    other.close()  # so that the end of who talks to us is seen
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))  # a wire is never late
    loop = Loop()
    line = Line(loop, time.monotonic)
    line.noise = noise
    ends: list[PtyEnd] = [line.add_pty(Path(folder) / f"bus{number}") for number in range(UNITS)]
    cars: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)] * UNITS
    house = [(6.0, 6.0, 6.0)]
    energy = [0.0] * UNITS

    def mains() -> Flow:
        l1, l2, l3 = (sum(flows) for flows in zip(house[0], *cars, strict=True))
        return Flow((l1, l2, l3))

    line.add_device(Sensorbox(mains, time.monotonic))
    for number in range(METERED):
        line.add_device(
            meter_device("eastron", EV_METER + number, lambda n=number: Flow(cars[n], 230.0, energy[n]))  # type: ignore[misc]
        )

    def obey(_: int) -> None:
        try:
            word, value = link.recv()
        except EOFError:
            loop.stop()
            return
        match word:
            case "cars":
                cars[:] = [(amps, amps, amps) for amps in value]
            case "house":
                house[0] = value
            case "cut":
                line.unplug(ends[value])
            case "restore":
                line.plug(ends[value])
            case "report":
                link.send((line.bytes_on_wire, line.collisions, line.frames))

    loop.watch(link.fileno(), obey)
    link.send("ready")
    loop.run()
    line.close()


@dataclass
class Guard:
    """A few lines of guard and car: follows the offer, asks, takes current, lets go."""

    plugged: bool = False
    state: State = State.A
    since_s: float = 0.0
    offer_da: int = 0
    trail: list[tuple[float, int]] = field(default_factory=list)

    def step(self, offer_da: int, now_s: float) -> None:
        """One look."""
        before = self.state
        waited_s = now_s - self.since_s
        if not self.plugged:
            self.state = State.A
        elif self.state is State.A:
            self.state = State.B1
        elif self.state is State.B1 and offer_da:
            self.state = State.B
        elif self.state is State.B and not offer_da:
            self.state = State.B1
        elif self.state is State.B and waited_s > 1.0:
            self.state = State.C
        elif self.state is State.C and not offer_da:
            self.state = State.C1
        elif self.state is State.C1 and waited_s > 1.0:
            self.state = State.B1
        if self.state is not before:
            self.since_s = now_s
        self.offer_da = offer_da if self.state in (State.B, State.C) else 0
        self.trail.append((now_s, self.offer_da if self.state is State.C else 0))
        while len(self.trail) > 1 and self.trail[1][0] <= now_s - LAG_S:
            del self.trail[0]

    @property
    def takes_a(self) -> float:
        """What the car takes on each phase."""
        return self.trail[0][1] / 10 if self.trail and self.state in (State.C, State.C1) else 0.0

    def status(self, now_s: float) -> Status:
        """What the station is told."""
        asks = self.state is State.C or (self.state is State.B and now_s - self.since_s > 0.5)
        level = Level.A if not self.plugged else Level.C if asks else Level.B
        return Status(at_ns=int(now_s * 1e9), state=self.state, level=level, offer_da=self.offer_da, temperature_dc=250)


class Light:
    """One station without panel, store and guard: its settings, its line, its regulation."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        role = "master" if number == 0 else f"node{number}"
        changes: dict[str, Value] = {"load_bal": role, "mode": "smart", "max": 16, "circuit": CIRCUIT_A}
        changes |= {"mains": MAINS_A, "config": "fixed", "rotate": 1}
        if number < METERED:
            changes |= {"ev_meter": "eastron", "ev_adr": EV_METER + number}
        self.values: Values = default_values().changed(changes)
        self._bus = config.Bus(str(folder / f"bus{number}"))
        self.guard = Guard()
        self.offer: Offer | None = None
        self.faults: Counter[str] = Counter()
        self._shown: tuple[Any, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self.begin()

    def begin(self) -> None:
        """Start, or start again."""
        self.regulation = Regulation(line=True)
        self.meters = Meters(self._bus, self.values, lambda: None)
        self.peers = Peers(self._bus, self.values, self.meters, self.look, self.keep)
        self._task = asyncio.get_running_loop().create_task(self.peers.run())

    async def end(self) -> None:
        """Stop speaking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def keep(self, changes: Mapping[str, Value]) -> None:
        """Settings from the line."""
        self.values = self.values.changed(changes)
        self.peers.use(self.values)

    def look(self) -> None:
        """What the station does ten times a second."""
        now_s = time.monotonic()
        self.offer = self.peers.offer(now_s, self.guard.status(now_s), self.regulation, Wishes(), ())
        shown = self.offer.faults
        for fault in set(shown) - set(self._shown):
            self.faults[fault.name] += 1
        self._shown = shown

    def tick(self, now_s: float) -> None:
        """Look, and let the guard follow."""
        self.look()
        offer_da = self.offer.limit.offer_da if self.offer is not None else 0
        self.guard.step(offer_da if offer_da >= MIN_A * 10 else 0, now_s)


@dataclass
class Watch:
    """What is held against the run."""

    over_circuit_s: float = 0.0
    over_mains_s: float = 0.0
    worst_circuit_s: float = 0.0
    worst_mains_s: float = 0.0
    highest_a: float = 0.0
    most_charging: int = 0
    charged_s: float = 0.0
    to_nodes_s: list[float] = field(default_factory=list)
    seen_s: float = 0.0

    def look(self, units: list[Light], house_a: float, step_s: float) -> None:
        """Once a tick."""
        offers = [unit.guard.offer_da for unit in units if unit.guard.state is State.C]
        takes_a = sum(unit.guard.takes_a for unit in units)
        self.most_charging = max(self.most_charging, len(offers))
        self.charged_s += len(offers) * step_s
        self.over_circuit_s = self.over_circuit_s + step_s if sum(offers) > CIRCUIT_A * 10 else 0.0
        self.over_mains_s = self.over_mains_s + step_s if takes_a + house_a > MAINS_A + 0.5 else 0.0
        self.worst_circuit_s = max(self.worst_circuit_s, self.over_circuit_s)
        self.worst_mains_s = max(self.worst_mains_s, self.over_mains_s)
        self.highest_a = max(self.highest_a, takes_a)
        mains = units[0].meters.mains
        if mains is None or mains.at_s == self.seen_s:
            return
        nodes = [unit.peers.node_told_s for unit in units[1:]]
        if min(nodes) >= mains.at_s:
            self.to_nodes_s.append(min(nodes) - mains.at_s)
            self.seen_s = mains.at_s


class _Count(logging.Handler):
    """Counts what goes into the journal, and keeps it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[record.getMessage()] += 1


@contextlib.contextmanager
def wire(folder: str, noise: float) -> Iterator[Connection]:
    """The line as a process of its own, and the link to it."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve, args=(folder, theirs, noise, ours), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    try:
        yield ours
    finally:
        ours.close()
        process.join(5)


async def _run(folder: str, link: Connection, seconds: float, *, rough: bool) -> tuple[Watch, list[Light], int, int]:
    dice = random.Random(1)
    units = [Light(number, Path(folder)) for number in range(UNITS)]
    watch = Watch()
    start_s = last_s = time.monotonic()
    cut: int | None = None
    next_car_s = next_house_s = next_fault_s = start_s
    next_restart_s = start_s + 240
    house_a = 6.0
    while (now_s := time.monotonic()) - start_s < seconds:
        for unit in units:
            unit.tick(now_s)
        watch.look(units, house_a, now_s - last_s)
        last_s = now_s
        link.send(("cars", [unit.guard.takes_a for unit in units]))
        if now_s >= next_car_s:
            next_car_s = now_s + dice.uniform(5, 15)
            guard = dice.choice(units).guard
            guard.plugged = not guard.plugged or dice.random() < 0.5
        if now_s >= next_house_s:
            next_house_s = now_s + dice.uniform(10, 30)
            house_a = dice.uniform(2, 20)
            link.send(("house", (house_a,) * 3))
        if rough and now_s >= next_fault_s:
            next_fault_s = now_s + dice.uniform(20, 40)
            if cut is not None:
                link.send(("restore", cut))
            cut = dice.choice((None, None, *range(UNITS)))
            if cut is not None:
                link.send(("cut", cut))
        if rough and now_s >= next_restart_s:
            next_restart_s = now_s + 240
            await units[0].end()
            await asyncio.sleep(dice.uniform(1, 15))
            units[0].begin()
        await asyncio.sleep(max(0.0, now_s + TICK_S - time.monotonic()))
    link.send(("report", None))
    sent, collisions, _ = link.recv()
    for unit in units:
        await unit.end()
    return watch, units, sent, collisions


def eight(minutes: float, damage: float) -> int:
    """Run and print; the exit status."""
    journal = _Count()
    logging.getLogger("smartevse").addHandler(journal)
    logging.getLogger("smartevse").setLevel(logging.INFO)
    rough = damage > 0
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="smartevse-eight-"))
        link = stack.enter_context(wire(folder, damage / FRAME_BYTES))
        runner = stack.enter_context(asyncio.Runner(loop_factory=exact_loop))
        watch, units, sent, collisions = runner.run(_run(folder, link, minutes * 60, rough=rough))
    delays = sorted(watch.to_nodes_s) or [float("inf")]
    faults = {unit.number: dict(unit.faults) for unit in units if unit.faults}
    print(
        f"8 units, {minutes:g} min, {damage:.1%} of the frames damaged{', cut and restarted' if rough else ''} "
        f"(process {os.getpid()}):\n"
        f"  {sent:,} bytes, {sent / 960 / (minutes * 60):.0%} of the wire, {collisions} collisions\n"
        f"  at most {watch.most_charging} cars at once, {watch.charged_s / 3600:.2f} car hours, "
        f"{watch.highest_a:.1f} A at most of {CIRCUIT_A} A\n"
        f"  longest above CIRCUIT {watch.worst_circuit_s:.1f} s, above MAINS {watch.worst_mains_s:.1f} s\n"
        f"  mains reading to the last Node: median {delays[len(delays) // 2]:.2f} s, "
        f"p99 {quantile(delays, 0.99):.2f} s, longest {delays[-1]:.2f} s of {len(delays)}\n"
        f"  errors shown, by unit: {faults or 'none'}"
    )
    for text, count in journal.lines.most_common(20):
        print(f"  journal {count} x {text.replace(folder, '')}")
    within = watch.worst_circuit_s <= OVER_S and watch.worst_mains_s <= MAINS_OVER_S[rough]
    calm = rough or not any("NO_SERIAL_COM" in unit.faults for unit in units)
    return 0 if within and calm and watch.charged_s > 0 else 1
