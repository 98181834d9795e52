import struct
from dataclasses import asdict
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core import record
from smartevse.core.faults import COUNT, Standing
from smartevse.core.pilot import Level
from smartevse.core.record import MEMORY_FIELDS, pack_memory, pack_tick, unpack_memory, unpack_tick
from smartevse.core.signals import Outputs, Permit
from smartevse.core.states import Event, Hold, State
from smartevse.core.tick import Memory, Report
from smartevse.hal.board import Sample

INT64 = st.integers(-(2**63), 2**63 - 1)
UINT8, UINT16, UINT32 = st.integers(0, 2**8 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
ROW = st.tuples(*[INT64] * COUNT)
STANDING = st.builds(Standing, INT64, ROW, ROW, INT64)


def made(kind: Any, number: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Any value of a type whose fields are numbers of this size, yes or no, names, or such types."""
    if kind is Standing:
        return STANDING
    if kind is int:
        return number
    if not hasattr(kind, "_fields") and not hasattr(kind, "__dataclass_fields__"):
        return st.from_type(kind)
    names = getattr(kind, "_fields", None) or kind.__dataclass_fields__
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: made(hints[name], number) for name in names})


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if isinstance(one, tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(map(same, asdict(one).values(), asdict(other).values()))
    return type(one) is type(other) and bool(one == other)


@given(INT64.filter(lambda number: number >= 0), made(Memory, INT64))
def test_a_memory_comes_back_from_its_bytes_with_every_type(number: int, memory: Memory) -> None:
    assert same(unpack_memory(pack_memory(number, memory)), (number, memory))


@given(
    st.builds(
        Sample,
        st.tuples(*[st.integers(0, 4095)] * 8),
        UINT32,
        UINT32,
        UINT32,
        slow_age_ticks=UINT8,
        fresh=st.booleans(),
    ),
    st.none() | made(Permit, UINT16),
    made(Outputs, UINT16),
    st.builds(
        Report,
        st.sampled_from(State),
        st.sampled_from(Level),
        st.sampled_from(Hold),
        st.integers(0, 2**64 - 1),
        UINT16,
        UINT16,
        st.none() | st.sampled_from(Event),
    ),
    INT64,
)
def test_a_tick_comes_back_from_its_bytes_with_every_type(
    sample: Sample, permit: Permit | None, outputs: Outputs, report: Report, now_ms: int
) -> None:
    back = unpack_tick(pack_tick(7, now_ms, sample, permit, outputs, report))
    assert (back.number, back.now_ms) == (7, now_ms)
    assert Sample(*back[2:8]) == sample
    assert same((back.permit, back.outputs, back.report), (permit, outputs, report))


@pytest.mark.parametrize("name", ["state", "kept.lock", "proof.step", "armed", "outputs.c1"])
def test_a_number_that_is_no_such_value_is_refused(name: str) -> None:
    body = bytearray(pack_memory(1, Memory()))
    struct.pack_into("<q", body, 8 + 8 * MEMORY_FIELDS.index(name), 99)
    with pytest.raises(ValueError, match="99"):
        unpack_memory(bytes(body))


def test_the_header_names_program_and_hat() -> None:
    header = record.pack_header(1, "3.0.0a1")
    assert len(header) == record.HEADER_BYTES
    assert record.HEADER.unpack_from(header)[-2:] == (1, b"3.0.0a1".ljust(32, b"\0"))
