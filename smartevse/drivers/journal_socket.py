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
from pathlib import Path
from typing import TextIO

SOCKET = Path("/run/systemd/journal/socket")


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
    """The way to the journal; every call is safe to make anywhere and never waits."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)
        self.lost = 0
        """Entries that the journal did not take; told with the next one that it does."""

    def tell(self, sentence: str, fields: Mapping[str, str]) -> None:
        """One entry."""
        more = f" ({self.lost} lines before this one were lost)" if self.lost else ""
        try:
            self._socket.sendto(entry({"MESSAGE": sentence + more, **fields}), self._path)
        except OSError:
            self.lost += 1
        else:
            self.lost = 0

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


class Lines:
    """A program's lines: those with fields to the journal when the stream leads there, all others to the stream."""

    def __init__(self, environ: Mapping[str, str], stream: TextIO, prefix: str, path: Path = SOCKET) -> None:
        """`prefix` is put in front of what goes to the stream."""
        self._stream = stream
        self._prefix = prefix
        self._journal = JournalSocket(path) if leads_to_journal(environ, stream) else None

    def say(self, sentence: str) -> None:
        """One line without fields; a reader that does not read must not stop the program: it loses the line."""
        with contextlib.suppress(OSError, ValueError):
            number = self._stream.fileno()
            if select.select((), (number,), (), 0)[1]:
                os.write(number, f"{self._prefix}{sentence}\n".encode())

    def tell(self, sentence: str, fields: Mapping[str, str]) -> None:
        """One line with fields, which only the journal keeps."""
        if self._journal is None:
            self.say(sentence)
        else:
            self._journal.tell(sentence, fields)

    def close(self) -> None:
        """Give the socket back; the stream is its owner's."""
        if self._journal is not None:
            self._journal.close()
