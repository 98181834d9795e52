"""Python's log to systemd's journal, with the fields that a line carries as `extra`.

Fields that only a programmer needs (file, line, thread), which the handler of systemd-python adds, are left out: each
costs a page of the card for each line.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from smartevse.drivers.journal_socket import SOCKET, JournalSocket

_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))
"""From Python's levels to syslog's: error, warning, informational, debug."""


def library() -> Callable[..., None] | None:
    """The sending function of systemd-python (Debian: python3-systemd); None where it is not installed."""
    try:
        journal = importlib.import_module("systemd.journal")
    except ImportError:
        return None
    sendv: Callable[..., None] = journal.sendv
    return sendv


def priority(level: int) -> int:
    """Syslog's number for a level of Python's."""
    return next(number for above, number in _PRIORITIES if level >= above)


class JournalHandler(logging.Handler):
    """Every line is an entry; what is in `extra` under a name in capitals is a field of it."""

    def __init__(
        self,
        identifier: str,
        path: Path = SOCKET,
        ids: Mapping[str, str] | None = None,
        sendv: Callable[..., None] | None = None,
    ) -> None:
        """`ids`: the MESSAGE_ID of a logger's lines that bring none of their own. `sendv`: see `library`.

        Without `sendv` an entry goes to the journal's socket at `path` by our own few lines.
        """
        super().__init__()
        self._sendv = sendv
        self._identifier = identifier
        self._ids = ids or {}
        self._journal = JournalSocket(path)

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        told = {name: str(value) for name, value in vars(record).items() if name.isupper()}
        if "MESSAGE_ID" not in told and record.name in self._ids:
            told["MESSAGE_ID"] = self._ids[record.name]
        fields = {"PRIORITY": str(priority(record.levelno)), "SYSLOG_IDENTIFIER": self._identifier, **told}
        if self._sendv is None:
            self._journal.tell(self.format(record), fields)
        else:
            self._sendv(f"MESSAGE={self.format(record)}", *(f"{name}={value}" for name, value in fields.items()))

    def close(self) -> None:
        """Give the socket back."""
        self._journal.close()
        super().close()
