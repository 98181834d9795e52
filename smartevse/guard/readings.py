"""From one raw sample of the board to the inputs of a decision, in physical units."""

from __future__ import annotations

import struct
from zlib import crc32

from smartevse.core.signals import Inputs
from smartevse.hal.board import SAFE, Drive, Sample
from smartevse.hal.hat import HatMap

_CODES = struct.Struct("<8H")


class Readings:
    """The conversion for one hat; every code is converted once at the start, a tick only looks up."""

    def __init__(self, hat: HatMap) -> None:
        codes = range(hat.full_code)
        self._pilot_mv = [hat.pilot_mv(code) for code in codes]
        self._proximity_ohm = [hat.proximity_ohm(code) for code in codes]
        self._temperature_dc = [hat.temperature_dc(code) for code in codes]
        self._rail_mv = [hat.rail_mv(code) for code in codes]
        self._lock_high = [hat.lock_feedback(code) for code in codes]
        self._channels = hat.channels
        pins = hat.pins
        self._wd_ok, self._safe, self._mains = 1 << pins.wd_ok, 1 << pins.safe, 1 << pins.c1_fb
        self._mirror, self._rcm = 1 << pins.aux_fb, 1 << pins.rcm_trip
        self._driven = (
            (1 << pins.c1_cmd, "c1"),
            (1 << pins.c2_cmd, "c2"),
            (1 << pins.lock_r, "lock_r"),
            (1 << pins.lock_w, "lock_w"),
            (1 << pins.rcm_test, "rcm_test"),
        )
        self._driven_mask = sum(bit for bit, _ in self._driven)
        self._drive, self._expected = SAFE, 0

    def inputs(self, sample: Sample, drive: Drive) -> Inputs:
        """The inputs of a tick; `drive` is what was driven when the sample was taken."""
        adc, channels, levels = sample.adc, self._channels, sample.levels
        if drive is not self._drive:
            self._drive, self._expected = drive, sum(bit for bit, name in self._driven if getattr(drive, name))
        return Inputs(
            cp_high_mv=self._pilot_mv[adc[channels.cp_high]],
            cp_low_mv=self._pilot_mv[adc[channels.cp_low]],
            cp_raw_mv=self._pilot_mv[adc[channels.cp_raw]],
            proximity_ohm=self._proximity_ohm[adc[channels.pp]],
            temperature_dc=self._temperature_dc[adc[channels.temperature]],
            rail_mv=self._rail_mv[adc[channels.rail_12v]],
            lock_high=self._lock_high[adc[channels.lock_b]],
            wd_ok=bool(levels & self._wd_ok),
            wd_dipped=bool(sample.seen_low & self._wd_ok),
            safe=bool(levels & self._safe),
            mains=bool(sample.seen_low & self._mains),
            mirror=bool(levels & self._mirror),
            rcm_trip=bool(sample.seen_high & self._rcm),
            pins_agree=levels & self._driven_mask == self._expected,
            fingerprint=crc32(_CODES.pack(*adc)),  # the same on every machine, so that a recording replays
        )
