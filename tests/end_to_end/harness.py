"""Runs the unchanged programs against each other: twin, guard and station as processes in a folder of their own.

A test acts through the twin's control socket as a person would, and waits for what must become true, with a deadline;
it never sleeps for a while and hopes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

DEADLINE_S = 20.0
"""How long anything may take on a loaded machine before it counts as never happening."""
LOOK_S = 0.01
PAUSE_S = 0.05


class Program:
    """One process of ours with its output in a file."""

    def __init__(self, name: str, arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-c", "import sys; from smartevse.cli import main; sys.exit(main())", *arguments]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=dict(environ), cwd=folder
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def text(self) -> str:
        """Everything it has said until now."""
        return self.log.read_text("utf-8", "replace")

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self.process.wait(DEADLINE_S)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Rig:
    """A whole station: start what the test needs, in the order it wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control = folder / "control.sock"
        self.guard_socket = folder / "guard.sock"
        self.state = folder / "state"
        self.config = folder / "smartevse.toml"
        self.programs: list[Program] = []
        self.port = _free_port()
        self._line: socket.socket | None = None
        self._reader: Any = None
        self.configure()

    def configure(self, socket: str = "guard.sock", **panel: str | int) -> None:
        """Write the configuration; `socket` is where the guard is looked for, extra keys go into [panel]."""
        extra = "\n".join(f"{key} = {json.dumps(value)}" for key, value in panel.items())
        self.config.write_text(
            f'[hat]\nport = {self.port}\n[bus]\ndevice = "{self.folder}/bus0"\n[panel]\n{extra}\n'
            f'[guard]\nsocket = "{self.folder / socket}"\n',
            "utf-8",
        )

    def twin(self) -> Program:
        """The simulated hat, car and line, ready to be talked to."""
        program = self._start(
            "twin", "twin", "--pigpio-port", str(self.port), "--bus", str(self.folder), "--control", str(self.control)
        )
        self.until(lambda: "twin ready" in program.text(), "the twin is ready")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(DEADLINE_S)
        self._line.connect(str(self.control))
        self._reader = self._line.makefile("r", encoding="utf-8")
        return program

    def guard(self) -> Program:
        """The safety process."""
        return self._start("guard", "guard", "--config", str(self.config))

    def station(self, **environ: str) -> Program:
        """The station."""
        return self._start("station", "run", "--config", str(self.config), **environ)

    def all(self) -> tuple[Program, Program, Program]:
        """Twin, guard and station, with the station ready."""
        twin, guard = self.twin(), self.guard()
        station = self.station()
        self.until(lambda: "the station is ready" in station.text(), "the station is ready")
        return twin, guard, station

    def settings(self, *arguments: str) -> str:
        """`smartevse settings ...`, and what it prints."""
        program = self._start("settings", "settings", "--config", str(self.config), *arguments)
        assert program.wait() == 0, program.text()
        return program.text()

    def tell(self, *words: str, status: int = 0) -> str:
        """`smartevse tell ...`, and what it prints."""
        program = self._start("tell", "tell", "--config", str(self.config), *words)
        before = program.log.stat().st_size if program.log.exists() else 0
        assert program.wait() == status, program.text()
        return program.log.read_text("utf-8")[before:]

    def do(self, command: str) -> str:
        """One command to the twin's control socket, and its reply."""
        assert self._line is not None, "start the twin first"
        self._line.sendall(command.encode() + b"\n")
        reply = str(self._reader.readline()).rstrip("\n")
        assert not reply.startswith("error:"), f"{command}: {reply}"
        return reply

    def press(self, key: str, seconds: float = 0.05) -> None:
        """Press a key of the panel for a time, and let go of it."""
        self.do(f"press {key} {seconds}")
        self.until(lambda: not any(self.world()["keys"].values()), "the key is up again")
        up_s = float(self.do("now"))
        # Keys bounce: the station takes a shorter pause between two presses for one press.
        self.until(lambda: float(self.do("now")) > up_s + PAUSE_S, "the key was up for a moment")

    def world(self) -> Any:
        """The state of hat, car and line."""
        return json.loads(self.do("state"))

    def lcd(self) -> list[str]:
        """The lines of the display."""
        return [str(line) for line in json.loads(self.do("lcd"))["lines"]]

    def until(self, true: Callable[[], T | None], what: str, within_s: float = DEADLINE_S) -> T:
        """Wait until something holds and return it; fails with everything that the programs said."""
        deadline = time.monotonic() + within_s
        while True:
            found = true()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s:.0f} s: {what}\n{self.report()}")
            time.sleep(LOOK_S)

    def report(self) -> str:
        """What every program said, for a failed test."""
        parts = [f"--- {program.name} ({program.process.poll()})\n{program.text()}" for program in self.programs]
        if self._line is not None and self.programs[0].process.poll() is None:
            parts.append(f"--- world\n{self.do('state')}")
        return "\n".join(parts)

    def close(self) -> None:
        """End everything that was started."""
        if self._line is not None:
            self._reader.close()
            self._line.close()
        for program in reversed(self.programs):
            program.end()

    def _start(self, name: str, *arguments: str, **environ: str) -> Program:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PIGPIO_", "NOTIFY_"))}
        program = Program(name, arguments, self.folder, {**inherited, "STATE_DIRECTORY": str(self.state), **environ})
        self.programs.append(program)
        return program


@contextlib.contextmanager
def rig(folder: Path) -> Iterator[Rig]:
    """A rig that is cleaned up whatever happens."""
    made = Rig(folder)
    try:
        yield made
    finally:
        made.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
