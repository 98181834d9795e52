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
    RELEASED = 3
    """The car opened S2: 9 V after 6 V."""
    VENTILATION = 4
    """The car asks for ventilation (3 V), which we do not have."""
    STOP = 5
    """The permit is gone, expired or says no."""
    TIMEOUT = 6
    """The car did not let go within 6 s."""
    PLUGGED = 7
    """The pilot reads 9 or 6 V where 12 V was."""
    OFFER = 8
    """The permit, the cable and the proof tests allow to offer current."""
    READY = 9
    """The car asks for current for 500 ms, its diode is there, everything is proven."""
    CLEARED = 10
    """The fault is over and state F or E was shown long enough."""


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
    (S.C, E.RELEASED): S.B,  # sequence 8.1, contactor open within 100 ms
    (S.C, E.STOP): S.C1,  # sequence 9.2
    (S.C1, E.UNPLUGGED): S.A,
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
