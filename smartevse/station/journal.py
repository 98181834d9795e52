"""Where the program's lines go: structured to systemd's journal, or readable to standard error.

Fields of the journal begin with EVSE_: state, fault, offer, reason and session; `journalctl EVSE_STATE=C` finds them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from smartevse.drivers.journal_socket import leads_to_journal

IDENTIFIER = "smartevse"
BURST = 5
WINDOW_S = 60.0
"""The same line is written `BURST` times in so many seconds; more of it is counted and told with the next one."""
KEPT_LINES = 256
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))
"""From Python's levels to syslog's: error, warning, informational, debug."""


def set_up(environ: Mapping[str, str], stream: TextIO) -> None:
    """Send the log of the whole program to the journal if `stream` leads there, else to `stream`."""
    root = logging.getLogger()
    handler = _handler(environ, stream)
    handler.addFilter(Repeats(time.monotonic))
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # asyncio warns about its own slowness in words that help no owner
    logging.getLogger("asyncio").setLevel(logging.ERROR)


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


class Repeats(logging.Filter):
    """Holds back a line that comes again and again, such as a fault that flutters: the card is written for each."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is to be written; the first one of a new window tells how many were not."""
        text, now_s = record.getMessage(), self._clock()
        since_s, count = self._told.get(text, (float("-inf"), 0))
        if now_s - since_s < WINDOW_S:
            self._told[text] = (since_s, count + 1)
            return count < BURST
        if len(self._told) >= KEPT_LINES:
            self._told = {line: seen for line, seen in self._told.items() if now_s - seen[0] < WINDOW_S}
        self._told[text] = (now_s, 1)
        if count > BURST:
            record.msg, record.args = f"{text} (and {count - BURST} times more)", ()
        return True


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
