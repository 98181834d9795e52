"""`python -m bench.regulation [--full] [--houses N] [--jobs N] [--write]`: the regulator beside the old rule.

Without options a few minutes; `--full` takes 10,000 random houses, `--jobs` that many processes. `--write` puts the
tables into `docs/regulation.md` between its marks and draws `docs/regulation.png`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

from bench.regulation.ceiling import ceiling_kwh
from bench.regulation.families import (
    Case,
    cloudy_days,
    recorded_days,
    recorded_house,
    shared_house,
    smart_house,
    solar_house,
)
from bench.regulation.loop import Log, Score, old, ours, run
from bench.regulation.speed import speed_lines
from smartevse.core.rules import Mode

DOCS = Path(__file__).parents[2] / "docs"
START, END = "<!-- bench: begin -->", "<!-- bench: end -->"
RULES = ("2022", "2026", "ours")
COLUMNS = (
    "days", "rule", "s > MAINS", "A²s > MAINS", "trips", "kWh to the car", "above MAINS", "of it sun", "of it grid",
    "starts", "stops", "needless", "alarms", "contactor/day", "reversals/h", "fairness", "longest wait",
)  # fmt: skip
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def play(case: Case, which: str, log: Log | None = None) -> Score:
    """Runs one case under one rule."""
    cars = case.cars()
    if which == "ours":
        brain = ours(case.rules, cars, case.caps, known_phases=case.known_phases)
        return run(brain, case.rules, cars, case.house.__getitem__, len(case.house), log)
    late = which == "2026"
    return run(old(case.rules, cars, case.caps, late), case.rules, cars, case.house.__getitem__, len(case.house), log)


Make = Callable[[], Case]
"""Builds a case where it is run: a description crosses to another process quicker than a whole house."""


def play_all(make: Make, which: Sequence[str]) -> list[Score]:
    """One case under each rule."""
    case = make()
    scores = [play(case, rule) for rule in which]
    if case.rules.mode == Mode.SOLAR:
        for score in scores:
            score.ceiling_kwh = ceiling_kwh(case, score.import_kwh)
    return scores


def compare(name: str, makes: Sequence[Make], which: Sequence[str], jobs: Executor) -> dict[str, Score]:
    """The sums of a family under each rule, printed as they are ready."""
    totals = {rule: Score() for rule in which}
    for scores in jobs.map(play_all, makes, repeat(which), chunksize=8 if len(makes) > 100 else 1):
        for total, score in zip(totals.values(), scores, strict=True):
            total.add(score)
    for rule, total in totals.items():
        print(line(name, rule, total), flush=True)
    return totals


def line(name: str, rule: str, s: Score) -> str:
    """One row of the table."""
    fair = f"{sum(s.fairness) / len(s.fairness):.3f}" if s.fairness else "-"
    return (
        f"| {name} | {rule} | {s.over_s} | {s.over_a2s:.0f} | {s.trips} | {s.car_kwh:.2f} | {s.above_kwh:.2f} "
        f"| {s.sun_kwh:.2f} | {s.import_kwh:.2f} | {s.starts} | {s.stops} | {s.needless} | {s.alarms} "
        f"| {s.cycles / max(s.hours, 1e-9) * 24:.1f} | {s.reversals / max(s.charging_h, 1e-9):.1f} | {fair} "
        f"| {s.wait_s} s |"
    )


def gain(mine: Score, theirs: Score) -> float:
    """How much more sun at equal import, %: a kWh imported more is one of sun less, one imported less is none."""
    worth_kwh = mine.sun_kwh - max(0.0, mine.import_kwh - theirs.import_kwh)
    return 100 * (worth_kwh / theirs.sun_kwh - 1)


def equal_import(name: str, totals: dict[str, Score]) -> str:
    """Sun used at equal import, and beside it what a clairvoyant would gain with the import of the old form."""
    mine = totals["ours"]
    if not mine.hours:
        return f"- {name}: none"
    parts = []
    for rule in ("2022", "2026"):
        theirs = totals[rule]
        parts.append(
            f"{rule}: {gain(mine, theirs):+.1f} % sun"
            f" (clairvoyant {100 * (theirs.ceiling_kwh / theirs.sun_kwh - 1):+.1f} %), "
            f"{mine.import_kwh - theirs.import_kwh:+.2f} kWh import"
        )
    return f"- {name}: " + "; ".join(parts)


def random_cases(make: Callable[[int], Case], count: int) -> list[Make]:
    """The first `count` houses of a family."""
    return [partial(make, seed) for seed in range(count)]


def cloudy_case(index: int, kind: int) -> Case:
    """One of the three cloudy days under one of the three kinds of charging."""
    return list(cloudy_days((0.3, 0.5, 0.7)[index], 10 + index))[kind]


def recorded_case(name: str) -> Case:
    """The recorded day of this name."""
    return next(case for case, _ in recorded_days() if case.name == name)


def main(arguments: list[str]) -> None:
    """Runs the bench."""
    parser = argparse.ArgumentParser(prog="bench.regulation", description=__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 random houses")
    parser.add_argument("--houses", type=int, default=0, help="number of random houses (200)")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes (1)")
    parser.add_argument("--write", action="store_true", help="write docs/regulation.md and docs/regulation.png")
    options = parser.parse_args(arguments)
    houses = options.houses or (10_000 if options.full else 200)
    started = time.monotonic()
    with ProcessPoolExecutor(options.jobs) as jobs:
        lines = list(_run(houses, jobs))
    lines += ["", *speed_lines()]
    print("\n".join(lines[-4:]))
    lines.append(f"\n{houses} random houses; the bench took {time.monotonic() - started:.0f} s.")
    if options.write:
        _write(lines)


def _run(houses: int, jobs: Executor) -> Iterator[str]:
    """All families; yields the lines of the report."""
    print(HEAD)
    rows: list[str] = [HEAD]
    notes: list[str] = []
    families: list[tuple[str, list[Make], bool]] = [  # the two old forms differ in Solar only
        ("recorded house by the second", [partial(recorded_house, a) for a in (25, 36, 40)], False),
        ("random houses, one car, Smart", random_cases(smart_house, houses * 7 // 10), False),
        ("random houses, 2 to 8 cars, Smart", random_cases(shared_house, houses * 2 // 10), False),
        ("random houses, one car, Solar", random_cases(solar_house, houses // 10), True),
    ]
    for index, kind in enumerate(("1 phase", "3 phases", "Auto")):
        cloudy: list[Make] = [partial(cloudy_case, day, index) for day in range(3)]
        families.append((f"cloudy days by the second, {kind}", cloudy, True))
        recorded: list[Make] = [partial(recorded_case, c.name) for c, _ in recorded_days() if c.name.endswith(kind)]
        families.append((f"recorded sun by the minute, {kind}", recorded, True))
    for name, makes, sunny in families:
        totals = compare(name, makes, RULES if sunny else RULES[1:], jobs)
        rows += [line(name, rule, total) for rule, total in totals.items()]
        if sunny:
            notes.append(equal_import(name, totals))
    print("\n".join(notes))
    yield from rows
    yield ""
    yield "Sun used at equal import, ours against each old form (and what nobody could exceed, see below):"
    yield ""
    yield from notes


def _write(lines: list[str]) -> None:
    """Puts the report into the page and draws the picture."""
    from bench.regulation.picture import draw

    put(lines, START, END)
    draw(DOCS / "regulation.png")


def put(lines: list[str], start: str, end: str) -> None:
    """Writes the lines between two marks of `docs/regulation.md`."""
    page = DOCS / "regulation.md"
    text = page.read_text()
    before, after = text.split(start)[0], text.split(end)[1]
    page.write_text(f"{before}{start}\n" + "\n".join(lines) + f"\n{end}{after}")


if __name__ == "__main__":
    main(sys.argv[1:])
