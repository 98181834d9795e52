"""A twin as its own process in a folder of its own, and the ways to talk to it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

DEADLINE_S = 10.0
_START = "import sys; from smartevse.twin.server import main; sys.exit(main(sys.argv[1:]))"
_HEAD = struct.Struct("<4I")
_REPLY = struct.Struct("<3Ii")
WITH_DATA = frozenset((43, 56, 65, 67, 70, 73, 75, 80, 91, 92, 113))


def until(what: Callable[[], T | None], deadline_s: float = DEADLINE_S) -> T:
    """The first answer that counts as true; AssertionError when none came in time."""
    end_s = time.monotonic() + deadline_s
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end_s, f"did not become true within {deadline_s} s"
        time.sleep(0.002)


def start(*arguments: str) -> subprocess.Popen[str]:
    """A twin with these arguments; its output can be read."""
    command = [sys.executable, "-c", _START, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Twin:
    """A running twin: its places, its control socket, raw connections to its daemon."""

    def __init__(self, folder: Path, units: int = 1, *more: str) -> None:
        self.folder = folder
        self.control = folder / "control"
        arguments = ["--pigpio-port", "0", "--bus", str(folder / "line"), "--control", str(self.control)]
        self.process = start(*arguments, "--units", str(units), *more)
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline().strip()
        self.ports = [int(port) for port in re.findall(r"pigpiod 127\.0\.0\.1:(\d+)", self.ready)]
        assert len(self.ports) == units, f"the twin did not start: {self.ready!r}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(self.control))
        self._lines = self._socket.makefile("r")

    @property
    def port(self) -> int:
        """The TCP port of unit 0's daemon."""
        return self.ports[0]

    def bus(self, unit: int = 0) -> str:
        """The path of a unit's end of the RS485 line."""
        return str(self.folder / "line" / f"bus{unit}")

    def say(self, command: str) -> str:
        """One command, one reply."""
        self._socket.sendall(command.encode() + b"\n")
        return self._lines.readline().rstrip("\n")

    def tell(self, command: str) -> None:
        """A command that must be obeyed."""
        assert self.say(command) == "ok", command

    def ask(self, command: str) -> Any:
        """A command that is answered with JSON."""
        return json.loads(self.say(command))

    def traced(self, name: str) -> list[tuple[float, Any]]:
        """When (in seconds) and with which value this happened in the world."""
        return [(at_s, value) for at_s, what, value in self.ask("trace 0")["events"] if what == name]

    def connect(self) -> socket.socket:
        """A raw connection to the daemon."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return raw

    def close(self) -> None:
        """End it as systemd would, and see that it ends well."""
        self._lines.close()
        self._socket.close()
        self.process.terminate()
        output, errors = self.process.communicate(timeout=DEADLINE_S)
        assert (self.process.returncode, output, errors) == (0, "", "")


@contextlib.contextmanager
def running(folder: Path, units: int = 1, *more: str) -> Iterator[Twin]:
    """A twin for as long as the block runs; `more` goes to its command line."""
    twin = Twin(folder, units, *more)
    try:
        yield twin
    finally:
        twin.close()


def command(number: int, p1: int = 0, p2: int = 0, extension: bytes = b"") -> bytes:
    """A command as it goes over the socket."""
    return _HEAD.pack(number, p1, p2, len(extension)) + extension


def words(*values: int) -> bytes:
    """Numbers as an extension."""
    return struct.pack(f"<{len(values)}I", *values)


def exactly(raw: socket.socket, count: int) -> bytes:
    """So many bytes from a connection."""
    got = b""
    while len(got) < count:
        more = raw.recv(count - len(got))
        assert more, f"the daemon hung up after {len(got)} of {count} bytes"
        got += more
    return got


def answer(raw: socket.socket) -> tuple[int, int, int, int, bytes]:
    """The next answer: number, p1, p2, result, data."""
    number, p1, p2, result = _REPLY.unpack(exactly(raw, 16))
    return number, p1, p2, result, exactly(raw, result) if number in WITH_DATA and result > 0 else b""


def result(raw: socket.socket, number: int, p1: int = 0, p2: int = 0, extension: bytes = b"") -> int:
    """Send one command and take the result of its answer."""
    raw.sendall(command(number, p1, p2, extension))
    return answer(raw)[3]
