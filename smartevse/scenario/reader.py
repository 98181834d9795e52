"""Reads a story from its TOML file. Whatever is wrong with it is one sentence that names file, table and key."""

from __future__ import annotations

import tomllib
from pathlib import Path

from smartevse.scenario import actions
from smartevse.scenario.conditions import ROWS, Condition, WrittenWrong, condition
from smartevse.scenario.given import MOST_UNITS, read_given
from smartevse.scenario.sheet import MOST_S, Sheet
from smartevse.scenario.story import TICKS_A_SECOND, Action, Expectation, Given, Story, StoryError

TAIL = 100
"""Ticks that a story without `duration` goes on after the last moment it speaks of."""
_TIMES = {"expect": ("t", "from", "to", "by"), "never": ("from", "to", "longer_than_s")}


def read_story(path: Path) -> Story:
    """The story in this file. Raises StoryError."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text in UTF-8"
        raise StoryError(f"{path} cannot be read: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"{path} is not a TOML file: {error}") from None
    sheet = Sheet(path, "the file", table)
    title = sheet.text("title", path.stem)
    about = sheet.text("about", "")
    rows = {name: sheet.rows(name) for name in ("at", "expect", "never")}
    ends = sheet.tick("duration", 0) or _last(rows) + TAIL
    given_table = sheet.sub("given")
    given = read_given(given_table, ends) if given_table is not None else Given()
    told = [_action(row, given, ends) for row in rows["at"]]
    expectations = [_expectation(row, given, ends) for row in rows["expect"]]
    expectations += [_never(row, given, ends) for row in rows["never"]]
    sheet.done()
    if not expectations:
        raise StoryError(f"{path}: nothing is expected in it; write at least one table [[expect]] or [[never]]")
    happens = sorted((action for group in told for action in group), key=lambda action: action.tick)
    return Story(path, title, ends, given, tuple(happens), tuple(expectations), {"about": about})


def _last(rows: dict[str, list[Sheet]]) -> int:
    """The last moment that any row speaks of."""
    moments = [row.tick(key, 0) for group in rows.values() for row in group for key in ("t", "from", "to", "by")]
    return max(moments, default=0)


def _units(sheet: Sheet, given: Given) -> tuple[int, ...]:
    """The units that a row speaks of: one, several, or all when it names none."""
    if not sheet.has("unit"):
        return tuple(range(len(given.units)))
    value = sheet.table["unit"]
    numbers = value if isinstance(value, list) else [value]
    found = tuple(n - 1 for n in numbers if isinstance(n, int) and 1 <= n <= len(given.units))
    if not found or len(found) < len(numbers):
        most = len(given.units)
        hint = "" if most > 1 else f"; the story has one unit, say units = 2 to {MOST_UNITS} in [given] for more"
        sheet.wrong("unit", f"is {value!r}: it must be a number from 1 to {most}, or a list of them{hint}")
    return found


def _moment(sheet: Sheet, key: str, ends: int) -> int:
    if not sheet.has(key):
        raise StoryError(f"{sheet.path}: {sheet.where} has no {key}: say when, in seconds from 0 to {MOST_S}")
    tick = sheet.tick(key, 0)
    if tick > ends:
        sheet.wrong(key, f"is after the end of the story at {ends / TICKS_A_SECOND:g} s: give a greater duration")
    return tick


def _action(sheet: Sheet, given: Given, ends: int) -> list[Action]:
    tick = _moment(sheet, "t", ends)
    units = _units(sheet, given)
    if not sheet.has("do"):
        raise StoryError(f"{sheet.path}: {sheet.where} has no do: say what happens, as in do = 'ev plug'")
    value = sheet.table["do"]
    lines = value if isinstance(value, list) else [value]
    found = []
    for line in lines:
        if not isinstance(line, str):
            sheet.wrong("do", f"is {value!r}: it must be a text such as 'ev plug', or a list of such texts")
        words = tuple(line.split())
        try:
            actions.check(words)
        except ValueError as error:
            sheet.wrong("do", str(error))
        found.append(Action(tick, words, units))
    sheet.done()
    return found


def _conditions(sheet: Sheet, given: Given) -> tuple[Condition, ...]:
    found = []
    for key, value in sheet.table.items():
        if not sheet.has(key) or key not in ROWS:
            continue
        try:
            found.append(condition(key, value))
        except WrittenWrong as error:
            sheet.wrong(key, f"is {value!r}: it must be {error}")
        if ROWS[key].site and given.meter_every is None:
            sheet.wrong(key, "needs a mains meter: add a table [given.mains]")
    if not found:
        raise StoryError(f"{sheet.path}: {sheet.where} has no condition: use one or more of {', '.join(ROWS)}")
    return tuple(found)


def _checked(sheet: Sheet, times: tuple[str, ...], given: Given) -> tuple[tuple[int, ...], tuple[Condition, ...]]:
    """Units and conditions of a row, when all its keys are known."""
    known = Sheet(sheet.path, sheet.where, sheet.table)
    for key in (*times, "unit", *ROWS):
        known.has(key)
    known.done()
    return _units(sheet, given), _conditions(sheet, given)


def _expectation(sheet: Sheet, given: Given, ends: int) -> Expectation:
    units, conditions = _checked(sheet, _TIMES["expect"], given)
    written = {key for key in _TIMES["expect"] if key in sheet.table}
    if written == {"t"}:
        tick = _moment(sheet, "t", ends)
        return Expectation(tick, tick, units, conditions)
    if "t" in written or not written or {"to", "by"} <= written:
        raise StoryError(
            f"{sheet.path}: {sheet.where} must say when: either t, or from and to (all the time), "
            "or by and perhaps from (once until then)"
        )
    once = "by" in written
    first = _moment(sheet, "from", ends) if "from" in written else 0
    key = "by" if once else "to"
    last = _moment(sheet, key, ends) if key in written else ends
    if last < first:
        sheet.wrong(key, "is before from: swap the two")
    return Expectation(first, last, units, conditions, once=once)


def _never(sheet: Sheet, given: Given, ends: int) -> Expectation:
    units, conditions = _checked(sheet, _TIMES["never"], given)
    first = _moment(sheet, "from", ends) if sheet.has("from") else 0
    last = _moment(sheet, "to", ends) if sheet.has("to") else ends
    if last < first:
        sheet.wrong("to", "is before from: swap the two")
    return Expectation(first, last, units, conditions, never=True, longer=sheet.tick("longer_than_s", 0))
