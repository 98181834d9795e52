"""What keeps the guard's ticks on time: real-time scheduling, memory that is never paged out, no garbage collection."""

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
    gc.disable()  # the loop makes no cycles; a collection would take longer than a tick
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


def _lock_memory() -> None:
    """Keep every page that was touched in memory; only touched ones, so that the guard stays small."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
