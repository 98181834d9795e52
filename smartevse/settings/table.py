"""What a table of settings is made of: rows with their range and words, and what they demand of each other.

Menu, command line, store and manual are all made from such a table; the product's own one is in `settings.rows`.
Values are words (options) or whole numbers in the unit that the owner sees; `settings.values` converts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeAlias

_MOST_SPELLED = 2000
"""A longer range of numbers must be typed as it is stored."""

Value: TypeAlias = int | str
"""An option's stable word ("eastron") or a number in the owner's unit (16 for 16 A)."""
Choices: TypeAlias = Mapping[str, Value]
"""The value of every setting by its key."""


class SettingsError(ValueError):
    """A setting is refused; the text is one sentence: what, where, the allowed range, what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """A value from a list; `labels` maps the stored word to the text the owner sees, in the menu's order."""

    labels: Mapping[str, str]
    actions: Mapping[str, str] = field(default_factory=dict)
    """What the menu offers after the values and does while it is chosen, such as "Learn"; never a value, never stored.
    The same kind of words and texts as `labels`, none of them in both."""

    @property
    def allowed(self) -> str:
        """What may be chosen, for the end of a sentence."""
        return _either(tuple(self.labels.values()))

    def accepts(self, value: Value) -> bool:
        """Whether the value is one of the list."""
        return value in self.labels

    def text(self, value: Value) -> str:
        """The value, or an action, in the manual's words."""
        return self._offered[str(value)]

    def parse(self, text: str) -> Value | None:
        """The value that a person typed, in any case, with or without spaces; None when there is no such option."""
        return _meant(text, self.labels)

    def action(self, text: str) -> str | None:
        """The action that a person typed, by its word; None when it is none."""
        return _meant(text, self.actions)

    def load(self, stored: str) -> Value | None:
        """The value of a stored text; None when it is not one of the list."""
        return stored if stored in self.labels else None

    def step(self, value: Value, by: int) -> Value:
        """The value or action `by` places further, wrapping at both ends."""
        words = tuple(self._offered)
        return words[(words.index(str(value)) + by) % len(words)]

    @property
    def _offered(self) -> Mapping[str, str]:
        return {**self.labels, **self.actions}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`; `show` writes it with its unit, a different text for every number."""

    low: int
    high: int
    show: Callable[[int], str] = str

    @property
    def allowed(self) -> str:
        """The range in the owner's unit, for the end of a sentence."""
        return f"{self.show(self.low)} to {self.show(self.high)}"

    def accepts(self, value: Value) -> bool:
        """Whether the value is a number of the range."""
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def text(self, value: Value) -> str:
        """The value with its unit."""
        return self.show(int(value))

    def parse(self, text: str) -> Value | None:
        """The number that a person typed, with or without the unit; None when it is none of the range."""
        if self.high - self.low <= _MOST_SPELLED:
            return _spelled(self).get(squash(text))
        typed = text.strip()  # registers: not each of them is written out to be compared
        return self.load(typed) if typed.isdecimal() else None

    def load(self, stored: str) -> Value | None:
        """The value of a stored text; None when it is no number of the range."""
        if not re.fullmatch(r"-?[0-9]{1,9}", stored):
            return None
        return int(stored) if self.accepts(int(stored)) else None

    def step(self, value: Value, by: int) -> Value:
        """The value `by` further, wrapping at both ends."""
        return self.low + (int(value) - self.low + by) % (self.high - self.low + 1)


@dataclass(frozen=True, slots=True)
class Measured(Number):
    """A factor that nobody knows by heart: at the keys the owner tells what flows, 0.1 A, and the factor follows."""

    least_da: int = 60
    most_da: int = 999

    def flow_step(self, flowing_da: int, by: int) -> int:
        """The current `by` tenths of an ampere further, wrapping at both ends."""
        return self.least_da + (flowing_da - self.least_da + by) % (self.most_da - self.least_da + 1)

    def nearest(self, flowing_da: int) -> int:
        """The current that can be told and is closest to this one."""
        return min(max(flowing_da, self.least_da), self.most_da)


def _always(_: Choices) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    key: str
    """The name in the store; never changes once it was released."""
    name: str
    """The name in the manual's words, as the LCD shows it."""
    help: str
    """One sentence for the owner, ASCII: it scrolls over the LCD."""
    kind: Options | Number
    default: Value
    visible: Callable[[Choices], bool] = _always
    """Whether the menu offers it, given all other values."""

    def text(self, value: Value) -> str:
        """The value as the owner sees it."""
        return self.kind.text(value)

    def parse(self, text: str) -> Value:
        """The value that a person typed; SettingsError when it is not allowed."""
        value = self.kind.parse(text)
        if value is None and isinstance(self.kind, Options) and (action := self.kind.action(text)) is not None:
            raise SettingsError(
                f"{self.name} {self.kind.text(action)} is nothing to be kept: hold o for 2 s at the charger,"
                f" go to {self.name} and choose it there; to be kept choose {self.kind.allowed}"
            )
        if value is None:
            raise SettingsError(f"{self.name} cannot be set to {text!r}: choose {self.kind.allowed}")
        return value


@dataclass(frozen=True, slots=True)
class Rule:
    """What the settings `keys` demand of each other; `broken` gives the sentence, or None while all is well."""

    keys: tuple[str, ...]
    broken: Callable[[Choices], str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the menu's order and the rules between them."""

    rows: tuple[Setting, ...]
    rules: tuple[Rule, ...] = ()

    def row(self, key: str) -> Setting:
        """The row of a key; KeyError when there is none."""
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    def find(self, name: str) -> Setting:
        """The row that a person named, in any case, with or without spaces; SettingsError when there is none."""
        for row in self.rows:
            if squash(name) in (squash(row.name), squash(row.key)):
                return row
        names = {row.name.casefold(): row.name for row in self.rows}
        close = tuple(names[found] for found in get_close_matches(name.casefold(), names))
        meant = f"choose {_either(close)}, or see" if close else "see"
        raise SettingsError(f"there is no setting {name!r}: {meant} all of them with smartevse settings list")

    def defaults(self) -> dict[str, Value]:
        """Every setting at its default."""
        return {row.key: row.default for row in self.rows}

    def visible(self, choices: Choices) -> tuple[Setting, ...]:
        """The rows that the menu offers with these values."""
        return tuple(row for row in self.rows if row.visible(choices))

    def contradiction(self, choices: Choices) -> tuple[Rule, str] | None:
        """The first rule that is broken, with its sentence; None while the values agree with each other."""
        for rule in self.rules:
            sentence = rule.broken(choices)
            if sentence is not None:
                return rule, sentence
        return None

    def check(self, choices: Choices) -> None:
        """Refuse values that are outside their range or contradict each other as a whole (SettingsError)."""
        for row in self.rows:
            value = choices[row.key]
            if not row.kind.accepts(value):
                raise SettingsError(f"{row.name} cannot be {value!r}: choose {row.kind.allowed}")
        found = self.contradiction(choices)
        if found is not None:
            raise SettingsError(found[1])


def squash(text: str) -> str:
    """A text as it is compared: without case, spaces, dashes between words and the like ("EV METER" = "evmeter")."""
    return re.sub(r"[\s_?]+", "", text).casefold()


def _meant(text: str, labels: Mapping[str, str]) -> str | None:
    """The word that a person typed, by itself or by its label."""
    return next((word for word, label in labels.items() if squash(text) in (squash(label), squash(word))), None)


def _spellings(text: str) -> tuple[str, ...]:
    """What a person may type for "- 4 A": all of it, "-4", "4"; for "Disabled" only that."""
    number = re.search(r"[0-9]+(\.[0-9]+)?", text)
    if number is None:
        return (squash(text),)
    return squash(text), squash(text[: number.end()]), number.group()


@lru_cache(maxsize=64)
def _spelled(kind: Number) -> Mapping[str, int]:
    """Every text that means a number of the range; the lower number where two could be meant."""
    return {text: n for n in range(kind.high, kind.low - 1, -1) for text in _spellings(kind.show(n))}


def _either(texts: tuple[str, ...]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
