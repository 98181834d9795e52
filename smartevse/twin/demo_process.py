"""One of the demo's programs as a process: started as a user starts it, its lines read from a file, surely ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

END_S = 4.0
"""A program that was asked to end and takes longer is killed."""
_NOT_INHERITED = ("PIGPIO_", "NOTIFY_", "WATCHDOG_", "JOURNAL_STREAM", "STATE_DIRECTORY")
"""Variables of the environment that would lead our processes to a real station or service manager."""


class Process:
    """`smartevse NAME ...` in the background; `say` keeps what it says in `folder/NAME.log`."""

    def __init__(self, name: str, arguments: Sequence[str], folder: Path) -> None:
        """Start it. Call from the main thread: the kernel ends the process together with the thread that began it."""
        self.name = name
        self._log = folder / f"{name}.log"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
        with self._log.open("ab") as output:
            self._read_from = output.tell()
            self._process = subprocess.Popen(
                [*_bound_to_us(), sys.executable, "-m", "smartevse", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**inherited, "STATE_DIRECTORY": str(folder / "state"), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs, the negative signal number when a signal ended it."""
        return self._process.poll()

    def new_lines(self) -> list[str]:
        """The whole lines that it said since the last call."""
        with self._log.open("rb") as log:
            log.seek(self._read_from)
            data = log.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read_from += len(whole)
        return [line for line in whole.decode("utf-8", "replace").splitlines() if line.strip()]

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended."""
        if self.status is None:
            self._process.send_signal(number)

    def ask_to_end(self) -> None:
        """Ask it to end, also when it was stopped; `wait` sees to it that it does."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)

    def wait(self) -> int:
        """Its exit status, once it has ended; it is killed when that takes too long."""
        try:
            return self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _bound_to_us() -> list[str]:
    """Words before the command that let the kernel end it when the demo itself is killed (util-linux, Linux only)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
