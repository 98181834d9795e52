"""Draws the status as lines of characters: a pure function from one `PanelStatus` to what the LCD shows.

Works for 20x4 and 16x2: a screen is a headline and details (`panel.pages`); what finds no room takes turns in the last
line. The characters are ASCII and the eight of `panel.glyphs`.
"""

from __future__ import annotations

from smartevse.panel.glyphs import READABLE
from smartevse.panel.model import MenuView, PanelStatus
from smartevse.panel.pages import Page, celsius, narrow, page, unit_cells

TURN_S = 4
"""Lines that share a place take turns this often."""
GUARD_SILENT_S = 1.0
HELP_AFTER_S = 5.0
"""So long after the last key the help begins to move: 1 s still, one character each 0.3 s, 2 s still at the end."""
_STEP_S = 0.3
_START_S = 1.0
_END_S = 2.0

_TABLE_EVERY = 3
"""Every third turn shows the table of all chargers."""

Frame = tuple[str, ...]
"""The lines of the LCD, each exactly as wide as the LCD."""

_GUARD_SILENT = ("NO SIGNAL FROM", "SAFETY PROGRAM", "no charging", "until it is back")


def frame(status: PanelStatus, columns: int = 20, rows: int = 4) -> Frame:
    """The lines to show, exactly `rows` lines of `columns` characters (at least 16x2)."""
    if status.guard_age_s > GUARD_SILENT_S and status.menu is None:
        lines = _screenful(_GUARD_SILENT, status.now_s, rows)
    elif status.fault and status.menu is None:
        lines = _screenful(status.fault, status.now_s, rows)
    elif status.menu is not None:
        lines = _menu(status.menu, status, columns, rows)
    elif status.hint or status.announce:
        said = status.hint or status.announce
        lines = _screenful(said, status.now_s, rows) if len(said) > rows else _middle(said, columns, rows)
    else:
        lines = _state(status, columns, rows)
    return tuple(_fit(line, columns) for line in (*lines, *("",) * rows)[:rows])


def _middle(lines: Frame, columns: int, rows: int) -> Frame:
    """A few lines in the middle of the display."""
    return ("",) * ((rows - len(lines)) // 2) + tuple(text.center(columns) for text in lines)


def _state(status: PanelStatus, columns: int, rows: int) -> Frame:
    """The screen of the state; on a Master the table of all chargers takes every third turn."""
    tables = _table(status, columns, rows)
    turn = _turn(status.now_s)
    if tables and turn % _TABLE_EVERY == 0:
        return tables[turn // _TABLE_EVERY % len(tables)]
    return _layout(page(status), status.now_s, columns, rows)


def _table(status: PanelStatus, columns: int, rows: int) -> list[Frame]:
    """Two chargers in a line, in as many screens as it takes."""
    cells = unit_cells(status.units)
    width = columns // 2
    lines = tuple("".join(f"{cell:<{width}.{width}}" for cell in cells[n : n + 2]) for n in range(0, len(cells), 2))
    return [lines[n : n + rows] for n in range(0, len(lines), rows)]


def _layout(page: Page, now_s: float, columns: int, rows: int) -> Frame:
    """The headline, then as many details as there are lines; those that are left take turns in the last line."""
    room = rows - 2
    details = tuple(narrow(text, columns) for text in page.fixed + page.turns)
    still = max(min(room, len(details) - 1), len(page.fixed[:room]))
    fixed, turns = details[:still], details[still:]
    last = (turns[_turn(now_s) % len(turns)],) if turns else ()
    return (_head(page, columns), *fixed, *("",) * (room - len(fixed)), *last)


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
        f"{celsius(status.temperature_dc):<7.7}{place}{status.version:>7.7}",
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


def _head(page: Page, columns: int) -> str:
    """Title, glyph and offer; the glyph is left out where it would touch the title."""
    marked = page.glyph + page.right
    return _pair(page.title, marked if len(page.title) + len(marked) < columns else page.right, columns)


def _pair(left: str, right: str, columns: int) -> str:
    """Two texts at both ends of a line; the left one gives way."""
    if not right:
        return left
    return f"{left[: columns - len(right) - 1]:<{columns - len(right)}}{right}"


def _fit(text: str, columns: int) -> str:
    """Exactly that many characters, with ? for what the display has no character for."""
    plain = "".join(char if char in READABLE or (" " <= char <= "}" and char != "\\") else "?" for char in text)
    return f"{plain:<{columns}.{columns}}"


def _turn(now_s: float) -> int:
    return int(now_s // TURN_S)
