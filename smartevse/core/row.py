"""One unit during one decision: its inputs made sound, its memory, and what applies to it alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from smartevse.core.balancer import NO_LIMIT
from smartevse.core.limits import Limit, binding, normal_limit
from smartevse.core.measurement import Phases, age_s, phases_of, whole
from smartevse.core.memory import GRID_PHASES, NEVER, Memory, bounds_da
from smartevse.core.reasons import Why
from smartevse.core.rules import MAX_OFFER_DA, Car, Inputs, Rules, Unit

METER_LIFE_S = 4.0
"""A reading of an EV meter stands for the car's current for this long."""

SETTLED_S = 10.0
"""A car that takes less than offered for this long does not want more."""

SPARE_DA = 10
"""What a car that takes less is still offered above what it takes, so that it can show that it wants more."""

OVER_S = 10.0
"""A car that takes more than it is offered for this long is stopped."""


@dataclass(slots=True)
class Row:
    """Scratch of one decision; nothing of it outlives the call but `memory`. Currents in 0.1 A per phase."""

    unit: Unit
    memory: Memory
    min_da: int
    own: Limit
    """What MAX, cable, override and the unit's further limits leave; offer 0 = it must not charge."""
    phases: tuple[int, ...] = ()
    """The mains phases its car loads."""
    offer_da: int = 0
    limit: Limit | None = None
    no_current: bool = False

    @property
    def need_da(self) -> int:
        """The minimum as a sum of the phases."""
        return self.min_da * len(self.phases)


@lru_cache(maxsize=512)
def _setting(max_da: float, cable_da: float | None, override_da: float, min_da: int) -> Limit:
    """The limit that MAX, cable and override make; 0 with the reason when it is below the minimum."""
    most = whole(max_da, 0, MAX_OFFER_DA)
    if most is None:
        return Limit(0, Why.SETTINGS, note="MAX is not between 6 and 80 A")
    if cable_da is not None:
        cable = whole(cable_da, 0, MAX_OFFER_DA)
        cable_da = 0 if cable is None else cable
    limit = normal_limit(most, None if cable_da is None else int(cable_da))
    override = whole(override_da, 1, MAX_OFFER_DA)
    if override is not None:
        limits = [Limit(override, Why.OVERRIDE)]
        if cable_da is not None:
            limits.append(Limit(int(cable_da), Why.CABLE))
        limit = binding(limits)
    if limit.offer_da < min_da:
        name = {Why.CABLE: "the cable's", Why.OVERRIDE: "the override of"}.get(limit.why, "MAX")
        return Limit(0, Why.SETTINGS, note=f"{name} {limit.offer_da / 10:g} A is below MIN {min_da / 10:g} A")
    return limit


def row(unit: Unit, memory: Memory, rules: Rules, conflict: str) -> Row:
    """The unit with its own limits weighed. Whatever is no number counts as the careful end."""
    car_min = whole(unit.min_da, 60, MAX_OFFER_DA)
    min_da = rules.min_a * 10
    if car_min is not None and car_min > min_da:
        min_da = car_min
    own = _setting(unit.max_da, unit.cable_da, unit.override_da, min_da)
    for limit in unit.limits:
        if limit.offer_da != limit.offer_da:  # no number: nobody knows what it allows
            own = limit._replace(offer_da=0)
            break
        if limit.offer_da < own.offer_da:
            own = limit
    if own.offer_da < min_da or not own.offer_da <= MAX_OFFER_DA:
        own = own if own.offer_da == 0 else own._replace(offer_da=0)
    elif type(own.offer_da) is not int:
        own = own._replace(offer_da=int(own.offer_da))
    if conflict and own.offer_da:
        own = Limit(0, Why.SETTINGS, note=conflict)
    return Row(unit, memory, min_da, own)


def place(item: Row) -> None:
    """Notes which mains phases the car loads: those of the contactors, fewer if the car is known to use fewer."""
    unit, memory = item.unit, item.memory
    count = unit.phases if memory.car == Car.CHARGING else memory.phases
    if count != 1:
        count = unit.car_phases if 1 <= unit.car_phases <= 3 else memory.uses or 3
    item.phases = GRID_PHASES[unit.rotation % 3][count]


def learn(item: Row, inputs: Inputs, t: float) -> Phases | None:
    """Takes note of what the EV meter says; returns the car's current on its own L1..L3, None when not known."""
    unit, memory = item.unit, item.memory
    drawn = phases_of(unit.drawn)
    if drawn is None or unit.drawn is None or memory.car != Car.CHARGING:
        return None
    age = age_s(unit.drawn, inputs.now_s)
    if age is None or age > METER_LIFE_S:
        return None
    most = max(drawn)
    low, high = bounds_da(memory)
    uses = memory.uses
    if most >= 30 and t - memory.began_t > SETTLED_S and unit.phases == 3:
        uses = sum(1 for da in drawn if da * 10 >= most * 4)
    over_t = NEVER
    if most > high + 15 + high // 10:
        over_t = t if memory.over_t == NEVER else memory.over_t
    takes_da, takes_t = NO_LIMIT, NEVER
    if most + SPARE_DA < low:
        takes_t = t if memory.takes_t == NEVER else memory.takes_t
        if t - takes_t >= SETTLED_S:
            takes_da = most + SPARE_DA
    elif memory.takes_da != NO_LIMIT and most + SPARE_DA // 2 < low:
        takes_da, takes_t = memory.takes_da, memory.takes_t
    if (uses, over_t, takes_da, takes_t) != (memory.uses, memory.over_t, memory.takes_da, memory.takes_t):
        item.memory = memory._replace(uses=uses, over_t=over_t, takes_da=takes_da, takes_t=takes_t)
    return drawn


def needs_da(items: Iterable[Row]) -> list[int]:
    """The minimum currents of these cars together: on L1, L2, L3 and the sum of the phases (0.1 A)."""
    need = [0, 0, 0, 0]
    for item in items:
        phases, da = item.phases, item.min_da
        for p in phases:
            need[p] += da
        need[3] += da * len(phases)
    return need


def draws(items: list[Row], inputs: Inputs, t: float) -> tuple[Phases, Phases]:
    """The least and the most all cars may draw on each mains phase, by their offers and their meters (0.1 A)."""
    low, high = [0, 0, 0], [0, 0, 0]
    for item in items:
        memory = item.memory
        if memory.trail:
            least, most = bounds_da(memory)
        else:
            least = most = memory.offer_da if memory.car is Car.CHARGING else 0
        if most == 0:
            continue
        drawn = learn(item, inputs, t) if item.unit.drawn is not None else None
        if drawn is None:
            for p in item.phases:
                low[p] += least
                high[p] += most
            continue
        settled = not memory.trail
        for k in range(3):
            p = (item.unit.rotation + k) % 3
            seen = max(0, drawn[k])
            uses = p in item.phases
            low[p] += seen if settled or not uses else min(seen, memory.offer_da)
            high[p] += seen if settled or not uses else max(seen, memory.offer_da)
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])
