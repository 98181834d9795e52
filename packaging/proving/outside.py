"""What is outside of the machine: the twin with its hat, car and RS485 line; and the way from the machine to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from proving.machine import MachineError, inside

PROJECT = Path(__file__).resolve().parents[2]
PORT = 9888
"""Where the twin has pigpiod's face; the machine's pigpiod passes everything on to it."""

PIGPIOD_UNIT = """\
[Unit]
Description=Daemon required to control GPIO pins via pigpio
[Service]
ExecStart=/usr/bin/pigpiod -l
ExecStop=/bin/systemctl kill pigpiod
Type=forking
[Install]
WantedBy=multi-user.target
"""
"""The unit of Raspberry Pi OS 12; Debian has no pigpiod."""

PIGPIOD = f"""\
#!/usr/bin/python3 -I
import os, socket, sys, threading
if "-l" not in sys.argv:
    sys.exit("pigpiod would listen to the whole network")
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 8888))
server.listen(8)
if "-g" not in sys.argv and os.fork():
    os._exit(0)
def carry(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
while True:
    near, _ = server.accept()
    far = socket.create_connection(("127.0.0.1", {PORT}))
    for end in (near, far):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=carry, args=(near, far), daemon=True).start()
    threading.Thread(target=carry, args=(far, near), daemon=True).start()
"""
"""Stands in for pigpiod's program: forks as it does without -g, and passes everything on to the twin."""


class Twin:
    """The twin as a process of the host in the machine's network, and its control socket."""

    def __init__(self, netns: str) -> None:
        """Start it and wait until it is ready; raises MachineError when it does not."""
        self._folder = Path(tempfile.mkdtemp(prefix="smartevse-twin."))
        control = self._folder / "control"
        self._process = subprocess.Popen(
            inside(
                netns,
                *(sys.executable, "-m", "smartevse", "twin", "--pigpio-port", str(PORT)),
                *("--bus", str(self._folder), "--control", str(control)),
            ),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if "twin ready" not in line:
            raise MachineError(f"the twin did not start: {line}")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(control))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.serial = (self._folder / "bus0").resolve()
        os.chown(self.serial, 0, 20)  # root and dialout, as udev does it with an adapter
        self.serial.chmod(0o660)

    def __enter__(self) -> Twin:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def say(self, command: str) -> str:
        """One command, its reply; raises MachineError when the twin does not take it."""
        self._socket.sendall(f"{command}\n".encode())
        reply = self._lines.readline().strip()
        if reply.startswith("error:"):
            raise MachineError(f"the twin does not take {command!r}: {reply}")
        return reply

    def state(self) -> dict[str, Any]:
        """Everything that can be seen of hat, car and line."""
        state: dict[str, Any] = json.loads(self.say("state"))
        return state

    def charges(self) -> bool:
        """Whether the contactor is closed."""
        return bool(self.state()["contactors"]["c1"])

    def mark(self) -> int:
        """A place in the twin's trace: what comes after it is new."""
        return int(json.loads(self.say(f"trace {10**9}"))["next"])

    def events(self, mark: int) -> list[tuple[float, str, float]]:
        """What happened since `mark`: when (CLOCK_MONOTONIC), its name, its new value."""
        return [(at_s, name, value) for at_s, name, value in json.loads(self.say(f"trace {mark}"))["events"]]

    def off_after_s(self, name: str, mark: int, since_s: float, within_s: float) -> float | None:
        """How long after `since_s` something of the hat went off, in the hat's own time; None: not within this time.

        `name` is one of the trace: "supply" of the contactor's coil, its "c1_contacts". `mark` is from before.
        """
        while True:
            for at_s, what, value in self.events(mark):
                if what == name and not value:
                    return at_s - since_s
            if time.monotonic() - since_s > within_s:
                return None
            time.sleep(0.01)

    def shown(self) -> str:
        """What the display shows."""
        return " / ".join(line.strip() for line in self.state()["lcd"]["lines"] if line.strip())

    def opened_after_s(self, since_s: float, within_s: float) -> float | None:
        """How long after `since_s` (CLOCK_MONOTONIC) the contactor was seen open; None: not within this time."""
        while time.monotonic() - since_s < within_s:
            if not self.charges():
                return time.monotonic() - since_s
            time.sleep(0.005)
        return None
