"""The words of the fault matrix: what a row says, and what must come of it at each moment of a charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from smartevse.core.faults import Fault
from smartevse.core.signals import Lock

CONTACTS_MS = 100
"""IEC 61851-1 table A.6: contacts open within 100 ms."""
ORDERLY_MS = 7_000
"""The car has 6 s to let go, then the contactor opens."""


class Kind(Enum):
    """What must come of a fault."""

    OPENS = "contacts open"
    """At once; before a charge: none begins."""
    STOPS = "orderly stop"
    """The offer is taken back, the car lets go, the contacts open; before a charge: none begins."""
    NO_START = "no charge begins"
    GOES_ON = "goes on"
    """The fault alone is harmless; the next demand to open is met all the same."""


class By(Enum):
    """Whose reaction opens first."""

    HAT = "hat"
    GUARD = "guard"
    EITHER = "hat or guard"
    NOBODY = "-"
    """Nothing has to open, or it opens without anybody's doing."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What must come of a fault at one moment."""

    kind: Kind
    bits: frozenset[Fault] = frozenset()
    """Faults that must all show; empty: none needs to."""
    limit_ms: int = CONTACTS_MS
    """To contacts open; before a charge the longest time that the contacts may be closed."""
    also: frozenset[Fault] = frozenset()
    """Faults that may show beside them."""
    then_bits: frozenset[Fault] = frozenset()
    """For `GOES_ON`: faults that must show from the car's leaving until the next car has asked."""
    then_starts: bool = True
    """For `GOES_ON`: the next car is charged although the fault is still there."""
    resumes: bool = False
    """For `OPENS`: the charge goes on by itself when the fault is over."""
    then_ms: int | None = CONTACTS_MS
    """For `GOES_ON`: from the car's leaving to contacts open; None where they cannot open."""


@dataclass(frozen=True, slots=True)
class Row:
    """One single fault. `does` are the commands that make it, as the twin understands them or as `acts` has them."""

    group: str
    fault: str
    does: tuple[str, ...]
    by: By
    expect: Mapping[str, Expect]
    """What must come of it in B, C and C1; a moment that is not there does not know the fault."""
    lock: Lock | None = None
    """The actuator that holds the plug; None: any or none."""
    rcm: bool | None = None
    """The same for the residual current monitor."""
    aux: str = "mirror"
    offers_da: tuple[int, ...] = ()
    """The offers that it is tried with; empty: all."""
    note: str = ""
    unseen: str = ""
    """Why nobody notices it, and what still opens; for rows that go on without a word."""
    car: Mapping[str, object] = field(default_factory=dict)
    """Options of the car that differ."""


def bits(*faults: Fault) -> frozenset[Fault]:
    """A set of faults."""
    return frozenset(faults)


def opens(*faults: Fault, ms: int = CONTACTS_MS, also: frozenset[Fault] = frozenset(), resumes: bool = False) -> Expect:
    """Opens at once, with these faults shown; `resumes` where the charge goes on when it is over."""
    return Expect(Kind.OPENS, bits(*faults), ms, also, resumes=resumes)


def stops(*faults: Fault, also: frozenset[Fault] = frozenset()) -> Expect:
    """Stops in the orderly way, with these faults shown."""
    return Expect(Kind.STOPS, bits(*faults), ORDERLY_MS, also)


def no_start(*faults: Fault, closed_ms: int = 0, also: frozenset[Fault] = frozenset()) -> Expect:
    """No charge begins; the contacts close for no longer than `closed_ms`."""
    return Expect(Kind.NO_START, bits(*faults), closed_ms, also)


def goes_on(
    *faults: Fault,
    then: Fault | None = None,
    starts: bool | None = None,
    then_ms: int | None = CONTACTS_MS,
    also: frozenset[Fault] = frozenset(),
) -> Expect:
    """Goes on; `then` shows when the car has left or the next one asks, which then is not charged (or is: `starts`)."""
    later = frozenset() if then is None else bits(then)
    starts = then is None if starts is None else starts
    return Expect(Kind.GOES_ON, bits(*faults), 0, also, later, starts, then_ms=then_ms)


def moments(b: Expect | None = None, c: Expect | None = None, c1: Expect | None = None) -> dict[str, Expect]:
    """The expectations by the moment's name."""
    return {name: expect for name, expect in (("B", b), ("C", c), ("C1", c1)) if expect is not None}


def everywhere(expect: Expect) -> dict[str, Expect]:
    """The same in B, C and C1."""
    return moments(expect, expect, expect)
