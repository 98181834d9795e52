"""Modbus RTU devices on the line: a unit number, a table of registers, and what goes wrong with it on command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smartevse.bus import rtu
from smartevse.bus.rtu import ExceptionCode, FrameError, Function, Request

Encode = Callable[[float], tuple[int, ...]]
"""How a value becomes registers."""

WIDEST = 4
"""No value has more registers than this."""


@dataclass(frozen=True, slots=True)
class Register:
    """One value of a device: where it stands, which of the measured values it is, and how it is written."""

    address: int
    value: str
    encode: Encode


@dataclass(frozen=True, slots=True)
class DeviceType:
    """A kind of device, from its manual: the read function it knows, how much it reads at once, its registers.

    Addresses between the registers read as 0; an address behind the last register is refused.
    """

    name: str
    function: Function
    max_read: int
    registers: tuple[Register, ...]
    zeros_until: int
    """The first address that is refused."""


class Slave:
    """One device on the line. `measure` gives its values by name at the moment they are asked for."""

    def __init__(self, kind: DeviceType, unit: int, measure: Callable[[], Mapping[str, float]]) -> None:
        self.kind = kind
        self.unit = unit
        self._measure = measure
        self.silent = False
        """It hears but does not answer: no supply, or a broken wire."""
        self.requests = 0

    def frame(self, frame: bytes) -> bytes | None:
        """The answer to what was on the line; None for what is not meant for this device or is no request."""
        if self.silent or not frame or frame[0] != self.unit or not rtu.is_sealed(frame):
            return None
        self.requests += 1
        function = frame[1]
        if function != self.kind.function:
            return rtu.build_exception(self.unit, function & 0x7F, ExceptionCode.ILLEGAL_FUNCTION)
        try:
            request = rtu.parse_request(frame)
        except FrameError:
            return rtu.build_exception(self.unit, function, ExceptionCode.ILLEGAL_VALUE)
        if request.count > self.kind.max_read:
            return rtu.build_exception(self.unit, function, ExceptionCode.ILLEGAL_VALUE)
        if request.address + request.count > self.kind.zeros_until:
            return rtu.build_exception(self.unit, function, ExceptionCode.ILLEGAL_ADDRESS)
        return rtu.build_read_response(request, self._words(request))

    def _words(self, request: Request) -> list[int]:
        measured = self._measure()
        image = [0] * request.count
        end = request.address + request.count
        for register in self.kind.registers:
            if request.address - WIDEST < register.address < end:
                for i, word in enumerate(register.encode(measured[register.value])):
                    place = register.address + i - request.address
                    if 0 <= place < request.count:
                        image[place] = word
        return image
