"""Whether the mains meter tells the truth: it must move when the cars move, and in the right direction.

A meter that repeats one value while the cars change by some amps is first put to the test: all cars go to the minimum.
If even that does not show, it is frozen. A meter that falls by what the cars rose, three times in a row and with a
test between, counts backwards: a cloud that passes while the cars follow the sun does the same once, seldom twice.
"""

from typing import NamedTuple

from smartevse.core.measurement import Phases

SAME_S = 30.0
"""One value for so long while the cars changed puts the meter to the test; as long again and it is frozen."""

MOVED_DA = 30
"""A change of the cars (0.1 A) that every meter must show, also one that counts whole amps."""

PROVEN_S = 3600.0
"""A meter that passed the test is not tested again for an hour: a car may simply not take what it is offered."""

BACKWARDS_S = 600.0
"""After this long a meter that counted backwards is believed once more, as somebody may have turned it round."""

TEST_S = 15.0
"""After a first contradiction the cars go to the minimum for so long: that brings the second or clears the meter."""

SURE = 3
"""So many contradictions in a row are proof; the sun alone brings two of them about once in a cloudy day."""

MOST_DA = 100_000
"""More than all cars together take."""

NEVER = float("-inf")


class Trust(NamedTuple):
    """What speaks for and against the meter; times on the regulator's clock, currents in 0.1 A."""

    same_s: float = 0.0
    least_da: int = MOST_DA
    most_da: int = -MOST_DA
    """The least and the most the cars took (all phases) while the reading stayed the same."""
    proven_t: float = NEVER
    mains: Phases = (0, 0, 0)
    cars: Phases | None = None
    """Reading and cars when the cars last stood still."""
    against: int = 0
    """How often in a row the reading fell by what the cars rose, or the other way round."""
    backwards_t: float = NEVER
    """Until when the meter counts as reversed."""
    test_t: float = NEVER
    """Until when the cars are moved to see which way the meter goes."""

    def tested(self, t: float) -> bool:
        """Whether the cars are held at the minimum to see how the meter moves."""
        return t < self.test_t or self._stuck(SAME_S)

    @property
    def frozen(self) -> bool:
        """The meter did not move in the test either."""
        return self._stuck(2 * SAME_S)

    def _stuck(self, span_s: float) -> bool:
        return self.same_s >= span_s and self.most_da - self.least_da >= MOVED_DA


def judged(trust: Trust, mains: Phases, before: Phases, cars: tuple[Phases, Phases], t: float, dt_s: float) -> Trust:
    """The trust after a reading `mains` that followed `before`; `cars` = the least and the most they may draw."""
    low, high = cars
    total_da = sum(high)
    if mains != before:
        proven_t = t if trust.same_s >= SAME_S and trust.tested(t) else trust.proven_t
        still = low == high  # while the cars are moving nobody knows what they took at this reading
        least_da, most_da = (total_da, total_da) if still else (MOST_DA, -MOST_DA)
        trust = trust._replace(same_s=0.0, least_da=least_da, most_da=most_da, proven_t=proven_t)
    elif t - trust.proven_t >= PROVEN_S:
        least_da, most_da = trust.least_da, trust.most_da
        if low == high:
            least_da, most_da = min(least_da, total_da), max(most_da, total_da)
        trust = trust._replace(same_s=trust.same_s + dt_s, least_da=least_da, most_da=most_da)
    if low != high:
        return trust
    against = trust.against
    if trust.cars is not None and high != trust.cars:
        against = _against(trust, mains, high)
        if against == trust.against and all(abs(a - b) < MOVED_DA for a, b in zip(high, trust.cars, strict=True)):
            return trust
    if against >= SURE:
        return trust._replace(mains=mains, cars=high, against=SURE - 1, backwards_t=t + BACKWARDS_S)
    if against > trust.against == 0:
        trust = trust._replace(test_t=t + TEST_S)
    return trust._replace(mains=mains, cars=high, against=against)


def _against(trust: Trust, mains: Phases, cars: Phases) -> int:
    """The contradictions in a row after the cars moved: one more, one less if it proves nothing, or none at all."""
    moved, reversed_ = 0, 0
    for reading, was, car, car_was in zip(mains, trust.mains, cars, trust.cars or cars, strict=True):
        step_da = car - car_was
        if abs(step_da) < MOVED_DA:
            continue
        moved += 1
        if 0.7 <= (was - reading) / step_da <= 1.3:
            reversed_ += 1
        elif (reading - was) / step_da > 0.4:
            return 0
    if not moved:
        return trust.against
    return trust.against + 1 if moved == reversed_ else max(0, trust.against - 1)
