"""What the guard can read and drive, whatever is behind it: pigpiod, the kernel's drivers or a simulated hat.

One tick is `read()`, a decision, `drive()`. Whoever implements `Board` passes the same contract test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from smartevse.core.signals import Outputs


class BoardGoneError(Exception):
    """The way to the hat is lost (pigpiod gone, no answer in time, SPI dead): stop driving, end the program.

    The text is one sentence for the journal that says what was lost and what to do.
    """


class BoardUnfitError(BoardGoneError):
    """The hat cannot be had on this machine as it is set up: trying again helps nothing, a person must act.

    The text is one sentence for that person: what, where, and what to do.
    """


@dataclass(frozen=True, slots=True)
class Sample:
    """One tick's raw readings.

    `adc` holds the newest code of each of the eight channels; CP_HI and CP_LO are fresh in every sample, the other
    channels take turns, so that the oldest is `slow_age_ticks` ticks old. `levels` has one bit for each BCM pin, as
    read in this tick; `seen_low` and `seen_high` have a bit set for every input that was low (high) at any time since
    the last sample, so that pulses between two ticks are not missed (mains feedback, watchdog).
    """

    adc: tuple[int, ...]
    levels: int
    seen_low: int
    seen_high: int
    slow_age_ticks: int = 6
    fresh: bool = True
    """The readings came in time; late ones may be decided on, but prove nothing."""


Drive: TypeAlias = Outputs
"""Everything that is driven, as the decision gives it; the default is the safe state."""

SAFE = Drive()
"""Contactors open, pilot at +12 V, lock idle, no heartbeat."""


class Board(Protocol):
    """A hat. All methods raise `BoardGoneError` when the hardware cannot be reached in time."""

    def open(self) -> None:
        """Connect, take the pins, and leave every output in its safe state."""

    def read(self) -> Sample:
        """One tick's readings; late ones say so, and hardware that does not answer at all ends the program."""

    def drive(self, drive: Drive) -> None:
        """Set every output; what did not change need not be sent. Failures may show at the next `read()`."""

    def close(self) -> None:
        """Leave every output in its safe state as far as the hardware can still be reached, then let it go."""
