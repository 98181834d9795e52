"""A story as it was written: what is given, what happens when, and what must hold.

Times are ticks of 10 ms from the beginning; currents in 0.1 A.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smartevse.physics.ev import EvOptions
from smartevse.scenario.conditions import Condition
from smartevse.scenario.owner import Wishes
from smartevse.scenario.supply import Supply

TICKS_A_SECOND = 100
"""The guard's ticks in one second of virtual time."""


class StoryError(ValueError):
    """A story that cannot be told; the text is one sentence: which file, which table, which key, what is allowed."""


@dataclass(frozen=True, slots=True)
class GivenUnit:
    """One charging unit, its car and its cable at the beginning."""

    wishes: Wishes = field(default_factory=Wishes.default)
    car: EvOptions = field(default_factory=EvOptions)
    cable_ohm: int | None = 220
    """The resistor of the plug in the socket; None: no cable."""
    rotation: int = 0
    """Which phase of the mains feeds its L1: 0, 1 or 2."""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """The world at the beginning."""

    units: tuple[GivenUnit, ...] = (GivenUnit(),)
    seed: int = 0
    """Of the noise, the contactors' spread and, with `tolerances`, the parts' values."""
    tolerances: bool = False
    """Every part has a value within its tolerance instead of its nominal one."""
    temperature_c: float = 25.0
    rail_v: float = 12.0
    aux: str = "mirror"
    """How the contactors' auxiliary contact is wired: one of `physics.installation.AUX`."""
    meter_every: int | None = None
    """Ticks between two readings of the mains meter; None: there is none."""
    supply: Callable[[], Supply] = Supply
    """Makes the mains connection anew for each run."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens at a tick, in the words of the twin's control language."""

    tick: int
    words: tuple[str, ...]
    units: tuple[int, ...]
    """The units it happens to, from 0."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold: at `first` if that is `last`, else all the time from `first` to `last`.

    `once`: it is enough that it holds at one moment of that time. `never`: it must not hold for longer than `longer`
    ticks together.
    """

    first: int
    last: int
    units: tuple[int, ...]
    conditions: tuple[Condition, ...]
    once: bool = False
    never: bool = False
    longer: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One file."""

    path: Path
    title: str
    ends: int
    """The last tick."""
    given: Given
    actions: tuple[Action, ...]
    """In the order in which they happen."""
    expectations: tuple[Expectation, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    """What the file says about itself: `about`."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def seconds(tick: int) -> str:
    """A moment for people: "12.34 s", from ten minutes on "0:12:34"."""
    if tick < 600 * TICKS_A_SECOND:
        return f"{tick / TICKS_A_SECOND:g} s"
    whole, rest = divmod(tick, TICKS_A_SECOND)
    hundredths = f".{rest:02d}" if rest else ""
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}{hundredths}"
