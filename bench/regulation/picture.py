"""The picture of the report: a recorded house and a cloudy hour under the old rule and ours."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from bench.regulation.families import Case, cloudy_days, recorded_house
from bench.regulation.loop import Log
from smartevse.core.rules import Mode


def draw(path: Path) -> None:
    """Draws mains current and offers of both rules, with our reasons as a ribbon, into a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(4, 1, figsize=(13, 13))
    _pair(axes[0], axes[1], recorded_house(36), 900, 2700)
    _pair(axes[2], axes[3], next(iter(cloudy_days(0.5, 11))), 14_400, 16_200)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    pyplot.close(figure)


def _pair(above: Any, below: Any, case: Case, first: int, last: int) -> None:
    from bench.regulation.__main__ import play

    # the sun counts as the sum of the phases, MAINS on each; the car is on L1
    solar = case.rules.mode == Mode.SOLAR
    shown: Callable[[Sequence[int]], int] = sum if solar else itemgetter(0)
    which = "all phases" if solar else "L1"
    for axis, rule in ((above, "2026"), (below, "ours")):
        log = Log()
        play(case, rule, log)
        minutes = [t / 60 for t in range(first, last)]
        mains, house = log.mains[first:last], case.house[first:last]
        axis.plot(minutes, [shown(m) / 10 for m in mains], lw=0.7, label=f"mains, {which} (A)")
        axis.plot(minutes, [o[0] / 10 for o in log.offers[first:last]], lw=1.2, label="offer (A)")
        axis.plot(minutes, [shown(h) / 10 for h in house], lw=0.5, color="grey", label=f"house, {which} (A)")
        if not solar:
            axis.axhline(case.rules.mains_a, color="red", lw=0.6)
        axis.set_title(f"{case.name}: {'the old rule of 2026' if rule == '2026' else 'this regulator'}", fontsize=10)
        axis.legend(loc="lower right", fontsize=7, ncol=3)
        if rule == "ours":
            _ribbon(axis, log, first, last)


def _ribbon(axis: Any, log: Log, first: int, last: int) -> None:
    """The reasons as a coloured strip at the foot."""
    names = sorted({line[0] for line in log.reasons[first:last]})
    colours = dict(zip(names, ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"), strict=False))
    low = axis.get_ylim()[0]
    for name in names:
        spans = [t / 60 for t in range(first, last) if log.reasons[t][0] == name]
        axis.scatter(spans, [low] * len(spans), marker="s", s=6, color=colours.get(name, "k"))
        axis.scatter([], [], marker="s", s=20, color=colours.get(name, "k"), label=f"reason: {name}")
    axis.legend(loc="lower right", fontsize=7, ncol=4)
