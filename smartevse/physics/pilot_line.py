"""The control pilot's wire: what the driver, the EV's resistors and a fault make of its two halves."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

DIODE_V = 0.7
"""Forward drop of the EV's diode."""
LINE_TAU_S = 3e-6
"""1 kilohm into some 3 nF of terminal, cable and EV (IEC 61851-1 table A.2: edges of 7 to 13 us)."""
RAIL_GAIN, RAIL_LOSS_V = 1.25, 1.0
"""The pilot's driver is fed with 15 V made unregulated from the 12 V; it reaches to 1 V of its rail."""
SHORT_OHM = 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is between the pilot and earth."""

    ohm: float = inf
    """The EV's resistance: R2, or R2 parallel to R3; infinite: no EV."""
    diode: bool = True
    """Whether the EV's diode is there and whole."""
    short_ohm: float = inf
    """A fault to earth beside the EV."""


def _divided(source_v: float, source_ohm: float, load_ohm: float, drop_v: float) -> float:
    """The voltage behind the source resistor with a load that has a constant drop in series."""
    if source_v <= drop_v:
        return source_v
    return drop_v + (source_v - drop_v) * load_ohm / (source_ohm + load_ohm) if load_ohm < inf else source_v


def half_v(source_v: float, source_ohm: float, load: Load) -> float:
    """The pilot's plateau in volts for this level of the driver."""
    ohm, drop_v = load.ohm, 0.0
    if load.short_ohm < inf:
        source_v = source_v * load.short_ohm / (source_ohm + load.short_ohm)  # the short and its source, seen as one
        source_ohm = source_ohm * load.short_ohm / (source_ohm + load.short_ohm)
    if source_v < 0:
        if load.diode:
            return source_v
        return -_divided(-source_v, source_ohm, ohm, 0.0)
    if load.diode:
        drop_v = DIODE_V
    return _divided(source_v, source_ohm, ohm, drop_v)


def driver_v(level_v: float, rail_v: float) -> float:
    """The driver's level when its rail cannot give it: limited, 0 V without the 12 V supply."""
    reach_v = max(0.0, rail_v * RAIL_GAIN - RAIL_LOSS_V)
    return min(level_v, reach_v) if level_v > 0 else max(level_v, -reach_v)


@dataclass(frozen=True, slots=True)
class Waveform:
    """The pilot as an oscilloscope shows it: the plateaus, the duty (0 to 1) and where its periods begin."""

    high_v: float
    low_v: float
    duty: float
    period_s: float
    origin_s: float

    def volts(self, at_s: float) -> float:
        """The voltage at this moment, edges rounded by the line's capacitance."""
        if self.duty >= 1:
            return self.high_v
        if self.duty <= 0:
            return self.low_v
        into_s = (at_s - self.origin_s) % self.period_s
        low_s = (1 - self.duty) * self.period_s
        if into_s < low_s:
            return self.low_v + (self.high_v - self.low_v) * exp(-into_s / LINE_TAU_S)
        return self.high_v + (self.low_v - self.high_v) * exp(-(into_s - low_s) / LINE_TAU_S)

    def high(self, at_s: float) -> bool:
        """Whether the driver is in its high half at this moment."""
        if 0 < self.duty < 1:
            return (at_s - self.origin_s) % self.period_s >= (1 - self.duty) * self.period_s
        return self.duty >= 1
