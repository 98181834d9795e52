"""Tells systemd how the service is: READY, WATCHDOG, STATUS, STOPPING, in the protocol of sd_notify(3).

Directly over the datagram socket of `NOTIFY_SOCKET`, so that it costs no library; without that socket it is silent.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping


class Notify:
    """The way to systemd; every call is safe to make anywhere and never waits."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Open the socket that `NOTIFY_SOCKET` names: a path, or an abstract name that begins with "@"."""
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]

    def ready(self, status: str) -> None:
        """The service does its work from now on."""
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def alive(self) -> None:
        """One sign of life for the watchdog."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What `systemctl status` shows, one line."""
        self._send(f"STATUS={_line(text)}")

    def stopping(self) -> None:
        """The service ends in an orderly way."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, message: str) -> None:
        if self._socket is not None:
            # A service manager that does not listen right now is no reason to stop working.
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode(), self._address)


def watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """How often systemd wants a sign of life: half of what it waits, in seconds; None when it wants none."""
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    usec = environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2e6 if usec.isdecimal() and int(usec) else None


def _line(text: str) -> str:
    return " ".join(text.split())
