"""Keeps TLS out of the station, which speaks to nobody with it: a seventh of its memory, 30 ms of its start.

`asyncio` and the Modbus client import the module `ssl` whether they need it or not, and with it OpenSSL's libraries;
the client even makes a context when it is imported. In its place they get names that mean nothing: a connection with
TLS cannot be made.
"""

from __future__ import annotations

import sys
from types import ModuleType


class _Unused:
    """Whatever they make of it, they make no use of it."""

    def __init__(self, *_: object) -> None:
        pass


class _NeverRaised(OSError):
    """What they catch."""


class _Ssl(ModuleType):
    """Has every name."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _NeverRaised if name.endswith("Error") else _Unused


def keep_out() -> None:
    """Call it before anything imports `ssl`; where somebody has, it stays as it is."""
    sys.modules.setdefault("ssl", _Ssl("ssl"))
