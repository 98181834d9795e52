"""A referee for benches over pseudo terminals: when the machine itself kept bytes waiting.

The kernel hands a pty's bytes over in a worker thread of ordinary priority. Where other work takes all processors, that
is late by tenths of a second for whoever talks over ptys, however urgent he is; no real line does this.
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from dataclasses import dataclass, field

EVERY_S = 0.05
LATE_S = 0.08
"""A Master waits 150 ms for a Node, and question and answer each pass a pty twice."""


@dataclass
class Referee:
    """Sends a byte through a pty of its own again and again, in a thread."""

    late: list[tuple[float, float]] = field(default_factory=list)
    """Wall clock and delay of each byte that came too late."""
    sent: int = 0

    def watch(self, end: threading.Event) -> None:
        """Until the end; to be run in a thread."""
        far, near = os.openpty()
        tty.setraw(far)
        tty.setraw(near)
        while not end.wait(EVERY_S):
            start_s = time.monotonic()
            os.write(far, b"?")
            select.select([near], [], [], 60)
            os.read(near, 16)
            took_s = time.monotonic() - start_s
            self.sent += 1
            if took_s > LATE_S:
                self.late.append((time.time(), took_s))
        os.close(far)
        os.close(near)

    def late_within(self, begin_s: float, end_s: float) -> int:
        """How many bytes were late between these times (wall clock)."""
        return sum(begin_s <= at_s <= end_s for at_s, _ in self.late)
