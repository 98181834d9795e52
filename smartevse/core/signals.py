"""What goes into and comes out of the guard's decision: one frozen dataclass for each direction.

Times are whole milliseconds of a monotonic clock, voltages millivolts, currents 0.1 A, temperatures 0.1 degC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Lock(IntEnum):
    """The manual's setting LOCK: which actuator holds the plug."""

    DISABLED = 0
    SOLENOID = 1
    MOTOR = 2


class LockPolicy(IntEnum):
    """When the plug is held."""

    CHARGING = 0
    """The manual's rule: locked when charging starts, unlocked after it stops."""
    CONNECTED = 1
    """Locked as long as a car is connected."""
    KEEP = 2
    """The cable stays locked in the socket, also without a car."""


@dataclass(frozen=True, slots=True)
class Permit:
    """What the station allows; the guard takes it as an upper bound and drops it when it is older than its life."""

    offer_da: int = 0
    """Current to offer per phase in 0.1 A, 60 to 800; 0 offers none."""
    charge: bool = False
    """Whether charging is wanted at all."""
    phases: int = 3
    """1 or 3: whether contactor 2 closes too; changed only while open."""
    fixed_cable: bool = False
    """The manual's CONFIG = Fixed: PP is not read, no lock."""
    rcm: bool = False
    """The manual's RCMON: a residual current monitor is fitted and watched."""
    rcm_test: bool = False
    """That monitor has a test input, to be used before each session."""
    user_stop: bool = False
    """The stop was the user's: a sleeping car is not to be woken."""
    wake: bool = False
    """A car that does not ask for current may be woken with -12 V."""
    lock: Lock = Lock.DISABLED
    lock_policy: LockPolicy = LockPolicy.CHARGING
    hold_ms: int = 0
    """How long the contactor may stay closed after the car let go, 0 to 30 ms, so that it opens without current."""
    resets: int = 0
    """Counts the owner's key presses that reset a latched fault, 0 to 255; a change is the press."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """One tick's readings of the hat in physical units."""

    cp_high_mv: int
    cp_low_mv: int
    cp_raw_mv: int
    proximity_ohm: int
    temperature_dc: int
    rail_mv: int
    lock_high: bool
    wd_ok: bool
    wd_dipped: bool
    """WD_OK was low at some moment since the last tick."""
    safe: bool
    mains: bool
    """Voltage was seen at the coil of contactor 1 since the last tick; it comes in pulses of the mains frequency."""
    mirror: bool
    """The contactor's mirror contact is closed, which it only can be while all main contacts are open."""
    rcm_trip: bool
    pins_agree: bool = True
    """Our output pins read back as they were driven."""
    fingerprint: int = 0
    """A number made of all ADC codes: a living ADC changes it by its noise."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Everything the guard drives. The default is the safe state."""

    duty_permille: int = 1000
    """1000 = steady +12 V, 0 = steady -12 V, else 1 kHz PWM with that high time in microseconds."""
    c1: bool = False
    c2: bool = False
    lock_r: bool = False
    lock_w: bool = False
    rcm_test: bool = False
    heartbeat: bool = False
    """One pulse on the one-shot in this tick."""
