"""A charging bay in virtual time: the unchanged guard on a simulated hat with a car, wired as it is behind pigpiod.

Compared with the plain simulated board two things are as in the field: the slow channels of the converter take turns,
one a tick, and between reading and driving some time goes by. Each bay is another unit out of the production (its
parts are drawn within their tolerances), and guard, mains and pilot have phases of their own. All laws of the guard
are checked in every tick that is run; time leaps where nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from random import Random
from typing import NamedTuple

from smartevse.core.deadlines import calm, next_deadline_ms
from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.signals import Inputs, Lock, Permit
from smartevse.core.states import State
from smartevse.guard.loop import Guard
from smartevse.guard.readings import Readings
from smartevse.guard.wire import PERMIT_TTL_MS, Refusal, Status
from smartevse.hal import hat as hat_map
from smartevse.hal.board import Drive, Sample
from smartevse.hal.hat import HatMap
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.parts import Parts
from smartevse.physics.trace import TraceEvent
from smartevse.physics.world import World
from tests.support.laws import Seen, check

TICK_S = 0.010
LEAD_TICKS = 2
RESTLESS_TICKS = 14
"""Ticks that are run after something was done to the world: longer than the one-shot holds and the channels' turn."""
LEAST_DELAY_S, MOST_DELAY_S = 0.0005, 0.003
"""From reading to driving: one exchange over the socket and the decision."""
HAT = hat_map.load()


class WiredBoard(SimBoard):
    """The simulated board with the two delays of the way through pigpiod."""

    def __init__(self, world: World, hat: HatMap, random: Random) -> None:
        super().__init__(world, hat)
        self._here = world
        self._random = random
        fast = (hat.channels.cp_high, hat.channels.cp_low)
        slow = [channel for channel in range(8) if channel not in fast]
        self._turns = [(*fast, channel) for channel in slow]
        self._turn = 0
        self._codes = [0] * 8
        self._seen_s = world.now_s

    def open(self) -> None:
        """Take the pins, and read every channel once."""
        super().open()
        self._codes = [self._here.adc(channel) for channel in range(8)]
        self._seen_s = self._here.now_s

    def read(self) -> Sample:
        """One tick's readings; of the slow channels only one is fresh."""
        world, codes = self._here, self._codes
        self._turn = (self._turn + 1) % len(self._turns)
        for channel in self._turns[self._turn]:
            codes[channel] = world.adc(channel)
        low, high = world.seen(self._seen_s)
        self._seen_s = world.now_s
        return Sample(tuple(codes), world.bank(), low, high, len(self._turns))

    def drive(self, drive: Drive) -> None:
        """Set every output, a little after it was decided."""
        self._here.advance(self._here.now_s + self._random.uniform(LEAST_DELAY_S, MOST_DELAY_S))
        super().drive(drive)


class KeptReadings(Readings):
    """Keeps the inputs of the last decision, so that the laws can look at them."""

    last: Inputs

    def inputs(self, sample: Sample, drive: Drive) -> Inputs:
        """The inputs of a tick."""
        self.last = super().inputs(sample, drive)
        return self.last


class Told(NamedTuple):
    """What the guard told its station, kept when it changed."""

    at_s: float
    faults: int
    state: State


class Station:
    """Permits what it is told to; one that is stopped leaves a permit that lives for its time."""

    refusal = Refusal.NONE

    def __init__(self, permit: Permit) -> None:
        self.wish = permit
        self.told: list[Told] = []
        self._ends_ns: int | None = None

    def stop(self, now_s: float) -> None:
        """Send nothing from now on."""
        self._ends_ns = round(now_s * 1e9) + PERMIT_TTL_MS * 1_000_000

    def go_on(self) -> None:
        """Send permits again."""
        self._ends_ns = None

    @property
    def ends_s(self) -> float | None:
        """When the last permit expires; None while permits are sent."""
        return None if self._ends_ns is None else self._ends_ns / 1e9

    def permit(self, now_ns: int) -> Permit | None:
        """The permit that is fresh now."""
        return self.wish if self._ends_ns is None or now_ns <= self._ends_ns else None

    def send(self, status: Status) -> None:
        """Keep what is new."""
        if not self.told or (status.faults, status.state) != self.told[-1][1:]:
            self.told.append(Told(status.at_ns / 1e9, status.faults, status.state))


class Bay:
    """One station with its car; `wish` is what its station permits."""

    def __init__(self, random: Random, wish: Permit, *, cable_ohm: int = 100, aux: str = "mirror") -> None:
        self.random = random
        start_s = random.uniform(1.0, 2.0)
        self.world = World(
            HAT, seed=random.randrange(1 << 30), start_s=start_s, parts=Parts.drawn(HAT, random.randrange(1 << 30))
        )
        self.world.cable_ohm = cable_ohm
        self.world.fit(
            lock=wish.lock.name.lower() if wish.lock is not Lock.DISABLED else None, rcm=wish.rcm, aux=aux, c2=True
        )
        self.station = Station(wish)
        self.board = WiredBoard(self.world, HAT, random)
        self.board.open()
        self.guard = Guard(self.board, HAT, self.station)
        self._readings = KeptReadings(HAT) if not _KEPT else _KEPT[0]
        if not _KEPT:
            _KEPT.append(self._readings)
        self.guard._readings = self._readings
        self._start_s = start_s
        self._tick = 0
        self._next = 1
        self._restless = RESTLESS_TICKS
        self._permitted_ms = round(start_s * 1000)
        self.ticks = 0
        """How many ticks were run."""

    @property
    def now_s(self) -> float:
        """The present of the world."""
        return self.world.now_s

    @property
    def state(self) -> State:
        """Where the charge is."""
        return self.guard.memory.state

    @property
    def closed(self) -> bool:
        """Whether the main contacts of contactor 1 are closed."""
        return self.world.installation.c1.closed

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass; with `until` no further than the first tick after which it holds, and whether it did."""
        end_s = self.world.now_s + seconds
        self.disturb()
        while True:
            next_s = self._start_s + self._next * TICK_S
            if next_s > end_s:
                break
            self._run_tick(next_s, end_s)
            if until is not None and until():
                return True
        if end_s > self.world.now_s:
            self._pass(end_s)
        return until is not None and until()

    def stall(self, seconds: float) -> None:
        """The guard's process gets no time for so long, then goes on from there."""
        self.disturb()
        self.world.advance(self.world.now_s + seconds)
        self._start_s = self.world.now_s - (self._tick + 1) * TICK_S
        self._next = self._tick + 1

    def disturb(self) -> None:
        """Something was done to the world: run every tick for a while."""
        self._restless = self._tick + RESTLESS_TICKS
        self._next = min(self._next, max(self._tick + 1, ceil((self.world.now_s - self._start_s) / TICK_S)))

    def events(self, since: int) -> list[TraceEvent]:
        """What has happened in the world since its trace had this number."""
        return self.world.trace(since)

    def _pass(self, to_s: float) -> None:
        if to_s - self.world.now_s > 5 * TICK_S:
            self.board.leap(to_s)
        else:
            self.world.advance(to_s)

    def _run_tick(self, at_s: float, end_s: float) -> None:
        self._pass(at_s)
        guard, now_ns = self.guard, round(at_s * 1e9)
        before, permit = guard.memory, self.station.permit(now_ns)
        guard.tick(now_ns)
        after, now_ms = guard.memory, now_ns // 1_000_000
        if permit is not None and permit.charge and permit.offer_da >= MIN_OFFER_DA:
            self._permitted_ms = now_ms
        check(Seen(before, self._readings.last, permit, after, after.outputs, now_ms, self._permitted_ms))
        self._tick = self._next
        self.ticks += 1
        self._next += 1
        noisy = "cp-noise" in self.world.faults  # moves without an event
        if self._tick >= self._restless and self._tick % 2 and not noisy and calm(before, after):
            self._next = max(self._next, self._leap(at_s, permit, end_s))

    def _leap(self, at_s: float, permit: Permit | None, end_s: float) -> int:
        """The tick, an odd number ahead, before anything that can happen by itself."""
        ahead_s = end_s
        event_s = self.board.next_event_s()
        if event_s is not None:
            ahead_s = min(ahead_s, event_s)
        expiry_s = self.station.ends_s
        if expiry_s is not None and expiry_s >= at_s:
            ahead_s = min(ahead_s, expiry_s)
        deadline_ms = next_deadline_ms(self.guard.memory, permit, round(at_s * 1e9) // 1_000_000)
        if deadline_ms is not None:
            ahead_s = min(ahead_s, deadline_ms / 1000)
        return (int((ahead_s - self._start_s) / TICK_S) - LEAD_TICKS) & ~1


_KEPT: list[KeptReadings] = []
"""The table of conversions, made once: it takes longer to make than a session lasts."""
