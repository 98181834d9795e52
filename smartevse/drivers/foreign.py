"""Who else listens at pigpiod's port: what only root can see, left by `systemd/pigpiod-revive` in a file.

A program that takes connections and says nothing looks like a pigpiod that hangs, and that one comes back by itself.
"""

from __future__ import annotations

import socket
from pathlib import Path

FOREIGN = Path("/run/smartevse-foreign")
"""One line: address, process, when it was seen (monotonic, s), its name."""
FRESH_S = 90.0
"""A note that is older says nothing: guard and station start anew within seconds."""
ANSWER_S = 1.0
"""How long the program may take to show that it is gone, or pigpiod after all."""


def foreign(host: str, port: int, now_s: float) -> str | None:
    """The sentence about another program that was seen at this address in the last 90 s; None when there was none.

    `now_s`: the monotonic clock. A note that cannot be read or understood is none, and it says nothing when nobody
    listens there any more, or somebody who answers: its program was ended. Takes up to 2 s.
    """
    try:
        where, pid, seen_s, name = FOREIGN.read_text("utf-8").strip().split(" ", 3)
        age_s = now_s - float(seen_s)
    except (OSError, ValueError):
        return None
    local = host == "localhost" or host.startswith("127.")
    if not local or where.rpartition(":")[2] != str(port) or not 0 <= age_s <= FRESH_S or not _silent(host, port):
        return None
    return (
        f"the program that listens at {host}:{port} is not pigpiod but {name!r} (process {pid}), and does not answer: "
        f"end it, or correct host and port in [hat]"
    )


def _silent(host: str, port: int) -> bool:
    """Whether somebody takes connections there and says nothing."""
    from smartevse.drivers.pigpiod import TICK, command  # not there with the kernel's way to the hat

    try:
        with socket.create_connection((host, port), ANSWER_S) as connection:
            connection.sendall(command(TICK))
            connection.recv(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False
