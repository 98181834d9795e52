"""The home battery's current as Solar uses it: signed, charging positive, worth nothing when it is old."""

from typing import NamedTuple

from smartevse.core.limits import Limit
from smartevse.core.measurement import MOST_DA
from smartevse.core.reasons import Why, amps
from smartevse.core.site import BATTERY_LIFE_S

SHOWN_DA = 3
"""Less than 0.3 A is no current worth a word."""

SUNNY = frozenset({Why.SUN, Why.HOLD_SUN, Why.NO_SUN})
"""The reasons in which the battery has its part."""


class Battery(NamedTuple):
    """What the battery takes (positive) or gives, 0.1 A, all phases together, and when that was so (monotonic)."""

    da: float
    at_s: float

    def counts(self, now_s: float) -> bool:
        """Whether it is new enough and can be true."""
        return -1.0 <= now_s - self.at_s <= BATTERY_LIFE_S and -MOST_DA <= self.da <= MOST_DA

    @property
    def words(self) -> str:
        """For the end of a sentence: "the home battery takes 12.5 A"."""
        return f"the home battery {'takes' if self.da > 0 else 'gives'} {amps(abs(round(self.da)))}"


def with_battery(limit: Limit, battery: Battery | None, now_s: float) -> Limit:
    """The limit, told with the battery's part where the sun binds and the battery has one."""
    if battery is None or limit.why not in SUNNY or not battery.counts(now_s) or abs(battery.da) < SHOWN_DA:
        return limit
    return limit._replace(beside=battery.words)
