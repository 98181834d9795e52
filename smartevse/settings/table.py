"""The one table of settings: menu, command line, store and manual are all made from it.

A new setting is one row in `ROWS`; what two settings demand of each other is one row in `RULES`.
Values are words (options) or whole numbers in the unit that the owner sees; `settings.values` converts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

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

    @property
    def allowed(self) -> str:
        """What may be chosen, for the end of a sentence."""
        return _either(tuple(self.labels.values()))

    def accepts(self, value: Value) -> bool:
        """Whether the value is one of the list."""
        return value in self.labels

    def text(self, value: Value) -> str:
        """The value in the manual's words."""
        return self.labels[str(value)]

    def parse(self, text: str) -> Value | None:
        """The value that a person typed, in any case, with or without spaces; None when there is no such option."""
        return next(
            (word for word, label in self.labels.items() if squash(text) in (squash(label), squash(word))), None
        )

    def load(self, stored: str) -> Value | None:
        """The value of a stored text; None when it is not one of the list."""
        return stored if stored in self.labels else None

    def step(self, value: Value, by: int) -> Value:
        """The value `by` places further, wrapping at both ends."""
        words = tuple(self.labels)
        return words[(words.index(str(value)) + by) % len(words)]


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
        wanted = squash(text)
        return next((n for n in range(self.low, self.high + 1) if wanted in _spellings(self.show(n))), None)

    def load(self, stored: str) -> Value | None:
        """The value of a stored text; None when it is no number of the range."""
        if not re.fullmatch(r"-?[0-9]{1,9}", stored):
            return None
        return int(stored) if self.accepts(int(stored)) else None

    def step(self, value: Value, by: int) -> Value:
        """The value `by` further, wrapping at both ends."""
        return self.low + (int(value) - self.low + by) % (self.high - self.low + 1)


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
        raise SettingsError(f"there is no setting {name!r}: choose {_either(tuple(row.name for row in self.rows))}")

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


def _spellings(text: str) -> tuple[str, ...]:
    """What a person may type for "- 4 A": all of it, "-4", "4"; for "Disabled" only that."""
    number = re.search(r"[0-9]+(\.[0-9]+)?", text)
    if number is None:
        return (squash(text),)
    return squash(text), squash(text[: number.end()]), number.group()


def _either(texts: tuple[str, ...]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _amps(number: int) -> str:
    return f"{number} A"


def _address(number: int) -> str:
    """A Modbus address, decimal and as the meter's own display often has it."""
    return f"{number} ({number:02X}h)"


def _has_socket(choices: Choices) -> bool:
    return choices["config"] == "socket"


def _has_lock(choices: Choices) -> bool:
    return _has_socket(choices) and choices["lock"] != "disabled"


def _ev_meter_set(choices: Choices) -> bool:
    return choices["ev_meter"] != "disabled"


EV_METERS: Mapping[str, str] = {
    "disabled": "Disabled",
    "phoenix": "Phoenix C",
    "finder": "Finder 7E",
    "eastron": "Eastron",
    "abb": "ABB",
    "solaredge": "SolarEdge",
    "wago": "WAGO",
    "eastron_1p": "Eastron 1P",
    "eastron_inv": "InvEastrn",
    "finder_7m": "Finder 7M",
    "sinotimer": "Sinotimer",
    "schneider": "Schneider",
    "chint": "Chint 3P",
    "chint_1p": "Chint 1P",
    "gavazzi": "C.Gavazzi",
}
"""The meters of EV METER; what each of them sends is described under its word in the folder of the bus."""

ROWS = (
    Setting(
        "config",
        "CONFIG",
        "Socket for a loose cable, or Fixed for a cable that stays on the charger.",
        Options({"socket": "Socket", "fixed": "Fixed"}),
        default="socket",
    ),
    Setting(
        "lock",
        "LOCK",
        "The actuator that holds the plug in the socket.",
        Options({"disabled": "Disabled", "solenoid": "Solenoid", "motor": "Motor"}),
        default="disabled",
        visible=_has_socket,
    ),
    Setting(
        "lock_when",
        "LOCK WHEN",
        "Hold the plug while charging, as long as a car is connected, or always.",
        Options({"charging": "Charging", "connected": "Connected", "always": "Always"}),
        default="charging",
        visible=_has_lock,
    ),
    Setting(
        "max",
        "MAX",
        "The highest current for the car, per phase. Never more than the breaker and the wires allow.",
        Number(6, 80, _amps),
        default=13,
    ),
    Setting(
        "rcmon",
        "RCMON",
        "A residual current monitor RCM14-03 is plugged in and opens the contactor when it finds a fault current.",
        Options({"disabled": "Disabled", "enabled": "Enabled"}),
        default="disabled",
    ),
    Setting(
        "wake",
        "WAKE CAR",
        "Wake a car that was offered current for 30 s and does not ask for it.",
        Options({"disabled": "Disabled", "enabled": "Enabled"}),
        default="enabled",
    ),
    Setting(
        "ev_meter",
        "EV METER",
        "The kWh meter that measures what the car takes.",
        Options(EV_METERS),
        default="disabled",
    ),
    Setting(
        "ev_adr",
        "EV ADR",
        "The Modbus address that is set in the EV meter.",
        Number(10, 247, _address),
        default=12,
        visible=_ev_meter_set,
    ),
)
"""The order is the menu's."""

RULES: tuple[Rule, ...] = ()
"""What settings demand of each other."""

TABLE = Table(ROWS, RULES)
"""The product's table."""
