"""Whether the mains meter tells the truth: it must move when the cars move, and in the right direction.

A meter that repeats one value while the cars change by some amps, or for far longer than it ever did by itself, is put
to the test: all cars go to the minimum. If even that does not show, it is frozen. Cars that are at the minimum already
prove nothing, and one that passed is left in peace until the house stirs. A meter that falls by what the cars rose,
three times in a row and with a test between, counts backwards: a cloud that passes while the cars follow the sun does
the same once, seldom twice. A reading that turns into its mirror image is such a contradiction too.
"""

from typing import NamedTuple

from smartevse.core.measurement import Phases

SAME_S = 30.0
"""One value for so long while the cars changed puts the meter to the test; as long again and it is frozen."""

MOVED_DA = 30
"""A change of the cars (0.1 A) that every meter must show, also one that counts whole amps."""

FINE_DA = 15
"""The same for a meter whose values show that it counts tenths."""

PATIENT_S = 60.0
"""No value is too old for its age alone before this."""

FAR = 4.0
"""So many times the longest calm that the meter showed by itself is far too long."""

USUAL_S = PATIENT_S / FAR
"""The calm that is expected of a meter nobody knows yet."""

PROVEN_S = 3600.0
"""A meter that passed the test in a house that does not stir is not tested again for an hour: a car may simply not take
what it is offered."""

STIRS_S = 300.0
"""Time constant with which a house that stirs makes the long calm before it forgotten."""

BACKWARDS_S = 600.0
"""After this long a meter that counted backwards is believed once more, as somebody may have turned it round."""

MIRROR_DA = 5
"""A phase may have changed by so much between two readings of which the second has the other sign."""

TEST_S = 15.0
"""After a first contradiction or a mirrored reading the cars go to the minimum for so long: that brings the second, or
clears the meter."""

SURE = 3
"""So many contradictions in a row are proof; the sun alone brings two of them about once in a cloudy day."""

MOST_DA = 100_000
"""More than all cars together take."""

NEVER = float("-inf")


class Trust(NamedTuple):
    """What speaks for and against the meter; times on the regulator's clock, currents in 0.1 A."""

    same_s: float = 0.0
    """How long the reading has been the same."""
    usual_s: float = USUAL_S
    """The longest calm that it showed by itself, forgotten while the house stirs."""
    doubt_s: float = NEVER
    """How old the same reading was when the test began; NEVER = there is none."""
    least_da: int = MOST_DA
    most_da: int = -MOST_DA
    """The least and the most the cars took (all phases) while the reading stayed the same."""
    frozen: bool = False
    """The meter did not move in the test either."""
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
        return t < self.test_t or self.doubt_s != NEVER


def judged(trust: Trust, mains: Phases, before: Phases, cars: tuple[Phases, Phases], t: float, dt_s: float) -> Trust:
    """The trust after a reading `mains` that followed `before`; `cars` = the least and the most they may draw."""
    low, high = cars
    total_da = sum(high)
    still = low == high  # while the cars are moving nobody knows what they took at this reading
    if mains != before:
        if trust.doubt_s != NEVER:
            usual_s = PROVEN_S / FAR
        else:
            usual_s = max(USUAL_S, trust.same_s, trust.usual_s * (1 - min(1.0, dt_s / STIRS_S)))
        least_da, most_da = (total_da, total_da) if still else (MOST_DA, -MOST_DA)
        trust = trust._replace(
            same_s=0.0, usual_s=usual_s, doubt_s=NEVER, least_da=least_da, most_da=most_da, frozen=False
        )
    else:
        trust = _repeated(trust, mains, total_da if still else None, dt_s)
    if not still:
        return trust
    if mains != before and _mirrored(mains, before):
        trust = trust._replace(test_t=t + TEST_S, mains=mains, against=max(1, trust.against))
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


def _repeated(trust: Trust, mains: Phases, total_da: int | None, dt_s: float) -> Trust:
    """The trust after the same reading once more; `total_da`: what the cars take, None while they are moving."""
    least_da, most_da, same_s = trust.least_da, trust.most_da, trust.same_s + dt_s
    if total_da is not None:
        least_da, most_da = min(least_da, total_da), max(most_da, total_da)
    trust = trust._replace(same_s=same_s, least_da=least_da, most_da=most_da)
    if trust.frozen or total_da is None:
        return trust
    moved = most_da - least_da >= (FINE_DA if any(da % 10 for da in mains) else MOVED_DA)
    patient_s = min(PROVEN_S, max(PATIENT_S, FAR * trust.usual_s))
    if trust.doubt_s == NEVER:
        known = trust.usual_s * FAR >= PROVEN_S  # it passed the test not long ago
        if total_da and (same_s >= patient_s or (moved and same_s >= max(SAME_S, trust.usual_s) and not known)):
            return trust._replace(doubt_s=same_s)
    elif same_s - trust.doubt_s >= SAME_S and same_s >= 2 * trust.usual_s:
        if moved:
            return trust._replace(frozen=True)
        return trust._replace(doubt_s=NEVER, usual_s=max(trust.usual_s, same_s / 2))  # nobody could move: later again
    return trust


def _mirrored(mains: Phases, before: Phases) -> bool:
    """Whether every current worth the name has changed its sign and else stayed."""
    pairs = [(now, was) for now, was in zip(mains, before, strict=True) if abs(was) >= MOVED_DA]
    return bool(pairs) and all(abs(now + was) <= max(MIRROR_DA, abs(was) // 10) for now, was in pairs)


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
