"""What keeps the guard's ticks on time: real-time scheduling, locked memory, garbage collection when asked for."""

from __future__ import annotations

import gc
import os

PRIORITY = 50
"""SCHED_FIFO priority: above every ordinary program, below the kernel's own threads that serve the hardware."""
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4


def prepare() -> list[str]:
    """Take what is permitted; returns one sentence for each thing that was not, none when all is well."""
    gc.collect()
    gc.freeze()
    gc.disable()  # it would come in the middle of a tick; `let_go` comes after one
    missing = []
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError as error:
        missing.append(f"no real-time priority ({error.strerror}): ticks may come late while the machine is busy")
    try:
        _lock_memory()
    except OSError as error:
        missing.append(f"memory is not locked ({error.strerror}): ticks may come late while the machine swaps")
    return missing


def let_go() -> None:
    """Give up the free tuples that Python keeps, up to 2,000 of each length: a program would grow with them for hours.

    Only a full collection lets them go. What was there at the start is frozen, so it takes 0.1 to 0.2 ms, and some
    1 ms on a small Raspberry Pi. Not `malloc_trim`: pages that are given back are missing in a later tick.
    """
    gc.collect()


def _lock_memory() -> None:
    """Keep every page that was touched in memory; only touched ones, so that the guard stays small."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
