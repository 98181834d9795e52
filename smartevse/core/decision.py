"""What the regulator decides: for each unit an offer, a permission and the one reason; what the station must show."""

from dataclasses import dataclass
from typing import NamedTuple

from smartevse.core.limits import Limit


class Grant(NamedTuple):
    """What one unit does now. The default is the safe one: nothing offered, nothing permitted."""

    offer_da: int
    """Current to offer per phase, 0.1 A; 0 = offer none."""
    phases: int
    """1 or 3: how the contactors are to close the next time."""
    limit: Limit
    """What binds, and why."""
    no_current: bool = False
    """The manual's ERROR NO CURRENT: there is not enough to start or to go on."""

    @property
    def charge(self) -> bool:
        """Whether the car may charge."""
        return self.offer_da > 0


@dataclass(frozen=True, slots=True)
class Decision:
    """All grants, in the order of the units of the inputs."""

    grants: tuple[Grant, ...]
    no_data: bool = False
    """The manual's ERROR NO SERIAL COM: the mains meter has been silent for too long."""
    stop_in_s: int | None = None
    """Seconds until a car stops for want of sun or capacity, None while no such timer runs."""
