"""One picture of a recording: pilot, state, offer, what was switched and read, temperature, supply and the faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.ticker import MaxNLocator, MultipleLocator

from smartevse.core import faults
from smartevse.core.contactor import PULSE_TICKS
from smartevse.core.pilot import LOWER_EDGE_MV, Level, offer_da
from smartevse.core.states import State
from smartevse.hal.hat import HatMap
from smartevse.recorder.recording import Recording, Tick
from smartevse.recorder.replay import hat_of

_INK, _PALE, _ALARM = "#1f2933", "#cbd2d9", "#c81e1e"
_STATES = {
    State.A: "#e4e7eb",
    State.B1: "#d9e2ec",
    State.B: "#9fc5e8",
    State.C: "#8fd19e",
    State.C1: "#f7d070",
    State.E: "#f29b9b",
    State.F: "#e66a6a",
}
_EDGES_V = (13.5, *(edge / 1000 for edge in LOWER_EDGE_MV), -1.0)
_BANDS_V = dict(zip(Level, pairwise(_EDGES_V), strict=True))
"""Where the high half of the pilot means which level."""
MOMENT_MS = (-400, 1000)
"""What is shown large around the first fault."""
_MOST_NAMES = 12
_COIL = "voltage at C1"
_Lane = tuple[str, str, Callable[[Tick], bool]]


def draw(recording: Recording, picture: BinaryIO) -> None:
    """Write a PNG of 2250 by 1425 pixels: the whole recording, and beside it the moment of the first fault."""
    ticks, hat = recording.ticks, hat_of(recording)
    marks = recording.new_faults()
    zero_ms = marks[0][0].now_ms if marks else ticks[-1].now_ms
    moment = [tick for tick in ticks if MOMENT_MS[0] <= tick.now_ms - zero_ms <= MOMENT_MS[1]]
    with pyplot.rc_context({"font.size": 10, "axes.edgecolor": _PALE, "axes.labelcolor": _INK, "text.color": _INK}):
        figure, axes = pyplot.subplots(
            6, 2, sharex="col", sharey="row", figsize=(15, 9.5), dpi=150, layout="constrained",
            gridspec_kw={"height_ratios": [3.2, 0.5, 1.5, 3.6, 1.0, 1.0], "width_ratios": [1.5, 1]},
        )  # fmt: skip
        # the rows share their scales: the whole recording is drawn last, so that its limits hold
        for column, shown in ((1, moment), (0, ticks)):
            _column(axes[:, column], shown, hat, zero_ms)
            _marks(axes[:, column], marks, zero_ms, shown)
        for axis in axes[:, 1]:
            axis.tick_params(axis="y", left=False)
        for axis, name in zip(axes[:, 0], ("pilot [V]", "state", "offer [A]", "", "°C", "12 V rail"), strict=True):
            axis.set_ylabel(name)
        for level, (top_v, bottom_v) in _BANDS_V.items():
            where = axes[0, 1].get_yaxis_transform()
            axes[0, 1].text(1.008, (top_v + bottom_v) / 2, level.name, transform=where, va="center")
        for axis in (axes[0, 0], axes[2, 0]):
            axis.legend(loc="lower left", bbox_to_anchor=(0, 0.97), ncols=2, fontsize=9, frameon=False, borderpad=0)
        axes[-1, 0].set_xlabel("seconds " + ("from the first fault" if marks else "before the end"))
        axes[-1, 1].set_xlabel("the same, seconds, around the first fault" if marks else "the end")
        figure.suptitle(_title(recording), x=0.01, ha="left", fontsize=11)
        try:
            figure.savefig(picture, format="png")
        finally:
            pyplot.close(figure)


def _title(recording: Recording) -> str:
    first, last = recording.ticks[0], recording.ticks[-1]
    start, length_s = recording.at(first).astimezone(), (last.now_ms - first.now_ms) / 1000
    return (
        f"{Path(recording.name).name}    from {start:%Y-%m-%d %H:%M:%S %Z} for {length_s:.0f} s,"
        f" smartevse {recording.program}, hat revision {recording.hat_revision}"
    )


def _column(axes: Sequence[Any], ticks: Sequence[Tick], hat: HatMap, zero_ms: int) -> None:
    """All rows for these ticks."""
    at_s = [(tick.now_ms - zero_ms) / 1000 for tick in ticks]
    codes = [tick.sample.adc for tick in ticks]
    _pilot(axes[0], at_s, ticks, hat)
    _states(axes[1], at_s, ticks)
    _offer(axes[2], at_s, ticks)
    _lanes(axes[3], at_s, ticks, hat)
    _curve(axes[4], at_s, [hat.temperature_dc(adc[hat.channels.temperature]) / 10 for adc in codes])
    _curve(axes[5], at_s, [hat.rail_mv(adc[hat.channels.rail_12v]) / 1000 for adc in codes])
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.005)


def _pilot(axis: Any, at_s: Sequence[float], ticks: Sequence[Tick], hat: HatMap) -> None:
    """High and low half of the pilot over the bands of the levels."""
    high = [hat.pilot_mv(tick.sample.adc[hat.channels.cp_high]) / 1000 for tick in ticks]
    low = [hat.pilot_mv(tick.sample.adc[hat.channels.cp_low]) / 1000 for tick in ticks]
    for level, (top_v, bottom_v) in _BANDS_V.items():
        axis.axhspan(bottom_v, top_v, color="#f5f7fa" if level % 2 else "#e9eef3", linewidth=0)
    axis.plot(at_s, low, color="#3e6fb0", linewidth=1.0, label="low half")
    axis.plot(at_s, high, color=_INK, linewidth=1.2, label="high half")
    axis.yaxis.set_major_locator(MultipleLocator(3))
    axis.set_ylim(min(-13.5, *low), max(13.5, *high))


def _states(axis: Any, at_s: Sequence[float], ticks: Sequence[Tick]) -> None:
    """A ribbon of the states, each named where there is room for it."""
    whole_s = max(at_s[-1] - at_s[0], 0.01)
    for state, start, end in _runs(at_s, [tick.report.state for tick in ticks]):
        axis.axvspan(start, end, color=_STATES[state], linewidth=0)
        if end - start > whole_s * 0.012 * len(state.name):
            axis.text((start + end) / 2, 0.5, state.name, ha="center", va="center", weight="bold", clip_on=True)
    axis.set_ylim(0, 1)
    axis.set_yticks([])


def _offer(axis: Any, at_s: Sequence[float], ticks: Sequence[Tick]) -> None:
    """What the duty cycle offers and what was permitted, in ampere; steady pilots offer nothing."""
    duties = [tick.outputs.duty_permille for tick in ticks]
    amps = [offer_da(duty) / 10 if 0 < duty < 1000 else 0.0 for duty in duties]
    permitted = [tick.permit.offer_da / 10 if tick.permit and tick.permit.charge else 0.0 for tick in ticks]
    axis.step(at_s, permitted, where="post", color="#9aa5b1", linewidth=1.0, linestyle="--", label="permitted")
    axis.step(at_s, amps, where="post", color=_INK, linewidth=1.4, label="offered by the duty cycle")
    top = max(6.0, *amps, *permitted) * 1.15
    for duty, start, end in _runs(at_s, duties):
        if end - start > (at_s[-1] - at_s[0]) * 0.1:
            text = {0: "steady −12 V", 1000: "steady +12 V"}.get(duty, f"{duty / 10:.1f} %")
            axis.text((start + end) / 2, top * 0.08, text, ha="center", fontsize=8.5, color="#52606d")
    axis.set_ylim(0, top)
    axis.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _lanes(axis: Any, at_s: Sequence[float], ticks: Sequence[Tick], hat: HatMap) -> None:
    """One line for each thing that is on or off: thick while it is on."""
    pins = hat.pins
    lanes: tuple[_Lane, ...] = (
        ("permit", "#52606d", lambda t: t.permit is not None),
        ("heartbeat", "#52606d", lambda t: t.outputs.heartbeat and t.sample.fresh),
        ("WD_OK", "#3e6fb0", lambda t: bool(t.sample.levels >> pins.wd_ok & 1)),
        ("SAFE", "#3e6fb0", lambda t: bool(t.sample.levels >> pins.safe & 1)),
        ("contactor 1", "#2f855a", lambda t: t.outputs.c1),
        ("contactor 2", "#2f855a", lambda t: t.outputs.c2),
        (_COIL, "#b7791f", lambda t: bool(t.sample.seen_low >> pins.c1_fb & 1)),
        ("mirror closed", "#b7791f", lambda t: bool(t.sample.levels >> pins.aux_fb & 1)),
        ("lock", "#52606d", lambda t: t.outputs.lock_r),
        ("unlock", "#52606d", lambda t: t.outputs.lock_w),
        ("RCM trip", _ALARM, lambda t: bool(t.sample.seen_high >> pins.rcm_trip & 1)),
        ("RCM test", "#52606d", lambda t: t.outputs.rcm_test),
    )
    for row, (name, colour, is_on) in enumerate(lanes):
        axis.axhline(row, color=_PALE, linewidth=0.8, zorder=1)
        values = [is_on(tick) for tick in ticks]
        if name == _COIL:  # it comes in pulses of its frequency, so that not every tick sees one
            values = [any(values[max(at - PULSE_TICKS + 1, 0) : at + 1]) for at in range(len(values))]
        runs = _runs(at_s, values)
        spans = [(start, end - start) for on, start, end in runs if on]
        axis.broken_barh(spans, (row - 0.3, 0.6), color=colour, linewidth=0, zorder=2)
    axis.set_yticks(range(len(lanes)), [name for name, _, _ in lanes], fontsize=9)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(lanes) - 0.5, -0.5)


def _curve(axis: Any, at_s: Sequence[float], values: Sequence[float]) -> None:
    """One slow reading, with room around it so that noise does not look like a mountain."""
    axis.plot(at_s, values, color=_INK, linewidth=1.0)
    middle = (min(values) + max(values)) / 2
    half = max((max(values) - min(values)) * 0.6, 1.0)
    axis.set_ylim(middle - half, middle + half)
    axis.yaxis.set_major_locator(MaxNLocator(3))


def _marks(axes: Sequence[Any], marks: Sequence[tuple[Tick, int]], zero_ms: int, shown: Sequence[Tick]) -> None:
    """A red line through everything for each fault that came, with its name at the top."""
    rows = [(tick, fault) for tick, bits in marks for fault in faults.names(bits)]
    inside = [(t, fault) for t, fault in rows if shown[0].now_ms <= t.now_ms <= shown[-1].now_ms]
    for turn, (tick, fault) in enumerate(inside):
        at_s = (tick.now_ms - zero_ms) / 1000
        for axis in axes:
            axis.axvline(at_s, color=_ALARM, linewidth=1.0, zorder=3)
        if turn < _MOST_NAMES:
            right = tick.now_ms - shown[0].now_ms > 0.6 * (shown[-1].now_ms - shown[0].now_ms)
            axes[0].annotate(
                fault.name.lower().replace("_", " "),
                (at_s, 1), xycoords=axes[0].get_xaxis_transform(), ha="right" if right else "left", va="top",
                xytext=(-5 if right else 5, -4 - 14 * (turn % 6)), textcoords="offset points",
                color=_ALARM, weight="bold", fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
            )  # fmt: skip


def _runs(at_s: Sequence[float], values: Sequence[Any]) -> list[tuple[Any, float, float]]:
    """The stretches of equal values with their beginning and end in seconds."""
    found = []
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            found.append((values[start], at_s[start], at_s[min(at, len(values) - 1)]))
            start = at
    return found
