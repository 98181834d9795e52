"""Pages that stay in memory: a program that must be in time cannot wait for the card when a machine runs out of it."""

from __future__ import annotations

import os

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
"""Linux, sys/mman.h."""


def lock_memory() -> None:
    """Keep every page that was touched in memory; only touched ones, so that a program stays small.

    Raises OSError where the limit on locked memory (LimitMEMLOCK) does not permit it.
    """
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
