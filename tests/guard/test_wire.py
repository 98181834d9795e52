import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.pilot import Level
from smartevse.core.signals import Lock, LockPolicy, Permit
from smartevse.core.states import Hold, State
from smartevse.guard.wire import (
    PERMIT_BYTES,
    Flag,
    FrameError,
    Refusal,
    Status,
    pack_permit,
    pack_status,
    unpack_permit,
    unpack_status,
)

U16, U32, U64 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2**64 - 1)
I16 = st.integers(-0x8000, 0x7FFF)
PERMITS = st.builds(
    Permit,
    offer_da=st.one_of(st.just(0), st.integers(60, 800)),
    charge=st.booleans(),
    phases=st.sampled_from([1, 3]),
    fixed_cable=st.booleans(),
    rcm=st.booleans(),
    rcm_test=st.booleans(),
    user_stop=st.booleans(),
    wake=st.booleans(),
    lock=st.sampled_from(Lock),
    lock_policy=st.sampled_from(LockPolicy),
    hold_ms=st.integers(0, 30),
    resets=st.integers(0, 255),
)
STATUSES = st.builds(
    Status,
    sequence=U32,
    at_ns=U64,
    faults=U64,
    new_fault=U32,
    flags=st.integers(0, sum(Flag)),
    state=st.sampled_from(State),
    level=st.sampled_from(Level),
    hold=st.sampled_from(Hold),
    refusal=st.sampled_from(Refusal),
    duty_permille=st.integers(0, 1000),
    offer_da=U16,
    cable_da=U16,
    cp_high_mv=I16,
    cp_low_mv=I16,
    temperature_dc=I16,
    rail_mv=U16,
    proximity_ohm=U16,
    limit_da=I16,
    opening_ms=U16,
    worst_tick_us=U16,
    c1_loaded=U16,
    c1_cycles=U32,
    late_ticks=U32,
    state_ms=U32,
)


@given(PERMITS, U32, U64)
def test_a_permit_arrives_as_it_was_sent(permit: Permit, sequence: int, sent_ns: int) -> None:
    assert unpack_permit(pack_permit(permit, sequence, sent_ns)) == (permit, sequence, sent_ns)


@given(STATUSES)
def test_a_status_arrives_as_it_was_sent(status: Status) -> None:
    assert unpack_status(pack_status(status)) == status


@given(st.binary(max_size=3 * PERMIT_BYTES))
def test_no_bytes_at_all_can_do_more_than_be_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        unpack_permit(frame)


@given(PERMITS, st.integers(0, PERMIT_BYTES - 1), st.integers(1, 255))
def test_a_damaged_permit_is_refused_or_still_within_every_range(permit: Permit, at: int, flip: int) -> None:
    frame = bytearray(pack_permit(permit, 1, 1))
    frame[at] ^= flip
    try:
        got, _, _ = unpack_permit(bytes(frame))
    except FrameError:
        return
    assert got.offer_da == 0 or 60 <= got.offer_da <= 800
    assert got.phases in (1, 3)
    assert 0 <= got.hold_ms <= 30


@pytest.mark.parametrize("offer_da", [1, 59, 801, 65535])
def test_a_lying_station_gets_a_sentence(offer_da: int) -> None:
    frame = bytearray(pack_permit(Permit(), 1, 1))
    struct.pack_into("<H", frame, 16, offer_da)
    with pytest.raises(FrameError, match="the pilot can only offer 0 or 6 to 80 A"):
        unpack_permit(bytes(frame))


def test_a_status_of_another_version_is_told_from_ours() -> None:
    with pytest.raises(FrameError, match="install guard and station together"):
        unpack_status(b"EVS2" + pack_status(Status())[4:])
