"""A station as node: what it tells a master, what it lets a master tell it, and what it does not. Pure.

The master shares out the current and grants B and C. It cannot clear what this station knows to be dangerous, it cannot
put it into a state that it did not ask for, and a value outside its range changes nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smartevse.bus import rtu, units
from smartevse.bus.listener import BROADCAST_UNIT
from smartevse.bus.rtu import ExceptionCode, Function, Request
from smartevse.bus.units import BusError, BusState

LOST_AFTER_S = 10.0
"""Without a share for this long there is no master."""
LOCAL = BusError.TEMP_HIGH | BusError.EV_NOCOMM | BusError.RCM_TRIPPED | BusError.RCM_TEST
"""Only this station knows these."""
NO_ERROR = BusError(0)
MAX_READ = 22
MAX_SHARE_DA = 800

GRANTS: Mapping[int, BusState] = {BusState.COMM_B: BusState.COMM_B_OK, BusState.COMM_C: BusState.COMM_C_OK}
"""What a station in this state waits for."""

STATUS_RANGES: tuple[range, ...] = (
    range(15),  # state
    range(256),  # errors
    range(0x10000),  # an override, which a node does not have: taken and ignored
    range(3),  # mode
    range(3601),  # solar timer, s
    range(0),  # access is given at the station, never from the line
    range(2),  # settings changed
)
"""What may be written to the status registers; those behind cannot be."""

_FITTED = range(0)
"""Says what is fitted here, or who this is: only the owner at the station knows."""
CONFIG_RANGES = (
    _FITTED,  # CONFIG
    _FITTED,  # LOCK
    range(6, 17),
    range(6, 81),
    _FITTED,  # LOADBL
    _FITTED,  # SWITCH
    _FITTED,  # RCMON
    _FITTED,  # RFID
    range(20),
    range(11, 248),
)
"""What may be written from 0x0100."""

SYSTEM_RANGES: Mapping[str, range] = {
    "MODE": range(3),
    "CIRCUIT": range(10, 201),
    "GRID": range(2),
    "MAINS": range(10, 201),
    "START": range(49),
    "STOP": range(61),
    "IMPORT": range(49),
    "MAINSMET": range(20),
    "MAINSADR": range(10, 248),
}
"""What may be written from 0x0200: the settings that are the same in every family of program."""

FAMILY_RANGES: Mapping[str, range] = {
    **SYSTEM_RANGES,
    "custom order": range(4),
    "custom type": range(3),
    "custom function": range(3, 5),
    **{f"custom {value} reg": range(65535) for value in "UIPE"},
    **{f"custom {value} div": range(8) for value in "UIPE"},
}
"""What may be written from 0x0200 by a master of the family that this node was told: a Custom meter too."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the station says of itself.

    `config` has the registers of `units.CONFIG_NAMES`, `system` those of the master's family in `units.FAMILIES`.
    """

    state: BusState = BusState.A
    errors: BusError = NO_ERROR
    current_da: int = 0
    mode: int = 0
    solar_timer_s: int = 0
    access: int = 1
    config_changed: bool = False
    max_a: int = 0
    phases: int = 0
    """Those in use: 0 while the contactor is open."""
    real_da: int = 0
    temperature_c: int = 0
    serial: int = 0
    config: tuple[int, ...] = (0,) * len(units.CONFIG_NAMES)
    system: tuple[int, ...] = (0,) * len(units.FAMILIES["official"])


@dataclass(frozen=True, slots=True)
class Told:
    """What the master has said so far; times on the caller's clock, None: not said yet."""

    share_da: int | None = None
    mains_da: tuple[int, int, int] | None = None
    share_at_s: float = float("-inf")
    granted: BusState | None = None
    """COMM_B_OK or COMM_C_OK while the station waits for it."""
    granted_at_s: float = float("-inf")
    errors: BusError = NO_ERROR
    """Without `LOCAL`."""
    mode: int | None = None
    solar_timer_s: int | None = None
    config_seen: bool = False
    """It has read the settings that had changed."""
    config: Mapping[str, int] = field(default_factory=dict)
    system: Mapping[str, int] = field(default_factory=dict)
    foreign: tuple[str, ...] | None = None
    """The families that send settings like the last ones, when the master is none of what it was said to be."""

    def lost(self, now_s: float) -> bool:
        """Whether there is no master any more: the share does not count."""
        return now_s - self.share_at_s > LOST_AFTER_S


@dataclass(frozen=True, slots=True)
class Wanted:
    """Settings that the master gave; what is empty or None was not given."""

    mode: int | None = None
    config: Mapping[str, int] = field(default_factory=dict)
    """By the names of `units.CONFIG_NAMES`."""
    system: Mapping[str, int] = field(default_factory=dict)
    """By the names of the family in `units.FAMILIES`."""


class Node:
    """Node `number`, 1 to 7, on the line."""

    def __init__(self, number: int, family: str | None = None) -> None:
        """`family`: a key of `units.FAMILIES`, what the master is; None: what all families share is taken, no more."""
        if number not in units.NODES:
            raise ValueError(f"there is no Node {number}: choose Node 1 to Node 7")
        self.number = number
        self.family = family
        self.unit = number + units.MASTER_UNIT
        self.own = Own()
        self.told = Told()

    def show(self, own: Own) -> None:
        """What the station is from now on. A grant is used up when the state moves on."""
        if own.state is not self.own.state:
            self.told = replace(self.told, granted=None)
        if own.config_changed and not self.own.config_changed:
            self.told = replace(self.told, config_seen=False)
        self.own = own

    def take(self) -> Wanted:
        """What the master changed of the settings since the last call."""
        told = self.told
        self.told = replace(told, mode=None, config={}, system={})
        return Wanted(told.mode, told.config, told.system)

    def hear(self, request: Request, now_s: float) -> bytes | None:
        """The answer to a request; None when it is not for this node, or is one that nobody answers."""
        if request.unit not in (self.unit, BROADCAST_UNIT):
            return None
        reading = request.function in (Function.READ_HOLDING, Function.READ_INPUT)
        if reading and request.unit == BROADCAST_UNIT:
            return None
        answer = self._read(request) if reading else self._write(request, now_s)
        return None if request.unit == BROADCAST_UNIT else answer

    # reading

    def _read(self, request: Request) -> bytes:
        image = self._group(request.address)
        if image is None or request.count > MAX_READ:
            return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_ADDRESS)
        first, registers = image
        offset = request.address - first
        if offset + request.count > len(registers):
            return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_ADDRESS)
        return rtu.build_read_response(request, registers[offset : offset + request.count])

    def _group(self, address: int) -> tuple[int, tuple[int, ...]] | None:
        """The group of registers that has this address: its first one, and all of them."""
        if address < units.STATUS + units.STATUS_REGISTERS:
            return units.STATUS, self._status()
        if units.CONFIG <= address < units.CONFIG + len(self.own.config):
            return units.CONFIG, self.own.config
        if units.SYSTEM <= address < units.SYSTEM + len(self.own.system):
            return units.SYSTEM, self.own.system
        return None

    def _status(self) -> tuple[int, ...]:
        own = self.own
        errors = own.errors & LOCAL | self.told.errors
        changed = int(own.config_changed and not self.told.config_seen)
        numbers = (own.state, errors, own.current_da, own.mode, own.solar_timer_s, own.access, changed, own.max_a)
        return *(int(n) for n in numbers), own.phases, own.real_da, own.temperature_c & 0xFFFF, own.serial & 0xFFFF

    # writing

    def _write(self, request: Request, now_s: float) -> bytes:
        accepted = self._accept(request, now_s)
        if accepted is None:
            return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_ADDRESS)
        if not accepted:
            return rtu.build_exception(self.unit, request.function, ExceptionCode.ILLEGAL_VALUE)
        if request.function is Function.WRITE_ONE:
            return rtu.build_write_response(request)
        return rtu.seal(struct.pack(">BBHH", self.unit, request.function, request.address, accepted))

    def _accept(self, request: Request, now_s: float) -> int | None:
        """How many of the values were in their ranges; None when the registers are not of one group."""
        address, end = request.address, request.address + request.count
        if end <= units.STATUS + units.STATUS_REGISTERS:
            return self._take_status(address, request.values, now_s)
        if address >= units.CURRENTS and end <= units.CURRENTS + units.SHARES + 3:
            return self._take_currents(address - units.CURRENTS, request.values, now_s)
        if address >= units.CONFIG and end <= units.CONFIG + len(units.CONFIG_NAMES):
            return self._take_config(address - units.CONFIG, request.values)
        longest = max(len(names) for names in units.FAMILIES.values())
        if address >= units.SYSTEM and end <= units.SYSTEM + longest:
            return self._take_system(address - units.SYSTEM, request.values)
        return None

    def _take_status(self, first: int, values: tuple[int, ...], now_s: float) -> int:
        accepted = 0
        told = self.told
        for register, value in enumerate(values, first):
            if register >= len(STATUS_RANGES) or value not in STATUS_RANGES[register]:
                continue
            accepted += 1
            match register:
                case 0 if GRANTS.get(self.own.state) == value:
                    # any other state is one that the master saw earlier, or the present one
                    told = replace(told, granted=BusState(value), granted_at_s=now_s)
                case 1:
                    told = replace(told, errors=BusError(value) & ~LOCAL)
                case 3:
                    told = replace(told, mode=value)
                case 4:
                    told = replace(told, solar_timer_s=value)
                case 6:
                    told = replace(told, config_seen=value == 0)
        self.told = told
        return accepted

    def _take_currents(self, first: int, values: tuple[int, ...], now_s: float) -> int:
        place = self.number - first
        if not 0 <= place < len(values) or values[place] > MAX_SHARE_DA:
            return 0
        shared = units.shares(values) if first == 0 else None
        mains = shared.mains_da if shared is not None else None
        self.told = replace(self.told, share_da=values[place], share_at_s=now_s, mains_da=mains)
        return len(values)

    def _take_config(self, first: int, values: tuple[int, ...]) -> int:
        good = {
            units.CONFIG_NAMES[register]: value
            for register, value in enumerate(values, first)
            if value in CONFIG_RANGES[register]
        }
        self.told = replace(self.told, config={**self.told.config, **good})
        return len(good)

    def _take_system(self, first: int, values: tuple[int, ...]) -> int:
        family, foreign = self.family, None
        if first == 0 and len(values) > len(SYSTEM_RANGES) + 1:
            senders = units.families(len(values))
            if family is not None and family not in senders:
                family, foreign = None, senders
            self.told = replace(self.told, foreign=foreign)
        names = units.FAMILIES[family or "official"]
        ranges = SYSTEM_RANGES if family is None else FAMILY_RANGES
        good = {
            names[register]: value
            for register, value in enumerate(values, first)
            if register < len(names) and names[register] in ranges and value in ranges[names[register]]
        }
        self.told = replace(self.told, system={**self.told.system, **good})
        return len(good)
