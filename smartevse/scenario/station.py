"""The station of a story: what it permits to each unit, by the same pure rules as the station of the product.

One beat in 0.1 s in which it looks at what the guards have told; with a regulator (Smart, Solar, or several units) also
at every reading of the mains meter, or every 2 s without one. A beat with nothing new would change nothing and is left
out.
"""

from __future__ import annotations

from collections.abc import Sequence

from smartevse.core.limits import normal_limit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.regulator import decide
from smartevse.core.rules import Contact2, Inputs, Mode, Rules, Unit
from smartevse.scenario.owner import Wishes
from smartevse.scenario.story import TICKS_A_SECOND, Given
from smartevse.scenario.supply import DA_PER_W, Supply
from smartevse.scenario.unit import NEVER, ChargingUnit

BEAT = 10
"""Ticks between two looks at what the guards have told."""
CYCLE = 200
"""Ticks between two decisions of the regulator without a mains meter."""


class Station:
    """Stand-alone with one unit, else Master and Nodes as one. `due` is the next tick that it must not miss."""

    def __init__(self, given: Given, units: Sequence[ChargingUnit], supply: Supply) -> None:
        """A station that runs."""
        self._units = units
        self.supply = supply
        self._meter = given.meter_every is not None
        self._cycle = given.meter_every or CYCLE
        self.silent = False
        """The mains meter does not answer."""
        self.mains_da = (0, 0, 0)
        """The last reading."""
        self._reading: Reading | None = None
        self._state = State()
        self._rules = Rules()
        self._rules_of: Wishes | None = None
        self._running = True
        self._news = True
        self._next_cycle = 0
        self.due = 0
        self.decisions = 0
        """How often the regulator was asked."""

    def news(self, tick: int) -> None:
        """A guard told something at this tick, or a setting was changed: look at the next beat."""
        if self._running and not self._news:
            self._news = True
            self.due = min(self.due, _beat_after(tick))

    def stop(self, tick: int) -> None:
        """The station ends, as if it were killed."""
        if self._running:
            self._running, self._news = False, False
            for unit in self._units:
                unit.link.stop((tick - 1) // BEAT * BEAT)

    def start(self, tick: int) -> None:
        """The station is there again and knows nothing of before."""
        if not self._running:
            self._running, self._state, self._reading = True, State(), None
            for unit in self._units:
                unit.resets = 0
            self.news(tick)

    @property
    def _regulated(self) -> bool:
        return len(self._units) > 1 or self._units[0].wishes.mode is not Mode.NORMAL

    def at(self, tick: int) -> bool:
        """What falls on this tick; whether the meter was read."""
        read = tick >= self._next_cycle
        if read:
            self._next_cycle = tick + self._cycle
            self.read(tick)
        if self._running and (self._news or read):
            if self._news and tick % BEAT == 0:
                self._news, read = False, True
            if self._regulated and read:
                self._decide(tick)
            elif read:
                self._simple(tick)
        self.due = self._next_cycle if self._metered else NEVER
        if self._news and self._running:
            self.due = min(self.due, _beat_after(tick))
        return self._metered

    @property
    def _metered(self) -> bool:
        return self._meter or self._regulated

    def read(self, tick: int) -> None:
        """What flows through the mains meter now; the station hears of it unless the meter is silent."""
        now_s = tick / TICKS_A_SECOND
        cars_da = [0.0, 0.0, 0.0]
        for unit in self._units:
            if unit.world.installation.c1.closed:
                unit.move_to(tick)
                rotation = unit.own.rotation
                for phase, amps in enumerate(unit.world.ev.currents_a()):
                    cars_da[(phase + rotation) % 3] += 10 * amps
        self.mains_da = self.supply.mains_da(now_s, cars_da)
        if self._meter and self._running and not self.silent:
            self._reading = Reading(*self.mains_da, now_s)

    def _simple(self, tick: int) -> None:
        """Normal mode of one unit: MAX, or what the cable carries."""
        unit = self._units[0]
        limit = normal_limit(unit.wishes.max_da, None if unit.wishes.fixed_cable else unit.link.cable_da)
        phases = 1 if unit.wishes.contact2 in (Contact2.NOT_PRESENT, Contact2.ALWAYS_OFF) else 3
        unit.permit(limit.offer_da, phases, limit, tick=tick)

    def _decide(self, tick: int) -> None:
        """One decision of the regulator for all units."""
        now_s = tick / TICKS_A_SECOND
        battery = self.supply.battery
        first = self._units[0].wishes
        if first is not self._rules_of:
            self._rules_of = first
            self._rules = first.rules(meter=self._meter, units=len(self._units))
        self._state, decision = decide(
            self._state,
            Inputs(
                now_s=now_s,
                rules=self._rules,
                units=tuple([self._seen(unit, tick) for unit in self._units]),
                mains=self._reading,
                battery_da=battery.power_w * DA_PER_W if battery is not None else 0.0,
                battery_at_s=now_s,
            ),
        )
        self.decisions += 1
        for unit, grant in zip(self._units, decision.grants, strict=True):
            unit.permit(grant.offer_da, grant.phases, grant.limit, tick=tick)

    def _seen(self, unit: ChargingUnit, tick: int) -> Unit:
        """What the regulator is told of one unit."""
        wishes = unit.wishes
        drawn = None
        if wishes.ev_meter:
            unit.move_to(tick)
            drawn = Reading(*unit.world.ev.currents_da(), tick / TICKS_A_SECOND)
        return Unit(
            car=unit.link.car,
            max_da=wishes.max_da,
            cable_da=None if wishes.fixed_cable else unit.link.cable_da,
            phases=unit.phases,
            rotation=unit.own.rotation,
            drawn=drawn,
            priority=unit.own.priority,
        )


def _beat_after(tick: int) -> int:
    return (tick // BEAT + 1) * BEAT
