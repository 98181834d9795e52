"""Draws a story: for each unit its states, its currents with offer and limit, and the reasons; below them the mains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.scenario.engine import Run
from smartevse.scenario.record import Change
from smartevse.scenario.story import TICKS_A_SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, SOFT, GRID = "#22303c", "#66757f", "#e4e8eb"
PHASES = ("#8a5a33", "#3b3f46", "#8b97a3")
"""L1 brown, L2 black, L3 grey: the colours of the wires (IEC 60446)."""
OFFER, MAINS_LIMIT = "#2277cc", "#c0392b"
STATES = {
    State.A: "#dfe5ea",
    State.B1: "#c9d9a8",
    State.B: "#8fc171",
    State.C: "#3d9be0",
    State.C1: "#f2b84b",
    State.E: "#e0764a",
    State.F: "#d6453d",
}
WORDS = {
    State.A: "no car",
    State.B1: "connected",
    State.B: "offered",
    State.C: "charging",
    State.C1: "stopping",
    State.E: "pilot dead",
    State.F: "fault",
}
CALM, BINDS, WAITS = "#d5e8d4", "#fbe3b5", "#ececf4"
_FREE = {Why.MAX, Why.START, Why.RISING, Why.OVERRIDE}
_WAITING = {
    Why.NO_CAR, Why.ACCESS, Why.PAUSE, Why.SCHEDULE, Why.NO_SUN, Why.NO_MAINS, Why.NO_CIRCUIT, Why.NO_CAPACITY,
    Why.RETRY, Why.TURN, Why.PHASES, Why.NO_METER, Why.FIRST_DATA, Why.FIRST_CHARGERS, Why.SETTINGS,
}  # fmt: skip


class PlotError(RuntimeError):
    """A picture cannot be drawn; the text is one sentence."""


def draw(run: Run, path: Path) -> None:
    """Write the picture of a run that was told with samples. Raises PlotError."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        raise PlotError("--plot needs matplotlib: install it with pip install 'smartevse[plot]'") from None
    mpl.use("Agg")
    from matplotlib import pyplot

    with mpl.rc_context({"font.family": "sans-serif", "font.size": 9, "text.color": INK, "axes.labelcolor": INK}):
        figure = _figure(pyplot, run)
        try:
            figure.savefig(path, dpi=150)
        except (OSError, ValueError) as error:
            raise PlotError(f"{path} cannot be written: {error}") from None
        finally:
            pyplot.close(figure)


def _figure(pyplot: Any, run: Run) -> Any:
    """Title, three rows for each unit, and the mains when they were measured."""
    units = len(run.changes)
    with_mains = run.story.given.meter_every is not None
    tall = 2.6 if units == 1 else 1.35
    heights = [row for _ in range(units) for row in (0.3, tall, 0.3)] + ([2.2] if with_mains else [])
    height = sum(heights) + 0.16 * len(heights) + 1.5
    figure, axes = pyplot.subplots(
        len(heights), 1, figsize=(12, height), sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    rows = [row[0] for row in axes]
    scale, unit_name = _time_scale(run.story.ends)
    for number in range(units):
        _draw_unit(rows[3 * number : 3 * number + 3], run, number, scale)
    if with_mains:
        _draw_mains(rows[-1], run, scale)
    rows[-1].set_xlabel(f"time, {unit_name}")
    rows[-1].tick_params(labelbottom=True, colors=SOFT)
    rows[-1].set_xlim(0, run.story.ends * scale)
    top = 1 - 0.78 / height
    figure.subplots_adjust(left=0.075, right=0.985, top=top, bottom=0.62 / height, hspace=0.16)
    figure.text(0.075, 1 - 0.3 / height, run.story.title, fontsize=13, fontweight="bold", va="center")
    held = sum(outcome.held for outcome in run.outcomes)
    said = f"{held} of {len(run.outcomes)} expectations held"
    figure.text(0.075, 1 - 0.56 / height, said, color=SOFT if run.held else STATES[State.F], va="center")
    _legend(figure, height, units, with_mains)
    return figure


def _time_scale(ends: int) -> tuple[float, str]:
    """Units of time for a tick, and its name: seconds, minutes or hours."""
    if ends <= 300 * TICKS_A_SECOND:
        return 1 / TICKS_A_SECOND, "s"
    if ends <= 3 * 3600 * TICKS_A_SECOND:
        return 1 / TICKS_A_SECOND / 60, "min"
    return 1 / TICKS_A_SECOND / 3600, "h"


Pieces: TypeAlias = list[tuple[int, int, tuple[str, ...], str]]
"""Stretches of a ribbon: first and last tick, its names from the longest to the shortest, its colour."""


def _draw_unit(rows: Sequence[Axes], run: Run, number: int, scale: float) -> None:
    states, curves, reasons = rows
    changes, samples, ends = run.changes[number], run.samples[number], run.story.ends
    name = f"unit {number + 1}  " if len(run.changes) > 1 else ""
    pieces: Pieces = [
        (a, b, (f"{c.state.name}  {WORDS[c.state]}", c.state.name), STATES[c.state])
        for a, b, c in _pieces(changes, ends, "state")
    ]
    _ribbon(states, pieces, ends, scale)
    _side(states, f"{name}state")
    times = [sample.tick * scale for sample in samples]
    steps = [change.tick * scale for change in changes] + [ends * scale]
    offers = [change.offer_da / 10 for change in changes]
    curves.fill_between(steps, [*offers, offers[-1]], step="post", color=OFFER, alpha=0.10, linewidth=0)
    curves.plot(steps, [*offers, offers[-1]], drawstyle="steps-post", color=OFFER, linewidth=1.4)
    limits = [sample.limit_da / 10 for sample in samples]
    curves.plot(times, limits, drawstyle="steps-post", color=OFFER, linewidth=0.9, linestyle=(0, (2, 2)), alpha=0.8)
    for phase, colour in enumerate(PHASES):
        amps = [sample.currents_a[phase] for sample in samples]
        curves.plot(times, amps, color=colour, linewidth=2.6 - 0.8 * phase)
    most = max([*offers, *limits, *(max(sample.currents_a) for sample in samples), 6])
    curves.set_ylim(0, 1.12 * most)
    curves.set_ylabel("A")
    _plain(curves)
    pieces = [
        (a, b, (_short(run, number, a, b, c.why),), _reason_colour(c.why)) for a, b, c in _pieces(changes, ends, "why")
    ]
    _ribbon(reasons, pieces, ends, scale)
    _side(reasons, "reason")


def _draw_mains(axes: Axes, run: Run, scale: float) -> None:
    times = [tick * scale for tick, _ in run.mains]
    for phase, colour in enumerate(PHASES):
        line = [da[phase] / 10 for _, da in run.mains]
        axes.plot(times, line, drawstyle="steps-post", color=colour, linewidth=2.2 - 0.6 * phase)
    rules = run.story.given.units[0].wishes.rules(meter=True, units=len(run.changes))
    peaks = [max(da) / 10 for _, da in run.mains]
    if peaks and max(peaks) > 0.4 * rules.mains_a:
        axes.axhline(rules.mains_a, color=MAINS_LIMIT, linewidth=1.1, linestyle=(0, (6, 3)))
        axes.annotate(
            f"MAINS {rules.mains_a} A", (1, rules.mains_a), xycoords=("axes fraction", "data"),
            xytext=(-3, 3), textcoords="offset points", ha="right", va="bottom", fontsize=8, color=MAINS_LIMIT,
        )  # fmt: skip
    axes.axhline(0, color=SOFT, linewidth=0.6)
    axes.margins(y=0.14)
    axes.set_ylabel("mains, A")
    _plain(axes)


def _pieces(changes: Sequence[Change], ends: int, field: str) -> list[tuple[int, int, Change]]:
    """The stretches in which a field keeps its value, in ticks."""
    begins = [changes[0]]
    for change in changes[1:]:
        if getattr(change, field) != getattr(begins[-1], field):
            begins.append(change)
    edges = [change.tick for change in begins[1:]] + [ends]
    return [(change.tick, edge, change) for change, edge in zip(begins, edges, strict=True)]


def _ribbon(axes: Axes, pieces: Pieces, ends: int, scale: float) -> None:
    """Coloured stretches, each with the first of its names for which there is room."""
    for begin, end, names, colour in pieces:
        axes.axvspan(begin * scale, end * scale, facecolor=colour, edgecolor="white", linewidth=0.5)
        part = (end - begin) / ends
        name = next((name for name in names if part > max(0.0072 * len(name), 0.012)), "")
        if name:
            axes.text((begin + end) / 2 * scale, 0.48, name, ha="center", va="center", fontsize=8, clip_on=True)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.tick_params(length=0, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _side(axes: Axes, name: str) -> None:
    axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8, color=SOFT, labelpad=6)


def _plain(axes: Axes) -> None:
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(colors=SOFT, length=0)


def _short(run: Run, number: int, begin: int, end: int, why: str) -> str:
    """The words of a stretch: the LCD's line when it is the same all along, else what its texts have in common."""
    texts = {sample.reason for sample in run.samples[number] if begin <= sample.tick < end}
    return texts.pop() if len(texts) == 1 else why.replace("-", " ")


def _reason_colour(why: str) -> str:
    reason = Why(why)
    if reason in _WAITING:
        return WAITS
    return CALM if reason in _FREE else BINDS


def _legend(figure: Any, height: float, units: int, with_mains: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=OFFER, alpha=0.25, edgecolor=OFFER, label="offer on the pilot"),
        Line2D([], [], color=OFFER, linewidth=0.9, linestyle=(0, (2, 2)), label="limit of the station"),
    ]
    handles += [
        Line2D([], [], color=colour, linewidth=2.2, label=f"L{phase}") for phase, colour in enumerate(PHASES, 1)
    ]
    figure.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(0.985, 1 - 0.44 / height),
        ncol=len(handles),
        frameon=False,
        borderpad=0,
        fontsize=8,
        handlelength=1.6,
        columnspacing=1.4,
    )
