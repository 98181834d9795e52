"""One charging unit in virtual time: the unchanged guard on the simulated hat, ticking only while something moves.

A leap goes from one tick to a later one when every tick between them would have found and left everything as it is:
the guard's memory is calm, none of its deadlines falls between, and the world has no event there. It ends two ticks
before the next event, so that whatever the guard counts in ticks is exact again when the event comes. Leaps skip an
even number of ticks, because the guard tells its status in every second one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from smartevse.core.deadlines import calm, next_deadline_ms
from smartevse.core.limits import Limit
from smartevse.core.pilot import Level
from smartevse.core.reasons import Why
from smartevse.core.rules import Car
from smartevse.core.signals import Lock, Permit
from smartevse.core.states import State
from smartevse.core.tick import Memory, Report
from smartevse.guard.loop import TICK_NS, Guard
from smartevse.guard.wire import PERMIT_TTL_MS, Flag, Refusal, Status
from smartevse.hal.hat import HatMap
from smartevse.hal.sim_board import SimBoard
from smartevse.physics.parts import Parts
from smartevse.physics.world import World
from smartevse.scenario.story import TICKS_A_SECOND, Given, GivenUnit

NEVER = 1 << 62
"""A tick that does not come."""
LEAD = 2
"""Ticks that are run before an event: the mains feedback is a pulse in every second one."""
RESTLESS = 20
"""Ticks after something was done to the world: longer than the one-shot holds."""
TTL_TICKS = PERMIT_TTL_MS // 10

_CARS = {State.A: Car.AWAY, State.B1: Car.CONNECTED, State.B: Car.CONNECTED, State.E: Car.AWAY, State.F: Car.AWAY}


class Link:
    """The guard's end of the station: the permit that is fresh, and the newest status."""

    refusal = Refusal.NONE

    def __init__(self, news: Callable[[int], None]) -> None:
        """Nothing permitted; `news` is called when a status tells something that the station goes by."""
        self._news = news
        self._permit: Permit | None = None
        self._expires_ns: int | None = None
        self.status: Status | None = None
        self._told: tuple[object, ...] = ()

    def permit(self, now_ns: int) -> Permit | None:
        """The permit that is fresh now: always while the station runs, for its life after the station stopped."""
        if self._expires_ns is not None and now_ns > self._expires_ns:
            return None
        return self._permit

    def give(self, permit: Permit) -> bool:
        """The running station's permit; whether that is a change."""
        changed = permit != self._permit or self._expires_ns is not None
        self._permit, self._expires_ns = permit, None
        return changed

    def stop(self, last_tick: int) -> None:
        """The station has stopped; it sent its last permit at this tick."""
        if self._expires_ns is None:
            self._expires_ns = (last_tick + TTL_TICKS) * TICK_NS

    @property
    def expiry(self) -> int:
        """The first tick without a fresh permit."""
        return NEVER if self._expires_ns is None else self._expires_ns // TICK_NS + 1

    def send(self, status: Status) -> None:
        """Take a status."""
        self.status = status
        told = (status.state, status.level, status.faults, status.cable_da)
        if told != self._told:
            self._told = told
            self._news(status.at_ns // TICK_NS)

    @property
    def cable_da(self) -> int | None:
        """What the cable carries; None while the guard does not say."""
        status = self.status
        return status.cable_da if status is not None and status.flags & Flag.CABLE_KNOWN else None

    @property
    def car(self) -> Car:
        """What the regulator is told of the car: a car that asks is about to charge."""
        status = self.status
        if status is None:
            return Car.AWAY
        if status.state is State.B and status.level is Level.C:
            return Car.CHARGING
        return _CARS.get(status.state, Car.CHARGING)


class ChargingUnit:
    """One unit. `due` is the next tick that it must not miss."""

    def __init__(
        self, number: int, given: Given, own: GivenUnit, hat: HatMap, news: Callable[[int], None], *, leaping: bool
    ) -> None:
        """The unit at rest with its car not plugged in."""
        self.number = number
        self.own = own
        self.wishes = own.wishes
        self.limit = Limit(0, Why.NO_CAR)
        self.override_da = 0
        """A current set by hand in the place of MAX; 0 for none."""
        self.access: Limit | None = None
        """What people do not allow; None: whoever is connected may charge."""
        self.limit_changed = False
        """The station gave another limit or reason since somebody looked; set back by who looks."""
        self.resets = 0
        seed = given.seed * 64 + number
        parts = Parts.drawn(hat, seed) if given.tolerances else Parts.nominal(hat)
        self.world = world = World(hat, seed=seed, parts=parts)
        world.cable_ohm = own.cable_ohm
        world.temperature_c = given.temperature_c
        world.rail_v = given.rail_v
        world.ev.options = own.car
        world.installation.aux = given.aux
        world.installation.c2_fitted = self.wishes.contact2.name != "NOT_PRESENT"
        self.link = Link(news)
        self.board = SimBoard(world, hat)
        self.board.open()
        self._guard = Guard(self.board, hat, self.link)
        self.fit()
        self._leaping = leaping
        self._at = -1
        self._restless = RESTLESS
        self.due = 0
        self.ticks = 0
        """How many ticks were run."""
        self.next_action = NEVER
        """The tick of the next action of the story; set by the engine."""

    @property
    def memory(self) -> Memory:
        """The guard's memory."""
        return self._guard.memory

    @property
    def report(self) -> Report:
        """The guard's last report."""
        report = self._guard.report
        assert report is not None, "no tick was run yet"
        return report

    @property
    def phases(self) -> int:
        """The phases of the closed contactors, 1 or 3; while they are open those that they will close with."""
        contactor = self.memory.contactor
        return contactor.phases if contactor.closed else self.memory.kept.phases

    def fit(self) -> None:
        """Fit the lock and the residual current monitor that the settings speak of."""
        if self.wishes.lock is not Lock.DISABLED:
            self.world.board.lock.kind = self.wishes.lock.name.lower()
        self.world.board.rcm.fitted = self.wishes.rcm

    def permit(self, offer_da: int, phases: int, limit: Limit, *, tick: int) -> None:
        """The station's word at this tick; when it is a new one the guard hears it in the same tick."""
        if limit != self.limit:
            self.limit, self.limit_changed = limit, True
        if self.link.give(self.wishes.permit(offer_da, phases, resets=self.resets)):
            self.due = tick

    def move_to(self, tick: int) -> None:
        """Let the world come to this tick without the guard; only when the guard is not due."""
        now_s = tick / TICKS_A_SECOND
        if tick > self._at + 1:
            self.board.leap(now_s)
        else:
            self.world.advance(now_s)

    def disturb(self, tick: int) -> None:
        """Something is done to the world or to the station now: look at every tick for a while."""
        self.due = tick
        self._restless = tick + RESTLESS

    def tick(self, tick: int) -> None:
        """Run one tick of the guard and find out which is the next that must be run."""
        self.move_to(tick)
        before = self._guard.memory
        self._guard.tick(tick * TICK_NS)
        self._at = tick
        self.ticks += 1
        self.due = tick + 1
        if self._leaping and tick % 2 and tick >= self._restless and calm(before, self._guard.memory):
            self.due = max(self.due, self._next(tick))

    def _next(self, tick: int) -> int:
        """The even tick, ahead of everything that can happen by itself, to which time may leap."""
        next_tick = self.next_action
        if tick < self.link.expiry < next_tick:
            next_tick = self.link.expiry
        event_s = self.board.next_event_s()
        if event_s is not None:
            next_tick = min(next_tick, int(event_s * TICKS_A_SECOND))
        now_ns = tick * TICK_NS
        deadline_ms = next_deadline_ms(self._guard.memory, self.link.permit(now_ns), now_ns // 1_000_000)
        if deadline_ms is not None:
            next_tick = min(next_tick, ceil(deadline_ms / 10))
        return (next_tick - LEAD) & ~1
