"""The hat's analogue-to-digital converter: each channel's voltage, its noise and its faults."""

from __future__ import annotations

from math import exp
from random import Random

from smartevse.hal.hat import HatMap
from smartevse.physics import proximity
from smartevse.physics.electronics import Electronics
from smartevse.physics.faults import Broken
from smartevse.physics.timeline import Timeline

NOISE_LSB = 1.0
"""Standard deviation of a conversion: quantisation, reference and the wiring of a real box."""
NOISE_COUNT = 4096
"""Noise is drawn once and used in turn."""
KELVIN = 273.15
REFERENCE_PART_V = 0.46004 * 2.5
"""The part of the pilot's offset that comes from the reference: 82.5 kilohm to it in the divider."""


class Adc:
    """The MCP3208 and what is in front of it. `rail_v`, `temperature_c`, `cable_ohm`, `outside_c` are the world's."""

    def __init__(self, line: Timeline, hat: HatMap, board: Electronics, broken: Broken, noise_seed: int | None) -> None:
        """A converter; without a seed there is no noise."""
        self._line, self._hat, self._board, self._broken = line, hat, board, broken
        self.rail_v = 12.0
        self.board_c = 25.0
        self.outside_c = 25.0
        self.cable_ohm: int | None = None
        self._draw = Random(noise_seed or 0)
        self._noise = [0.0]
        if noise_seed is not None:
            self._noise = [self._draw.gauss(0.0, NOISE_LSB) for _ in range(NOISE_COUNT)]
        self._turn = 0
        self._frozen: list[int] = []
        channels = hat.channels
        self._inputs = [lambda: 0.0] * 8
        for channel, volts in (
            (channels.cp_high, lambda: self._pilot_v(board.cp_high.volts(line.now_s))),
            (channels.cp_low, lambda: self._pilot_v(board.cp_low.volts(line.now_s))),
            (channels.pp, self._proximity_v),
            (channels.temperature, self.sensor_v),
            (channels.lock_b, lambda: board.lock.feedback_v(self.rail_v, broken.lock_b_cut)),
            (channels.rail_12v, lambda: self.rail_v / hat.rail_divider),
            (channels.cp_raw, lambda: self._pilot_v(board.wave.volts(line.now_s))),
            (channels.ntc, self._ntc_v),
        ):
            self._inputs[channel] = volts

    def convert(self, channel: int) -> int:
        """One conversion of a channel, 0 to 7, now."""
        broken = self._broken
        if broken.adc_code is not None:
            return broken.adc_code
        if channel in broken.adc_channels:
            return broken.adc_channels[channel]
        if self._frozen:
            return self._frozen[channel]
        full = self._hat.full_code
        self._turn = (self._turn + 1) % len(self._noise)
        code = self._inputs[channel]() / (self._hat.reference_v * broken.reference) * full + self._noise[self._turn]
        return min(max(round(code), 0), full - 1)

    def freeze(self, on: bool) -> None:
        """Give the same codes from now on, or convert again."""
        if on and not self._frozen:
            self._frozen = [self.convert(channel) for channel in range(8)]
        elif not on:
            self._frozen = []

    def sensor_v(self) -> float:
        """The output of the board's temperature sensor, which the cut-off comparator sees too."""
        if self._broken.sensor_v is not None:
            return self._broken.sensor_v
        return self._hat.temperature_offset_v + self._hat.temperature_v_per_k * self.board_c

    def _pilot_v(self, pilot_v: float) -> float:
        hat, broken = self._hat, self._broken
        if broken.cp_noise_v:
            pilot_v += self._draw.uniform(-broken.cp_noise_v, broken.cp_noise_v)
        drift_v = (broken.reference - 1) * REFERENCE_PART_V
        return hat.cp_offset_v + drift_v + hat.cp_gain * pilot_v

    def _proximity_v(self) -> float:
        ohm = self._broken.pp_ohm if self._broken.pp_ohm is not None else self.cable_ohm
        return proximity.volts(self._hat, ohm) * self._broken.reference

    def _ntc_v(self) -> float:
        scale = self._hat.raw["scale"]
        kelvin = self.outside_c + KELVIN
        ohm = scale["ntc_ohm"] * exp(scale["ntc_b"] * (1 / kelvin - 1 / (25 + KELVIN)))
        volts: float = self._hat.reference_v * ohm / (ohm + scale["ntc_series_ohm"])
        return volts * self._broken.reference
