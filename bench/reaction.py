"""How fast the contactor's output follows the car: `python -m bench.reaction [--events N] [--units N] [--no-load]`.

The unchanged guard and station against the twin through the real socket. Each event happens at a random moment of
the guard's tick while the car charges; the times are the twin's own and exact. Several stations run side by side,
because a contactor has to rest between two closings. Exit status 1 when a budget is missed; `--write` puts what was
seen into `docs/reaction.md`.
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

from bench.faults.report import machine
from bench.rigs import DOCS, Watched, histogram, load, quantile, rigs, spread, timer_s

DOCUMENT = DOCS / "reaction.md"


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


def run(name: str, units: int, events: int, seed: int) -> tuple[list[str], bool]:
    """Measure on several stations at once; the distributions beside the budgets, printed too, and whether all held."""
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
    everything = sorted(value for values in times.output.values() for value in values)
    contacts = sorted(value for values in times.contacts.values() for value in values)
    lines = [
        f"== {name}: seed {seed}, {units} stations side by side, {os.cpu_count()} processors",
        f"baseline: a 10 ms sleep wakes late by     {spread(baseline)}",
        *(f"{kind.name:<18} -> output off     {spread(times.output[kind.name])}" for kind in KINDS),
        f"{'all':<18} -> output off     {spread(everything)}",
        f"{'all':<18} -> contacts open  {spread(contacts)}",
        f"{'asks':<18} -> output on      {spread(times.closing)}",
        *histogram(everything, 0.0025),
        *(f"FAILED {failure}" for failure in times.failed),
    ]
    checks: list[tuple[str, float, float]] = [
        (what, quantile(everything, part), budget) for what, part, budget in BUDGETS
    ]
    checks += [
        ("contacts max", contacts[-1], CONTACTS_S),
        ("closing p50", quantile(sorted(times.closing), 0.5), CLOSES_TO_S),
        ("closing max", max(times.closing), CLOSES_MAX_S),
    ]
    held = not times.failed
    for what, value, budget in checks:
        verdict = "held" if value <= budget else "MISSED"
        held &= value <= budget
        lines.append(f"budget {what:<14} {value * 1000:8.2f} ms <= {budget * 1000:6.0f} ms  {verdict}")
    soonest_s = min(times.closing)
    early = soonest_s < CLOSES_FROM_S
    verdict = "MISSED" if early else "held"
    lines.append(f"budget {'closing min':<14} {soonest_s * 1000:8.2f} ms >= {CLOSES_FROM_S * 1000:6.0f} ms  {verdict}")
    print("\n".join(["", *lines]), flush=True)
    return lines, held and not early


HEAD = """# Reaction times

How long the guard takes from what a car does to its output, and until the contactor's main contacts are open. Written
by `python -m bench.reaction --events {events} --write`; the unchanged guard and station against the twin, through the
real socket of pigpiod. Each event comes at a random moment of the guard's 10 ms; the times are the twin's own. Measured
on {machine}, which is no Raspberry Pi: the baseline tells how late that machine is by itself.

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000, help="events for each condition (default: %(default)s)")
    parser.add_argument("--units", type=int, default=4, help="stations side by side (default: %(default)s)")
    parser.add_argument("--no-load", action="store_true", help="only on the quiet machine")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name}")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    conditions: list[tuple[str, Callable[[], object]]] = [("quiet", nullcontext)]
    if not options.no_load:
        conditions.append(("processors and disk busy", lambda: load(os.cpu_count() or 1)))
    held, text = True, HEAD.format(events=options.events, machine=machine())
    for name, condition in conditions:
        with condition():  # type: ignore[attr-defined]
            lines, well = run(name, options.units, options.events, options.seed)
        held &= well
        text += "\n".join(["```", *lines, "```", "", ""])
    if options.write:
        DOCUMENT.write_text(text.rstrip() + "\n", "utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
