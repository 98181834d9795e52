"""The states of the charger and of its offer, by the names of IEC 61851-1, with every way between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class State(IntEnum):
    """Where the charge is (IEC 61851-1 table A.3; 1 and 2 stand for without and with PWM)."""

    A = 0
    """No car: pilot at steady +12 V."""
    B1 = 1
    """A car is connected, no current is offered."""
    B = 2
    """A car is connected, the PWM offers current."""
    C = 3
    """The car takes current: contactor closed."""
    C1 = 4
    """The offer was taken back; the contactor stays closed until the car lets go, at most 6 s."""
    E = 5
    """The pilot is shorted or dead."""
    F = 6
    """A fault of our own, shown to the car by steady -12 V."""


class Event(IntEnum):
    """What can happen to the charge in one tick, most urgent first: the first that applies is taken."""

    FAULT = 0
    """A fault that must open at once (see `core.faults`)."""
    SHORT = 1
    """The pilot reads level E."""
    UNPLUGGED = 2
    """The pilot reads 12 V."""
    DOUBT = 3
    """A reading while the contactor is closed that does not fit: open first, name it when more ticks agree."""
    RELEASED = 4
    """The car opened S2: 9 V after 6 V."""
    VENTILATION = 5
    """The car asks for ventilation (3 V), which we do not have."""
    STOP = 6
    """The permit is gone, expired or says no."""
    TIMEOUT = 7
    """The car did not let go within 6 s."""
    PLUGGED = 8
    """The pilot reads 9, 6 or 3 V where 12 V was."""
    OFFER = 9
    """The permit, the cable and the proof tests allow to offer current."""
    READY = 10
    """The car asks for current for 500 ms, its diode is there, everything is proven."""
    CLEARED = 11
    """The fault is over and state F or E was shown long enough."""


class Hold(IntEnum):
    """Why the charge does not go on, seen from the guard."""

    NONE = 0
    NO_CAR = 1
    NO_STATION = 2
    """No fresh permit."""
    NOT_WANTED = 3
    """The permit says no, or offers no current."""
    FAULT = 4
    PROOF_TEST = 5
    """The safety chain is being tested."""
    CAR_STAYS_AT_6V = 6
    """The car did not let go; it must show 9 V before it is offered current again."""
    VENTILATION = 7
    LOCKING = 8
    WAKING = 9
    CAR_NOT_READY = 10
    """Current is offered; the car does not ask for it."""
    DELAY = 11
    """The contactor rests for a moment before it may close again."""


S, E = State, Event

TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (S.A, E.PLUGGED): S.B1,  # A.1 to B1: table A.6 sequence 1.1
    (S.B1, E.UNPLUGGED): S.A,  # sequence 2.1
    (S.B1, E.OFFER): S.B,  # sequence 3.1
    (S.B, E.UNPLUGGED): S.A,  # sequence 2.2
    (S.B, E.STOP): S.B1,  # sequence 3.2
    (S.B, E.VENTILATION): S.B1,
    (S.B, E.READY): S.C,  # sequence 4
    (S.C, E.UNPLUGGED): S.A,  # sequence 2.3, contactor open within 100 ms
    (S.C, E.DOUBT): S.B,
    (S.C, E.RELEASED): S.B,  # sequence 8.1, contactor open within 100 ms
    (S.C, E.STOP): S.C1,  # sequence 9.2
    (S.C1, E.UNPLUGGED): S.A,
    (S.C1, E.DOUBT): S.B1,
    (S.C1, E.RELEASED): S.B1,  # sequence 8.2
    (S.C1, E.TIMEOUT): S.B1,  # sequence 10.2: opened under load, the car did not obey
    (S.E, E.CLEARED): S.A,
    (S.F, E.CLEARED): S.A,
    **{(s, E.SHORT): S.E for s in (S.A, S.B1, S.B, S.C, S.C1)},  # sequence 12
    **{(s, E.FAULT): S.F for s in (S.A, S.B1, S.B, S.C, S.C1, S.E)},
}
"""Every way between the states; a pair that is not here leaves the state as it is."""


class Effect(NamedTuple):
    """What a state drives. `duty` None means the permitted offer's duty cycle."""

    contactor: bool
    duty_permille: int | None


EFFECTS: Mapping[State, Effect] = {
    S.A: Effect(contactor=False, duty_permille=1000),
    S.B1: Effect(contactor=False, duty_permille=1000),
    S.B: Effect(contactor=False, duty_permille=None),
    S.C: Effect(contactor=True, duty_permille=None),
    S.C1: Effect(contactor=True, duty_permille=1000),
    S.E: Effect(contactor=False, duty_permille=1000),
    S.F: Effect(contactor=False, duty_permille=0),
}
"""What each state drives; an output that is not proven safe is taken back after this table."""
