"""The mains voltage at terminal C1, which feeds the contactor's coil, as the hat's optocoupler shows it: pulses."""

from __future__ import annotations

from collections import deque
from math import floor

VOLTS = 230
"""Between a phase and neutral."""
PERIOD_S = 0.020
"""50 Hz."""
PULSE_S = 0.0085
"""How long the optocoupler pulls its output low in each period."""
PHASE_S = 0.0033
"""When the first pulse begins: mains and program do not know each other."""
KEPT = 1024
"""How many changes of the voltage are remembered."""


def _low(at_s: float) -> bool:
    return (at_s - PHASE_S) % PERIOD_S < PULSE_S


def _period(at_s: float) -> int:
    return floor((at_s - PHASE_S) / PERIOD_S)


class MainsFeedback:
    """The pin C1_FB: high without voltage, low in a part of each period with it, or stuck."""

    def __init__(self, now_s: float) -> None:
        # (since when, what holds the pin): None = pulses, else the level
        self._spans: deque[tuple[float, bool | None]] = deque([(now_s, True)], maxlen=KEPT)

    def set(self, now_s: float, voltage: bool, stuck: bool | None) -> None:
        """From now on there is voltage or not; a stuck output stays at its level."""
        held = stuck if stuck is not None else (None if voltage else True)
        if held != self._spans[-1][1]:
            self._spans.append((now_s, held))

    def level(self, at_s: float) -> bool:
        """The pin's level at this moment."""
        held = next((held for from_s, held in reversed(self._spans) if from_s <= at_s), True)
        return not _low(at_s) if held is None else held

    def seen(self, since_s: float, now_s: float) -> tuple[bool, bool]:
        """Whether the pin was low, and whether it was high, at any time from then to now."""
        low = high = False
        end_s = now_s
        for from_s, held in reversed(self._spans):
            begin_s = max(from_s, since_s)
            if held is None:
                low = low or _low(begin_s) or _period(end_s) != _period(begin_s)
                high = high or not _low(begin_s) or not _low(end_s) or end_s - begin_s > PULSE_S
            else:
                low, high = low or not held, high or held
            if from_s <= since_s:
                break
            end_s = from_s
        return low, high

    def edges(self, since_s: float, now_s: float) -> list[tuple[float, bool]]:
        """Every change of the pin after then and until now, oldest first: time and new level."""
        found: list[tuple[float, bool]] = []
        ends = [from_s for from_s, _ in self._spans][1:]
        for (from_s, held), to_s in zip(self._spans, [*ends, now_s], strict=True):
            if to_s <= since_s:
                continue
            begin_s = max(from_s, since_s)
            found.append((begin_s, not _low(begin_s) if held is None else held))
            if held is None:
                found += _pulses(begin_s, to_s)
        level = found[0][1] if found and found[0][0] <= since_s else True
        changes: list[tuple[float, bool]] = []
        for at_s, new in found:
            if new != level and at_s <= now_s:
                changes.append((at_s, new))
            level = new
        return changes


def _pulses(begin_s: float, end_s: float) -> list[tuple[float, bool]]:
    """The edges of the mains pulses after begin and before end."""
    edges: list[tuple[float, bool]] = []
    for period in range(_period(begin_s), _period(end_s) + 1):
        start_s = period * PERIOD_S + PHASE_S
        edges += [(start_s, False), (start_s + PULSE_S, True)]
    return [edge for edge in edges if begin_s < edge[0] <= end_s]
