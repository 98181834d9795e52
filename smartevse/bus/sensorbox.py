"""The Sensorbox 1.5 and 2: what its registers mean, which of its currents count, and what is written to it. Pure.

It measures the mains with three current transformers (CT), or passes on what a smart meter says on its P1 port.
Amounts are 0.1 A for L1, L2, L3, positive from the grid to the house.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from smartevse.bus.meter import PLAUSIBLE_DA, MeterError, Request

ADDRESS = 10
"""It cannot be changed."""
PLAIN_REGISTERS = 20
EXTENDED_REGISTERS = 32
"""With the WiFi block, from version 1 of its program on."""

P1_FRESH = 0x80
CT_FRESH = 0x03
"""The flag 0x40 (a P1 port too old to tell currents) is no data: without CTs their floats are 0 then."""

WIRING_REGISTER = 0x0800
WIFI_REGISTER = 0x0801
CCW, THREE_WIRE = 1, 2
"""Bits of the wiring: the field turns to the left; the supply has no neutral."""

WIRING_SINCE = 0x10
"""A box that tells at least this beside its version can be told the wiring."""

BIG_CT_ABOVE_A = 100
"""With MAINS above this the transformers are 200 A : 50 mA instead of 100 A : 50 mA: half of what flows is seen."""

UNITY = 1024
"""A calibration of 1.0; the calibration is counted in 1/1024."""
CALIBRATION = (307, 2 * UNITY)
"""0.3 to 2.0: beyond this a transformer is wrong, not inaccurate."""
LEAST_TO_CALIBRATE_DA = 60
"""With less than 6 A the error of the measurement is too much of it."""
MOST_TO_CALIBRATE_DA = 999


@dataclass(frozen=True, slots=True)
class Wifi:
    """The WiFi of a Sensorbox 2."""

    mode: int
    """0 off, 1 on, 2 set-up portal."""
    connected: bool
    portal: bool
    clock: tuple[int, int] | None
    """Hour and minute; None while the box does not know the time."""
    address: str
    mac_end: str
    """The last four bytes of its MAC address."""
    portal_password: str
    """Empty when the box does not tell it."""


@dataclass(frozen=True, slots=True)
class Box:
    """One answer of the box. Currents in mA, meaningless for what is not fresh."""

    version: int
    p1_fresh: bool
    ct_fresh: bool
    dsmr: int
    """The version of the smart meter's protocol, times 10; 0 without a new telegram."""
    wiring: int | None
    """`CCW` and `THREE_WIRE` as the box has them; None when it cannot be told."""
    p1_ma: tuple[int, int, int]
    ct_ma: tuple[int, int, int]
    wifi: Wifi | None


def request(version: int) -> Request:
    """What to ask a box of this version; 0 while it is not known."""
    return Request(4, 0, EXTENDED_REGISTERS if version else PLAIN_REGISTERS)


def decode(registers: Sequence[int]) -> Box:
    """The answer to a `request`. Raises MeterError when fresh data are no numbers or the answer is short."""
    if len(registers) < PLAIN_REGISTERS:
        raise MeterError(f"the Sensorbox sent {len(registers)} registers, at least {PLAIN_REGISTERS} are expected")
    version, config = divmod(registers[0], 256)
    dsmr, flags = divmod(registers[1], 256)
    p1_fresh, ct_fresh = bool(flags & P1_FRESH), bool(flags & CT_FRESH)
    return Box(
        version=version,
        p1_fresh=p1_fresh,
        ct_fresh=ct_fresh,
        dsmr=dsmr,
        wiring=config & (CCW | THREE_WIRE) if config >= WIRING_SINCE else None,
        p1_ma=_milliamps(registers[8:14], needed=p1_fresh),
        ct_ma=_milliamps(registers[14:20], needed=ct_fresh),
        wifi=_wifi(registers) if version and len(registers) >= EXTENDED_REGISTERS else None,
    )


def phases_da(box: Box, mains_a: int, calibration: int = UNITY) -> tuple[int, int, int] | None:
    """The mains currents that count: P1 before CT; None when nothing is fresh. Raises MeterError for 200 A and more.

    `mains_a` (MAINS in A) tells the size of the CTs, `calibration` (1/1024) is only theirs.
    """
    if box.p1_fresh:
        currents_ma = box.p1_ma
    elif box.ct_fresh:
        l1, l2, l3 = (_calibrated_ma(ma, mains_a, calibration) for ma in box.ct_ma)
        currents_ma = (l1, l2, l3)
    else:
        return None
    l1, l2, l3 = (_tenths(ma) for ma in currents_ma)
    for phase, da in enumerate((l1, l2, l3), 1):
        # big CTs are for mains of up to 200 A, whose overload must be seen
        if abs(da) >= PLAUSIBLE_DA * 2:
            raise MeterError(f"the Sensorbox says {da / 10:.0f} A on L{phase}, which is not believed")
    return l1, l2, l3


def calibration_for(box: Box, mains_a: int, flowing_da: int) -> int:
    """The calibration (1/1024) that makes CT1 show what flows, 0.1 A. Raises ValueError with a sentence."""
    seen_ma = abs(_calibrated_ma(box.ct_ma[0], mains_a, UNITY))
    if not LEAST_TO_CALIBRATE_DA <= flowing_da <= MOST_TO_CALIBRATE_DA:
        raise ValueError(f"CAL cannot be {flowing_da / 10} A: choose 6.0 A to 99.9 A")
    if not box.ct_fresh or seen_ma < LEAST_TO_CALIBRATE_DA * 100:
        raise ValueError(f"CAL needs at least 6 A through CT1, and it sees {seen_ma / 1000:.1f} A: switch a load on")
    calibration = (flowing_da * 10 + 5) * UNITY // (seen_ma // 10)
    low, high = CALIBRATION
    if not low <= calibration <= high:
        raise ValueError(
            f"CAL cannot turn {seen_ma / 1000:.1f} A into {flowing_da / 10} A: "
            f"a factor from 0.3 to 2.0 can be; check the CT and MAINS"
        )
    return calibration


def writes(box: Box, *, three_wire: bool, wifi_mode: int | None = None) -> tuple[tuple[int, int], ...]:
    """What has to be written, as (register, value), so that the box does as wanted; nothing when it does already.

    The wiring matters to CTs only: it tells the box how its mains plug sees the phases. `wifi_mode` None: leave it.
    """
    wanted: list[tuple[int, int]] = []
    wiring = THREE_WIRE if three_wire else 0
    if box.wiring is not None and box.ct_fresh and not box.p1_fresh and box.wiring != wiring:
        wanted.append((WIRING_REGISTER, wiring))
    if wifi_mode is not None and box.wifi is not None and box.wifi.mode != wifi_mode:
        wanted.append((WIFI_REGISTER, wifi_mode))
    return tuple(wanted)


def _milliamps(registers: Sequence[int], *, needed: bool) -> tuple[int, int, int]:
    """Three floats in A to mA, cut off towards zero; zeros for what nobody needs."""
    if not needed:
        return 0, 0, 0
    amps = struct.unpack(">3f", struct.pack(">6H", *registers))
    if not all(math.isfinite(value) and abs(value) < 1e6 for value in amps):
        raise MeterError("the Sensorbox sends currents that are no numbers")
    l1, l2, l3 = (int(value * 1000) for value in amps)
    return l1, l2, l3


def _calibrated_ma(current_ma: int, mains_a: int, calibration: int) -> int:
    """What a CT sees, for its size and calibration; a milliamp is noise."""
    if abs(current_ma) <= 1:
        return 0
    if mains_a > BIG_CT_ABOVE_A:
        current_ma *= 2
    return int(current_ma * calibration / UNITY)


def _tenths(current_ma: int) -> int:
    """0.1 A, cut off towards zero."""
    return current_ma // 100 if current_ma >= 0 else -(-current_ma // 100)


def _wifi(registers: Sequence[int]) -> Wifi:
    """The WiFi block, registers 0x14 to 0x1F."""
    data = struct.pack(">12H", *registers[20:32])
    status, mode = data[0], data[1]
    password = bytes(reversed(data[16:24])).strip(b"\0")
    return Wifi(
        mode=mode,
        connected=bool(status & 2),
        portal=bool(status & 4),
        clock=(data[2], data[3]) if status & 1 else None,
        address=".".join(str(byte) for byte in data[8:12]),
        mac_end=data[12:16].hex(":"),
        portal_password=password.decode("ascii", "replace"),
    )
