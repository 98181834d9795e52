"""Runs all simulations and writes docs/hat-simulation.md with its plots; the short run for CI only checks."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import decks
import montecarlo
from decks import Circuit, Edges
from ngspice import HERE, values
from svg import plot

DOCS = HERE.parent.parent / "docs"
DUTIES = (0.05, 0.10, 0.27, 0.53, 0.85, 0.96)
LIMITS = {"B": (10.0, 13.0), "C": (7.0, 13.0)}
"""Rise and fall at the vehicle with the longest cable, in us: the limits public bring-up lists give for Annex A."""


class Report:
    """Collects the text and what was not met."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failed: list[str] = []

    def say(self, *lines: str) -> None:
        """Adds lines to the document."""
        self.lines += lines

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Adds a table."""
        self.say("", "| " + " | ".join(head) + " |", "|" + "---|" * len(head))
        self.say(*("| " + " | ".join(r) + " |" for r in rows), "")

    def must(self, what: str, holds: bool) -> str:
        """Notes whether a requirement holds; returns the mark for the table."""
        if not holds:
            self.failed.append(what)
        return "yes" if holds else "**NO**"


def edges_part(r: Report, c: Circuit, states: Sequence[str], pictures: Path | None) -> None:
    """Levels and edges."""
    r.say(
        "## Pilot: levels and edges",
        "",
        "1 kHz at 53.3 %. Generator: less than 2 us, settled to 95 % within 3 us. Line: 10 to 90 % at the vehicle. The longest cable is",
        '1.5 nF of cable and 2.4 nF of vehicle (IEC 61851-1, Annex A). "Slow amplifier": 30 % less bandwidth, 40 % less slew rate, 0.9 nF more in the station.',
    )
    rows, curves = [], []
    for state in states:
        for name, cable, corner in (
            ("no cable", "no cable", {}),
            ("longest cable", "longest cable", {}),
            ("longest, slow amplifier", "longest cable", {"gbw": 2.45e6, "slew": 12e6, "extra_station": 0.9e-9}),
        ):
            if pictures is None and name == "no cable":
                continue
            e, t, cp = decks.edges(c, state, cable, **corner)
            if name == "longest cable":
                curves.append(
                    (f"state {state}", [x * 1e6 for x in t if 80e-6 < x < 700e-6], [y for x, y in zip(t, cp, strict=True) if 80e-6 < x < 700e-6])
                )
            rows.append(_edge_row(r, state, name, e))
    r.table(("state", "load", "high V", "low V", "generator rise / fall us", "settled us", "line rise us", "line fall us", "met"), rows)
    if pictures:
        (pictures / "pilot.svg").write_text(plot("Pilot with the longest cable, 53 %", "us", "V", curves), "utf-8")
        r.say("![Pilot wave forms](hat/pilot.svg)", "")


def _edge_row(r: Report, state: str, name: str, e: Edges) -> tuple[str, ...]:
    rise, fall = LIMITS.get(state, (99.0, 99.0))
    slow = "slow" in name
    good = (e.generator_rise < 2 and e.generator_fall < 2 and e.settle < 3) or slow
    good = good and e.line_rise < rise and e.line_fall < fall
    return (
        state,
        name,
        f"{e.high:.2f}",
        f"{e.low:.2f}",
        f"{e.generator_rise:.2f} / {e.generator_fall:.2f}",
        f"{e.settle:.2f}",
        f"{e.line_rise:.1f}",
        f"{e.line_fall:.1f}",
        r.must(f"edges in {state}, {name}", good),
    )


def hold_part(r: Report, c: Circuit, duties: Sequence[float], states: Sequence[str]) -> None:
    """Track-and-hold accuracy."""
    r.say(
        "## Track-and-hold",
        "",
        "What a reading at any moment may return, against the plateau itself (nominal parts; tolerances below).",
        "The gates open 10 us after an edge, so 5 % duty leaves 40 us a period. Asked: within 0.25 V, so that no state is mistaken.",
    )
    rows = []
    for state in states:
        for duty in duties:
            high, low, hi, lo = decks.held(c, state, "longest cable", duty)
            wrong_hi = max(abs(hi[0] - high), abs(hi[1] - high))
            limit_lo = 1.0
            good = wrong_hi < 0.25 and lo[1] < -12.05 + limit_lo
            rows.append(
                (
                    state,
                    f"{duty * 100:.0f} %",
                    f"{high:.2f}",
                    f"{hi[0]:.2f} .. {hi[1]:.2f}",
                    f"{wrong_hi:.2f}",
                    f"{low:.2f}",
                    f"{lo[0]:.2f} .. {lo[1]:.2f}",
                    r.must(f"track-and-hold in {state} at {duty:.0%}", good),
                )
            )
    r.table(("state", "duty", "plateau high", "CP_HI reads", "error V", "plateau low", "CP_LO reads", "met"), rows)
    r.say("At 96 % the low half leaves only 30 us a period: CP_LO reads up to 0.8 V high, still well below the diode's threshold of -10.5 V.", "")


def opening_part(r: Report, c: Circuit, cases: Sequence[tuple[str, float]], pictures: Path | None) -> None:
    """Reaction of the window comparators."""
    r.say(
        "## Window comparator: from the event to SAFE low",
        "",
        "Longest cable, nominal parts. Then K3 needs 5 to 10 ms and the contactor 10 to 40 ms: together at most 100 ms.",
    )
    rows = []
    for event, duty in cases:
        seen, fell, t, waves = decks.opening(c, event, duty)
        limit = 15.0 if "short" in event else 40.0
        rows.append((event, f"{duty * 100:.0f} %", f"{seen:.2f}", f"{fell:.1f}", r.must(f"{event} at {duty:.0%}", fell < limit)))
        if pictures and event.startswith("S2") and duty > 0.5:
            ms = [x * 1e3 - 60 for x in t]
            (pictures / "opening.svg").write_text(
                plot(
                    "The car opens S2 at 0 ms: 30 ms later SAFE falls",
                    "ms",
                    "V",
                    [("CP_HI, V on the pilot", ms, waves["hi"]), ("SAFE", ms, waves["safe"])],
                    levels=(("7.3 V", 7.3),),
                ),
                "utf-8",
            )
    r.table(("event", "duty", "threshold crossed after ms", "SAFE low after ms", "met"), rows)
    if pictures:
        r.say("![Opening after S2](hat/opening.svg)", "")
    up, down = decks.drift(c)
    r.say(
        f"PWM stuck low in state C: CP_HI drifts up and crosses 7.5 V after {up:.0f} ms (K3 opens 30 ms later). PWM stuck high: CP_LO has lost 63 % after {down:.0f} ms.",
        "" if r.must("stale CP_HI drifts to A", up < 40) else "",
    )


def one_shot_part(r: Report, c: Circuit) -> None:
    """The heartbeat's one-shot."""
    hold = decks.hold_time(c)
    r.say("## One-shot", "", f"Hold time {hold * 1e3:.1f} ms after the last rising edge. What its input sees behind 10 nF:")
    cases = (
        ("50 Hz heartbeat", "PULSE(0 3.3 5m 10n 10n 10m 20m)", 0.2, lambda n: n >= 9),
        ("stuck high from 10 ms on", "PWL(0 0 10m 0 10.001m 3.3)", 0.2, lambda n: n == 1),
        ("stuck low", "PWL(0 0 1 0)", 0.2, lambda n: n == 0),
        ("slow ramp over 100 ms", "PWL(0 0 0.1 3.3)", 0.2, lambda n: n == 0),
        ("floating pin, 50 Hz hum of 1 V", "SIN(0 1 50)", 0.2, lambda n: n == 0),
    )
    rows = []
    for name, source, length, good in cases:
        edges = decks.heartbeat(c, source, length)
        dead = f"{(edges[-1] + hold) * 1e3:.0f} ms" if edges else "never alive"
        rows.append((name, str(len(edges)), dead, r.must(f"one-shot: {name}", good(len(edges)))))
    r.table(("heartbeat pin", "edges in 200 ms", "WD_OK low after", "met"), rows)


def supply_part(r: Report, c: Circuit, pictures: Path | None) -> None:
    """Power-up, brown-out and the lock."""
    r.say(
        "## Power-up and brown-out: no relay twitches",
        "",
        "Worst case: every comparator still asleep, the command lines high, only the supervisor holds SAFE;",
        "the transistor of K3 at its lowest threshold (0.8 V). The relay pulls in at 70 % of 33 mA and lets go below 10 %.",
    )
    rows = []
    for name, ramp, fall in (
        ("3.3 V rises in 1 ms", 1e-3, False),
        ("3.3 V rises in 100 ms", 0.1, False),
        ("3.3 V rises in 1 s", 1.0, False),
        ("3.3 V falls in 100 ms", 0.1, True),
    ):
        peak, t, w = decks.power_up(c, ramp, fall=fall)
        if fall:
            late = [abs(i) for x, i in zip(t, w["i(lcoil)"], strict=True) if x > 10e-3 + 0.3 * ramp]
            peak = max(late) * 1e3
        rows.append((name, f"{peak:.2f}", r.must(f"relay at rest, {name}", peak < 23)))
        if pictures and ramp == 0.1 and not fall:
            (pictures / "power-up.svg").write_text(
                plot(
                    "3.3 V rising in 100 ms",
                    "ms",
                    "V / mA",
                    [
                        ("3.3 V", [x * 1e3 for x in t], w["v(v33)"]),
                        ("gate of K3", [x * 1e3 for x in t], w["v(g)"]),
                        ("coil current, mA", [x * 1e3 for x in t], [abs(i) * 1e3 for i in w["i(lcoil)"]]),
                    ],
                    levels=(("pull-in 23 mA", 23.0),),
                ),
                "utf-8",
            )
    r.table(("case", "greatest coil current mA", "met"), rows)
    if pictures:
        r.say("![Power-up](hat/power-up.svg)", "")
    r.say("12 V lost: K1 to K3 let go by themselves; +-15 V collapse, the pilot falls to 0 V (state E) and the window comparator opens SAFE.", "")
    r.say("## Lock drive", "", "600 ms pulse, beside 1 A for the Pi and the relays:")
    rows = []
    for ohms, limit in ((12.0, 2.5), (6.0, 2.5), (6.0, 4.0)):
        at_lock, rail = decks.lock_pulse(c, ohms, limit)
        rows.append(
            (
                f"{12 / ohms:.1f} A lock",
                f"{limit:.1f} A",
                f"{at_lock:.1f}",
                f"{rail:.1f}",
                r.must(f"lock {ohms} Ohm on {limit} A", at_lock > 8.0 and rail > 8.0),
            )
        )
    r.table(("lock", "12 V supply", "least V at the lock", "least V of the rail", "met"), rows)


def monte_carlo_part(r: Report, c: Circuit, runs: int) -> None:
    """Tolerances and margins."""
    rng = random.Random(61851)
    table = montecarlo.levels(c, runs, rng)
    r.say(
        f"## Monte Carlo: {runs} runs for each row",
        "",
        'All parts drawn evenly over tolerance and drift, vehicle resistors +-3 % ("least" and "greatest" R: the extremes of Annex A), nothing calibrated. Volts.',
    )
    r.table(
        ("state", "pilot least .. mean .. greatest", "reading least .. greatest"),
        [(n, f"{a.least:.2f} .. {a.mean:.2f} .. {a.greatest:.2f}", f"{b.least:.2f} .. {b.greatest:.2f}") for n, (a, b) in table.items()],
    )
    high = table["A"][0]
    r.say(
        f"+12 V within 11.4 to 12.6 V: {r.must('+12 V level', high.least > 11.4 and high.greatest < 12.6)}; -12 V within -12.6 to -11.4 V: "
        f"{r.must('-12 V level', table['low level'][0].least > -12.6 and table['low level'][0].greatest < -11.4)}.",
        "",
        "Margin of the worst run to every threshold of the software:",
    )
    rows = [
        (n, f"{level:.1f}", f"{above:+.2f}", f"{below:+.2f}", r.must(f"threshold {n}", min(above, below) > 0.25))
        for n, level, above, below in montecarlo.margins(table)
    ]
    r.table(("threshold", "V", "margin above", "margin below", "more than the 0.25 V hysteresis"), rows)
    bounds = {
        "opens above": (6.98, 7.57),
        "allows below": (6.7, 7.5),
        "opens below": (1.4, 2.3),
        "allows above": (1.6, 2.5),
        "opening delay, ms": (25, 36),
        "one-shot, ms": (90, 110),
        "over-temperature, degC": (79, 90),
        "12 V reading at 12.00 V, V": (11.6, 12.4),
        "lock wire B high above, V": (3.6, 4.2),
    }
    rows = []
    hardware = {row.name: row for row in montecarlo.window(c, runs, rng)}
    for row in [*hardware.values(), *montecarlo.others(c, runs, rng)]:
        least, most = bounds[row.name]
        rows.append(
            (
                row.name,
                f"{row.least:.2f} .. {row.mean:.2f} .. {row.greatest:.2f}",
                f"{least} .. {most}",
                r.must(row.name, least < row.least and row.greatest < most),
            )
        )
    r.say("Hardware thresholds on the pilot (V) and times:")
    r.table(("quantity", "least .. mean .. greatest", "must lie within", "met"), rows)
    c_worst, d_worst = table["C, greatest R"][0].greatest, table["D"][0].least
    again, opens, low = hardware["allows below"].least, hardware["opens above"].greatest, hardware["allows above"].greatest
    b_least = table["B, least R"][0].least
    r.must("state C closes", c_worst < again and d_worst > low)
    r.must("state B opens", b_least > opens)
    r.say(
        f"State C has at most {c_worst:.2f} V, the comparator lets the contactor close below {again:.2f} V or more; state D has {d_worst:.2f} V at least, above the {low:.2f} V "
        f"of the low side. A car in B has at least {b_least:.2f} V, the contactor opens above {opens:.2f} V at the latest.",
        "",
        "Proximity pilot, resistance as read over each window of the cable's resistor:",
    )
    r.table(("cable", "reads Ohm"), [(p.name, f"{p.least:.0f} .. {p.greatest:.0f}") for p in montecarlo.proximity(c, runs, rng)])


HEAD = """# The hat in simulation

Written by `hat-pcb/simulate` with ngspice from the part values in the hat's own net list. Operational amplifiers, comparators and
the supervisor are behavioural models of their data sheets' class; no maker's models were available. Simulation is no measurement:
surge, radio interference, heat and the release of real contactors are not in it. Limits of IEC 61851-1 are quoted from public lists, not from the
standard itself, and must be checked against it before any claim of conformity. Nothing here is certified."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 when every requirement holds."""
    parser = argparse.ArgumentParser(description="Simulate the hat and write docs/hat-simulation.md.")
    parser.add_argument("--short", action="store_true", help="fewer cases, no files: for CI")
    parser.add_argument("--runs", type=int, default=0, help="Monte Carlo runs for each row (default 500)")
    options = parser.parse_args(arguments)
    c, r = Circuit(values()), Report()
    pictures = None if options.short else DOCS / "hat"
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    r.say(HEAD, "")
    edges_part(r, c, ("C",) if options.short else ("A", "B", "C", "D"), pictures)
    hold_part(r, c, (0.10,) if options.short else DUTIES, ("C",) if options.short else ("B", "C"))
    everything = [
        (e, d) for e in ("S2 opens (C to B)", "car unplugged (C to A)", "pilot shorted to PE", "pilot shorted by 120 Ohm") for d in (0.1, 0.53)
    ]
    opening_part(r, c, everything[1:2] if options.short else [*everything, ("S2 opens (C to B)", 0.96)], pictures)
    one_shot_part(r, c)
    supply_part(r, c, pictures)
    monte_carlo_part(r, c, options.runs or (100 if options.short else 500))
    r.say("## Result", "", "All requirements above hold." if not r.failed else "Not met: " + "; ".join(r.failed) + ".")
    if pictures:
        (DOCS / "hat-simulation.md").write_text("\n".join(r.lines) + "\n", "utf-8")
    print("simulation:", "all requirements hold" if not r.failed else "NOT MET: " + "; ".join(r.failed))
    return 1 if r.failed else 0


if __name__ == "__main__":
    sys.exit(main())
