"""The panel's boxes as coloured text: display, lamps, car and hat; pure functions of one picture."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from smartevse.twin.demo_rig import Line
from smartevse.twin.panel_draw import PHASE_COLOURS, STATE_COLOURS
from smartevse.twin.panel_model import CABLES, Picture

LCD_COLUMNS = 20
_CUSTOM = range(0xE000, 0xE008)
"""Code points of the display's eight characters whose pixels the program defines."""
_LIT, _DARK = "#eaf2ff on #1d3fbb", "#3d4f8f on #101a3c"
_DIM, _GOOD, _BAD = "#6b7280", "#22c55e", "#ef4444"
_FULL_BAR_DA = 320
_BARS = " ▏▎▍▌▋▊▉█"
SOURCE_COLOURS: Mapping[str, str] = {"guard": "#f59e0b", "station": "#38bdf8", "twin": "#a78bfa", "demo": "#9ca3af"}
_LEVEL_COLOURS: Mapping[str, str] = {"warning": "#fbbf24", "error": "#f87171", "critical": "#f87171"}
_CONDITION_COLOURS = {"runs": _GOOD, "running": _GOOD, "stalled": "#fbbf24", "hung": "#fbbf24"}


def lcd(seen: Picture) -> Text:
    """The glass of the display, with a blank column at both sides."""
    style = _LIT if seen.backlight else _DARK
    rows = ("".join("▒" if ord(char) in _CUSTOM else char for char in row) for row in seen.lcd)
    return Text("\n".join(f" {row:<{LCD_COLUMNS}} " for row in rows), style, no_wrap=True)


def leds(seen: Picture) -> Text:
    """The three LEDs, as bright as they are."""
    text = Text(no_wrap=True)
    for letter, place, level in zip("RGB", range(3), seen.leds, strict=True):
        parts = ["28"] * 3
        parts[place] = f"{40 + round(215 * min(level, 1.0)):02x}"
        text.append("●", f"#{''.join(parts)}").append(f"{letter} ", _DIM)
    return text


def bar(part: float, cells: int) -> str:
    """A horizontal bar, 0 to 1, in eighths of a character."""
    eighths = round(min(max(part, 0.0), 1.0) * cells * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_BARS[rest] if rest else "")).ljust(cells)


def car(seen: Picture, columns: int) -> Text:
    """The car: what it does, its battery, what it takes."""
    cells = max(columns - 13, 4)
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("● " if seen.plugged else "○ ", STATE_COLOURS["B"] if seen.plugged else _DIM)
    text.append(f"{_doing(seen)}\n", "bold")
    text.append(f"cable {CABLES.get(seen.cable_ohm, f'{seen.cable_ohm} ohm')}\n", _DIM)
    text.append("battery ").append(bar(seen.soc, cells - 3), f"{_GOOD} on #1f2937").append(f" {seen.soc:6.1%}\n")
    for number, (current_da, colour) in enumerate(zip(seen.currents_da, PHASE_COLOURS, strict=True), 1):
        text.append(f"L{number} ", _DIM).append(bar(current_da / _FULL_BAR_DA, cells), f"{colour} on #1f2937")
        text.append(f" {current_da / 10:6.1f} A\n")
    text.append(f"{seen.power_w / 1000:.1f} kW", "bold").append(f"  {seen.session_wh / 1000:.3f} kWh")
    return text


def _doing(seen: Picture) -> str:
    if not seen.plugged:
        return "not plugged in"
    if any(seen.currents_da):
        return "charging"
    return "asks for current" if seen.wants else "plugged in"


def hat(seen: Picture, conditions: Mapping[str, str]) -> Text:
    """The hat's safety chain from the watchdog to the contactors, what it measures, and the programs."""
    lamps = seen.lamps
    text = Text(no_wrap=True, overflow="ellipsis")
    rows = (
        (("WD_OK", _GOOD), ("window", _GOOD), ("SAFE", _GOOD)),
        (("supply", "#f59e0b"), ("C1", "#f59e0b"), ("C2", "#f59e0b")),
        (("lock", "#3b82f6"), ("RCM trip", _BAD)),
    )
    for row in rows:
        for name, colour in row:
            text.append("● " if lamps[name] else "○ ", colour if lamps[name] else _DIM)
            text.append(f"{name:<7} ", "bold" if lamps[name] else _DIM)
        text.append("\n")
    text.append(f"{seen.temperature_c:.0f} °C  rail {seen.rail_v:.1f} V\n", _DIM)
    text.append("\n")
    for name, condition in conditions.items():
        text.append("■ ", _CONDITION_COLOURS.get(condition, _BAD)).append(f"{name} ")
    text.append("\n")
    broken = ", ".join(seen.faults)
    return text.append(f"broken: {broken}" if broken else "nothing is broken", _BAD if broken else _DIM)


def journal(line: Line, clock: str) -> Text:
    """One line of the journal; `clock` is the time of day."""
    text = Text().append(f"{clock} ", _DIM).append(f"{line.source:<8}", SOURCE_COLOURS.get(line.source, ""))
    return text.append(line.text, _LEVEL_COLOURS.get(line.level, ""))


def pilot_caption(seen: Picture) -> str:
    """The pilot in numbers."""
    if seen.duty_permille in (0, 1000):
        volts = seen.high_v if seen.duty_permille else seen.low_v
        return f"{seen.state}: steady {volts:+.1f} V, no offer"
    return f"{seen.state}: {seen.high_v:+.1f}/{seen.low_v:+.1f} V, {seen.duty_permille / 10:.1f} %"
