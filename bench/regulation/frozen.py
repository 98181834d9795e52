"""`python -m bench.regulation.frozen [--houses N]`: what watching the meter costs, and how soon a frozen one is found.

Each house is run twice: with an honest meter (how often it is put to the test, how long the cars are held at the
minimum for that, how often it is called frozen: never would be right) and with one that freezes at a random moment
while a car charges (how long until the cars are held at the minimum, and until they stop with the reason).
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bench.regulation.cars import BenchCar
from bench.regulation.families import Case, cloudy_days, recorded_days, recorded_house, smart_house, solar_house
from bench.regulation.loop import Log, Ours, Phases, ours, run
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Mode, Rules

HEAD = (
    "| days | hours | tests/day | at MIN for them | called frozen wrongly | freezes "
    "| found after p50 / p95 / max | stopped after p50 / p95 / max | never found |"
)


@dataclass
class Frozen(Ours):
    """Our rule behind a meter that repeats its reading from a moment on."""

    freezes_s: int = 1 << 60
    held: Phases | None = None

    def cycle(self, now_s: int, mains: Phases, cars: list[Car]) -> list[int]:
        """A reading, or the last honest one again."""
        if now_s >= self.freezes_s:
            self.held = self.held or mains
            mains = self.held
        return super().cycle(now_s, mains, cars)


@dataclass
class Count:
    """What came of one family."""

    hours: float = 0.0
    tests: int = 0
    tested_s: int = 0
    false: int = 0
    frozen: int = 0
    found_s: list[int] = field(default_factory=list)
    stopped_s: list[int] = field(default_factory=list)
    steady: int = 0
    """Meters that froze while no car ever moved enough to tell."""


def still_house(seconds: int = 7200) -> Case:
    """A house in which nothing stirs for two hours."""
    rules = Rules(mode=Mode.SMART, mains_a=25)
    return Case("still", rules, [(9, 4, 12)] * seconds, lambda: [BenchCar(comes_s=20)], [160])


def lazy_house(seconds: int = 7200) -> Case:
    """The same with a car that takes less than the minimum whatever it is offered."""
    case = still_house(seconds)
    return replace(case, name="lazy", cars=lambda: [BenchCar(most_da=30, comes_s=20)])


def families(houses: int) -> Iterator[tuple[str, list[Case]]]:
    """All houses by family."""
    yield "recorded house by the second", [recorded_house(a) for a in (25, 36, 40)]
    yield "recorded sun by the minute", [case for case, _ in recorded_days()]
    yield "cloudy days by the second", [case for k in range(3) for case in cloudy_days((0.3, 0.5, 0.7)[k], 10 + k)]
    yield "random houses, one car, Smart", [smart_house(seed, 3600) for seed in range(houses)]
    yield "random houses, one car, Solar", [solar_house(seed, 3600) for seed in range(houses // 4)]
    yield "a house that never stirs", [still_house()]
    yield "the same, a car that takes 3 A", [lazy_house()]


def honest(case: Case, count: Count) -> list[int]:
    """With an honest meter; the seconds in which a car charged."""
    cars, log = case.cars(), Log()
    run(ours(case.rules, cars, case.caps, known_phases=case.known_phases), case.rules, cars, case.house.__getitem__,
        len(case.house), log)  # fmt: skip
    reasons = [one[0] if one else "" for one in log.reasons]
    count.hours += len(case.house) / 3600
    count.tested_s += reasons.count(Why.UNPROVEN)
    pairs = list(zip(["", *reasons], reasons, strict=False))
    count.tests += sum(now == Why.UNPROVEN != before for before, now in pairs)
    count.false += sum(now == Why.FROZEN != before for before, now in pairs)
    return [t for t, draw in enumerate(log.draws) if sum(draw) > 0]


def freezing(case: Case, count: Count, freezes_s: int) -> None:
    """With a meter that freezes at this second."""
    cars, log = case.cars(), Log()
    plain = ours(case.rules, cars, case.caps, known_phases=case.known_phases)
    brain = Frozen(plain.rules, plain.cars, plain.meters, plain.caps, plain.known_phases, phases=plain.phases,
                   closed_phases=plain.closed_phases, freezes_s=freezes_s)  # fmt: skip
    run(brain, case.rules, cars, case.house.__getitem__, len(case.house), log)
    after = [one[0] if one else "" for one in log.reasons[freezes_s:]]
    count.frozen += 1
    if Why.UNPROVEN in after:
        count.found_s.append(after.index(Why.UNPROVEN))
    if Why.FROZEN in after:
        count.stopped_s.append(after.index(Why.FROZEN))
    else:
        count.steady += 1


def _shown(times_s: list[int]) -> str:
    if not times_s:
        return "-"
    ordered = sorted(times_s)
    return f"{ordered[len(ordered) // 2]} / {ordered[int(len(ordered) * 0.95)]} / {ordered[-1]} s"


def main(arguments: list[str]) -> int:
    """Runs the bench; exit status 1 when an honest meter was called frozen."""
    parser = argparse.ArgumentParser(prog="bench.regulation.frozen", description=__doc__)
    parser.add_argument("--houses", type=int, default=100)
    options = parser.parse_args(arguments)
    print(f"{HEAD}\n{'|---' * 9}|")
    wrong = 0
    for name, cases in families(options.houses):
        count = Count()
        for index, case in enumerate(cases):
            charging = [t for t in honest(case, count) if t < len(case.house) - 1500]
            if charging:
                freezing(case, count, random.Random(index).choice(charging))
        wrong += count.false
        print(
            f"| {name} | {count.hours:.0f} | {count.tests / count.hours * 24:.1f} "
            f"| {count.tested_s / count.hours / 36:.2f} % | {count.false} | {count.frozen} | {_shown(count.found_s)} "
            f"| {_shown(count.stopped_s)} | {count.steady} |",
            flush=True,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
