"""The chargers' own circuit where a meter measures it: what others take there, and what its silence means.

What others take is found as what the house takes is: it stays as long as the cars alone explain the reading. It rises
at once and is forgotten slowly, so that a load which switches every few seconds is answered once.
"""

from smartevse.core.limits import Limit
from smartevse.core.measurement import Phases, Reading, age_s, house_da, phases_of
from smartevse.core.memory import NEVER, Site
from smartevse.core.reasons import Why

FORGET_S = 10.0
"""Time constant with which a load of others that went off is forgotten."""


def circuit_seen(
    site: Site, reading: Reading | None, now_s: float, stale_s: float, cars: tuple[Phases, Phases]
) -> Site:
    """The site after the latest reading of the circuit; `cars`: the least and the most the cars may draw (0.1 A).

    None = no such meter. A reading that cannot be true or is too old changes nothing: `circuit_limit` is for that.
    """
    if reading is None:
        return site if site.circuit is None else site._replace(circuit=None, circuit_s=NEVER)
    if reading.at_s == site.circuit_s:
        return site
    flows, age = phases_of(reading), age_s(reading, now_s)
    if flows is None or age is None or age > stale_s:
        return site
    known = site.circuit
    dt_s = min(60.0, max(0.1, reading.at_s - site.circuit_s))
    others = []
    for p in range(3):
        now_da = max(0, house_da(known and known[p], flows[p], cars[0][p], cars[1][p]))
        was_da = known[p] if known is not None else now_da
        others.append(max(now_da, now_da + int((was_da - now_da) * FORGET_S / (FORGET_S + dt_s))))
    return site._replace(circuit=(others[0], others[1], others[2]), circuit_s=reading.at_s)


def circuit_limit(
    reading: Reading | None, now_s: float, since_s: float, stale_s: float, *, least_da: int | None
) -> Limit | None:
    """What a circuit meter that tells nothing makes of a car's offer: None while its last answer counts.

    `since_s`: since when the meter is asked; `least_da`: the minimum of a car that charges, None for one that waits.
    Before the first answer a charge that runs is held at the minimum; after `stale_s` of silence all stop.
    """
    if reading is not None and phases_of(reading) is not None:
        age = age_s(reading, now_s)
        if age is not None and age <= stale_s:
            return None
    if reading is None and 0 <= now_s - since_s < stale_s:
        return Limit(0, Why.FIRST_CIRCUIT) if least_da is None else Limit(least_da, Why.HOLD_CIRCUIT)
    return Limit(0, Why.NO_CIRCUIT_DATA)
