"""The map of the hat: pins, ADC channels, scales and times, read once from `hat_rev1.toml`.

The board's netlist, the guard and the twin are held against the same file, so a number stands in one place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPEN_OHM = 1_000_000
"""What an unconnected proximity pin is reported as, in ohm."""


@dataclass(frozen=True, slots=True)
class Pins:
    """The BCM number of each signal of the hat; names as in the interface document."""

    cp_pwmn: int
    c1_cmd: int
    c2_cmd: int
    heartbeat: int
    wd_ok: int
    safe: int
    c1_fb: int
    aux_fb: int
    rcm_trip: int
    rcm_test: int
    lock_r: int
    lock_w: int
    sw: int
    key_left: int
    key_select: int
    key_right: int
    led_red: int
    led_green: int
    led_blue: int


@dataclass(frozen=True, slots=True)
class Channels:
    """The MCP3208 channel of each analogue signal, 0 to 7."""

    cp_high: int
    cp_low: int
    pp: int
    temperature: int
    lock_b: int
    rail_12v: int
    cp_raw: int
    ntc: int


@dataclass(frozen=True, slots=True)
class HatMap:
    """All that software knows of one revision of the hat; conversions from ADC codes to physical units."""

    pins: Pins
    channels: Channels
    raw: Mapping[str, Any]
    """The whole file, for numbers that only one reader needs (for example `raw["window"]["high_v"]`)."""
    spi_channel: int
    spi_hz: int
    full_code: int
    reference_v: float
    cp_offset_v: float
    cp_gain: float
    pp_pullup_ohm: float
    pp_open_above_v: float
    temperature_offset_v: float
    temperature_v_per_k: float
    lock_high_above_v: float
    rail_divider: float

    def volts(self, code: int) -> float:
        """The voltage at the ADC's pin for a code of 0 to `full_code - 1`."""
        return code * self.reference_v / self.full_code

    def pilot_mv(self, code: int) -> int:
        """The pilot's voltage in mV, about -14 400 to +16 900, for a code of CP_HI, CP_LO or CP_RAW."""
        return round((self.volts(code) - self.cp_offset_v) / self.cp_gain * 1000)

    def pilot_code(self, pilot_v: float) -> int:
        """The ADC code for a voltage on the pilot; the inverse of `pilot_mv`, limited to the converter's range."""
        return self.code((pilot_v * self.cp_gain) + self.cp_offset_v)

    def code(self, pin_v: float) -> int:
        """The ADC code for a voltage at the converter's pin, limited to its range."""
        return min(max(round(pin_v * self.full_code / self.reference_v), 0), self.full_code - 1)

    def proximity_ohm(self, code: int) -> int:
        """The resistance between PP and PE in ohm; `OPEN_OHM` when nothing is connected."""
        v = self.volts(code)
        if v >= self.pp_open_above_v:
            return OPEN_OHM
        return round(self.pp_pullup_ohm * v / (self.reference_v - v))

    def temperature_dc(self, code: int) -> int:
        """The board's temperature in 0.1 degC (MCP9700A: 500 mV at 0 degC, 10 mV per K)."""
        return round((self.volts(code) - self.temperature_offset_v) / self.temperature_v_per_k * 10)

    def rail_mv(self, code: int) -> int:
        """The 12 V supply in mV."""
        return round(self.volts(code) * self.rail_divider * 1000)

    def lock_feedback(self, code: int) -> bool:
        """Whether the lock's feedback wire B is high."""
        return self.volts(code) > self.lock_high_above_v


_SCALES = (
    "cp_offset_v",
    "cp_gain",
    "pp_pullup_ohm",
    "pp_open_above_v",
    "temperature_offset_v",
    "temperature_v_per_k",
    "lock_high_above_v",
    "rail_divider",
)


def load(name: str = "hat_rev1.toml") -> HatMap:
    """The map of a hat revision, from the file of that name beside this module.

    Raises FileNotFoundError for an unknown revision; the file itself is part of the program and trusted.
    """
    # not importlib.resources: it brings tempfile and the archive modules, which a guard that boots reads from the card
    raw = tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
    adc = raw["adc"]
    return HatMap(
        pins=Pins(**raw["pins"]),
        channels=Channels(**adc["channels"]),
        raw=raw,
        spi_channel=adc["spi_channel"],
        spi_hz=adc["spi_hz"],
        full_code=1 << adc["bits"],
        reference_v=adc["reference_mv"] / 1000,
        **{name: raw["scale"][name] for name in _SCALES},
    )
