"""The frames between station and guard on a Unix SEQPACKET socket; declared here, once, for both sides.

Little endian, fixed size, one frame a packet. Times are nanoseconds of CLOCK_MONOTONIC, which all processes share.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from smartevse.core.pilot import MAX_OFFER_DA, MIN_OFFER_DA, Level
from smartevse.core.signals import Lock, LockPolicy, Permit
from smartevse.core.states import Hold, State

PERMIT_TTL_MS = 1000
"""A permit older than this has expired: the guard stops the charge in the orderly way."""

_PERMIT = struct.Struct("<4sIQHHBBBBBB")
_STATUS = struct.Struct("<4sIQQIIBBBBHHHhhhHHhHHHIII")
_LETTERS = {"B": (0, 0xFF), "H": (0, 0xFFFF), "h": (-0x8000, 0x7FFF), "I": (0, 0xFFFFFFFF), "Q": (0, 2**64 - 1)}
_RANGES = tuple(_LETTERS[letter] for letter in _STATUS.format.removeprefix("<4s"))
"""What each field of a status can hold."""
_PERMIT_MAGIC = b"EVP1"
_STATUS_MAGIC = b"EVS1"
PERMIT_BYTES = _PERMIT.size
STATUS_BYTES = _STATUS.size


class FrameError(ValueError):
    """A frame that is not acted on; the text is one sentence that says what was wrong with it."""


class Refusal(IntEnum):
    """Why the guard did not act on the last frame it got; sent back in the status."""

    NONE = 0
    MALFORMED = 1
    """Wrong length, magic or a value outside its range."""
    STALE = 2
    """Older than its life, from the future, or not newer than the last one."""
    SECOND_STATION = 3
    """Another station is connected already."""


class Flag(IntEnum):
    """The bits of `Status.flags`, its yes/no fields.

    An IntFlag would keep an object for each combination that ever was, in programs that run for months.
    """

    C1 = 1 << 0
    C2 = 1 << 1
    MAINS = 1 << 2
    """Voltage at the coil of contactor 1."""
    MIRROR = 1 << 3
    """The mirror contact is closed: the main contacts are open."""
    SAFE = 1 << 4
    WD_OK = 1 << 5
    RCM_TRIP = 1 << 6
    LOCKED = 1 << 7
    PERMIT_FRESH = 1 << 8
    PROVEN = 1 << 9
    """The heartbeat was given in this tick."""
    WATCHDOG_TESTED = 1 << 10
    REALTIME = 1 << 11
    """The guard runs with SCHED_FIFO and locked memory."""
    CABLE_KNOWN = 1 << 12


class _PermitFlag(IntEnum):
    CHARGE = 1 << 0
    FIXED_CABLE = 1 << 1
    RCM = 1 << 2
    USER_STOP = 1 << 3
    WAKE = 1 << 4
    RCM_TEST = 1 << 5


def pack_permit(permit: Permit, sequence: int, sent_ns: int) -> bytes:
    """A permit as the guard reads it; `sequence` grows with each frame of one station."""
    held = permit.charge, permit.fixed_cable, permit.rcm, permit.user_stop, permit.wake, permit.rcm_test
    flags = sum([flag for flag, on in zip(_PermitFlag, held, strict=True) if on])
    return _PERMIT.pack(
        _PERMIT_MAGIC,
        sequence & 0xFFFFFFFF,
        sent_ns,
        permit.offer_da,
        flags,
        permit.phases,
        permit.lock,
        permit.lock_policy,
        permit.hold_ms,
        permit.resets & 0xFF,
        0,
    )


def unpack_permit(frame: bytes) -> tuple[Permit, int, int]:
    """The permit of a frame with its sequence number and its time in ns.

    Raises FrameError, whatever the bytes are, when the frame is not a permit or a value is outside its range.
    """
    if len(frame) != PERMIT_BYTES:
        raise FrameError(f"a permit has {PERMIT_BYTES} bytes, this frame has {len(frame)}; it was not acted on")
    magic, sequence, sent_ns, offer_da, flags, phases, lock, policy, hold_ms, resets, spare = _PERMIT.unpack(frame)
    if magic != _PERMIT_MAGIC:
        raise FrameError(f"a permit begins with {_PERMIT_MAGIC!r}, this frame with {magic!r}; it was not acted on")
    if offer_da and not MIN_OFFER_DA <= offer_da <= MAX_OFFER_DA:
        raise FrameError(f"the permit offers {offer_da / 10} A, the pilot can only offer 0 or 6 to 80 A")
    if phases not in (1, 3) or lock > max(Lock) or policy > max(LockPolicy) or hold_ms > 30 or spare or flags >> 6:
        raise FrameError("a field of the permit is outside its range (phases 1 or 3, hold 0 to 30 ms)")
    permit = Permit(
        offer_da=offer_da,
        charge=bool(flags & _PermitFlag.CHARGE),
        phases=phases,
        fixed_cable=bool(flags & _PermitFlag.FIXED_CABLE),
        rcm=bool(flags & _PermitFlag.RCM),
        user_stop=bool(flags & _PermitFlag.USER_STOP),
        wake=bool(flags & _PermitFlag.WAKE),
        rcm_test=bool(flags & _PermitFlag.RCM_TEST),
        lock=Lock(lock),
        lock_policy=LockPolicy(policy),
        hold_ms=hold_ms,
        resets=resets,
    )
    return permit, sequence, sent_ns


class Status(NamedTuple):
    """What the guard sees and does; 50 a second and at every change."""

    sequence: int = 0
    at_ns: int = 0
    """CLOCK_MONOTONIC of the tick that this tells of."""
    faults: int = 0
    """One bit for each `core.faults.Fault` that stands."""
    new_fault: int = 0
    """Counts faults since the start, so that a short one is not missed."""
    flags: int = 0
    """Of `Flag`."""
    state: State = State.A
    level: Level = Level.A
    hold: Hold = Hold.NO_STATION
    refusal: Refusal = Refusal.NONE
    duty_permille: int = 1000
    offer_da: int = 0
    """The current that the pilot offers now; 0 for none."""
    cable_da: int = 0
    """What the cable in the socket may carry; 0 while it is not known or not asked for."""
    cp_high_mv: int = 0
    cp_low_mv: int = 0
    temperature_dc: int = 0
    rail_mv: int = 0
    proximity_ohm: int = 0
    """Limited to 65535; above 4500 there is no resistor."""
    limit_da: int = 0
    """The guard's own upper limit of the offer (cable, temperature), signed 16 bit."""
    opening_ms: int = 0
    """How long the contactor took to open the last time; 0 before the first."""
    worst_tick_us: int = 0
    """The longest tick since the last status."""
    c1_loaded: int = 0
    """Openings under load since the guard started."""
    c1_cycles: int = 0
    """Closings since the guard started."""
    late_ticks: int = 0
    """Ticks since the start that came more than 5 ms late."""
    state_ms: int = 0
    """How long the state has lasted."""


def pack_status(status: Status) -> bytes:
    """A status as the station reads it; a number that its field cannot hold is sent as the nearest one."""
    try:
        return _STATUS.pack(_STATUS_MAGIC, *status)
    except struct.error:
        held = [min(max(value, low), high) for value, (low, high) in zip(map(int, status), _RANGES, strict=True)]
        return _STATUS.pack(_STATUS_MAGIC, *held)


def unpack_status(frame: bytes) -> Status:
    """The status of a frame. Raises FrameError when it is none of this version."""
    if len(frame) != STATUS_BYTES or frame[:4] != _STATUS_MAGIC:
        raise FrameError("the guard speaks another version of the status frame; install guard and station together")
    f = _STATUS.unpack(frame)
    try:
        enums = State(f[6]), Level(f[7]), Hold(f[8]), Refusal(f[9])
    except ValueError as error:
        raise FrameError(
            f"the guard's status has an unknown code ({error}); install guard and station together"
        ) from error
    return Status(f[1], f[2], f[3], f[4], f[5], *enums, *f[10:25])
