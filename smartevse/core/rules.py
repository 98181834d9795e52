"""The owner's settings as the regulator needs them, and what a unit and its car look like to it.

All plain whole numbers, so that the settings table maps to them one to one and a test can write them down.
Values out of range or in conflict are no error here: `check` gives safe ones and the words that say what to mend.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading, whole

MAX_OFFER_DA = 800
"""The most the pilot can offer (80 A), IEC 61851-1 table A.7."""


class Mode(IntEnum):
    """MODE: how the current is found."""

    NORMAL = 0
    SMART = 1
    SOLAR = 2


class Contact2(IntEnum):
    """CONTACT 2: what the second contactor (L2 and L3) is for."""

    NOT_PRESENT = 0
    ALWAYS_OFF = 1
    SOLAR_OFF = 2
    ALWAYS_ON = 3
    AUTO = 4


class Order(IntEnum):
    """Who keeps charging when there is not enough for all."""

    OLDEST = 0
    PRIORITY = 1


class Car(IntEnum):
    """What the pilot says about the car of a unit."""

    AWAY = 0
    CONNECTED = 1
    """It is there and takes nothing (state B)."""
    CHARGING = 2
    """It asks for current and the contactor is closed or about to close (state C)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the station (stand-alone) or of the Master; amps and minutes as in the menu.

    `mains_a`, `circuit_a` per phase; `start_a`, `import_a`, `capacity_a` sums of the phases. 0 switches off
    `stop_min` (never stop), `capacity_a`, `rotate_min` (no rotation).
    """

    mode: Mode = Mode.NORMAL
    mains_a: int = 25
    min_a: int = 6
    circuit_a: int = 16
    start_a: int = 4
    stop_min: int = 10
    import_a: int = 0
    contact2: Contact2 = Contact2.ALWAYS_ON
    capacity_a: int = 0
    cap_stop_min: int = 0
    master: bool = False
    """CIRCUIT is shared out over the units."""
    circuit_meter: bool = False
    """A meter tells what others take of the chargers' circuit: CIRCUIT is kept with them."""
    meter: bool = True
    """A mains meter is configured; without one only Normal works."""
    guard_normal: bool = False
    """Keep MAINS in Normal too (option; the manual's Normal does not)."""
    order: Order = Order.OLDEST
    rotate_min: int = 30
    stale_s: int = 10
    """Seconds without a reading after which charging stops (the manual's 10 s)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One charging unit and its car, as seen now; currents in 0.1 A per phase."""

    car: Car = Car.AWAY
    max_da: float = 160
    """MAX of this unit."""
    cable_da: float | None = None
    """What the cable carries; None with a fixed cable."""
    override_da: float = 0
    """A current set by hand for now; 0 = none."""
    min_da: float = 0
    """A higher minimum that this car needs; 0 = MIN."""
    phases: int = 3
    """Phases of the closed contactors, 1 or 3; counts while CHARGING."""
    car_phases: int = 0
    """Phases the owner says the car uses, 1 to 3; 0 = not known."""
    rotation: int = 0
    """Which mains phase feeds this unit's L1: 0, 1 or 2."""
    drawn: Reading | None = None
    """The EV meter on this unit's own L1, L2, L3."""
    priority: int = 0
    """With `Order.PRIORITY` the highest keeps charging longest."""
    limits: tuple[Limit, ...] = ()
    """Further limits with their reasons: access, pause, schedule, temperature, external; 0 = must not charge."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All the regulator may look at in one call. Times are one monotonic clock, seconds."""

    now_s: float
    rules: Rules
    units: tuple[Unit, ...]
    mains: Reading | None = None
    """The latest reading of the mains meter, import positive; handed in again until a newer one is there."""
    circuit: Reading | None = None
    """A meter of the chargers' circuit where there is one."""
    battery_da: float = 0
    """Home battery, sum of the phases, charging positive (Solar only)."""
    battery_at_s: float = 0
    grid_relay_open: bool = False
    """The grid operator's relay asks for 4.2 kW at most."""


RANGES: dict[str, tuple[int, int, int]] = {
    # field: lowest, highest, what is used instead (the careful end)
    "mains_a": (10, 200, 10),
    "min_a": (6, 16, 6),
    "circuit_a": (10, 200, 10),
    "start_a": (0, 48, 4),
    "stop_min": (0, 60, 10),
    "import_a": (0, 48, 0),
    "capacity_a": (0, 600, 10),
    "cap_stop_min": (0, 60, 0),
    "rotate_min": (0, 1440, 30),
    "stale_s": (2, 120, 10),
}
"""Lowest and highest value of each number and what stands in for one that is outside."""


@lru_cache(maxsize=64)
def check(rules: Rules) -> tuple[Rules, str]:
    """The rules with every number in its range, and what contradicts: "CIRCUIT 10 A is below MIN 16 A", or ""."""
    mended: dict[str, int] = {}
    for name, (low, high, instead) in RANGES.items():
        value = whole(getattr(rules, name), low, high)
        mended[name] = instead if value is None else value
    sound = replace(rules, **mended)  # type: ignore[arg-type]
    if (sound.master or sound.circuit_meter) and sound.circuit_a < sound.min_a:
        return sound, f"CIRCUIT {sound.circuit_a} A is below MIN {sound.min_a} A"
    if sound.mode != Mode.NORMAL and sound.mains_a < sound.min_a:
        return sound, f"MAINS {sound.mains_a} A is below MIN {sound.min_a} A"
    return sound, ""
