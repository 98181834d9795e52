"""How fast the contactor's output follows the car: `python -m bench.reaction [--events N] [--units N] [--no-load]`.

The unchanged guard and station against the twin through the real socket. Each event happens at a random moment of
the guard's tick while the car charges; the times are the twin's own and exact. Several stations run side by side,
because a contactor has to rest between two closings. Exit status 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

from bench.rigs import Watched, histogram, load, rigs, spread, timer_s


class Kind(NamedTuple):
    """One kind of event: what is done, what the trace calls it, and how the car charges again."""

    name: str
    do: str
    seen_as: tuple[str, object]
    undo: tuple[str, ...]


KINDS = (
    Kind("the car opens S2", "ev ready off", ("ev_s2", 0), ("ev ready",)),
    Kind("the car leaves", "ev unplug", ("ev_plug", 0), ("ev plug", "ev ready")),
    Kind(
        "pilot shorted",
        "fault cp-short",
        ("fault", "cp-short"),
        ("fault cp-short off", "ev unplug", "ev plug", "ev ready"),
    ),
    Kind(
        "diode lost",
        "fault no-diode",
        ("fault", "no-diode"),
        ("fault no-diode off", "ev unplug", "wait", "ev plug", "ev ready"),
    ),
)
BUDGETS = (("output p50", 0.5, 0.015), ("output p99.9", 0.999, 0.030), ("output max", 1.0, 0.050))
CONTACTS_S = 0.100
CLOSES_FROM_S, CLOSES_TO_S, CLOSES_MAX_S = 0.5, 1.0, 3.0


class Times:
    """What was measured, by kind, in s."""

    def __init__(self) -> None:
        self.output: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
        self.contacts: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
        self.closing: list[float] = []
        self.failed: list[str] = []


def measure(unit: Watched, times: Times, events: int, seed: int) -> None:
    """Play events on one station until enough were measured."""
    rng = random.Random(seed)
    rig = unit.rig
    rig.all()
    for command in ("cable 220", "ev set start_delay_s 0", "ev plug"):
        rig.do(command)
    asked: tuple[str, ...] = ("ev ready",)
    for number in range(events):
        kind = KINDS[(number + seed) % len(KINDS)]
        unit.mark()
        for command in asked:
            if command == "wait":
                time.sleep(1.0)  # the guard shows state F for half a second before it can see that the car is gone
            else:
                rig.do(command)
        try:
            closed_s = unit.when("c1_cmd", 1)
            wanted = [at_s for at_s, name, value in unit.events() if (name, value) == ("ev_s2", 1) and at_s < closed_s]
            times.closing.append(closed_s - wanted[-1])
            unit.when("c2_contacts", 1)
            time.sleep(rng.uniform(0.05, 0.15))
            unit.mark()
            rig.do(kind.do)
            happened_s = unit.when(*kind.seen_as)
            times.output[kind.name].append(unit.when("c1_cmd", 0) - happened_s)
            times.contacts[kind.name].append(unit.when("c1_contacts", 0) - happened_s)
        except AssertionError as error:
            times.failed.append(f"{kind.name}: {error}")
            return
        asked = kind.undo


def run(name: str, units: int, events: int, seed: int) -> tuple[Times, bool]:
    """Measure on several stations at once and print the distributions beside the budgets."""
    times = Times()
    with rigs(units) as made:
        threads = [
            threading.Thread(target=measure, args=(unit, times, events // units, seed + number))
            for number, unit in enumerate(made)
        ]
        for thread in threads:
            thread.start()
        baseline = timer_s(5)
        for thread in threads:
            thread.join()
    print(f"\n== {name}: seed {seed}, {units} stations side by side, {os.cpu_count()} processors")
    print(f"baseline: a 10 ms sleep wakes late by     {spread(baseline)}")
    for kind in KINDS:
        print(f"{kind.name:<18} -> output off     {spread(times.output[kind.name])}")
    everything = sorted(value for values in times.output.values() for value in values)
    contacts = sorted(value for values in times.contacts.values() for value in values)
    print(f"{'all':<18} -> output off     {spread(everything)}")
    print(f"{'all':<18} -> contacts open  {spread(contacts)}")
    print(f"{'asks':<18} -> output on      {spread(sorted(times.closing))}")
    print("\n".join(histogram(everything, 0.0025)))
    held = not times.failed
    for failure in times.failed:
        print(f"FAILED {failure}")
    checks: list[tuple[str, float, float]] = [
        (what, everything[min(len(everything) - 1, int(part * len(everything)))], budget)
        for what, part, budget in BUDGETS
    ]
    checks += [
        ("contacts max", contacts[-1], CONTACTS_S),
        ("closing p50", sorted(times.closing)[len(times.closing) // 2], CLOSES_TO_S),
        ("closing max", max(times.closing), CLOSES_MAX_S),
    ]
    for what, value, budget in checks:
        verdict = "held" if value <= budget else "MISSED"
        held &= value <= budget
        print(f"budget {what:<14} {value * 1000:8.2f} ms <= {budget * 1000:6.0f} ms  {verdict}")
    soonest_s = min(times.closing)
    early = soonest_s < CLOSES_FROM_S
    verdict = "MISSED" if early else "held"
    print(f"budget {'closing min':<14} {soonest_s * 1000:8.2f} ms >= {CLOSES_FROM_S * 1000:6.0f} ms  {verdict}")
    return times, held and not early


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000, help="events for each condition (default: %(default)s)")
    parser.add_argument("--units", type=int, default=4, help="stations side by side (default: %(default)s)")
    parser.add_argument("--no-load", action="store_true", help="only on the quiet machine")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    conditions: list[tuple[str, Callable[[], object]]] = [("quiet", nullcontext)]
    if not options.no_load:
        conditions.append(("processors and disk busy", lambda: load(os.cpu_count() or 1)))
    held = True
    for name, condition in conditions:
        with condition():  # type: ignore[attr-defined]
            held &= run(name, options.units, options.events, options.seed)[1]
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
