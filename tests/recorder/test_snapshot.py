from dataclasses import asdict
from itertools import chain
from operator import attrgetter
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.faults import COUNT, Standing
from smartevse.core.signals import Permit
from smartevse.core.tick import Memory
from smartevse.guard.recorder import MEMORY_FIELDS, MEMORY_NUMBERS, MEMORY_ROWS, PERMIT, PERMIT_FIELDS
from smartevse.recorder.snapshot import memory_of, permit_of

INT64 = st.integers(-(2**63), 2**63 - 1)
UINT16 = st.integers(0, 2**16 - 1)
ROW = st.tuples(*[INT64] * COUNT)
st.register_type_strategy(Standing, st.builds(Standing, INT64, ROW, ROW, INT64))


def numbers(memory: Memory) -> list[int]:
    rows: Any = attrgetter(*MEMORY_ROWS)(memory)
    return list(map(int, chain(attrgetter(*MEMORY_FIELDS)(memory), *rows)))


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if isinstance(one, tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(map(same, asdict(one).values(), asdict(other).values()))
    return type(one) is type(other) and one == other


@given(st.builds(Memory, **{name: st.from_type(hint) for name, hint in get_type_hints(Memory).items()}))
def test_a_memory_comes_back_from_its_numbers_with_every_type(memory: Memory) -> None:
    assert len(numbers(memory)) == MEMORY_NUMBERS
    assert same(memory_of(numbers(memory)), memory)


@given(
    st.builds(
        Permit, **{name: UINT16 if hint is int else st.from_type(hint) for name, hint in get_type_hints(Permit).items()}
    )
)
def test_a_permit_comes_back_from_its_numbers_with_every_type(permit: Permit) -> None:
    packed = PERMIT.pack(*attrgetter(*PERMIT_FIELDS)(permit))
    assert same(permit_of(PERMIT.unpack(packed)), permit)


@pytest.mark.parametrize("name", ["state", "kept.lock", "proof.step", "armed", "outputs.c1"])
def test_a_number_that_is_no_such_value_is_refused(name: str) -> None:
    broken = numbers(Memory())
    broken[MEMORY_FIELDS.index(name)] = 99
    with pytest.raises(ValueError, match="99"):
        memory_of(broken)
