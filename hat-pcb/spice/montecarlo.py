"""Monte Carlo over the tolerances of every part that sets a level, with the margins to every threshold.

Tolerances are drawn evenly between their limits, which is harder than the bell curve of real parts. Nothing is
calibrated: what is compared with the thresholds is the raw reading.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from decks import Circuit
from ngspice import run

THIN, THICK = 0.0025, 0.012
"""Thin film 0.1 % and thick film 1 % with their drift over 60 K."""
REFERENCE = 0.0075
"""LM4040C: 0.5 % and drift."""
COMPARATOR_V, BUFFER_V = 0.010, 0.0025
CODE_ERROR = 4
"""MCP3208: offset, gain and linearity in codes."""


@dataclass(frozen=True, slots=True)
class Row:
    """Least, mean and greatest value of one quantity over all runs."""

    name: str
    least: float
    mean: float
    greatest: float

    @staticmethod
    def of(name: str, values: list[float]) -> Row:
        """The summary of a list of values."""
        return Row(name, min(values), sum(values) / len(values), max(values))


VEHICLES: dict[str, tuple[str, str, str]] = {
    "A": ("high", "", ""),
    "B": ("high", "2740", ""),
    "B, least R": ("high", "1870", ""),
    "B, greatest R": ("high", "4610", ""),
    "C": ("high", "2740", "1300"),
    "C, least R": ("high", "2740", "909"),
    "C, greatest R": ("high", "2740", "1723"),
    "D": ("high", "2740", "270"),
    "E, 1 Ohm": ("high", "short", "1"),
    "E, 120 Ohm": ("high", "short", "120"),
    "low level": ("low", "", ""),
    "low, no diode in B": ("low", "bare", "2740"),
    "low, no diode in C": ("low", "bare", "882"),
}
"""Level of the driver and the vehicle's resistors in ohm."""


def _chain(c: Circuit, i: int, level: str, first: str, second: str, rng: random.Random) -> tuple[str, float, float]:
    v = c.v

    def tol(value: float, t: float) -> float:
        return value * (1 + rng.uniform(-t, t))

    r5, r25 = tol(5.0, REFERENCE), tol(2.5, REFERENCE)
    lines = [
        f"V5x{i} r5x{i} 0 {r5}",
        f"Vgx{i} gx{i} 0 {0 if level == 'high' else r5}",
        f"Rgx{i} gx{i} gg{i} {rng.uniform(15, 60)}",
        f"R2x{i} gg{i} in{i} {tol(v['R302'], THIN)}",
        f"R3x{i} in{i} o{i} {tol(v['R303'], THIN)}",
        f"R4x{i} r5x{i} ip{i} {tol(v['R304'], THIN)}",
        f"R5x{i} ip{i} 0 {tol(v['R305'], THIN)}",
        f"Vo{i} ip{i} iq{i} {rng.uniform(-1e-3, 1e-3)}",
        f"Eo{i} o{i} 0 iq{i} in{i} 1e6",
        f"R6x{i} o{i} cp{i} {tol(v['R306'], THICK)}",
        f"Ra{i} cp{i} x{i} {tol(v['R401'], THIN)}",
        f"Vr{i} r{i} 0 {r25}",
        f"Rb{i} x{i} 0 {tol(v['R402'], THIN)}",
        f"Rc{i} x{i} r{i} {tol(v['R403'], THIN)}",
        f"Vb{i} x{i} xb{i} {rng.uniform(-2 * BUFFER_V, 2 * BUFFER_V)}",
    ]
    if first == "short":
        lines.append(f"Rs{i} cp{i} 0 {second}")
    elif first == "bare":
        lines.append(f"Rs{i} cp{i} 0 {tol(float(second), 0.03)}")
    elif first:
        extreme = 0.0 if (first, second) in (("1870", ""), ("4610", ""), ("2740", "909"), ("2740", "1723")) else 0.03
        lines += [f"Vd{i} cp{i} dm{i} {rng.uniform(0.55, 0.85)}", f"Dd{i} dm{i} d{i} DSTEEP", f"Rd{i} d{i} 0 {tol(float(first), extreme)}"]
        if second:
            lines.append(f"Re{i} d{i} 0 {tol(float(second), extreme)}")
    return "\n".join(lines), r25, rng.uniform(-CODE_ERROR, CODE_ERROR)


def levels(c: Circuit, runs: int, rng: random.Random) -> dict[str, tuple[Row, Row]]:
    """Per state: the pilot's true voltage and the reading, uncalibrated, of every run."""
    found = {}
    for name, (level, first, second) in VEHICLES.items():
        chains = [_chain(c, i, level, first, second, rng) for i in range(runs)]
        deck = "* levels\n@parts\n.options gmin=1e-13\n" + "\n".join(d for d, _, _ in chains) + "\n.op\n"
        _, v = run(deck, [f"v(cp{i})" for i in range(runs)] + [f"v(xb{i})" for i in range(runs)])
        true = [v[f"v(cp{i})"][0] for i in range(runs)]
        read = []
        for i, (_, r25, error) in enumerate(chains):
            code = min(max(round(v[f"v(xb{i})"][0] / r25 * 4096 + error), 0), 4095)
            read.append(c.pilot(code / 4096 * 2.5))
        found[name] = (Row.of(name, true), Row.of(name, read))
    return found


THRESHOLDS: tuple[tuple[str, float, tuple[str, ...], tuple[str, ...]], ...] = (
    ("A/B", 10.5, ("A",), ("B", "B, greatest R")),
    ("B/C", 7.5, ("B", "B, least R"), ("C", "C, greatest R")),
    ("C/D", 4.5, ("C", "C, least R"), ("D",)),
    ("D/E", 2.0, ("D",), ("E, 1 Ohm", "E, 120 Ohm")),
    ("diode", -10.5, ("low, no diode in B", "low, no diode in C"), ("low level",)),
)
"""Threshold of the software, and the states that must lie above and below it."""


def margins(table: dict[str, tuple[Row, Row]]) -> list[tuple[str, float, float, float]]:
    """Per threshold: its name, its level, the least distance of any run above it and below it."""
    return [
        (name, level, min(table[s][1].least for s in above) - level, level - max(table[s][1].greatest for s in below))
        for name, level, above, below in THRESHOLDS
    ]


def window(c: Circuit, runs: int, rng: random.Random) -> list[Row]:
    """Where the comparators switch, in volts on the pilot, and the opening delay in ms."""
    v, lines, drawn = c.v, [], []
    for i in range(runs):

        def tol(value: float, t: float) -> float:
            return value * (1 + rng.uniform(-t, t))

        r25, v33 = tol(2.5, REFERENCE), tol(3.3, 0.03)
        lines.append(f"Vr{i} r{i} 0 {r25}")
        values = {k: tol(v[k], THIN if k in ("R608", "R609") else THICK) for k in ("R608", "R609", "R610", "R613", "R614", "R615", "R616")}
        for n, safe in enumerate((v33, 0.0)):
            lines += [
                f"Vs{n}x{i} s{n}x{i} 0 {safe}",
                f"Ra{n}x{i} r{i} h{n}x{i} {values['R608']}",
                f"Rb{n}x{i} h{n}x{i} 0 {values['R609']}",
                f"Rc{n}x{i} h{n}x{i} s{n}x{i} {values['R610']}",
            ]
        lines += [f"Rd{i} r{i} l{i} {values['R613']}", f"Re{i} l{i} 0 {values['R614']}"]
        drawn.append(
            (
                r25,
                v33,
                values,
                [rng.uniform(-COMPARATOR_V, COMPARATOR_V) for _ in range(3)],
                (tol(v["R401"], THIN), tol(v["R402"], THIN), tol(v["R403"], THIN), rng.uniform(-2 * BUFFER_V, 2 * BUFFER_V)),
                tol(v["R612"], THICK) * tol(v["C603"], 0.10) * 1e3,
            )
        )
    vectors = [f"v({n}x{i})" for i in range(runs) for n in ("h0", "h1")] + [f"v(l{i})" for i in range(runs)]
    _, w = run("* window\n" + "\n".join(lines) + "\n.op\n", vectors)
    rows: dict[str, list[float]] = {n: [] for n in ("opens above", "allows below", "opens below", "allows above", "opening delay, ms")}
    for i, (r25, v33, values, error, (ra, rb, rc, buffer), rc_ms) in enumerate(drawn):
        g = 1 / ra + 1 / rb + 1 / rc

        def pilot(node: float, g: float = g, ra: float = ra, rc: float = rc, r25: float = r25, buffer: float = buffer) -> float:
            return ((node - buffer) * g - r25 / rc) * ra

        share = values["R615"] / (values["R615"] + values["R616"])
        low = w[f"v(l{i})"][0]
        rows["opens above"].append(pilot(w[f"v(h0x{i})"][0] + error[0]))
        rows["allows below"].append(pilot(w[f"v(h1x{i})"][0] + error[0]))
        rows["opens below"].append(pilot((low + error[1] - v33 * share) / (1 - share)))
        rows["allows above"].append(pilot((low + error[1]) / (1 - share)))
        rows["opening delay, ms"].append(rc_ms * math.log(r25 / (r25 - low - error[2])))
    return [Row.of(n, values) for n, values in rows.items()]


def others(c: Circuit, runs: int, rng: random.Random) -> list[Row]:
    """One-shot time in ms, over-temperature in degC, 12 V scale, lock threshold on the wire in V."""
    v = c.v

    def many(formula: Callable[[], float]) -> list[float]:
        return [formula() for _ in range(runs)]

    def tol(value: float, t: float = THICK) -> float:
        return value * (1 + rng.uniform(-t, t))

    def cutoff() -> float:
        a, b, h = tol(v["R617"]), tol(v["R618"]), tol(v["R619"])
        r25 = tol(2.5, REFERENCE)
        threshold = (r25 / a + 3.3 / h) / (1 / a + 1 / b + 1 / h)
        sensor_k = rng.uniform(-2.0, 2.0)
        return (threshold + rng.uniform(-COMPARATOR_V, COMPARATOR_V) - 0.5) / 0.010 + sensor_k

    return [
        Row.of("one-shot, ms", many(lambda: 32768 * tol(v["R604"]) / 50e3 * 1e-3 * (1 + rng.uniform(-0.034, 0.034)))),
        Row.of("over-temperature, degC", many(cutoff)),
        Row.of(
            "12 V reading at 12.00 V, V",
            many(lambda: 12 * tol(v["R504"]) / (tol(v["R503"]) + v["R504"]) * (v["R503"] + v["R504"]) / v["R504"] * tol(1, REFERENCE)),
        ),
        Row.of("lock wire B high above, V", many(lambda: 0.8 * tol(1, REFERENCE) * (tol(v["R931"]) / tol(v["R932"]) + 1))),
    ]


CABLES: tuple[tuple[str, float, float], ...] = (
    ("short", 0, 59),
    ("63 A", 80, 140),
    ("32 A", 164, 308),
    ("20 A (16 A)", 400, 936),
    ("13 A", 1100, 2460),
    ("open", 4500, 1e7),
)


def proximity(c: Circuit, runs: int, rng: random.Random) -> list[Row]:
    """The resistance that is read, in ohm, over each window of the cable's resistor."""
    rows = []
    for name, low, high in CABLES:
        read = []
        for i in range(runs):
            ohm = low if i % 2 else high
            pull = c.v["R501"] * (1 + rng.uniform(-0.006, 0.006))
            code = min(max(round(4096 * (ohm + rng.uniform(0, 0.3)) / (ohm + pull) + rng.uniform(-CODE_ERROR, CODE_ERROR)), 0), 4094)
            read.append(1000 * code / (4096 - code))
        rows.append(Row.of(name, read))
    return rows
