"""What a check is: one row with what it does, what is allowed, what to do when it fails, and its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from smartevse.core.signals import Lock
from smartevse.selftest.bench import Bench
from smartevse.selftest.installer import Installer


class PanelError(Exception):
    """The panel cannot be reached; the text is what was found."""


class Panel(Protocol):
    """LEDs, buttons and display. Methods raise PanelError."""

    def leds(self, red: int, green: int, blue: int) -> None:
        """Brightness of the LEDs, 0 to 255."""

    def pressed(self) -> frozenset[str]:
        """Which of "<", "o", ">" were pressed since the last call."""

    def show(self, text: str) -> None:
        """Show one line on the display."""


class LineError(Exception):
    """A meter did not answer as it should; the text says what came."""


class Meters(Protocol):
    """The RS485 line."""

    def ask(self, kind: str, address: int) -> str:
        """What the meter of that kind says, in words. Raises LineError."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How this station is built, from the configuration and the owner's settings."""

    fixed_cable: bool = False
    lock: Lock = Lock.DISABLED
    rcm: bool = False
    rcm_test: bool = False
    mirror: bool = False
    contactor_2: bool = False
    lcd: bool = True
    ev_meter: tuple[str, int] | None = None
    """Kind and address."""
    mains_meter: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Kit:
    """What a check works with."""

    bench: Bench
    installer: Installer
    panel: Panel
    meters: Meters
    setup: Setup


class Outcome(Enum):
    """How a check ended."""

    PASSED = "ok"
    FAILED = "FAILED"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found."""

    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a measured number may be, both ends included."""

    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Check:
    """One row. `work` returns the number for a `Range`, else what it found; None is a number that never came."""

    name: str
    does: str
    allowed: Range | str
    remedy: str
    work: Callable[[Kit], float | Found | None]
    needs: tuple[str, ...] = ()
    """Checks that must have passed before: without them this one says nothing."""
    fitted: Callable[[Setup], bool] = lambda _: True


def good(holds: bool, text: str, otherwise: str) -> Found:
    """Passed with the one text or failed with the other."""
    return Found(Outcome.PASSED, text) if holds else Found(Outcome.FAILED, otherwise)


def not_done(why: str) -> Found:
    """Nobody allowed it, did it or looked."""
    return Found(Outcome.NOT_DONE, why)


def done(answer: bool | None, text: str, nothing: str) -> Found:
    """How something ended that a person was asked to do."""
    return not_done("nobody did it") if answer is None else good(answer, text, nothing)


def seen(answer: bool | None) -> Found:
    """What a person said to a question."""
    return not_done("nobody looked") if answer is None else good(answer, "seen", "not as it should be")
