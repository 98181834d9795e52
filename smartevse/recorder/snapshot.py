"""A guard's memory from the numbers of a snapshot, built by the types of its fields: a file can bring nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from enum import IntEnum
from functools import cache
from typing import Any, get_type_hints

from smartevse.core.faults import COUNT
from smartevse.core.signals import Permit
from smartevse.core.tick import Memory
from smartevse.guard.recorder import MEMORY_FIELDS, MEMORY_NUMBERS, MEMORY_ROWS, PERMIT_FIELDS


def memory_of(numbers: Sequence[int]) -> Memory:
    """The memory of a snapshot. Raises ValueError when the numbers are not those of a memory."""
    if len(numbers) != MEMORY_NUMBERS:
        raise ValueError(f"a memory has {MEMORY_NUMBERS} numbers, not {len(numbers)}")
    plain, rest = numbers[: len(MEMORY_FIELDS)], numbers[len(MEMORY_FIELDS) :]
    parts: dict[str, Any] = dict(zip(MEMORY_FIELDS, plain, strict=True))
    for turn, name in enumerate(MEMORY_ROWS):
        parts[name] = tuple(rest[turn * COUNT : (turn + 1) * COUNT])
    memory: Memory = _build(Memory, parts, "")
    return memory


def permit_of(numbers: Sequence[int]) -> Permit:
    """The permit of a tick. Raises ValueError when the numbers are not those of a permit."""
    permit: Permit = _build(Permit, dict(zip(PERMIT_FIELDS, numbers, strict=True)), "")
    return permit


def _build(kind: Any, parts: dict[str, Any], prefix: str) -> Any:
    """A value of a tuple's or dataclass's type, from the numbers by their dotted names."""
    values = {}
    for name, hint in _hints(kind).items():
        path = prefix + name
        values[name] = _leaf(hint, parts[path], path) if path in parts else _build(hint, parts, f"{path}.")
    return kind(**values)


def _leaf(hint: Any, number: Any, path: str) -> Any:
    if hint is bool:
        if number not in (0, 1):
            raise ValueError(f"{path} is {number}, but only 0 and 1 are possible")
        return bool(number)
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return hint(number)
    return number


@cache
def _hints(kind: Any) -> dict[str, Any]:
    names = kind.__dataclass_fields__ if is_dataclass(kind) else kind._fields
    hints = get_type_hints(kind)
    return {name: hints[name] for name in names}
