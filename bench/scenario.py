"""How fast virtual time goes: seconds of a story for one second of this machine, beside the budget and a baseline.

The baseline is the same story, shorter, tick by tick without leaps, measured between the repetitions of the same run,
so that its ratio to the others means something on a busy machine. A story is one thread that never waits: on a machine
of its own the clock on the wall and the processor's own time say the same, on a busy one the second leaves out what
other programs took. It is the one that is held against the budget.

Run it from the root of the repository: `python -m bench.scenario [--repeat N]`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from smartevse.physics.ev import EvOptions
from smartevse.physics.house import House, Load, random_house
from smartevse.scenario.engine import run
from smartevse.scenario.owner import Wishes
from smartevse.scenario.story import TICKS_A_SECOND, Action, Given, GivenUnit, Story
from smartevse.scenario.supply import Supply

ONE_UNIT, EIGHT_UNITS = 2_000, 300
HOUR = 3600 * TICKS_A_SECOND
BASELINE_S = {1: 20, 8: 4}
"""Length of the baseline by the number of units; it goes some 50 or 10 times faster than real time."""


@dataclass(frozen=True)
class Case:
    name: str
    story: Story
    budget: int


def charges(hours: int, units: int) -> tuple[Action, ...]:
    """Each car comes, charges and leaves every four hours, one after the other, a minute apart."""
    told = []
    for begin in range(0, hours, 4):
        for unit in range(units):
            tick = begin * HOUR + (2 + 60 * unit) * TICKS_A_SECOND
            for after_s, words in ((0, "ev plug"), (3, "ev ready"), (10_800, "ev ready off"), (10_860, "ev unplug")):
                told.append(Action(tick + after_s * TICKS_A_SECOND, tuple(words.split()), (unit,)))
    return tuple(sorted(told, key=lambda action: action.tick))


def restless_house(hours: int) -> House:
    """A busy house in which, besides, one load or another switches at every reading of the meter, 2 s apart."""
    seconds = hours * 3600
    busy = random_house(7, seconds, 10)
    loads = tuple(
        Load(0, seconds, phase, current_da, period_s, on_s)
        for phase, current_da, period_s, on_s in (
            (0, 35, 4, 2), (1, 22, 6, 2), (2, 28, 10, 4), (0, 60, 300, 120), (1, 80, 420, 200), (2, 45, 180, 90),
        )
    )  # fmt: skip
    return House((8, 5, 3), (*busy.loads, *loads))


def case(name: str, units: int, hours: int, budget: int, **settings: str) -> Case:
    wishes = Wishes.default().changed("MAX", "16")
    for key, text in settings.items():
        wishes = wishes.changed(key, text)
    smart = wishes.mode.name != "NORMAL"
    unit = GivenUnit(wishes, EvOptions(max_da=160, battery_wh=100_000, soc=0.1))
    house = restless_house(hours)
    given = Given(
        units=tuple(replace(unit, rotation=number % 3) for number in range(units)),
        meter_every=200 if smart else None,
        supply=lambda: Supply(house),
    )
    return Case(name, Story(Path(name), name, hours * HOUR, given, charges(hours, units), ()), budget)


CASES = (
    case("1 unit, Normal, a day with six cars", 1, 24, ONE_UNIT),
    case("1 unit, Smart, a house that changes every 2 s, 4 h", 1, 4, ONE_UNIT, MODE="Smart", EVMETER="Eastron"),
    case("8 units, Normal, a day with 48 cars", 8, 24, EIGHT_UNITS, CIRCUIT="80"),
    case("8 units, Smart, a house that changes every 2 s, 1 h", 8, 1, EIGHT_UNITS,
         MODE="Smart", MAINS="63", CIRCUIT="80", EVMETER="Eastron"),
)  # fmt: skip


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    wall_s, own_s = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall_s, time.process_time() - own_s


def spread(values: Sequence[float]) -> str:
    """Least, median and most."""
    return f"{min(values):>8,.0f} {median(values):>8,.0f} {max(values):>8,.0f}"


def bench(subject: Case, repeat: int) -> bool:
    """Measure one case and print it; whether its median keeps the budget."""
    units = len(subject.story.given.units)
    baseline_s = BASELINE_S[units]
    short = replace(subject.story, ends=baseline_s * TICKS_A_SECOND)
    virtual_s = subject.story.ends / TICKS_A_SECOND
    wall, own, plain = [], [], []
    for _ in range(repeat):
        wall_s, own_s = measured(lambda: run(subject.story))
        wall.append(virtual_s / wall_s)
        own.append(virtual_s / own_s)
        plain.append(baseline_s / measured(lambda: run(short, leaping=False))[1])
    came = run(subject.story)
    kept = median(own) >= subject.budget
    print(f"{subject.name}: {came.ticks:,} ticks, {came.decisions:,} decisions")
    print(f"  by the processor {spread(own)}   budget {subject.budget:,}: {'kept' if kept else 'MISSED'}")
    print(f"  by the wall      {spread(wall)}")
    print(f"  without leaps    {spread(plain)}   the baseline, {median(own) / median(plain):,.0f} times slower")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description="Virtual time against real time.")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="repetitions of each case (5)")
    repeat = max(1, parser.parse_args().repeat)
    load = os.getloadavg()[0]
    print(f"virtual seconds in one second: least, median, most of {repeat}; load of this machine {load:.1f}")
    kept = [bench(subject, repeat) for subject in CASES]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
