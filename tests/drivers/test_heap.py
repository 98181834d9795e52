"""Memory that is free goes back to the machine."""

from __future__ import annotations

import gc
import platform
import re
import sys
from pathlib import Path

import pytest

from smartevse.drivers import heap

MB = 1 << 20
PIECE = 32 * 1024
"""Too small for a map of its own, so on the heap."""


def resident_bytes() -> int:
    """What this process holds in memory."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be asked")
def test_holes_between_what_stays_are_given_back() -> None:
    pieces = [bytes(PIECE) for _ in range(64 * MB // PIECE)]
    kept = pieces[::16]  # the heap cannot shrink from its end
    del pieces
    before = resident_bytes()
    assert heap.give_back()
    assert before - resident_bytes() > 32 * MB
    assert len(kept) * PIECE == 4 * MB


def test_another_c_library_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_TRIM", None)
    assert not heap.give_back()


def test_the_free_tuples_that_python_keeps_are_let_go() -> None:
    heap.give_back()
    before = sys.getallocatedblocks()
    for _ in range(1500):
        kept = [tuple(number for number in range(length)) for length in range(2, 9)]
    del kept
    if sys.getallocatedblocks() - before < 5_000:
        pytest.skip("this Python keeps no free tuples")
    heap.give_back()
    assert sys.getallocatedblocks() - before < 500


def test_what_has_settled_is_not_looked_at_again() -> None:
    try:
        heap.settle()
        assert gc.get_freeze_count() > 1_000
        assert len(gc.get_objects()) < 1_000
    finally:
        gc.unfreeze()
