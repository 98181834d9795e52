"""One table of a TOML file, read key by key, so that everything wrong with it is said in one whole sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import NoReturn, TypeVar

from smartevse.scenario.story import TICKS_A_SECOND, StoryError

_T = TypeVar("_T")

MOST_S = 366 * 86_400
"""No story is longer than a year."""


@dataclass(slots=True)
class Sheet:
    """A table (`where` names it for people) and what of it was read."""

    path: Path
    where: str
    table: Mapping[str, object]
    _known: list[str] = field(default_factory=list)

    def wrong(self, key: str, why: str) -> NoReturn:
        """Raises StoryError: this key of this table `why`."""
        raise StoryError(f"{self.path}: {key} in {self.where} {why}")

    def has(self, key: str) -> bool:
        """Whether the file has this key; it counts as read."""
        self._known.append(key)
        return key in self.table

    def get(self, key: str, kind: type[_T] | tuple[type[_T], ...], allowed: str, default: _T) -> _T:
        """The value of a key, or what holds without it; `allowed` says what it must be."""
        if not self.has(key):
            return default
        value = self.table[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, f"is {value!r}: it must be {allowed}")
        return value

    def number(self, key: str, low: float, high: float, default: float) -> float:
        """A number of a range."""
        value = self.get(key, (int, float), f"a number from {low:g} to {high:g}", default)
        if not (isfinite(value) and low <= value <= high):
            self.wrong(key, f"is {value:g}: it must be a number from {low:g} to {high:g}")
        return value

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number of a range."""
        value = self.get(key, int, f"a whole number from {low} to {high}", default)
        if not low <= value <= high:
            self.wrong(key, f"is {value}: it must be a whole number from {low} to {high}")
        return value

    def text(self, key: str, default: str) -> str:
        """Any text."""
        return self.get(key, str, "a text in quotation marks", default)

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        return self.get(key, bool, "true or false", default)

    def one_of(self, key: str, allowed: Iterable[str], default: str) -> str:
        """One word of a list."""
        words = tuple(allowed)
        value = self.text(key, default)
        if value not in words:
            self.wrong(key, f"is {value!r}: it must be one of {', '.join(words)}")
        return value

    def numbers(self, key: str, count: int, low: float, high: float, default: tuple[float, ...]) -> tuple[float, ...]:
        """So many numbers of a range."""
        if not self.has(key):
            return default
        value = self.table[key]
        allowed = f"{count} numbers from {low:g} to {high:g}"
        if not isinstance(value, list) or len(value) != count:
            self.wrong(key, f"is {value!r}: it must be a list of {allowed}")
        for number in value:
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                self.wrong(key, f"is {value!r}: it must be a list of {allowed}")
        return tuple(value)

    def tick(self, key: str, default: int) -> int:
        """A moment or a length of time: seconds, or "h:mm:ss"; in ticks of 10 ms."""
        if not self.has(key):
            return default
        value = self.table[key]
        found = _seconds(value)
        if found is None or not 0 <= found <= MOST_S:
            self.wrong(key, f'is {value!r}: it must be seconds from 0 to {MOST_S}, or a time as "1:30:00" or "2:30"')
        return round(found * TICKS_A_SECOND)

    def sub(self, key: str) -> Sheet | None:
        """A table within this one, None when it is not there."""
        if not self.has(key):
            return None
        value = self.table[key]
        if not isinstance(value, dict):
            self.wrong(key, "must be a table of its own")
        return Sheet(self.path, f"{self.where[:-1]}.{key}]" if self.where.endswith("]") else f"[{key}]", value)

    def rows(self, key: str, whole: str = "") -> list[Sheet]:
        """An array of tables; `whole` is its name for people."""
        if not self.has(key):
            return []
        value = self.table[key]
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.wrong(key, f"must be written as tables [[{whole or key}]]")
        return [Sheet(self.path, f"[[{whole or key}]] number {n}", row) for n, row in enumerate(value, 1)]

    def map(self, parse: Callable[[str, object], _T]) -> dict[str, _T]:
        """Every key that was not read yet through `parse`, which may raise ValueError with the end of a sentence."""
        found: dict[str, _T] = {}
        for key, value in self.table.items():
            if key not in self._known:
                self._known.append(key)
                try:
                    found[key] = parse(key, value)
                except ValueError as error:
                    self.wrong(key, str(error))
        return found

    def done(self) -> None:
        """Everything was read: StoryError for a key that nobody knows."""
        for key in self.table:
            if key not in self._known:
                near = get_close_matches(key, self._known, n=1)
                meant = f" (did you mean {near[0]}?)" if near else ""
                raise StoryError(
                    f"{self.path}: there is no key {key!r} in {self.where}{meant}; use {_listed(self._known)}"
                )


def _seconds(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if isfinite(value) else None
    parts = value.split(":") if isinstance(value, str) else []
    if not 2 <= len(parts) <= 3:
        return None
    try:
        numbers = [*map(int, parts[:-1]), float(parts[-1])]
    except ValueError:
        return None
    if any(not 0 <= number < 60 for number in numbers[1:]) or numbers[0] < 0:
        return None
    total = 0.0
    for number in numbers:
        total = 60 * total + number
    return total


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
