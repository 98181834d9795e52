"""What people want of the charge by hand, apart from the settings: access, pause, a current for now, the grid relay.

Keys, the switch at SW, cards and the network change it; the regulation obeys it as limits with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from smartevse.core.limits import Limit
from smartevse.core.reasons import Why


class Access(Enum):
    """Whether the car may charge at all."""

    ON = "on"
    OFF = "off"
    PAUSE = "pause"


HELD_BACK = frozenset({Why.ACCESS, Why.PAUSE, Why.SCHEDULE, Why.SCHEDULE_OVER, Why.NO_CLOCK})
"""Reasons of people rather than of the house: a car that sleeps is not woken for them."""

_REFUSED = {Access.OFF: Limit(0, Why.ACCESS), Access.PAUSE: Limit(0, Why.PAUSE)}


@dataclass(frozen=True, slots=True)
class Wishes:
    """The default asks for nothing special: whoever is connected may charge."""

    access: Access = Access.ON
    override_da: int = 0
    """A current for this charge in the place of MAX, 0.1 A; 0 for none. The cable limits it all the same."""
    grid_relay_open: bool = False
    """The grid operator's relay (SWITCH = Grid Relay) asks for 4.2 kW at most."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits that follow, with their reasons."""
        refused = _REFUSED.get(self.access)
        return () if refused is None else (refused,)
