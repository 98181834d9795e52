"""What the regulator remembers from one call to the next. Times are its own clock `t`, seconds since its first call.

That clock is the sum of the steps of the caller's clock, each between 0 and `MOST_STEP_S`, so a caller's clock that
jumps or runs backwards shortens or stretches a wait by no more than that.
"""

from dataclasses import dataclass
from typing import NamedTuple

from smartevse.core.balancer import NO_LIMIT
from smartevse.core.measurement import LAG_S, Phases
from smartevse.core.peaks import Highs, Levels
from smartevse.core.rules import Car, Mode, Unit
from smartevse.core.solar import Trend
from smartevse.core.trust import Trust

MOST_STEP_S = 60.0
"""The longest step of time taken at its word."""

START_LAG_S = 10.0
"""A car may take this long from the closed contactor to the offered current."""

GONE_LAG_S = 3.0
"""For this long a mains reading may still contain a car that has stopped."""

NEVER = float("-inf")
"""A time that lies before all others: it has not happened."""

GRID_PHASES: tuple[tuple[tuple[int, ...], ...], ...] = tuple(
    tuple(tuple((rotation + k) % 3 for k in range(count)) for count in range(4)) for rotation in range(3)
)
"""The mains phases of a unit: by its rotation and the number of phases in use."""


class Memory(NamedTuple):
    """What is remembered of one unit; currents in 0.1 A."""

    car: Car = Car.AWAY
    offer_da: int = 0
    trail: tuple[tuple[float, int], ...] = ()
    """Earlier offers the car may still follow, each with the time until it may."""
    offer_t: float = NEVER
    """When the offer was last changed."""
    came_t: float = 0.0
    began_t: float = NEVER
    turn: int = 0
    """Place in the queue; the lowest charges first."""
    permit_t: float = NEVER
    """Since when the car may charge without having begun; NEVER = it may not, or it has."""
    passed_t: float = NEVER
    """When it let its turn pass by not charging."""
    waits: bool = False
    """It could charge if another did not."""
    retry_t: float = NEVER
    """No new try before."""
    phases: int = 3
    """Number of phases wanted from the contactors, 1 or 3."""
    phases_t: float = NEVER
    """When that number was last changed."""
    phases_score: float = 0.0
    """Evidence for changing it, see `core.phases`."""
    uses: int = 0
    """Phases the car was seen to use, 0 = not known."""
    takes_da: int = NO_LIMIT
    """What the car was seen to take although more was offered; NO_LIMIT = what it is offered."""
    takes_t: float = NEVER
    over_t: float = NEVER
    """Since when the car takes more than it is offered; NEVER = it does not."""


class Site(NamedTuple):
    """What is remembered of the mains connection; currents in 0.1 A, per phase where there are three."""

    stamp_s: float = NEVER
    """The caller's time of the last reading used."""
    heard_t: float = -5.0
    """When it was measured; begins so that a missing meter is an error 5 s after the start."""
    mains: Phases = (0, 0, 0)
    house: Phases | None = None
    """Mains without the cars; None = nothing measured yet."""
    calm: Phases = (0, 0, 0)
    """What the house takes if the cars still draw the most they may: with `house` the bounds of the truth."""
    peak: Levels = (0.0, 0.0, 0.0)
    """The house's recent highest current: held for some seconds, then forgotten."""
    peak_t: Levels = (NEVER, NEVER, NEVER)
    """When it was last that high."""
    high: Highs | None = None
    """The same, with loads that switch to and fro waited for: what the cars do not rise into."""
    heat: Levels = (0.0, 0.0, 0.0)
    """Heat of the breaker, see `core.breaker`."""
    granted: Phases = (0, 0, 0)
    """What all cars together may take of the mains: falls at once, rises slowly."""
    circuit: Phases | None = None
    """Other loads on the chargers' circuit; None = not measured."""
    circuit_s: float = NEVER
    """The caller's time of the last reading of that circuit."""
    surplus: float = 0.0
    """Filtered current the sun leaves over, sum of the phases, without the cars."""
    sun_da: int = 0
    """What all cars together may take of the sun, sum of the phases."""
    trend: Trend = Trend()
    """Where the sun is going."""
    short_s: float = 0.0
    """How long the minimum has not fitted under the mains."""
    sun_short_s: float = 0.0
    """The stop timer: how long the sun has been too weak, in seconds without any."""
    sun_left_s: int = 0
    """When it will be over with the sun of now, s from the last reading."""
    trust: Trust = Trust()
    """Whether the meter moves with the cars."""
    cap_short_t: float = NEVER
    """Since when the minimum does not fit under CAPACITY."""


@dataclass(frozen=True, slots=True)
class State:
    """The regulator's memory; begin with `State()`, hand back what `decide` returned."""

    now_s: float | None = None
    t: float = 0.0
    mode: Mode = Mode.NORMAL
    turns: int = 0
    """The last place in the queue given away."""
    site: Site = Site()  # noqa: RUF009 - a NamedTuple cannot change
    units: tuple[Memory, ...] = ()


def step_s(before_s: float | None, now_s: float) -> float:
    """Seconds since the last call: 0 for a clock that stands, runs back or is no number, never over MOST_STEP_S."""
    if before_s is None:
        return 0.0
    step = now_s - before_s
    return min(step, MOST_STEP_S) if step > 0 else 0.0


def follow_car(memory: Memory, unit: Unit, t: float, turn: int) -> tuple[Memory, int]:
    """Takes note that the car came, began, stopped or left; returns the memory and the last turn given away."""
    car, before, trail = unit.car, memory.car, memory.trail
    if trail and min(trail)[0] <= t:
        trail = tuple(entry for entry in trail if entry[0] > t)
        memory = memory._replace(trail=trail)
    if car == before:
        return memory, turn
    if before == Car.CHARGING:
        trail = ((t + GONE_LAG_S, max(memory.offer_da, *(da for _, da in trail), 0)),)
    if car == Car.AWAY:
        return Memory(trail=trail, phases=memory.phases, phases_t=memory.phases_t), turn
    if before == Car.AWAY:
        turn += 1
        memory = memory._replace(came_t=t, turn=turn)
    if car == Car.CHARGING:
        trail = (*trail, (t + START_LAG_S, 0))
        return memory._replace(car=car, trail=trail, began_t=t, permit_t=NEVER, passed_t=NEVER, waits=False), turn
    return memory._replace(car=car, trail=trail, takes_da=NO_LIMIT, takes_t=NEVER, over_t=NEVER, permit_t=NEVER), turn


def offered(memory: Memory, offer_da: int, t: float) -> Memory:
    """The memory after a new offer: a charging car may follow the old one for `LAG_S`."""
    if offer_da == memory.offer_da:
        return memory
    if memory.car != Car.CHARGING:
        return memory._replace(offer_da=offer_da, offer_t=t)
    return memory._replace(offer_da=offer_da, offer_t=t, trail=(*memory.trail, (t + LAG_S, memory.offer_da)))


def bounds_da(memory: Memory) -> tuple[int, int]:
    """The least and the most the car may draw per phase by what it was offered of late."""
    low = high = memory.offer_da if memory.car == Car.CHARGING else 0
    for _, offer_da in memory.trail:
        if offer_da < low:
            low = offer_da
        elif offer_da > high:
            high = offer_da
    return low, high
