"""A house that draws current: appliances on three phases, from a seed or written down, as a function of time.

Currents are in 0.1 A at 230 V. The appliances are those of ordinary homes: a kettle takes 9 A for three minutes, a hob
plate cycles, a heat pump runs for long and starts with a short peak.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

Phases = tuple[int, int, int]
"""A current for each phase, 0.1 A."""


class Load(NamedTuple):
    """One run of an appliance on `phase` (0..2): from `start_s` to `stop_s`, on for `on_s` of every `period_s` seconds.

    `inrush_da` is added in the first second of each time it switches on.
    """

    start_s: int
    stop_s: int
    phase: int
    current_da: int
    period_s: int = 0
    on_s: int = 0
    inrush_da: int = 0

    def draws_da(self, now_s: float) -> int:
        """Its current at this time, 0.1 A."""
        if not self.start_s <= now_s < self.stop_s:
            return 0
        into_s = now_s - self.start_s
        if self.period_s:
            into_s %= self.period_s
            if into_s >= self.on_s:
                return 0
        return self.current_da + (self.inrush_da if into_s < 1 else 0)


class Appliance(NamedTuple):
    """A kind of appliance: runs a day, current (0.1 A), time (s), cycle (s), share on, inrush (0.1 A), phases."""

    per_day: float
    current_da: tuple[int, int]
    run_s: tuple[int, int]
    period_s: int = 0
    on_share: float = 1.0
    inrush_da: int = 0
    phases: int = 1


APPLIANCES: tuple[Appliance, ...] = (
    Appliance(6, (80, 95), (100, 240)),  # kettle
    Appliance(2, (60, 90), (900, 2400), 45, 0.4),  # oven at its thermostat
    Appliance(4, (50, 90), (600, 1800), 12, 0.5),  # hob plate, power by cycling
    Appliance(1, (85, 95), (900, 1500)),  # washing machine heats
    Appliance(8, (10, 25), (600, 3600)),  # pumps, screens, lamps
    Appliance(30, (4, 8), (300, 900), 0, 1.0, 40),  # refrigerator compressor
    Appliance(3, (30, 60), (1800, 7200), 0, 1.0, 150),  # heat pump
    Appliance(2, (35, 90), (300, 900), 0, 1.0, 0, 3),  # instantaneous water heater
    Appliance(10, (30, 60), (60, 600), 4, 0.5),  # iron, vacuum cleaner, tools
)
"""What a home has."""


class House(NamedTuple):
    """A house: a steady load on each phase (0.1 A), the runs of its appliances, and the flicker of small ones."""

    steady_da: Phases = (5, 3, 3)
    loads: tuple[Load, ...] = ()
    flicker_da: int = 0
    seed: int = 0

    def draws_da(self, now_s: float) -> Phases:
        """The current of the three phases at this time; the same every time it is asked."""
        result = list(self.steady_da)
        for load in self.loads:
            if load.start_s <= now_s < load.stop_s:
                result[load.phase] += load.draws_da(now_s)
        if self.flicker_da:
            noise = random.Random(self.seed * 1_000_003 + int(now_s))
            result = [max(0, da + round(noise.gauss(0, self.flicker_da))) for da in result]
        return result[0], result[1], result[2]


def random_house(seed: int, duration_s: int, activity: float = 1.0, flicker_da: int = 2) -> House:
    """A house from a seed: `activity` scales how often appliances run (1.0 = an ordinary day)."""
    dice = random.Random(seed)
    loads: list[Load] = []
    for kind in APPLIANCES:
        count = _count(dice, kind.per_day * activity * duration_s / 86_400)
        for _ in range(count):
            start_s = dice.randrange(duration_s)
            stop_s = start_s + dice.randint(*kind.run_s)
            current_da = dice.randint(*kind.current_da)
            first = dice.randrange(3)
            on_s = max(1, round(kind.period_s * kind.on_share))
            for k in range(kind.phases):
                loads.append(Load(start_s, stop_s, (first + k) % 3, current_da, kind.period_s, on_s, kind.inrush_da))
    steady = tuple(dice.randint(2, 12) for _ in range(3))
    return House((steady[0], steady[1], steady[2]), tuple(loads), flicker_da, seed)


def painted_da(house: House, duration_s: int) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """The house's current of every second on each phase, the quick way for long simulations (same values)."""
    lines: tuple[list[int], list[int], list[int]] = tuple([da] * duration_s for da in house.steady_da)  # type: ignore[assignment]
    for load in house.loads:
        line = lines[load.phase]
        for second in range(max(0, load.start_s), min(duration_s, load.stop_s)):
            line[second] += load.draws_da(second)
    if house.flicker_da:
        for second in range(duration_s):
            noise = random.Random(house.seed * 1_000_003 + second)
            for line in lines:
                line[second] = max(0, line[second] + round(noise.gauss(0, house.flicker_da)))
    return lines


def _count(dice: random.Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average."""
    count, left = 0, dice.expovariate(1.0)
    while left < mean:
        count += 1
        left += dice.expovariate(1.0)
    return count
