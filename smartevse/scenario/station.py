"""The station of a story: what it permits to each unit, by the same pure rules as the station of the product.

One beat in 0.1 s in which it looks at what the guards have told; with a regulator (Smart, Solar, or several units) also
at every reading of the mains meter, or every 2 s without one. A beat with nothing new would change nothing and is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from smartevse.core.battery import Battery, with_battery
from smartevse.core.circuit import circuit_limit
from smartevse.core.ev_silence import ev_silence
from smartevse.core.limits import Limit, binding, normal_limit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.reasons import Why
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Contact2, Inputs, Mode, Rules, Unit
from smartevse.scenario.owner import Wishes
from smartevse.scenario.story import TICKS_A_SECOND, Given
from smartevse.scenario.supply import DA_PER_W, Supply
from smartevse.scenario.unit import NEVER, ChargingUnit

BEAT = 10
"""Ticks between two looks at what the guards have told."""
CYCLE = 200
"""Ticks between two decisions of the regulator without a mains meter."""


LIES: Mapping[str, Callable[[Reading | None, Reading], Reading | None]] = {
    "back": lambda before, now: now,
    "silent": lambda before, now: before,
    "frozen": lambda before, now: now if before is None else before._replace(at_s=now.at_s),
    "reversed": lambda before, now: Reading(-now.l1_da, -now.l2_da, -now.l3_da, now.at_s),
    "nonsense": lambda before, now: Reading(float("nan"), now.l2_da, now.l3_da, now.at_s),
}
"""What a mains meter can do, and the station's last reading then: from the one before and the true one."""


class Station:
    """Stand-alone with one unit, else Master and Nodes as one. `due` is the next tick that it must not miss."""

    def __init__(self, given: Given, units: Sequence[ChargingUnit], supply: Supply) -> None:
        """A station that runs."""
        self._units = units
        self.supply = supply
        self._meter = given.meter_every is not None
        self._cycle = given.meter_every or CYCLE
        self.meter = "back"
        """What the mains meter does: "back" (it is honest), or one of `LIES`."""
        self.circuit_silent = False
        """The circuit meter does not answer."""
        self.battery_silent = False
        """Nobody tells what the home battery does."""
        self.ev_silent = False
        """No EV meter answers."""
        self.relay_open = False
        """The grid operator's relay asks for 4.2 kW at most."""
        self.mains_da = (0, 0, 0)
        """What flowed through the mains at the last reading."""
        self.circuit_da = (0, 0, 0)
        """What flowed to the chargers' circuit then."""
        self._reading: Reading | None = None
        self._circuit: Reading | None = None
        self._battery: Battery | None = None
        self._since_s = 0.0
        self._ev_s = 0.0
        """When the EV meters answered last, or since when they are asked."""
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
            self._circuit, self._battery, self._since_s = None, None, tick / TICKS_A_SECOND
            self._ev_s = self._since_s
            for unit in self._units:
                unit.resets = 0
            self.news(tick)

    @property
    def _regulated(self) -> bool:
        return len(self._units) > 1 or self._units[0].wishes.regulated

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
        self.circuit_da = self.supply.circuit_da(cars_da)
        if not self._running:
            return
        if self._meter:
            self._reading = LIES[self.meter](self._reading, Reading(*self.mains_da, now_s))
        if not self.circuit_silent:
            self._circuit = Reading(*self.circuit_da, now_s)
        battery = self.supply.battery
        if battery is not None and not self.battery_silent:
            self._battery = Battery(battery.power_w * DA_PER_W, now_s)

    def _simple(self, tick: int) -> None:
        """Normal mode of one unit: MAX or what was set by hand, what the cable carries, what people allow."""
        unit = self._units[0]
        limit = normal_limit(unit.wishes.max_da, None if unit.wishes.fixed_cable else unit.link.cable_da)
        by_hand = Limit(unit.override_da, Why.OVERRIDE)
        if by_hand.offer_da and limit.why is Why.MAX:
            limit = by_hand
        elif by_hand.offer_da:
            limit = binding((by_hand, limit))
        limit = binding((limit, *_access(unit)))
        phases = 1 if unit.wishes.contact2 in (Contact2.NOT_PRESENT, Contact2.ALWAYS_OFF) else 3
        unit.permit(limit.offer_da, phases, limit, tick=tick)

    def _decide(self, tick: int) -> None:
        """One decision of the regulator for all units."""
        now_s = tick / TICKS_A_SECOND
        battery = self._battery or Battery(0, float("-inf"))
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
                circuit=self._circuit if first.circuit_meter else None,
                battery_da=battery.da,
                battery_at_s=battery.at_s,
                grid_relay_open=self.relay_open and first.values["switch"] == "grid_relay",
            ),
        )
        self.decisions += 1
        for unit, grant in zip(self._units, decision.grants, strict=True):
            limit = grant.limit
            if self._rules.mode is Mode.SOLAR:
                limit = with_battery(limit, self._battery, now_s)
            unit.permit(grant.offer_da, grant.phases, limit, tick=tick)

    def _seen(self, unit: ChargingUnit, tick: int) -> Unit:
        """What the regulator is told of one unit."""
        wishes = unit.wishes
        drawn, limits, now_s = None, _access(unit), tick / TICKS_A_SECOND
        if wishes.ev_meter and not self.ev_silent:
            unit.move_to(tick)
            self._ev_s = now_s
            drawn = Reading(*unit.world.ev.currents_da(), now_s)
        elif wishes.ev_meter:
            limits = (*limits, *ev_silence(self._rules.mode, now_s, self._ev_s, self._ev_s))
        car = unit.link.car
        if self._units[0].wishes.circuit_meter:
            charging = car is Car.CHARGING
            least_da = self._rules.min_a * 10 if charging else None
            silent = circuit_limit(self._circuit, now_s, self._since_s, self._rules.stale_s, least_da=least_da)
            limits = limits if silent is None else (*limits, silent)
        return Unit(
            car=car,
            max_da=wishes.max_da,
            cable_da=None if wishes.fixed_cable else unit.link.cable_da,
            override_da=0 if wishes.mode is Mode.SOLAR else unit.override_da,
            phases=unit.phases,
            car_phases=wishes.values.car_phases,
            rotation=unit.own.rotation,
            drawn=drawn,
            priority=unit.own.priority,
            limits=limits,
        )


def _access(unit: ChargingUnit) -> tuple[Limit, ...]:
    return () if unit.access is None else (unit.access,)


def _beat_after(tick: int) -> int:
    return (tick // BEAT + 1) * BEAT
