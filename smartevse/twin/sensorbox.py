"""A Sensorbox 2 on the twin's line: three CTs at the mains, and a smart meter on its P1 port.

New data come once a second; each answer takes them away, as the real box does, so a second reader gets nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from smartevse.bus import rtu
from smartevse.bus.rtu import ExceptionCode, FrameError, Function, Request
from smartevse.bus.sensorbox import (
    ADDRESS,
    CCW,
    CT_FRESH,
    EXTENDED_REGISTERS,
    P1_FRESH,
    PLAIN_REGISTERS,
    THREE_WIRE,
    WIFI_REGISTER,
    WIRING_REGISTER,
)
from smartevse.twin.meters import Flow

FRESH_EVERY_S = 1.0
P1_TOO_OLD = 0x40
DSMR = 50
VERSION = 1
MODEL = 0x14
"""Beside the version: a box that can be told its wiring."""

FEEDS: Mapping[str, tuple[int, bool, bool]] = {
    # what is connected: (flags of an answer with new data, are there P1 values, are there CTs)
    "p1": (P1_FRESH, True, False),
    "ct": (CT_FRESH, False, True),
    "both": (P1_FRESH | CT_FRESH, True, True),
    "old-p1": (P1_TOO_OLD, False, False),
    "none": (0, False, False),
}


class Sensorbox:
    """The box. `measure` tells what flows at the mains, `clock` gives the time in seconds."""

    def __init__(self, measure: Callable[[], Flow], clock: Callable[[], float], feed: str = "p1") -> None:
        if feed not in FEEDS:
            raise ValueError(f"a Sensorbox has no {feed!r}; use one of {', '.join(FEEDS)}")
        self.unit = ADDRESS
        self.silent = False
        self.wiring = 0
        self.wifi_mode = 0
        self._measure = measure
        self._clock = clock
        self._feed = FEEDS[feed]
        self._read_s = float("-inf")

    def frame(self, frame: bytes) -> bytes | None:
        """The answer to what was on the line; None for what is not meant for it or is no request."""
        if self.silent or not frame or frame[0] != self.unit or not rtu.is_sealed(frame):
            return None
        try:
            request = rtu.parse_request(frame)
        except FrameError:
            return rtu.build_exception(self.unit, frame[1] & 0x7F, ExceptionCode.ILLEGAL_FUNCTION)
        match request.function:
            case Function.READ_INPUT | Function.READ_HOLDING:
                if request.address + request.count > EXTENDED_REGISTERS:
                    return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_ADDRESS)
                return rtu.build_read_response(request, self._registers()[request.address :][: request.count])
            case Function.WRITE_ONE if self._write(request):
                return rtu.build_write_response(request)
            case _:
                return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_ADDRESS)

    def _write(self, request: Request) -> bool:
        """Whether the register was one of those that can be written."""
        (value,) = request.values
        if request.address == WIRING_REGISTER:
            self.wiring = value & (CCW | THREE_WIRE)
        elif request.address == WIFI_REGISTER:
            self.wifi_mode = min(value, 2)
        else:
            return False
        return True

    def _registers(self) -> tuple[int, ...]:
        now_s = self._clock()
        flags, has_p1, has_ct = self._feed
        if now_s - self._read_s < FRESH_EVERY_S:
            flags = 0
        else:
            self._read_s = now_s
        flow = self._measure()
        nothing = (0.0, 0.0, 0.0)
        volts = (flow.voltage_v,) * 3 if has_p1 else nothing
        head = bytes((VERSION, MODEL | self.wiring, DSMR if flags & (P1_FRESH | P1_TOO_OLD) else 0, flags))
        floats = (*volts, *(flow.currents_a if has_p1 else nothing), *(flow.currents_a if has_ct else nothing))
        wifi = bytes((0, self.wifi_mode)).ljust(2 * (EXTENDED_REGISTERS - PLAIN_REGISTERS), b"\0")
        return rtu.words_in(head + struct.pack(">9f", *floats) + wifi)
