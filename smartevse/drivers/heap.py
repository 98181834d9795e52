"""Keeps a program that runs for months as small as it began: free memory goes back to the machine."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable


def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` of the GNU C library; None with another one, such as musl or Apple's."""
    try:
        function: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return function


_TRIM = _trim()


def settle() -> None:
    """Call it once, when everything is imported and running: what is there now stays, and is not looked at again.

    That makes each later look at the rest cheap. Takes some milliseconds, on a small Raspberry Pi up to 0.1 s.
    """
    gc.collect()
    gc.freeze()


def give_back() -> bool:
    """Return free memory to the machine; whether the heap had any. Takes 0.3 ms once the program has settled.

    Python keeps up to 2,000 free tuples of each length (`tuple` of a generator takes one of length 10 and gives one of
    its own length back), and lets go of them at a full collection only, which a small program never reaches. Large
    buffers that come and go leave holes in the heap.
    """
    gc.collect()
    return _TRIM is not None and _TRIM(0) != 0
