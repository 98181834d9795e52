"""The houses, days and cars of the bench: recorded ones and any number of random ones, all from a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bench.regulation.cars import BenchCar
from smartevse.core.rules import Contact2, Mode, Rules
from smartevse.physics.house import painted_da, random_house
from smartevse.physics.sun import Sky, Trace, cloudy_trace, read_trace

DATA = Path(__file__).parents[2] / "tests" / "data"
"""Recorded days published with the OpenEVSE project's divert simulator."""

VOLTS = 230


@dataclass
class Case:
    """One house with its cars: everything both rules get."""

    name: str
    rules: Rules
    house: list[tuple[int, int, int]]
    cars: Callable[[], list[BenchCar]]
    caps: list[int] = field(default_factory=lambda: [160])
    known_phases: bool = True


def smart_house(seed: int, seconds: int = 1200) -> Case:
    """One car in Smart: a house from quiet to hectic, a car from quick to slow."""
    dice = random.Random(seed)
    lines = painted_da(random_house(seed, seconds, dice.choice((1, 2, 3, 6)), dice.choice((1, 2, 4))), seconds)
    cap = dice.choice((160, 320))
    car = _car(dice, cap, comes_s=30)
    rules = Rules(mode=Mode.SMART, mains_a=dice.choice((16, 20, 25, 25, 35, 40)), circuit_a=40)
    return Case("smart", rules, list(zip(*lines, strict=True)), lambda: [_copy(car)], [cap], car.phases != 3)


def shared_house(seed: int, seconds: int = 1200) -> Case:
    """Two to eight cars in Smart on one circuit, units on rotated phases."""
    dice = random.Random(seed)
    lines = painted_da(random_house(seed, seconds, dice.choice((1, 2, 3)), 2), seconds)
    n = dice.randint(2, 8)
    cars = [_car(dice, 160, comes_s=dice.randrange(30, 300), rotation=i % 3) for i in range(n)]
    circuit = dice.choice((16, 25, 32, 40))
    rules = Rules(mode=Mode.SMART, mains_a=max(circuit, dice.choice((25, 35, 40, 63))), circuit_a=circuit, master=True)

    return Case("shared", rules, list(zip(*lines, strict=True)), lambda: [_copy(c) for c in cars], [160] * n)


def solar_house(seed: int, seconds: int = 1800) -> Case:
    """One car in Solar under a cloudy sky at noon."""
    dice = random.Random(seed)
    three = dice.random() < 0.5
    peak_w = dice.choice((6000, 9000, 12000) if three else (3000, 5000, 7000))
    trace = cloudy_trace(Sky(peak_w, noon_s=seconds / 2, cover=dice.uniform(0.2, 0.8), seed=seed), seconds)
    cap = 160 if three else 320
    car = _car(dice, cap, comes_s=10, phases=3 if three else 1)
    rules = Rules(mode=Mode.SOLAR, mains_a=40, start_a=14 if three else 4)
    return Case("solar", rules, under_sun(trace, seconds, seed, three), lambda: [_copy(car)], [cap])


def recorded_days() -> Iterator[tuple[Case, bool]]:
    """The recorded solar days as they are and three times as large; whether the day is cloudy comes with each."""
    for file, cloudy in (("CloudyMorning.csv", True), ("day1.csv", True), ("day1_grid_ie.csv", False)):
        trace = read_trace((DATA / file).read_text().splitlines(), 1, 60)
        name = file.removesuffix(".csv")
        yield _solar_day(f"{name}, 1 phase", trace, 1, False, Contact2.ALWAYS_ON), cloudy
        yield _solar_day(f"{name} x3, 1 phase", trace, 3, False, Contact2.ALWAYS_ON), cloudy
        yield _solar_day(f"{name} x3, 3 phases", trace, 3, True, Contact2.ALWAYS_ON), cloudy
        yield _solar_day(f"{name} x3, Auto", trace, 3, True, Contact2.AUTO), cloudy


def cloudy_days(cover: float, seed: int) -> Iterator[Case]:
    """A whole day of passing clouds, by the second."""
    trace = cloudy_trace(Sky(7000, noon_s=18_000, cover=cover, seed=seed), 36_000)
    name = f"clouds {cover:.0%}"
    yield _solar_day(f"{name}, 1 phase", trace, 1, False, Contact2.ALWAYS_ON)
    yield _solar_day(f"{name} x1.5, 3 phases", trace, 1.5, True, Contact2.ALWAYS_ON)
    yield _solar_day(f"{name} x1.5, Auto", trace, 1.5, True, Contact2.AUTO)


def recorded_house(mains_a: int) -> Case:
    """The house recorded by the second (one phase), without its car."""
    lines = (DATA / "data_shaper.csv").read_text(encoding="utf-8-sig").splitlines()
    whole, car = read_trace(lines, 1, 1, ";"), read_trace(lines, 2, 1, ";")
    # the recorder noted the car a moment later than the house: the house alone is never below its quiet load
    watts = [max(300.0, a - b) for a, b in zip(whole.power_w, car.power_w, strict=True)]
    watts = [min(w, after) if after < w / 2 else w for w, after in pairwise([*watts, watts[-1]])]
    rules = Rules(mode=Mode.SMART, mains_a=mains_a, circuit_a=40)
    model = BenchCar(phases=1, most_da=320, comes_s=20)
    return Case(f"recorded house, MAINS {mains_a} A", rules, [(int(w / VOLTS * 10), 0, 0) for w in watts],
                lambda: [_copy(model)], [320])  # fmt: skip


def under_sun(trace: Trace, seconds: int, seed: int, three: bool) -> list[tuple[int, int, int]]:
    """A quiet house with this sun on its roof, on one phase or on three."""
    lines = painted_da(random_house(seed, seconds, 0.6, 1), seconds)
    result = []
    for t in range(seconds):
        sun_da = trace.at(t) / VOLTS * 10
        a, b, c = lines[0][t], lines[1][t], lines[2][t]
        third = int(sun_da / 3)
        result.append((a - third, b - third, c - third) if three else (a - int(sun_da), b, c))
    return result


def _solar_day(name: str, trace: Trace, scale: float, three: bool, contact2: Contact2) -> Case:
    seconds = int(trace.times_s[-1])
    grown = Trace(trace.times_s, [w * scale for w in trace.power_w])
    start_a = 14 if three and contact2 != Contact2.AUTO else 4
    rules = Rules(mode=Mode.SOLAR, mains_a=40, start_a=start_a, contact2=contact2)
    cap = 160 if three else 320
    model = BenchCar(phases=3 if three else 1, most_da=cap)
    return Case(name, rules, under_sun(grown, seconds, 7, three), lambda: [_copy(model)], [cap])


def _car(dice: random.Random, cap: int, comes_s: int, rotation: int = 0, phases: int = 0) -> BenchCar:
    return BenchCar(
        phases=phases or dice.choice((1, 2, 3, 3)),
        rotation=rotation,
        most_da=dice.choice((cap, cap, cap * 3 // 4)),
        dead_s=dice.randint(1, 4),
        slew_da_s=dice.choice((20, 40, 200)),
        wakes_s=dice.choice((2, 3, 6)),
        least_da=dice.choice((60, 60, 60, 60)),
        comes_s=comes_s,
    )


def _copy(car: BenchCar) -> BenchCar:
    """A fresh car of the same kind."""
    return BenchCar(car.phases, car.rotation, car.most_da, car.dead_s, car.slew_da_s, car.wakes_s, car.least_da,
                    car.stubborn, car.comes_s, car.wants_wh)  # fmt: skip
