"""Where the program's lines go: structured to systemd's journal, or readable to standard error.

Fields of the journal begin with EVSE_: state, fault, offer, reason and session; `journalctl EVSE_STATE=C` finds them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from smartevse.core.message_ids import EVENTS
from smartevse.core.ration import Ration, counted
from smartevse.drivers.journal_log import JournalHandler, library
from smartevse.drivers.journal_socket import SOCKET, leads_to_journal

IDENTIFIER = "smartevse"
KIND = ("MESSAGE_ID", "EVSE_FAULT", "EVSE_SETTING")
"""The fields that tell kinds of lines apart."""
LOGGERS: Mapping[str, str] = {
    "smartevse.bus": "line",
    "smartevse.cards": "access",
    "smartevse.wifi": "wifi",
    "smartevse.panel": "display",
    "smartevse.pigpio": "pigpiod",
}
"""The kind of event of the lines of these loggers; all others bring their own."""


def set_up(environ: Mapping[str, str], stream: TextIO, path: Path = SOCKET) -> None:
    """Send the log of the whole program to the journal if `stream` leads there, else to `stream`."""
    root = logging.getLogger()
    handler = _handler(environ, stream, path)
    handler.addFilter(Rationed(time.monotonic))
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # asyncio warns about its own slowness in words that help no owner
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def _handler(environ: Mapping[str, str], stream: TextIO, path: Path) -> logging.Handler:
    if leads_to_journal(environ, stream):
        ids = {name: EVENTS[event].message_id for name, event in LOGGERS.items()}
        return JournalHandler(IDENTIFIER, path, ids, library() if path == SOCKET else None)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    return handler


class Rationed(logging.Filter):
    """Holds back a kind of line that comes again and again, such as a fault that flutters: the card pays for each.

    Lines of one event, fault and setting are of a kind, those that bring no message id when they have the same text.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._ration = Ration()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is to be written; one that follows others that were not tells how many."""
        text = record.getMessage()
        told = [str(getattr(record, name, "")) for name in KIND]
        left_out = self._ration.take(" ".join(told) if told[0] else text, self._clock())
        if left_out is None:
            return False
        if left_out:
            record.msg, record.args = counted(text, left_out), ()
        return True


def event(name: str) -> dict[str, str]:
    """The `extra` of a line of this kind."""
    return {"MESSAGE_ID": EVENTS[name].message_id}


def flush() -> None:
    """Make sure that every line is out, before the process ends without the usual ceremonies."""
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stderr.flush()
