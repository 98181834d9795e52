"""Lines for people without ever waiting: with fields to systemd's journal, else readable to a stream.

The journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) is one datagram an entry, so a real-time loop can use
it: what the journal does not take at once is dropped, and counted. No library is needed.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Mapping
from typing import TextIO

SOCKET = "/run/systemd/journal/socket"


def leads_to_journal(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether systemd connected the stream to the journal: `JOURNAL_STREAM` names its device and inode."""
    try:
        stat = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def entry(fields: Mapping[str, str]) -> bytes:
    """The datagram of an entry; a value with a line break in it goes with its length in front."""
    parts = []
    for name, value in fields.items():
        data = value.encode()
        if b"\n" in data:
            parts.append(b"%s\n%s%s\n" % (name.encode(), len(data).to_bytes(8, "little"), data))
        else:
            parts.append(b"%s=%s\n" % (name.encode(), data))
    return b"".join(parts)


class JournalSocket:
    """Where one program's lines go; every call is safe to make anywhere and never waits."""

    def __init__(self, environ: Mapping[str, str], stream: TextIO, prefix: str, path: str = SOCKET) -> None:
        """`stream` is where lines without fields go, and all lines when it does not lead to the journal."""
        self._stream = stream
        self._prefix = prefix
        self._path = path
        self._socket: socket.socket | None = None
        if leads_to_journal(environ, stream):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        self.lost = 0
        """Lines that nobody took; told with the next one with fields that is taken."""

    def say(self, sentence: str) -> None:
        """One line without fields."""
        with contextlib.suppress(OSError, ValueError):
            number = self._stream.fileno()
            if select.select((), (number,), (), 0)[1]:  # a reader that does not read must not stop the program
                os.write(number, f"{self._prefix}{sentence}\n".encode())
                return
        self.lost += 1

    def tell(self, sentence: str, fields: Mapping[str, str]) -> None:
        """One line with fields, which only the journal keeps."""
        if self._socket is None:
            self.say(sentence)
            return
        more = f" ({self.lost} lines before this one were lost)" if self.lost else ""
        try:
            self._socket.sendto(entry({"MESSAGE": sentence + more, **fields}), self._path)
        except OSError:
            self.lost += 1
        else:
            self.lost = 0

    def close(self) -> None:
        """Give the socket back; the stream is its owner's."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
