"""Judges the samples of `bench.endurance` and makes the page with its picture.

Flat means: over the second half, in which everything has been used once, a straight line through the means of five
minutes does not rise, or rises by so little that a year would not matter. Five minutes are longer than one thing that
happens, so that the means are nearly independent and the uncertainty of the slope can be believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults.report import machine
from bench.rigs import DOCS

DOCUMENT, PICTURE = DOCS / "endurance.md", DOCS / "endurance.png"
BLOCK_S = 300.0
T_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10)
"""Student's t for 95 % by degrees of freedom, from 1 on; 2.1 beyond."""
PROCESSES = ("guard", "station")

Sample = dict[str, Any]
Look = Callable[[Sample], float]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is judged: its name, how a sample gives it, and the growth in an hour that would not matter."""

    name: str
    look: Look
    small: float
    form: str = ".0f"
    most: bool = False
    """Of five minutes the most counts, not the mean: what comes and goes must not come more and more."""


def _of(key: str, scale: float = 1.0) -> Look:
    return lambda sample: float(sample[key]) * scale


QUANTITIES = (
    Quantity("resident memory, kB (RSS)", _of("rss_kb"), 20.0),
    Quantity("open file handles", _of("handles"), 0.1, ".1f", most=True),
    Quantity("threads", _of("threads"), 0.1, ".1f", most=True),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One quantity of one process over the second half."""

    process: str
    quantity: Quantity
    first: float
    """The mean of the first five minutes of that half, and of the last."""
    last: float
    slope: float
    """Growth in an hour."""
    doubt: float
    """Half the width of its 95 % interval."""

    @property
    def word(self) -> str:
        """Flat, grows, or not told by a run of this length."""
        if self.slope - self.doubt > 0 and self.slope > self.quantity.small:
            return "**grows**"
        return "flat" if self.slope + self.doubt <= 10 * self.quantity.small else "not told"


def line(at_h: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The slope of a straight line through the points, and half the width of its 95 % interval."""
    count = len(at_h)
    if count < 3:
        return 0.0, float("inf")
    middle, mean = sum(at_h) / count, sum(values) / count
    spread = sum((x - middle) ** 2 for x in at_h)
    slope = sum((x - middle) * (y - mean) for x, y in zip(at_h, values, strict=True)) / spread
    rest = sum((y - mean - slope * (x - middle)) ** 2 for x, y in zip(at_h, values, strict=True))
    free = count - 2
    t = T_95[free - 1] if free <= len(T_95) else 2.1
    return slope, t * (rest / free / spread) ** 0.5


def blocks(samples: Sequence[Sample], process: str, quantity: Quantity) -> tuple[list[float], list[float]]:
    """The values of five minutes each with their middles in hours; a block that is not full is left out."""
    found: dict[int, list[float]] = {}
    for sample in samples:
        found.setdefault(int(sample["at_s"] // BLOCK_S), []).append(quantity.look(sample[process]))
    whole = [number for number in sorted(found) if len(found[number]) > BLOCK_S / 20]
    values = [max(found[n]) if quantity.most else sum(found[n]) / len(found[n]) for n in whole]
    return [(number + 0.5) * BLOCK_S / 3600 for number in whole], values


def judged(samples: Sequence[Sample], others: Sequence[Sample] = ()) -> list[Verdict]:
    """Every quantity of both processes, from when it was started last."""
    verdicts = []
    for process in PROCESSES:
        began_s = max((other["at_s"] for other in others if other.get("restarted") == process), default=0.0)
        half_s = (began_s + samples[-1]["at_s"]) / 2
        late = [sample for sample in samples if sample["at_s"] >= half_s]
        for quantity in QUANTITIES:
            at_h, means = blocks(late, process, quantity)
            slope, doubt = line(at_h, means)
            ends = (
                (means[0], means[-1]) if means else (quantity.look(late[0][process]), quantity.look(late[-1][process]))
            )
            verdicts.append(Verdict(process, quantity, *ends, slope, doubt))
    return verdicts


def read(path: Path) -> tuple[list[Sample], list[Sample]]:
    """The samples of a file, and its other lines."""
    lines = [json.loads(text) for text in path.read_text("utf-8").splitlines()]
    return [line for line in lines if "guard" in line], [line for line in lines if "guard" not in line]


def rates(samples: Sequence[Sample], process: str) -> str:
    """Processor time and what was written, over the whole run."""
    first, last = samples[0], samples[-1]
    hours = (last["at_s"] - first["at_s"]) / 3600
    share = (last[process]["cpu_s"] - first[process]["cpu_s"]) / hours / 36
    fair_mb = last[process]["pss_kb"] / 1024
    dirtied = (last[process]["dirtied_bytes"] - first[process]["dirtied_bytes"]) / hours / 1e6
    return f"{share:.1f} % of a processor, {dirtied:.1f} MB an hour into files, PSS {fair_mb:.1f} MB at the end"


def told(samples: Sequence[Sample], others: Sequence[Sample], verdicts: Sequence[Verdict]) -> str:
    """The page."""
    acts = [str(other["act"]) for other in others if "act" in other]

    def count(*words: str) -> int:
        return sum(act.startswith(words) for act in acts)

    loads = sorted(sample["load"] for sample in samples)
    charging = sum(sample["charging"] for sample in samples) / len(samples)
    ended = next((other for other in others if "ended" in other), None)
    done = next((other for other in others if other.get("done")), None)
    how = f"It ended early: {ended['ended']}" if ended else "It went to its end" if done else "It had not ended yet"
    if done:
        errors = done["errors"]
        how += f"; lines in the log: guard {done['lines']['guard']}, station {done['lines']['station']}"
        how += f"; errors of ours in the log of {', '.join(errors)}" if errors else "; no error of ours in them"
    missed = sum("missed" in other for other in others)
    again = [f"{other['restarted']} at {other['at_s'] / 60:.0f} min" for other in others if "restarted" in other]
    rows = [
        f"| {v.process} | {v.quantity.name} | {v.first:{v.quantity.form}} | {v.last:{v.quantity.form}} | "
        f"{v.slope:+{v.quantity.form}} ± {v.doubt:{v.quantity.form}} | {v.word} |"
        for v in verdicts
    ]
    minutes = f"{samples[-1]['at_s'] / 60:.0f}"
    load = f"{loads[len(loads) // 2]:.1f} (median), {loads[-1]:.1f} at most, two processors, other programs beside"
    return f"""# Endurance

Guard and station, unchanged, as processes in real time against the twin for {minutes} minutes, while what happens in
years of use happened all the time: cars of all kinds came and went, mode and limits were changed, keys pressed, the
meters fell silent, the line was cut and noisy, parts of the hat failed and were healed. {how}.

| Process | What | at half time | at the end | growth in an hour | |
|---|---|--:|--:|--:|---|
{chr(10).join(rows)}

*At half time* and *at the end* are values of five minutes: the mean of the memory, the most handles and threads. The
growth is the slope of a straight line through such values over the second half with its 95 % interval; *flat* when
that contains no growth, or one that is too small to matter in a year, and when the interval is narrow enough to say so.

![memory, handles and threads over the run](endurance.png)

| | |
|---|---|
| plugged in, let go, unplugged | {count("ev plug")} / {count("ev ready off")} / {count("ev unplug")} |
| charging | {charging:.0%} of the samples |
| house and sun changed | {count("house", "sun")} |
| settings written | {count("settings")} |
| keys pressed | {count("press")} |
| meters silent, line cut or noisy | {count("bus silent 10 on", "bus silent 12 on", "bus cut", "bus noise 0.0")} |
| faults | {count("fault") - sum(act.endswith(" off") and act.startswith("fault") for act in acts)} |
| acts that the machine was too slow for | {missed} |
| ended because the twin had no processor time, and started again | {", ".join(again) or "none"} |
| guard | {rates(samples, "guard")} |
| station | {rates(samples, "station")} |
| load of the machine | {load} |

Memory is RSS, which does not depend on what else runs; PSS, its fair share of the pages that programs have in common,
does. The guard's recorder is in memory here as in the product. Measured on
{machine()}; a sample every 10 s. Again: `python -m bench.endurance --minutes 120`, then
`python -m bench.endurance --write`.
"""


def write(path: Path) -> bool:
    """Write page and picture from a file of samples; whether nothing grows and nothing failed."""
    samples, others = read(path)
    verdicts = judged(samples, others)
    DOCUMENT.write_text(told(samples, others, verdicts), "utf-8")
    draw(samples, PICTURE)
    for verdict in verdicts:
        growth = f"{verdict.slope:+.2f} ± {verdict.doubt:.2f} an hour"
        print(f"{verdict.process} {verdict.quantity.name}: {growth}, {verdict.word}")
    failed = any("ended" in other or other.get("errors") for other in others)
    return not failed and all(verdict.word == "flat" for verdict in verdicts)


def draw(samples: Sequence[Sample], path: Path) -> None:
    """Memory, handles and threads over the run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 1, figsize=(9, 7), sharex=True)
    at_min = [sample["at_s"] / 60 for sample in samples]
    for process, colour in zip(PROCESSES, ("tab:red", "tab:blue"), strict=True):
        for key, style in (("rss_kb", "-"), ("private_kb", ":")):
            values = [sample[process][key] / 1024 for sample in samples]
            name = "RSS" if key == "rss_kb" else "its own"
            axes[0].plot(at_min, values, style, color=colour, lw=1, label=f"{process}, {name}")
        for axis, key in ((axes[1], "handles"), (axes[2], "threads")):
            axis.plot(at_min, [sample[process][key] for sample in samples], color=colour, lw=1, label=process)
    for axis, name in zip(axes, ("memory, MB", "open file handles", "threads"), strict=True):
        axis.set_ylabel(name)
        axis.set_ylim(bottom=0)
        axis.axvspan(at_min[-1] / 2, at_min[-1], color="0.95")
        axis.legend(loc="lower right", fontsize=8)
    axes[-1].set_xlabel("minutes; the half that is judged is grey")
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
