"""The hat's analogue-to-digital converter: each channel's voltage, its noise and its faults."""

from __future__ import annotations

from collections.abc import Callable
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
        self._gain = 0.0
        self._frozen: list[int] = []
        self._scale = hat.full_code / hat.reference_v
        self.stale = True
        """Something on the board changed: work out the slow channels again before the next conversion."""
        self._steady = [0.0] * 8
        self._fixed: dict[int, int] = {}
        channels = hat.channels
        self._slow: dict[int, Callable[[], float]] = {
            channels.pp: self._proximity_v,
            channels.temperature: self.sensor_v,
            channels.lock_b: lambda: board.lock.feedback_v(self.rail_v, broken.lock_b_cut),
            channels.rail_12v: lambda: self.rail_v / hat.rail_divider,
            channels.ntc: self._ntc_v,
        }
        self._pilot: dict[int, Callable[[float], float]] = {
            channels.cp_high: board.cp_high.volts,
            channels.cp_low: board.cp_low.volts,
            channels.cp_raw: board.raw_v,
        }

    def convert(self, channel: int) -> int:
        """One conversion of a channel, 0 to 7, now."""
        if self.stale:
            self._refresh()
        if channel in self._fixed:
            return self._fixed[channel]
        code = self._steady[channel]
        if channel in self._pilot:
            code += self._pilot[channel](self._line.now_s) * self._gain
            if self._broken.cp_noise_v:
                code += self._draw.uniform(-1, 1) * self._broken.cp_noise_v * self._gain
        self._turn = turn = (self._turn + 1) % len(self._noise)
        return min(max(round(code + self._noise[turn]), 0), self._hat.full_code - 1)

    def freeze(self, on: bool) -> None:
        """Give the same codes from now on, or convert again."""
        if on and not self._frozen:
            self._frozen = [self.convert(channel) for channel in range(8)]
        elif not on:
            self._frozen = []
        self.stale = True

    def _refresh(self) -> None:
        """Work out what does not move by itself: the slow channels, the pilot's offset, faults of the converter."""
        hat, broken = self._hat, self._broken
        scale = self._scale / broken.reference
        self._gain = hat.cp_gain * scale
        offset = (hat.cp_offset_v + (broken.reference - 1) * REFERENCE_PART_V) * scale
        for channel in self._pilot:
            self._steady[channel] = offset
        for channel, volts in self._slow.items():
            self._steady[channel] = volts() * scale
        self._fixed = dict(enumerate(self._frozen)) | broken.adc_channels
        if broken.adc_code is not None:
            self._fixed = dict.fromkeys(range(8), broken.adc_code)
        self.stale = False

    def sensor_v(self) -> float:
        """The output of the board's temperature sensor, which the cut-off comparator sees too."""
        if self._broken.sensor_v is not None:
            return self._broken.sensor_v
        return self._hat.temperature_offset_v + self._hat.temperature_v_per_k * self.board_c

    def _proximity_v(self) -> float:
        ohm = self._broken.pp_ohm if self._broken.pp_ohm is not None else self.cable_ohm
        return proximity.volts(self._hat, ohm) * self._broken.reference

    def _ntc_v(self) -> float:
        scale = self._hat.raw["scale"]
        kelvin = self.outside_c + KELVIN
        ohm = scale["ntc_ohm"] * exp(scale["ntc_b"] * (1 / kelvin - 1 / (25 + KELVIN)))
        volts: float = self._hat.reference_v * ohm / (ohm + scale["ntc_series_ohm"])
        return volts * self._broken.reference
