"""Where the program's lines go: structured to systemd's journal, or readable to standard error.

Fields of the journal begin with EVSE_: state, fault, offer, reason and session; `journalctl EVSE_STATE=C` finds them.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import TextIO

IDENTIFIER = "smartevse"
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))
"""From Python's levels to syslog's: error, warning, informational, debug."""


def set_up(environ: Mapping[str, str], stream: TextIO) -> None:
    """Send the log of the whole program to the journal if `stream` leads there, else to `stream`."""
    root = logging.getLogger()
    root.handlers[:] = [_handler(environ, stream)]
    root.setLevel(logging.INFO)
    # asyncio warns about its own slowness in words that help no owner
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def leads_to_journal(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether systemd connected the stream to the journal: `JOURNAL_STREAM` names its device and inode."""
    try:
        stat = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def _handler(environ: Mapping[str, str], stream: TextIO) -> logging.Handler:
    if not leads_to_journal(environ, stream):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
        return handler
    try:
        from systemd.journal import JournalHandler
    except ImportError:
        # The journal understands the priority in front of a line, but takes no fields that way.
        plain = logging.StreamHandler(stream)
        plain.setFormatter(_Prefixed("%(message)s"))
        return plain
    journal: logging.Handler = JournalHandler(SYSLOG_IDENTIFIER=IDENTIFIER)
    return journal


class _Prefixed(logging.Formatter):
    """Puts the priority of sd-daemon(3) in front of each line."""

    def format(self, record: logging.LogRecord) -> str:
        priority = next(number for level, number in _PRIORITIES if record.levelno >= level)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def flush() -> None:
    """Make sure that every line is out, before the process ends without the usual ceremonies."""
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stderr.flush()
