"""The registers that charging stations of this family show each other: status, currents for all, settings. Pure.

Currents are 0.1 A. The settings block exists in four layouts; what is not the same in all of them has no name here
unless the family is known.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

MASTER_UNIT = 1
NODES = range(1, 8)
"""Node 1 to Node 7 have the units 2 to 8."""

STATUS = 0x0000
STATUS_POLLED = 8
STATUS_REGISTERS = 12
CURRENTS = 0x0020
SHARES = 8
CONFIG = 0x0100
EV_METER = 0x0108
SYSTEM = 0x0200


class BusState(IntEnum):
    """The state of a station as it is sent."""

    A = 0
    B = 1
    C = 2
    D = 3
    COMM_B = 4
    COMM_B_OK = 5
    COMM_C = 6
    COMM_C_OK = 7
    ACTSTART = 8
    B1 = 9
    C1 = 10
    MODEM_REQUEST = 11
    MODEM_WAIT = 12
    MODEM_DONE = 13
    MODEM_DENIED = 14


class BusError(IntFlag):
    """The error flags of a station as they are sent."""

    LESS_6A = 1
    CT_NOCOMM = 2
    TEMP_HIGH = 4
    EV_NOCOMM = 8
    RCM_TRIPPED = 16
    RCM_TEST = 32
    TEST_IO = 64
    BL_FLASH = 128


class BusMode(IntEnum):
    """The mode of a station as it is sent."""

    NORMAL = 0
    SMART = 1
    SOLAR = 2


@dataclass(frozen=True, slots=True)
class Status:
    """The first eight registers of a station; numbers as sent, so that an unknown state is still told."""

    state: int
    errors: int
    current_da: int
    mode: int
    solar_timer_s: int
    access: int
    config_changed: bool
    max_a: int


def status(words: Sequence[int]) -> Status | None:
    """The status in an answer of at least eight registers; None in a shorter one."""
    if len(words) < STATUS_POLLED:
        return None
    state, errors, current_da, mode, timer_s, access, changed, max_a = words[:STATUS_POLLED]
    return Status(state & 0xFF, errors & 0xFF, current_da, mode & 0xFF, timer_s, access, bool(changed), max_a & 0xFF)


@dataclass(frozen=True, slots=True)
class Shares:
    """What the master gives to all: a share for master and Node 1 to 7; the mains currents where it tells them."""

    shares_da: tuple[int, ...]
    mains_da: tuple[int, int, int] | None


def shares(words: Sequence[int]) -> Shares | None:
    """The broadcast of currents; None when it is none. Old masters send eight registers, without the mains."""
    if len(words) < SHARES:
        return None
    mains = None
    if len(words) >= SHARES + 3:
        l1, l2, l3 = struct.unpack(">3h", struct.pack(">3H", *words[SHARES : SHARES + 3]))
        mains = (l1, l2, l3)
    return Shares(tuple(words[:SHARES]), mains)


CONFIG_NAMES = ("CONFIG", "LOCK", "MIN", "MAX", "LOADBL", "SWITCH", "RCMON", "RFID", "EVMETER", "EVADR")
"""The registers from 0x0100."""

_COMMON = ("MODE", "CIRCUIT", "GRID", "", "MAINS", "START", "STOP", "IMPORT", "MAINSMET", "MAINSADR")
_CUSTOM = tuple(
    f"custom {name}" for name in ("order", "type", "function", *(f"{v} {p}" for v in "UIPE" for p in ("reg", "div")))
)


def _named(fourth: str, tail: tuple[str, ...]) -> tuple[str, ...]:
    return (*_COMMON[:3], fourth, *_COMMON[4:], *tail)


FAMILIES: Mapping[str, tuple[str, ...]] = {
    "official": _named("SB2_WIFI", (*_CUSTOM, "max read")),
    "3.5": _named("SB2_WIFI", ("mains host", "circuit meter", "circuit address", "circuit host", *_CUSTOM[:8])),
    "older": _named("CAL", ("mains measures", "PV meter", "PV address", *_CUSTOM, "max read", "WIFI")),
    "2.30": _named("CAL", ("mains measures", "PV meter", "PV address", *_CUSTOM, "max read", "WIFI", "CAPACITY")),
}
"""The registers from 0x0200 by family of program; two of them have the same length."""


def system_words(values: Mapping[str, int], family: str) -> tuple[int, ...]:
    """Settings by name as the registers from 0x0200 of this family; what has no value is 0."""
    return tuple(values.get(name, 0) & 0xFFFF for name in FAMILIES[family])


def families(count: int) -> tuple[str, ...]:
    """Which families broadcast so many settings; empty: none."""
    return tuple(name for name, names in FAMILIES.items() if len(names) == count)


def system_names(count: int) -> tuple[str, ...]:
    """The names of so many settings, as far as all families that can have sent them agree; "" where they do not."""
    candidates = [FAMILIES[name] for name in families(count)] or list(FAMILIES.values())
    shortest = min(len(names) for names in candidates)
    agreed = [
        names[0] if len(set(names)) == 1 else "" for names in zip(*(c[:shortest] for c in candidates), strict=True)
    ]
    return tuple(agreed[:count]) + ("",) * (count - len(agreed))
