"""Who lets a car charge: access given, taken back or held up for a moment, by keys, switch and cards.

Pure: the caller gives the time. What follows for the charge is in `station.wishes`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from smartevse.settings.values import Values
from smartevse.station.wishes import Access

UNPLUG_S = 15.0
"""So long a charge that a push stopped stays stopped: the time to pull the plug out."""
SWITCHED = frozenset({"access_b", "access_s"})
"""What SWITCH is where a key-operated switch decides on access."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the car may charge, as far as people decide it."""

    access: Access = Access.ON
    stopped_until_s: float = float("-inf")
    """A push stopped the charge until then."""

    def now(self, now_s: float) -> Access:
        """What counts at this moment."""
        if self.access is Access.ON and now_s < self.stopped_until_s:
            return Access.PAUSE
        return self.access

    def give(self, access: Access) -> Gate:
        """Access given or taken back; a stop for a moment is over with either."""
        return Gate(access)

    def toggled(self) -> Gate:
        """Given where it was not, taken back where it was; a pause ends."""
        return Gate(Access.OFF if self.access is Access.ON else Access.ON)

    def stopped(self, now_s: float) -> Gate:
        """The charge ends and does not begin again before the plug can be pulled."""
        return replace(self, stopped_until_s=now_s + UNPLUG_S)

    def unplugged(self) -> Gate:
        """The car is gone: the next one need not wait."""
        return replace(self, stopped_until_s=float("-inf"))


def given_by(values: Values) -> str:
    """Who gives access: "card", "switch" or "keys" (those of the panel)."""
    return "card" if values.rfid else "switch" if values.switch in SWITCHED else "keys"


def guarded(values: Values) -> bool:
    """Whether access needs a switch or a card: then nobody gets it from the keys of the panel."""
    return given_by(values) != "keys"


def first(values: Values) -> Gate:
    """At the start and when access begins to need somebody: denied where a switch or a card has to give it."""
    return Gate(Access.OFF if guarded(values) else Access.ON)


def changed(gate: Gate, before: Values, now: Values) -> Gate:
    """After other settings: what gives access changed, so it is given anew, or to everybody where nothing guards it.

    A charge that runs is not ended by naming a card reader or switch: the owner stands in front of it.
    """
    if guarded(before) and not guarded(now):
        return first(now)
    return gate
