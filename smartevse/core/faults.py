"""Every fault that the guard knows: what it does to the charge and how it clears. The texts are in `fault_texts`.

A fault is a value. What is wrong in a tick is a set of bits (`core.checks` finds it); this module decides from the
table when that becomes a fault and when it is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class Fault(IntEnum):
    """The number is the bit in the guard's status; from 32 on the station's own, which stop but never open."""

    PILOT_SHORT = 0
    DIODE = 1
    VENTILATION = 2
    PILOT_RANGE = 3
    PWM_DEAD = 4
    PROXIMITY_SHORT = 5
    ADC = 6
    RAIL = 7
    HIGH_TEMP = 8
    TEMP_SENSOR = 9
    WELDED = 10
    NOT_CLOSED = 11
    OPENED_ITSELF = 12
    CHAIN_OPENED = 13
    RCM_TRIP = 14
    RCM_TEST = 15
    WATCHDOG_TEST = 16
    WATCHDOG_EXPIRED = 17
    SAFE_STUCK = 18
    NOT_LOCKED = 19
    NOT_UNLOCKED = 20
    PINS = 21
    NO_SERIAL_COM = 32
    NO_CURRENT = 33
    EV_METER = 34


class Effect(IntEnum):
    """What a standing fault does, weakest first."""

    WARN = 0
    """Said, nothing else."""
    BLOCK = 1
    """No current is offered to a car that does not charge yet."""
    STOP = 2
    """The charge is stopped in the orderly way (C1)."""
    OPEN = 3
    """The contactor opens at once, state F."""


class Clear(IntEnum):
    """When a fault that no longer shows is over."""

    GONE = 0
    """Some time after it was last seen."""
    UNPLUG = 1
    """When the car was unplugged, or a key was pressed."""
    KEY = 2
    """Only by a key of the panel, and only while healthy."""


class Rule(NamedTuple):
    """One row: effect, end, and the times between them."""

    effect: Effect
    clear: Clear
    ticks: int = 1
    """Agreeing ticks of 10 ms until it counts."""
    gone_ms: int = 1000
    """For `Clear.GONE`: how long it must not be seen."""
    limit_ms: int = 100
    """Longest time from the fault to the open contactor; 0 where nothing needs to open."""
    shown: bool = True
    """Whether the pilot may show state F: the heartbeat goes on, because this fault leaves the chain proven."""


F, X, C = Fault, Effect, Clear

RULES: Mapping[Fault, Rule] = {
    # the pilot: IEC 61851-1 annex A; state E is a state of its own, so its fault only tells of it
    F.PILOT_SHORT: Rule(X.WARN, C.GONE, ticks=1),
    F.DIODE: Rule(X.OPEN, C.UNPLUG, ticks=2),
    F.VENTILATION: Rule(X.BLOCK, C.GONE, ticks=3),
    F.PILOT_RANGE: Rule(X.OPEN, C.GONE, ticks=8),
    F.PWM_DEAD: Rule(X.OPEN, C.GONE, ticks=8, gone_ms=2000),
    F.PROXIMITY_SHORT: Rule(X.STOP, C.UNPLUG, ticks=8, limit_ms=7000),
    # our own measuring and supply
    F.ADC: Rule(X.OPEN, C.GONE, ticks=1, gone_ms=2000, limit_ms=1200, shown=False),
    F.RAIL: Rule(X.OPEN, C.GONE, ticks=2, gone_ms=2000, limit_ms=200, shown=False),
    F.HIGH_TEMP: Rule(X.STOP, C.GONE, ticks=10, gone_ms=1000, limit_ms=7000),
    F.TEMP_SENSOR: Rule(X.STOP, C.GONE, ticks=10, gone_ms=5000, limit_ms=7000),
    # the contactor and the chain in front of it
    F.WELDED: Rule(X.OPEN, C.KEY, ticks=8, limit_ms=0),  # longer than reports from before a stall can last
    F.NOT_CLOSED: Rule(X.OPEN, C.UNPLUG, ticks=1, limit_ms=0),
    F.OPENED_ITSELF: Rule(X.OPEN, C.GONE, ticks=1, gone_ms=60_000, limit_ms=250),
    F.CHAIN_OPENED: Rule(X.OPEN, C.GONE, ticks=1, gone_ms=60_000, limit_ms=250),
    F.RCM_TRIP: Rule(X.OPEN, C.KEY, ticks=1),
    F.RCM_TEST: Rule(X.BLOCK, C.KEY, ticks=1, limit_ms=0),
    F.WATCHDOG_TEST: Rule(X.OPEN, C.KEY, ticks=1, limit_ms=0, shown=False),
    F.WATCHDOG_EXPIRED: Rule(X.OPEN, C.GONE, ticks=1, gone_ms=500, shown=False),
    F.SAFE_STUCK: Rule(X.OPEN, C.KEY, ticks=3, limit_ms=0, shown=False),
    # the lock
    F.NOT_LOCKED: Rule(X.BLOCK, C.UNPLUG, ticks=1, limit_ms=0),
    F.NOT_UNLOCKED: Rule(X.WARN, C.GONE, ticks=1, limit_ms=0),
    F.PINS: Rule(X.OPEN, C.GONE, ticks=1, gone_ms=5000, shown=False),
}
"""The guard's faults; the order is the order of the bits."""

COUNT = len(RULES)


def mask(effect: Effect) -> int:
    """The bits of all faults that have at least this effect."""
    return sum(1 << fault for fault, rule in RULES.items() if rule.effect >= effect)


OPEN_MASK = mask(Effect.OPEN)
STOP_MASK = mask(Effect.STOP)
BLOCK_MASK = mask(Effect.BLOCK)
SILENT_MASK = sum(1 << fault for fault, rule in RULES.items() if not rule.shown)
"""Faults that withhold the heartbeat."""


class Standing(NamedTuple):
    """The faults of now and what is on its way to become one or to end."""

    bits: int = 0
    counts: tuple[int, ...] = (0,) * COUNT
    """Agreeing ticks of each fault, no further than its rule asks."""
    seen_ms: tuple[int, ...] = (0,) * COUNT
    """When each standing fault was last seen."""
    raised: int = 0
    """Faults since the start."""


def update(standing: Standing, conditions: int, now_ms: int, *, unplugged: bool, reset: bool) -> Standing:
    """The faults after a tick in which `conditions` was wrong (one bit each).

    `unplugged`: the pilot shows that no car is connected. `reset`: the owner pressed a key in this tick.
    """
    if not conditions and not standing.bits and not any(standing.counts):
        return standing
    bits, raised = standing.bits, standing.raised
    counts, seen_ms = list(standing.counts), list(standing.seen_ms)
    for fault, rule in RULES.items():
        bit = 1 << fault
        if conditions & bit:
            counts[fault] = min(counts[fault] + 1, rule.ticks)
            if counts[fault] >= rule.ticks:
                raised += not bits & bit
                bits |= bit
                seen_ms[fault] = now_ms
            continue
        counts[fault] = 0
        if bits & bit:
            over = {
                Clear.GONE: now_ms - seen_ms[fault] >= rule.gone_ms,
                Clear.UNPLUG: unplugged or reset,
                Clear.KEY: reset,
            }[rule.clear]
            bits &= ~bit if over else ~0
    return Standing(bits, tuple(counts), tuple(seen_ms), raised)


def names(bits: int) -> list[Fault]:
    """The faults of a set of bits, most severe first, then by number; bits without a fault are left out."""
    found = [fault for fault in Fault if bits >> fault & 1]
    return sorted(found, key=lambda fault: (-RULES[fault].effect if fault in RULES else 0, fault))
