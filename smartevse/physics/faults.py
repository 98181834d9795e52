"""The faults that can be injected: one table from a fault's name to the part that it breaks.

A fault changes one field of `Broken`; the electronics read that field where the part is. Nothing else knows of faults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any

from smartevse.hal.hat import OPEN_OHM


@dataclass(slots=True)
class Broken:
    """Which parts are broken and how; the defaults are a healthy world."""

    cp_short_ohm: float = inf
    cp_open: bool = False
    diode: bool = False
    vent: bool = False
    cp_noise_v: float = 0.0
    pp_ohm: int | None = None
    adc_code: int | None = None
    """Every conversion gives this code."""
    adc_frozen: bool = False
    adc_channels: dict[int, int] = field(default_factory=dict)
    reference: float = 1.0
    """The converter's reference, relative to its value as designed."""
    rail_v: float | None = None
    sensor_v: float | None = None
    temperature_c: float | None = None
    pilot_duty: float | None = None
    """The pilot's driver stuck at a level."""
    pilot_level: float = 1.0
    """The pilot's levels, relative to their values as designed."""
    heartbeat_cut: bool = False
    one_shot: bool | None = None
    safe: bool | None = None
    window_dead: bool = False
    k1: bool | None = None
    k2: bool | None = None
    k3: bool | None = None
    """A relay's contact stuck at a position."""
    c1: bool | None = None
    c2: bool | None = None
    """A contactor's contacts stuck: True welded, False dead."""
    c1_drops: bool = False
    c1_open_s: float | None = None
    mains_feedback: bool | None = None
    aux_stuck: bool = False
    rcm_trip: bool = False
    rcm_unplugged: bool = False
    rcm_test_dead: bool = False
    lock_jammed: bool = False
    lock_opens: bool = False
    lock_b_cut: bool = False
    mains_off: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: the field of `Broken` and what it becomes; `means` is the sentence for people."""

    part: str
    value: Any
    means: str


FAULTS: Mapping[str, Fault] = {
    "cp-short": Fault("cp_short_ohm", 1.0, "the pilot is shorted to earth"),
    "cp-open": Fault("cp_open", True, "the pilot's wire is broken between hat and car"),
    "no-diode": Fault("diode", True, "the car's diode is shorted"),
    "vent": Fault("vent", True, "the car asks for ventilation (3 V) where it would ask for current"),
    "cp-noise": Fault("cp_noise_v", 2.0, "2 V of noise on the pilot's readings"),
    "pp-short": Fault("pp_ohm", 10, "proximity is shorted to earth"),
    "pp-open": Fault("pp_ohm", OPEN_OHM, "the proximity wire is broken"),
    "adc-frozen": Fault("adc_frozen", True, "every channel keeps giving its last code"),
    "adc-dead": Fault("adc_code", 0, "the converter gives all zeros"),
    "adc-dead-ones": Fault("adc_code", 4095, "the converter gives all ones"),
    "spi-dead": Fault("adc_code", 0, "nothing answers on SPI; the pull-down of MISO reads as zeros"),
    "vref-drift": Fault("reference", 1.08, "the converter's reference is 8 % high"),
    "rail-low": Fault("rail_v", 9.5, "the 12 V supply gives 9.5 V"),
    "rail-high": Fault("rail_v", 15.5, "the 12 V supply gives 15.5 V"),
    "rail-off": Fault("rail_v", 0.0, "the 12 V supply is gone"),
    "temp-sensor-open": Fault("sensor_v", 2.5, "the temperature sensor's output is open and reads full scale"),
    "temp-sensor-short": Fault("sensor_v", 0.0, "the temperature sensor's output is shorted to earth"),
    "pwm-stuck-high": Fault("pilot_duty", 1.0, "the pilot's driver is stuck at +12 V"),
    "pwm-stuck-low": Fault("pilot_duty", 0.0, "the pilot's driver is stuck at -12 V"),
    "pilot-weak": Fault("pilot_level", 0.9, "the pilot's levels are 10 % low"),
    "heartbeat-cut": Fault("heartbeat_cut", True, "the heartbeat does not reach the one-shot"),
    "one-shot-stuck": Fault("one_shot", True, "WD_OK never falls"),
    "one-shot-dead": Fault("one_shot", False, "WD_OK never rises"),
    "safe-stuck-high": Fault("safe", True, "SAFE is shorted to 3.3 V"),
    "safe-stuck-low": Fault("safe", False, "SAFE is shorted to earth"),
    "window-dead": Fault("window_dead", True, "the window comparators never open"),
    "k1-stuck": Fault("k1", True, "relay K1's contact is welded"),
    "k1-dead": Fault("k1", False, "relay K1 never closes"),
    "k2-stuck": Fault("k2", True, "relay K2's contact is welded"),
    "k2-dead": Fault("k2", False, "relay K2 never closes"),
    "k3-stuck": Fault("k3", True, "relay K3's contact is welded"),
    "k3-dead": Fault("k3", False, "relay K3 never closes"),
    "weld-c1": Fault("c1", True, "contactor 1's contacts are welded closed"),
    "weld-c2": Fault("c2", True, "contactor 2's contacts are welded closed"),
    "c1-dead": Fault("c1", False, "contactor 1's coil is open: it never closes"),
    "c2-dead": Fault("c2", False, "contactor 2's coil is open: it never closes"),
    "c1-drops": Fault("c1_drops", True, "contactor 1 opens by itself, and again 0.5 s after each closing"),
    "fb-stuck-low": Fault("mains_feedback", False, "C1_FB is stuck low"),
    "fb-stuck-high": Fault("mains_feedback", True, "C1_FB is stuck high"),
    "aux-stuck": Fault("aux_stuck", True, "AUX_FB stays at the level it has"),
    "rcm-trip": Fault("rcm_trip", True, "the residual current monitor sees a fault current"),
    "rcm-unplugged": Fault("rcm_unplugged", True, "the residual current monitor's plug is out"),
    "rcm-test-dead": Fault("rcm_test_dead", True, "the residual current monitor does not answer its test"),
    "lock-jammed": Fault("lock_jammed", True, "the lock's actuator does not move"),
    "lock-opens": Fault("lock_opens", True, "the lock springs open once"),
    "lock-wire-b-cut": Fault("lock_b_cut", True, "the lock's feedback wire is broken"),
    "mains-off": Fault("mains_off", True, "no supply voltage at the station"),
}
"""Faults without a number in their name."""

PATTERNS: Mapping[str, str] = {
    "cp-short-<ohm>": r"cp-short-(\d{1,5})",
    "pp-<ohm>": r"pp-(\d{1,7})",
    "temp-<degC>": r"temp-(-?\d{1,3})",
    "c1-slow-<ms>": r"c1-slow-(\d{1,5})",
    "adc-channel-<0..7>-<code>": r"adc-channel-([0-7])-(\d{1,4})",
}
"""Faults with a number in their name, as they are shown and as they are read."""


def fault(name: str) -> Fault:
    """The row for this name. Raises ValueError with the list of names for an unknown one."""
    if name in FAULTS:
        return FAULTS[name]
    for shown, pattern in PATTERNS.items():
        if found := re.fullmatch(pattern, name):
            return _numbered(shown, [int(number) for number in found.groups()])
    names = ", ".join([*FAULTS, *PATTERNS])
    raise ValueError(f"there is no fault {name!r} to inject; use one of {names}")


def _numbered(shown: str, numbers: list[int]) -> Fault:
    n = numbers[0]
    if shown == "cp-short-<ohm>":
        return Fault("cp_short_ohm", float(max(n, 1)), f"{n} ohm from the pilot to earth")
    if shown == "pp-<ohm>":
        return Fault("pp_ohm", n, f"proximity reads {n} ohm")
    if shown == "temp-<degC>":
        return Fault("temperature_c", float(n), f"the board is at {n} degC")
    if shown == "c1-slow-<ms>":
        return Fault("c1_open_s", n / 1000, f"contactor 1 takes {n} ms to open")
    if numbers[1] > 4095:
        raise ValueError(f"channel {n} of the converter cannot give {numbers[1]}: its codes are 0 to 4095")
    return Fault("adc_channels", {n: numbers[1]}, f"channel {n} of the converter always gives {numbers[1]}")


class Injected:
    """The faults that are injected now, and the broken parts they make; two faults of one part: the later counts."""

    def __init__(self) -> None:
        self.broken = Broken()
        self._active: dict[str, Fault] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The injected faults, oldest first."""
        return tuple(self._active)

    def set(self, name: str, on: bool) -> bool:
        """Inject or heal one fault; whether that is a change. Raises ValueError for an unknown name."""
        row = fault(name)
        if on == (name in self._active):
            return False
        if on:
            self._active[name] = row
        else:
            del self._active[name]
        self._rebuild(row.part)
        return True

    def _rebuild(self, part: str) -> None:
        """Set one field from all faults that concern it, in place: the parts hold on to the same object."""
        healthy = Broken()
        value = getattr(healthy, part)
        for row in self._active.values():
            if row.part == part:
                value = {**value, **row.value} if isinstance(row.value, dict) else row.value
        setattr(self.broken, part, value)


PARTS: frozenset[str] = frozenset(f.name for f in fields(Broken))
"""Every part that a fault can break."""
