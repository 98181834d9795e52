"""What a story can ask of a moment: one row for each key, with how it is written and where it is read.

A condition on a unit is looked at whenever that unit's guard ticks and at both ends of every leap between ticks; the
currents of the mains whenever the meter is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.pilot import Level
from smartevse.core.states import Hold, State
from smartevse.core.tick import Memory, Report
from smartevse.physics.world import World
from smartevse.scenario.supply import Supply

Seen: TypeAlias = bool | float | str | tuple[str, ...]
Wanted: TypeAlias = bool | tuple[float, float] | tuple[str, ...] | str


class Unit(Protocol):
    """What conditions see of one unit."""

    @property
    def world(self) -> World:
        """Hat, car, contactors."""

    @property
    def memory(self) -> Memory:
        """The guard's."""

    @property
    def report(self) -> Report:
        """The guard's last."""

    @property
    def limit(self) -> Limit:
        """The station's, with its reason."""


class Site(Protocol):
    """What conditions see of the mains."""

    @property
    def now_s(self) -> float:
        """The present."""

    @property
    def mains_da(self) -> tuple[int, int, int]:
        """The last reading of the meter."""

    @property
    def circuit_da(self) -> tuple[int, int, int]:
        """What flowed to the chargers' circuit then."""

    @property
    def supply(self) -> Supply:
        """House, sun, battery."""


class WrittenWrong(ValueError):
    """A value that a condition cannot be compared with; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class Words:
    """One word of a list, or several of which one is enough."""

    allowed: tuple[str, ...]

    def parse(self, value: object) -> Wanted:
        """The words of the file, as `allowed` writes them."""
        values = value if isinstance(value, list) else [value]
        found = [next((word for word in self.allowed if _plain(word) == _plain(str(v))), None) for v in values]
        if not found or None in found:
            raise WrittenWrong(f"one or more of {', '.join(self.allowed)}")
        return tuple(word for word in found if word is not None)

    @staticmethod
    def holds(wanted: Wanted, seen: Seen) -> bool:
        """Whether it is one of them."""
        return seen in wanted  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Exactly:
    """A set of words: all of them and no other; "none" for the empty set."""

    allowed: tuple[str, ...]

    def parse(self, value: object) -> Wanted:
        """The words of the file, in the order of `allowed`."""
        if value == "none":
            return ()
        found = Words(self.allowed).parse(value)
        return tuple(word for word in self.allowed if word in found)  # type: ignore[operator]

    @staticmethod
    def holds(wanted: Wanted, seen: Seen) -> bool:
        """Whether it is this set."""
        return wanted == seen


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no."""

    @staticmethod
    def parse(value: object) -> Wanted:
        """`true` or `false`."""
        if not isinstance(value, bool):
            raise WrittenWrong("true or false")
        return value

    @staticmethod
    def holds(wanted: Wanted, seen: Seen) -> bool:
        """Whether it is the same."""
        return wanted is seen


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, which is met within `within`, or a range [least, most]."""

    within: float

    def parse(self, value: object) -> Wanted:
        """A number or two of them."""
        match value:
            case bool():
                pass
            case int() | float():
                return value - self.within, value + self.within
            case [int() | float() as low, int() | float() as high] if low <= high:
                return low - 1e-9, high + 1e-9
        raise WrittenWrong("a number, or a range [least, most]")

    @staticmethod
    def holds(wanted: Wanted, seen: Seen) -> bool:
        """Whether it lies within."""
        low, high = wanted  # type: ignore[misc,str-unpack]
        return low <= seen <= high  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text, in any case."""

    @staticmethod
    def parse(value: object) -> Wanted:
        """The text looked for."""
        if not isinstance(value, str):
            raise WrittenWrong("a text, or a part of it")
        return value

    @staticmethod
    def holds(wanted: Wanted, seen: Seen) -> bool:
        """Whether it is in it."""
        return str(wanted).casefold() in str(seen).casefold()


Kind: TypeAlias = Words | Exactly | Switch | Amount | Part


@dataclass(frozen=True, slots=True)
class Row:
    """One key: how it is written, where it is read, its unit for people, and what it means."""

    kind: Kind
    read: Callable[[Unit, Site], Seen]
    unit: str
    means: str
    site: bool = False
    """It belongs to the mains, not to one unit."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one expectation."""

    key: str
    wanted: Wanted
    written: str
    """As the file has it, for people."""

    def holds(self, unit: Unit, site: Site) -> bool:
        """Whether it holds now."""
        row = ROWS[self.key]
        return row.kind.holds(self.wanted, row.read(unit, site))

    @property
    def site(self) -> bool:
        """Whether it belongs to the mains."""
        return ROWS[self.key].site

    def seen(self, unit: Unit, site: Site) -> str:
        """What is there instead, for people."""
        return f"{_said(self.key)} {_shown(ROWS[self.key].read(unit, site))}{ROWS[self.key].unit}"

    def __str__(self) -> str:
        return f"{_said(self.key)} {self.written}{ROWS[self.key].unit}"


def condition(key: str, value: object) -> Condition:
    """The condition of a key of the file. Raises WrittenWrong; KeyError for an unknown key."""
    return Condition(key, ROWS[key].kind.parse(value), _written(value))


def dashed(member: Enum) -> str:
    """A name of the program as a story writes it: "pilot-short"."""
    return member.name.lower().replace("_", "-")


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-").replace(" ", "-")


def _said(key: str) -> str:
    name, _, unit = key.rpartition("_")
    return (name if unit in {"a", "wh", "percent", "w"} else key).replace("_", " ")


def _written(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], str):
        return " or ".join(value)
    if isinstance(value, list):
        return " to ".join(f"{number:g}" for number in value)
    return _shown(value) if isinstance(value, bool | int | float | str) else str(value)


def _shown(value: Seen) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
        case tuple():
            return ", ".join(value) or "none"
    return value


def _names(members: Iterable[Enum]) -> tuple[str, ...]:
    return tuple(dashed(member) for member in members)


def _faults(bits: int) -> tuple[str, ...]:
    return tuple(name for fault, name in _FAULTS.items() if bits >> fault & 1)


_FAULTS = {fault: dashed(fault) for fault in Fault if fault < 32}
_HOLDS = {hold: dashed(hold) for hold in Hold}


def offer_da(unit: Unit) -> int:
    """The current that the pilot offers now, 0.1 A; 0 for none."""
    return unit.report.offer_da if 0 < unit.memory.outputs.duty_permille < 1000 else 0


def _amps(phase: int) -> Callable[[Unit, Site], Seen]:
    return lambda unit, site: unit.world.ev.currents_a()[phase]


def _mains(phase: int) -> Callable[[Unit, Site], Seen]:
    return lambda unit, site: site.mains_da[phase] / 10


def _battery_percent(unit: Unit, site: Site) -> Seen:
    battery = site.supply.battery
    return 100 * battery.stored_wh / battery.size_wh if battery is not None else 0.0


ROWS: Mapping[str, Row] = {
    "state": Row(Words(tuple(s.name for s in State)), lambda u, s: u.report.state.name, "", "the guard's state"),
    "pilot": Row(
        Words(tuple(level.name for level in Level)), lambda u, s: u.report.level.name, "", "the level the guard reads"
    ),
    "hold": Row(Words(_names(Hold)), lambda u, s: _HOLDS[u.report.hold], "", "why the guard does not go on"),
    "fault": Row(Exactly(tuple(_FAULTS.values())), lambda u, s: _faults(u.report.faults), "", "all faults that stand"),
    "commanded": Row(Switch(), lambda u, s: u.memory.outputs.c1, "", "the guard's output for contactor 1"),
    "contactor": Row(Switch(), lambda u, s: u.world.installation.c1.closed, "", "contactor 1's contacts are closed"),
    "contactor2": Row(Switch(), lambda u, s: u.world.installation.c2.closed, "", "contactor 2's contacts are closed"),
    "supply": Row(Switch(), lambda u, s: u.world.board.supply, "", "the hat feeds contactor 1"),
    "safe": Row(Switch(), lambda u, s: u.world.board.safe, "", "the hat's SAFE signal"),
    "heartbeat": Row(Switch(), lambda u, s: u.memory.outputs.heartbeat, "", "the guard gives its heartbeat"),
    "locked": Row(Switch(), lambda u, s: u.world.board.lock.locked, "", "the plug is held"),
    "s2": Row(Switch(), lambda u, s: u.world.ev.s2, "", "the car asks for current (its S2 is closed)"),
    "awake": Row(Switch(), lambda u, s: u.world.ev.awake, "", "the car reacts to an offer"),
    "offer_a": Row(Amount(0.051), lambda u, s: offer_da(u) / 10, " A", "the current that the pilot offers"),
    "duty_percent": Row(
        Amount(0.051),
        lambda u, s: u.memory.outputs.duty_permille / 10,
        " %",
        "how long the pilot is high: 100 = steady +12 V, 0 = steady -12 V",
    ),
    "limit_a": Row(Amount(0.051), lambda u, s: u.limit.offer_da / 10, " A", "what the station allows"),
    "reason": Row(Part(), lambda u, s: u.limit.reason, "", "the station's reason, or a part of it"),
    "current_a": Row(Amount(0.15), lambda u, s: u.world.ev.amps(), " A", "the car's current in each phase it uses"),
    "current_l1_a": Row(Amount(0.15), _amps(0), " A", "the car's current in its L1"),
    "current_l2_a": Row(Amount(0.15), _amps(1), " A", "the car's current in its L2"),
    "current_l3_a": Row(Amount(0.15), _amps(2), " A", "the car's current in its L3"),
    "energy_wh": Row(
        Amount(1.0), lambda u, s: u.world.ev.session_wh, " Wh", "what the car got since it was plugged in"
    ),
    "soc_percent": Row(Amount(0.5), lambda u, s: 100 * u.world.ev.soc, " %", "the car's state of charge"),
    "closings": Row(Amount(0.1), lambda u, s: u.memory.contactor.cycles, "", "how often contactor 1 was told to close"),
    "loaded_openings": Row(
        Amount(0.1), lambda u, s: u.memory.contactor.loaded, "", "how often it opened before the car had let go"
    ),
    "mains_l1_a": Row(Amount(0.051), _mains(0), " A", "the mains' L1 at the last reading, import positive", site=True),
    "mains_l2_a": Row(Amount(0.051), _mains(1), " A", "the mains' L2", site=True),
    "mains_l3_a": Row(Amount(0.051), _mains(2), " A", "the mains' L3", site=True),
    "mains_most_a": Row(
        Amount(0.051), lambda u, s: max(s.mains_da) / 10, " A", "the mains' most loaded phase", site=True
    ),
    "mains_sum_a": Row(Amount(0.051), lambda u, s: sum(s.mains_da) / 10, " A", "the sum of the phases", site=True),
    "circuit_most_a": Row(
        Amount(0.051),
        lambda u, s: max(s.circuit_da) / 10,
        " A",
        "the chargers' circuit's most loaded phase",
        site=True,
    ),
    "sun_w": Row(Amount(1.0), lambda u, s: s.supply.sun_power_w(s.now_s), " W", "what the sun gives", site=True),
    "battery_percent": Row(Amount(0.5), _battery_percent, " %", "what is in the home battery", site=True),
}
"""Every key of [[expect]] and [[never]] that is a condition."""
