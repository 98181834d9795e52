"""The closed loop in steps of one second: house, sun, meter, a rule, chargers, cars; and what is counted.

The chargers behave the same under both rules: a stop waits for the car to let go (3 s), a new start takes 15 s at
least and the car 2 s to ask. The meter is read every 2 s and shows the mean of the second before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.regulation.cars import BenchCar
from bench.regulation.old import OldRule, OldUnit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.reasons import Why
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Inputs, Mode, Rules, Unit

Phases = tuple[int, int, int]
HouseAt = Callable[[int], Sequence[int]]

VOLTS = 230
TRIP_TAU_S = 60.0
TRIP_HEAT = 1.13**2
"""The bench's own breaker: trips at the edge of what IEC 60898-1 forbids it, with the inertia of a real bimetal."""


ALARMS = frozenset((Why.FROZEN, Why.BACKWARDS))
"""Reasons that accuse the meter, which tells the truth in every house here."""


class Brain(Protocol):
    """A rule under test."""

    phases: int

    def cycle(self, now_s: int, mains: Phases, cars: list[Car]) -> list[int]:
        """Offers for all units after a reading (0.1 A)."""

    def asks(self, now_s: int, index: int) -> int:
        """The offer for a unit whose car begins now; 0 = it may not."""


@dataclass
class Ours:
    """The product's regulator."""

    rules: Rules
    cars: list[BenchCar]
    meters: bool = False
    caps: Sequence[int] = ()
    known_phases: bool = True
    state: State = field(default_factory=State)
    phases: int = 3
    closed_phases: int = 3
    last: Phases = (0, 0, 0)
    stamp: float = -1.0
    reasons: list[str] = field(default_factory=list)

    def _units(self, now_s: int, cars: list[Car]) -> tuple[Unit, ...]:
        return tuple(
            Unit(
                car=car,
                max_da=self.caps[i] if self.caps else 160,
                phases=self.closed_phases,
                car_phases=model.phases if self.known_phases else 0,
                rotation=model.rotation,
                drawn=self._drawn(now_s, model, car) if self.meters else None,
            )
            for i, (model, car) in enumerate(zip(self.cars, cars, strict=True))
        )

    def _drawn(self, now_s: int, model: BenchCar, car: Car) -> Reading | None:
        if car != Car.CHARGING:
            return None
        da = round(model.draws_da)
        count = min(self.closed_phases, model.phases)
        return Reading(da, da if count > 1 else 0, da if count > 2 else 0, now_s)

    def _decide(self, now_s: float, cars: list[Car]) -> list[int]:
        mains = Reading(*self.last, self.stamp)
        self.state, decision = decide(self.state, Inputs(now_s, self.rules, self._units(int(now_s), cars), mains))
        if len(cars) == 1:
            self.phases = decision.grants[0].phases
        self.reasons = [grant.limit.why for grant in decision.grants]
        return [grant.offer_da for grant in decision.grants]

    def cycle(self, now_s: int, mains: Phases, cars: list[Car]) -> list[int]:
        """A fresh reading."""
        self.last, self.stamp = mains, float(now_s)
        self._cars = cars
        return self._decide(now_s, cars)

    def asks(self, now_s: int, index: int) -> int:
        """A car begins: at once, without a new reading."""
        self._cars[index] = Car.CHARGING
        self.closed_phases = self.phases
        return self._decide(now_s, self._cars)[index]


@dataclass
class Old:
    """The old rule behind the same handle."""

    rule: OldRule
    phases: int = 3

    def cycle(self, now_s: int, mains: Phases, cars: list[Car]) -> list[int]:
        """A fresh reading."""
        for unit, car in zip(self.rule.units, cars, strict=True):
            if car == Car.AWAY and unit.car != Car.AWAY:
                unit.less_6a, unit.delay_s = False, 0.0
            unit.car = car
            if car != Car.CHARGING:
                unit.share_da = 0
        self.rule.phases = self.phases
        self.rule.cycle(mains)
        offers = []
        for unit in self.rule.units:
            waiting = unit.less_6a or unit.delay_s > 0
            if unit.car == Car.CONNECTED and not waiting:
                if self.rule.available():
                    self._choose_phases()
                    offers.append(self.rule.rules.min_a * 10)
                    continue
                self.rule.refuse(unit)
            offers.append(unit.share_da if unit.car == Car.CHARGING and not unit.less_6a else 0)
        if self.rule.wish:
            self.phases, self.rule.wish = self.rule.wish, 0
            return [0 for _ in offers]
        return offers

    def _choose_phases(self) -> None:
        from smartevse.core.rules import Contact2

        rules = self.rule.rules
        if rules.contact2 == Contact2.AUTO and rules.mode == Mode.SOLAR:
            self.phases = 3 if -sum(self.rule.mains) >= 30 * rules.min_a + 30 else 1
            self.rule.phases = self.phases

    def asks(self, now_s: int, index: int) -> int:
        """A car begins."""
        unit = self.rule.units[index]
        return unit.share_da if self.rule.begin(unit) else 0


SUMMED = (
    "over_s", "over_a2s", "house_over_s", "trips", "car_kwh", "above_kwh", "sun_kwh", "ceiling_kwh", "import_kwh",
    "starts", "stops", "needless", "alarms", "cycles", "reversals", "charging_h", "hours",
)  # fmt: skip
"""The parts of a score that add up."""


@dataclass
class Score:
    """What is counted over one run."""

    over_s: int = 0
    over_a2s: float = 0.0
    house_over_s: int = 0
    trips: int = 0
    car_kwh: float = 0.0
    sun_kwh: float = 0.0
    import_kwh: float = 0.0
    starts: int = 0
    stops: int = 0
    needless: int = 0
    alarms: int = 0
    above_kwh: float = 0.0
    ceiling_kwh: float = 0.0
    cycles: int = 0
    reversals: int = 0
    charging_h: float = 0.0
    wait_s: int = 0
    fairness: list[float] = field(default_factory=list)
    car_wh: list[float] = field(default_factory=list)
    hours: float = 0.0

    def add(self, other: "Score") -> None:
        """Sums two runs."""
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wait_s = max(self.wait_s, other.wait_s)
        self.fairness += other.fairness


@dataclass
class Breaker:
    """The bench's own breaker of the mains, three poles."""

    heat: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def trips(self, pole: int, ratio: float) -> bool:
        """Whether it trips in this second, at so many times its current; it is closed again at once, cold."""
        heat = self.heat[pole] + (ratio * ratio - self.heat[pole]) / TRIP_TAU_S
        tripped = heat > TRIP_HEAT or ratio >= 3
        self.heat[pole] = 0.0 if tripped else heat
        return tripped


@dataclass
class Log:
    """One line a second, for pictures."""

    mains: list[Phases] = field(default_factory=list)
    offers: list[list[int]] = field(default_factory=list)
    draws: list[list[int]] = field(default_factory=list)
    reasons: list[list[str]] = field(default_factory=list)


def run(
    brain: Brain, rules: Rules, cars: list[BenchCar], house: HouseAt, seconds: int, log: Log | None = None
) -> Score:
    """Runs one rule in one house (`house(t)`: signed current of the three phases without cars, 0.1 A)."""
    n = len(cars)
    score = Score(hours=seconds / 3600)
    states = [Car.AWAY] * n
    offers = [0] * n
    ready_s, asks_s, lets_go_s, waited = [0] * n, [-1] * n, [-1] * n, [0] * n
    direction, last_offer = [0] * n, [0] * n
    breaker, alone, trips, alone_trips = Breaker(), Breaker(), 0, 0
    limit, least = rules.mains_a * 10, rules.min_a * 10
    mains: Phases = (0, 0, 0)
    closed_phases = brain.phases
    alarmed = False
    for t in range(seconds):
        base = house(t)
        for i, car in enumerate(cars):
            if states[i] == Car.AWAY and t >= car.comes_s:
                states[i] = Car.CONNECTED
            if states[i] == Car.CHARGING and car.taken_wh >= car.wants_wh:
                states[i], lets_go_s[i], offers[i] = Car.CONNECTED, -1, offers[i]
        if t % 2 == 0 and t:
            before = offers
            offers = list(brain.cycle(t, mains, list(states)))
            alarm = bool(ALARMS.intersection(getattr(brain, "reasons", ())))
            score.alarms += alarm and not alarmed
            alarmed = alarm
            for i in range(n):
                if states[i] != Car.CHARGING:
                    continue
                if offers[i] == 0 and before[i] > 0:
                    score.stops += 1
                    lets_go_s[i] = t + 3
                    last_offer[i] = 0
                    measured = house(t - 1)  # the second that the reading shows
                    fits = all(measured[p] + least * sum(1 for k in range(n) if states[k] == Car.CHARGING) <= limit
                               for p in range(3))  # fmt: skip
                    if rules.mode == Mode.SMART and fits:
                        score.needless += 1
        for i in range(n):
            if states[i] == Car.CHARGING and 0 <= lets_go_s[i] <= t:
                states[i], lets_go_s[i], ready_s[i] = Car.CONNECTED, -1, t + 15
            elif states[i] == Car.CONNECTED and offers[i] and t >= ready_s[i] and cars[i].wants(t):
                asks_s[i] = t + 2 if asks_s[i] < 0 else asks_s[i]
                if t >= asks_s[i]:
                    asks_s[i] = -1
                    offer = brain.asks(t, i)
                    if offer:
                        closed_phases = brain.phases
                        states[i], offers[i], last_offer[i], direction[i] = Car.CHARGING, offer, offer, 0
                        score.starts += 1
                        score.cycles += 2
                    else:
                        offers[i] = 0
            elif states[i] == Car.CONNECTED:
                asks_s[i] = -1
        loads = [base[0], base[1], base[2]]
        draws = []
        for i, car in enumerate(cars):
            closed = states[i] == Car.CHARGING
            if closed:
                if offers[i] and last_offer[i] and offers[i] != last_offer[i]:
                    up = 1 if offers[i] > last_offer[i] else -1
                    if direction[i] == -up:
                        score.reversals += 1
                    direction[i] = up
                if offers[i]:
                    last_offer[i] = offers[i]
                score.charging_h += 1 / 3600
                waited[i] = 0
            elif states[i] == Car.CONNECTED and car.wants(t):
                waited[i] += 1
                score.wait_s = max(score.wait_s, waited[i])
            car.step(offers[i], closed_phases, closed)
            part = car.load_da(closed_phases)
            draws.append(sum(part))
            for p in range(3):
                loads[p] += part[p]
        car_da = sum(draws)
        for p in range(3):
            da = loads[p]
            if da > limit:
                if base[p] > limit:
                    score.house_over_s += 1
                if da > base[p]:
                    score.over_s += 1
                    score.above_kwh += (da - max(limit, base[p])) * VOLTS / 3.6e7
                    score.over_a2s += (da * da - max(limit, base[p]) ** 2) / 100
            trips += breaker.trips(p, da / limit)
            alone_trips += alone.trips(p, base[p] / limit)
        surplus = -(base[0] + base[1] + base[2])
        sun = min(car_da, surplus) if surplus > 0 else 0
        score.sun_kwh += sun * VOLTS / 3.6e7
        score.import_kwh += (car_da - sun) * VOLTS / 3.6e7
        mains = (loads[0], loads[1], loads[2])
        if log is not None:
            log.mains.append(mains)
            log.offers.append(list(offers))
            log.draws.append(draws)
            log.reasons.append(list(getattr(brain, "reasons", [])))
    score.trips = max(0, trips - alone_trips)
    score.car_wh = [car.taken_wh for car in cars]
    score.car_kwh = sum(score.car_wh) / 1000
    if n > 1:
        got = [car.taken_wh / max(1, seconds - car.comes_s) for car in cars]
        square = sum(x * x for x in got)
        score.fairness.append(sum(got) ** 2 / (n * square) if square else 1.0)
    return score


def ours(
    rules: Rules, cars: list[BenchCar], caps: Sequence[int], *, meters: bool = False, known_phases: bool = True
) -> Ours:
    """Our rule for these cars, with or without EV meters, with the car's phases told or not."""
    start = 1 if rules.contact2 in (1, 4) else 3
    return Ours(rules, cars, meters, caps, known_phases, phases=start, closed_phases=start)


def old(rules: Rules, cars: list[BenchCar], caps: Sequence[int], late: bool) -> Old:
    """The old rule for these cars."""
    start = 1 if rules.contact2 in (1, 4) else 3
    return Old(OldRule(rules, [OldUnit(cap) for cap in caps], late, phases=start), start)
