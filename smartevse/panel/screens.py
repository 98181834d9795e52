"""Draws the status as lines of characters: a pure function from one `PanelStatus` to what the LCD shows.

Works for 20x4 and 16x2: a screen is a headline and details; what finds no room takes turns in the last line.
Only ASCII is used, because the two character sets of these displays agree on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from smartevse.core.states import State
from smartevse.panel.model import MenuView, PanelStatus

TURN_S = 4
"""Lines that share a place take turns this often."""
GUARD_SILENT_S = 1.0
HELP_AFTER_S = 5.0
"""So long after the last key the help begins to move: 1 s still, one character each 0.3 s, 2 s still at the end."""
_STEP_S = 0.3
_START_S = 1.0
_END_S = 2.0

Frame = tuple[str, ...]
"""The lines of the LCD, each exactly as wide as the LCD."""

HOLD_FOR_MENU = ("Hold 2 sec", "for Menu")
"""The hint while o is down and the menu is not open yet."""
_GUARD_SILENT = ("NO SIGNAL FROM", "SAFETY PROGRAM", "no charging", "until it is back")

HOLDS: Mapping[str, str] = {
    "NONE": "",
    "NO_CAR": "",
    "NO_STATION": "starting",
    "NOT_WANTED": "",
    "FAULT": "error",
    "PROOF_TEST": "safety check",
    "CAR_STAYS_AT_6V": "car did not let go",
    "VENTILATION": "car wants a fan",
    "LOCKING": "locking the plug",
    "WAKING": "waking the car",
    "CAR_NOT_READY": "car is not ready",
    "DELAY": "starts in a moment",
}
"""The owner's words for the guard's reasons, by their names; where it is empty the reason of the current says more."""


class _Page(NamedTuple):
    """A screen before it has a size: `fixed` come first, `turns` fill up; what finds no line shares the last one."""

    title: str
    right: str = ""
    fixed: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()


def frame(status: PanelStatus, columns: int = 20, rows: int = 4) -> Frame:
    """The lines to show, exactly `rows` lines of `columns` characters (at least 16x2)."""
    if status.guard_age_s > GUARD_SILENT_S and status.menu is None:
        lines = _screenful(_GUARD_SILENT, status.now_s, rows)
    elif status.fault and status.menu is None:
        lines = _screenful(status.fault, status.now_s, rows)
    elif status.menu is not None:
        lines = _menu(status.menu, status, columns, rows)
    elif status.hint:
        lines = tuple(text.center(columns) for text in status.hint)
        lines = ("",) * ((rows - len(lines)) // 2) + lines
    else:
        lines = _layout(_PAGES[status.state](status), status.now_s, columns, rows)
    return tuple(_fit(line, columns) for line in (*lines, *("",) * rows)[:rows])


def _ready(status: PanelStatus) -> _Page:
    return _Page("READY TO CHARGE", fixed=(status.reason,), turns=_footer(status))


def _waiting(status: PanelStatus) -> _Page:
    return _Page("WAITING", fixed=_given(_hold(status), status.reason), turns=_turns(status))


def _connected(status: PanelStatus) -> _Page:
    return _Page("CONNECTED", _short(status.offer_da), _given(_hold(status), status.reason), _turns(status))


def _charging(status: PanelStatus) -> _Page:
    fixed = _given(status.reason, _energy(status))
    return _Page("CHARGING", _short(status.offer_da), fixed, _given(_currents(status), *_turns(status)))


def _stopping(status: PanelStatus) -> _Page:
    return _Page("STOPPING", fixed=_given("the car lets go", _energy(status) or status.reason), turns=_turns(status))


def _pilot_error(status: PanelStatus) -> _Page:
    return _Page("ERROR", fixed=("no pilot signal", "check the cable"), turns=_footer(status))


def _own_error(status: PanelStatus) -> _Page:
    return _Page("ERROR", fixed=("charging stopped",), turns=_footer(status))


_PAGES: Mapping[State, Callable[[PanelStatus], _Page]] = {
    State.A: _ready,
    State.B1: _waiting,
    State.B: _connected,
    State.C: _charging,
    State.C1: _stopping,
    State.E: _pilot_error,
    State.F: _own_error,
}


def _hold(status: PanelStatus) -> str:
    return HOLDS.get(status.hold, "")


def _energy(status: PanelStatus) -> str:
    """Power and energy of the car, "" without a meter: "11.0kW 12.34kWh"."""
    if status.ev_meter is None:
        return ""
    return f"{status.ev_meter.power_w / 1000:.1f}kW {status.ev_meter.session_wh / 1000:.2f}kWh"


def _currents(status: PanelStatus) -> str:
    """What the car takes on each phase: "16.0 15.9 16.1A"."""
    if status.ev_meter is None:
        return ""
    return " ".join(f"{current / 10:.1f}" for current in status.ev_meter.currents_da) + "A"


def _turns(status: PanelStatus) -> tuple[str, ...]:
    """Time, cable and the footer, one after the other."""
    cable = f"cable {_short(status.cable_da)}" if status.cable_da else ""
    since = f"time {duration(status.session_s)}" if status.session_s is not None else ""
    return _given(since, cable, *_footer(status))


def _footer(status: PanelStatus) -> tuple[str, ...]:
    """Remarks, then clock, temperature and version in one line."""
    return _given(*status.notes, " ".join(_given(status.clock, _celsius(status), status.version)))


def _celsius(status: PanelStatus) -> str:
    return "" if status.temperature_dc is None else f"{round(status.temperature_dc / 10)}C"


def _short(current_da: int) -> str:
    return f"{current_da / 10:.1f}A" if current_da else ""


def duration(seconds: int) -> str:
    """A length of time for the LCD: "4:05", "1:23:45"; from 100 hours on "4d 07h"."""
    minutes, second = divmod(max(seconds, 0), 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours // 24}d {hours % 24:02d}h"
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _given(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _layout(page: _Page, now_s: float, columns: int, rows: int) -> Frame:
    """The headline, then as many details as there are lines; those that are left take turns in the last line."""
    room = rows - 2
    details = page.fixed + page.turns
    still = max(min(room, len(details) - 1), len(page.fixed[:room]))
    fixed, turns = details[:still], details[still:]
    last = (turns[_turn(now_s) % len(turns)],) if turns else ()
    return (_pair(page.title, page.right, columns), *fixed, *("",) * (room - len(fixed)), *last)


def _screenful(lines: Frame, now_s: float, rows: int) -> Frame:
    """As many of the lines as fit, the next ones after 4 s."""
    screens = [lines[start : start + rows] for start in range(0, len(lines), rows)]
    return screens[_turn(now_s) % len(screens)]


def _menu(view: MenuView, status: PanelStatus, columns: int, rows: int) -> Frame:
    """Name and value, arrows around the one that < and > change, help, and a last line with position and version."""
    name, value = _arrows(view.name, columns, not view.editing), _arrows(view.value, columns, view.editing)
    if view.lines and rows >= 4:
        return (name, value, *(line.center(columns) for line in view.lines))
    if view.lines:
        return (view.lines[_turn(status.now_s) % len(view.lines)].center(columns), value)
    if rows < 4:
        moving = view.text and view.idle_s >= HELP_AFTER_S
        return (scrolled(view.text, columns, view.idle_s) if moving else name, value)
    place = f"{view.position}/{view.count}".center(columns - 2 * 7)
    return (
        name,
        value,
        scrolled(view.text, columns, view.idle_s),
        f"{_celsius(status):<7.7}{place}{status.version:>7.7}",
    )


def scrolled(text: str, columns: int, idle_s: float) -> str:
    """The part of a long text that shows after this time without a key; it starts again when it came to the end."""
    hidden = len(text) - columns
    if hidden <= 0 or idle_s < HELP_AFTER_S:
        return text[:columns]
    at_s = (idle_s - HELP_AFTER_S) % (_START_S + hidden * _STEP_S + _END_S)
    start = min(max(int((at_s - _START_S) / _STEP_S) + 1 if at_s >= _START_S else 0, 0), hidden)
    return text[start : start + columns]


def _arrows(text: str, columns: int, shown: bool) -> str:
    return f"<{text.center(columns - 2)[: columns - 2]}>" if shown else text.center(columns)


def _pair(left: str, right: str, columns: int) -> str:
    """Two texts at both ends of a line; the left one gives way."""
    if not right:
        return left
    return f"{left[: columns - len(right) - 1]:<{columns - len(right)}}{right}"


def _fit(text: str, columns: int) -> str:
    """Exactly that many characters, with ? for what the display has no character for."""
    plain = "".join(char if " " <= char <= "}" and char != "\\" else "?" for char in text)
    return f"{plain:<{columns}.{columns}}"


def _turn(now_s: float) -> int:
    return int(now_s // TURN_S)
