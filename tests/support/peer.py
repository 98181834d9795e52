"""Units of the older family as partners in tests, written from the description of what they do, faults included.

Nothing of the product's node or master is used here but the frames' layout.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from smartevse.bus import rtu

STATE, ERROR, MODE, SOLAR_TIMER, ACCESS, CHANGED, MAX = 0, 1, 3, 4, 5, 6, 7
A, B, C, COMM_B, COMM_B_OK, COMM_C, COMM_C_OK, B1, C1 = 0, 1, 2, 4, 5, 6, 7, 9, 10
LESS_6A, CT_NOCOMM, TEMP_HIGH = 1, 2, 4


@dataclass
class PeerNode:
    """A node at address `number` + 1; frames go in, frames come out.

    `echoes`: it answers function 6 (one family never does). `legacy`: its refusals do not mark the function code.
    """

    number: int
    echoes: bool = False
    legacy: bool = False
    silent: bool = False
    registers: list[int] = field(default_factory=lambda: [A, 0, 0, 1, 0, 1, 0, 16])
    config: list[int] = field(default_factory=lambda: [0, 0, 6, 16, 0, 0, 0, 0, 0, 12])
    share_da: int = 0
    heard_s: float = 0.0
    log: list[str] = field(default_factory=list)

    def plug(self) -> None:
        """A car comes that wants to charge."""
        self.registers[STATE] = COMM_B

    def ask(self) -> None:
        """The car asks for current."""
        if self.registers[STATE] == B:
            self.registers[STATE] = COMM_C

    def tick(self, now_s: float) -> None:
        """Once a second: without currents for 11 s it stops."""
        if now_s - self.heard_s > 11:
            self.registers[ERROR] |= CT_NOCOMM
        if self.registers[ERROR] and self.registers[STATE] in (B, C, COMM_B, COMM_C):
            self.registers[STATE] = B1
        elif not self.registers[ERROR] and self.registers[STATE] == B1:
            self.registers[STATE] = COMM_B
        if self.registers[STATE] == C1:
            self.registers[STATE] = B1

    @property
    def drawn_da(self) -> int:
        """What its car takes."""
        return self.share_da if self.registers[STATE] == C else 0

    def frame(self, frame: bytes, now_s: float) -> bytes | None:
        """What it answers."""
        request = rtu.parse_request(frame)
        if self.silent or request.unit not in (self.number + 1, 9):
            return None
        if request.function in (3, 4):
            if request.unit == 9:
                return None
            block = self._block(request.address, request.count)
            if block is None:
                return self._refuse(request.function)
            return rtu.build_read_response(request, block)
        if request.address == 0x20:
            self._share(request.values, now_s)
            return None
        count = self._write(request.address, request.values, now_s)
        if request.unit == 9:
            return None
        if not count:
            return self._refuse(request.function, 3)
        if request.function == 6:
            return frame if self.echoes else None
        return rtu.seal(struct.pack(">BBHH", request.unit, 16, request.address, count))

    def _block(self, address: int, count: int) -> list[int] | None:
        if address + count <= 8:
            return self.registers[address : address + count]
        if address >= 0x100 and address + count <= 0x10A:
            return self.config[address - 0x100 :][:count]
        return None

    def _refuse(self, function: int, code: int = 2) -> bytes:
        return rtu.seal(bytes((self.number + 1, function | (0 if self.legacy else 0x80), code)))

    def _share(self, values: tuple[int, ...], now_s: float) -> None:
        self.heard_s = now_s
        self.share_da = values[self.number]
        self.registers[ERROR] &= ~CT_NOCOMM
        if self.registers[STATE] == C and not self.share_da:
            self.registers[STATE] = C1

    def _write(self, address: int, values: tuple[int, ...], now_s: float) -> int:
        taken = 0
        for register, value in enumerate(values, address):
            if register == STATE and value <= 14:
                self.log.append(f"state {value}")
                self.registers[STATE] = {COMM_B_OK: B, COMM_C_OK: C}.get(value, value)
            elif register == ERROR:
                self.log.append(f"error {value}")
                self.registers[ERROR] = value  # replaces all of them
            elif register == MODE and value <= 2:
                self.log.append(f"mode {value}")
                self.registers[MODE] = value
            elif register in (SOLAR_TIMER, CHANGED):
                self.registers[register] = value
            elif register != 2:
                continue
            taken += 1
        return taken


@dataclass
class PeerMaster:
    """A master that asks all seven nodes every 2 s, writes states as it last saw them, and shares 16 A equally."""

    circuit_da: int = 160
    min_da: int = 60
    states: dict[int, int] = field(default_factory=dict)
    errors: dict[int, int] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    no_current: bool = False

    def cycle(self, exchange: Callable[[bytes], bytes | None]) -> None:
        """One cycle: status, handshake, currents."""
        for unit in range(2, 9):
            answer = exchange(rtu.seal(bytes((unit, 4, 0, 0, 0, 8))))
            if answer is None or len(answer) != 21:
                self.states.pop(unit, None)
                continue
            self.states[unit], self.errors[unit] = answer[4], answer[6]
        for unit, state in list(self.states.items()):
            if state in (COMM_B, COMM_C):
                taking = [u for u, s in self.states.items() if s in (B, C) and u != unit]
                free = self.circuit_da - self.min_da * len(taking) >= self.min_da and not self.no_current
                values = (state + 1, 0) if free else (state, LESS_6A)
                if free:
                    self.states[unit] = B if state == COMM_B else C
                exchange(rtu.seal(struct.pack(">BBHHBHH", unit, 16, 0, 2, 4, *values)))
        charging = [u for u, s in self.states.items() if s in (B, C)]
        self.shares = {u: min(160, self.circuit_da // len(charging)) for u in charging}
        if self.no_current:
            self.shares = {}
            exchange(rtu.seal(struct.pack(">BBHH", 9, 6, 1, LESS_6A)))
        words = [0, *(self.shares.get(u, 0) for u in range(2, 9)), 100, 65536 - 20, 0]
        exchange(rtu.seal(struct.pack(">BBHHB11H", 9, 16, 0x20, 11, 22, *words)))
