"""The whole menu by keys alone, read from the display: real keys, real menu, real driver, the twin's glass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from smartevse.drivers.lcd_pigpio import pigpio_lcd
from smartevse.panel.display import Screen
from smartevse.panel.model import PanelStatus
from smartevse.panel.screens import Frame, frame
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Measured, Options, Setting, SettingsError, Value
from smartevse.settings.values import Values, default_values
from smartevse.station.front import Front
from tests.drivers.lcd_bench import LcdPi

TRANSCRIPT = Path(__file__).with_name("menu.txt")
PRESS_S = 0.1
ROWS = {row.name: row for row in TABLE.rows}

CHOICES: dict[str, tuple[Value, ...]] = {
    "config": ("socket", "fixed"),
    "lock": ("disabled", "motor"),
    "mode": ("normal", "smart", "solar"),
    "mains_in": ("regulated", "all"),
    "load_bal": ("disabled", "master", "node1"),
    "capacity": (9, 100),
    "cap_mode": ("fixed", "quarter"),
    "timer": ("disabled", "daily"),
    "mainsmet": ("sensorbox", "eastron", "custom"),
    "ev_meter": ("disabled", "eastron", "custom"),
    "circ_met": ("disabled", "custom"),
    "batt_met": ("disabled", "eastron"),
}
"""One value of each kind that the visibility of other items looks at."""


class Paper:
    """Takes frames as they are, in the place of a glass."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, lines: Frame) -> None:
        self.lines = list(lines)


class Glass:
    """The twin's display behind the real driver."""

    def __init__(self) -> None:
        self.pi = LcdPi()
        self.screen = Screen(lambda: pigpio_lcd(self.pi), print, rows=4)

    def show(self, lines: Frame) -> None:
        self.screen.step(lines, True, 0.0)  # time stands still: what would repair a disturbance is not wanted here

    @property
    def lines(self) -> list[str]:
        return self.pi.lcd.lines()


class Person:
    """Somebody who sees nothing but the display and has nothing but three keys."""

    def __init__(self, glass: Glass | Paper) -> None:
        self.glass = glass
        self.now_s = 0.0

    def sits_at(self, values: Values) -> None:
        self.values = values
        self.front = Front(values)
        self.front.begin()
        self.hold("o", 2.1)

    def hold(self, key: str, seconds: float = PRESS_S) -> None:
        """Press a key; everything it wants is in effect and shown at once."""
        self.now_s += PRESS_S
        wishes = [self.front.edge(key, True, self.now_s)]
        if seconds > PRESS_S:
            wishes.append(self.front.tick(self.now_s + seconds))
        self.now_s += seconds
        wishes.append(self.front.edge(key, False, self.now_s))
        for wish in wishes:
            self.values = wish.effect or self.values
        status = PanelStatus(temperature_dc=231, version="3.0.0", menu=self.front.menu(self.now_s))
        self.glass.show(frame(status))

    @property
    def lines(self) -> list[str]:
        return self.glass.lines

    @property
    def item(self) -> str:
        """The item that < and > go on from."""
        first = self.lines[0]
        assert (first[0], first[-1]) == ("<", ">")
        return first.strip("<> ")

    @property
    def value(self) -> str:
        return self.lines[1].strip("<> ") if self.lines[1].startswith("<") else self.lines[1].strip()


@pytest.fixture(name="person", scope="module")
def _person() -> Person:
    return Person(Glass())


@cache
def combinations() -> dict[tuple[str, ...], Values]:
    """Every set of items that can be visible together, with values that make it so."""
    found: dict[tuple[str, ...], Values] = {}
    for chosen in itertools.product(*CHOICES.values()):
        values = default_values().changed({"ev_adr": 20, **dict(zip(CHOICES, chosen, strict=True))})
        try:
            TABLE.check(values.choices)
        except SettingsError:
            continue
        found.setdefault(tuple(row.name for row in TABLE.visible(values.choices)), values)
    return found


def test_what_the_visibility_looks_at_is_what_is_combined() -> None:
    """Any other item leaves the visible ones as they are, whatever its value."""
    for row in TABLE.rows:
        if row.key in CHOICES:
            continue
        for values in list(combinations().values())[::7]:
            before = TABLE.visible(values.choices)
            for value in _some(row):
                assert TABLE.visible(values.changed({row.key: value}).choices) == before


def _some(row: Setting) -> Iterator[Value]:
    if isinstance(row.kind, Options):
        yield from row.kind.labels
    else:
        yield from (row.kind.low, row.kind.high)


def test_every_item_is_combined_with_every_other_somewhere() -> None:
    assert len(combinations()) > 100
    assert {name for names in combinations() for name in names} == {row.name for row in TABLE.rows}


def walk(person: Person, names: tuple[str, ...], values: Values) -> None:
    """Once round and out."""
    person.sits_at(values)
    seen = []
    for _ in range(len(names) + 1):
        seen.append(person.item)
        if seen[-1] != "EXIT":
            row = ROWS[seen[-1]]
            assert person.value == row.text(values[row.key])
        person.hold(">")
    assert seen == [*names, "EXIT"]
    assert person.item == names[0]
    person.hold("<")
    assert person.item == "EXIT"
    person.hold("o")
    assert person.front.menu(person.now_s) is None


def covering() -> dict[tuple[str, ...], Values]:
    """As few combinations as it takes to have each item after each one that it can follow."""
    steps: set[tuple[str, str]] = set()
    found = {}
    for names, values in sorted(combinations().items(), key=lambda one: -len(one[0])):
        new = set(itertools.pairwise((*names, "EXIT"))) - steps
        if new:
            steps |= new
            found[names] = values
    return found


def test_in_every_combination_keys_alone_lead_through_all_items_and_their_values_and_out() -> None:
    person = Person(Paper())
    for names, values in combinations().items():
        walk(person, names, values)


def test_each_step_from_item_to_item_is_read_from_the_glass(person: Person) -> None:
    assert len(covering()) > 10
    for names, values in covering().items():
        walk(person, names, values)


def test_in_every_item_keys_alone_change_the_value_and_its_neighbours_appear_and_vanish_with_it(person: Person) -> None:
    """Each item once, in a combination that shows it; what is shown is what is in effect, or a reason is given."""
    for row in TABLE.rows:
        values = next(values for names, values in combinations().items() if row.name in names)
        person.sits_at(values)
        while person.item != row.name:
            person.hold(">")
        person.hold("o")
        if isinstance(row.kind, Measured):
            assert "CAL needs a Sensor" in person.lines[2]
            continue
        for key in (">", ">", "<", "<", "<"):
            person.hold(key)
            assert person.lines[1].startswith("<")
            refused = person.value != row.text(person.values[row.key]) and person.front.action is None
            assert not refused or not row.help.startswith(person.lines[2].strip())
            TABLE.check(person.values.choices)
        person.hold("o")
        person.hold(">")
        after = [one.name for one in TABLE.visible(person.values.choices)]
        assert person.item in [*after, "EXIT"]


def test_a_menu_that_is_held_on_to_goes_round_and_stays_whole(person: Person) -> None:
    person.sits_at(default_values())
    offered = {row.name for row in TABLE.visible(default_values().choices)}
    for _ in range(20):
        person.hold(">", 1.7)
        assert person.item in {*offered, "EXIT"}


def transcript(person: Person) -> str:
    """Each item as it stands on the glass at first, and in its value."""
    text = ""
    for row in TABLE.rows:
        values = next(values for names, values in combinations().items() if row.name in names)
        person.sits_at(values)
        while person.item != row.name:
            person.hold(">")
        screens = [person.lines]
        person.hold("o")
        screens.append(person.lines)
        edge = "  ".join(["+" + "-" * 20 + "+"] * 2)
        lines = "\n".join("  ".join(f"|{lines[row]}|" for lines in screens) for row in range(4))
        text += f"{edge}\n{lines}\n{edge}\n"
    return text


def test_every_item_is_on_the_glass_as_it_was_agreed(person: Person) -> None:
    assert transcript(person) == TRANSCRIPT.read_text("utf-8"), "run `python -m tests.panel.test_walk`, read the change"


if __name__ == "__main__":
    TRANSCRIPT.write_text(transcript(Person(Glass())), "utf-8")
    for all_names, all_values in combinations().items():  # about a minute: too long for the suite
        walk(Person(Glass()), all_names, all_values)
