"""Runs the installed programs on any processor; a script: `arm_programs.py charge` in the root, `stories` on the host.

`charge`: twin, guard and station as processes in real time, a car that comes, is charged and goes. The last line tells
how it went; exit status 0 when the car was charged and all three ended as asked.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SCENARIO = (sys.executable, "-c", "import sys; from smartevse.cli import main; sys.exit(main())", "scenario")
PORT = 8888
PATIENCE_S = 120.0
"""An emulated processor is ten to twenty times slower."""


class Bench:
    """The three programs in a folder, and the twin's control socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._config = folder / "smartevse.toml"
        self._config.write_text(
            f'[hat]\nport = {PORT}\n[bus]\ndevice = "{folder}/bus0"\n[guard]\nsocket = "{folder}/guard.sock"\n'
        )
        self._environ = {**os.environ, "STATE_DIRECTORY": str(folder / "state")}
        self.programs: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str) -> None:
        """Start one of them; what it says goes into a file."""
        log = (self._folder / f"{name}.log").open("wb")
        command = ["/usr/bin/smartevse", *words]
        self.programs[name] = subprocess.Popen(command, stdout=log, stderr=log, env=self._environ)

    def twin(self) -> None:
        """The simulated hat, car and line."""
        control = self._folder / "control.sock"
        words = ("--pigpio-port", str(PORT), "--bus", str(self._folder), "--control", str(control))
        self.start("twin", "twin", *words)
        self.until(lambda: "twin ready" in self.said("twin"), "the twin is ready")
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(control))
        self._line = line.makefile("rw", encoding="utf-8")

    def ours(self) -> None:
        """Guard and station."""
        self.start("guard", "guard", "--config", str(self._config))
        self.start("station", "run", "--config", str(self._config))

    def do(self, command: str) -> str:
        """One command to the twin."""
        self._line.write(command + "\n")
        self._line.flush()
        return self._line.readline().strip()

    def said(self, name: str) -> str:
        """What a program has said until now."""
        return (self._folder / f"{name}.log").read_text("utf-8", "replace")

    def until(self, true: Callable[[], bool], what: str) -> float:
        """Wait until something holds; how long it took. Ends the script when it does not come."""
        began_s = time.monotonic()
        while not true():
            if time.monotonic() - began_s > PATIENCE_S:
                said = {name: self.said(name)[-300:] for name in self.programs}
                self.end()
                print(f"not within {PATIENCE_S:g} s: {what}; {json.dumps(said)}")
                sys.exit(1)
            time.sleep(0.05)
        return time.monotonic() - began_s

    def end(self) -> dict[str, int | None]:
        """End all; their exit statuses."""
        for name in ("station", "guard", "twin"):
            if name in self.programs:
                self.programs[name].terminate()
                try:
                    self.programs[name].wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    self.programs[name].kill()
        return {name: program.poll() for name, program in self.programs.items()}


def charge() -> int:
    """A whole charge."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.twin()
        bench.ours()
        ready_s = bench.until(lambda: "the station is ready" in bench.said("station"), "the station is ready")
        for command in ("cable 220", "ev plug", "ev ready"):
            bench.do(command)

        def takes_da() -> int:
            return int(json.loads(bench.do("state"))["currents_da"][0])

        charging_s = bench.until(lambda: takes_da() > 50, "the car takes current")
        most_da = takes_da()
        bench.do("ev unplug")
        bench.until(lambda: "car disconnected" in bench.said("station"), "the car is gone")
        statuses = bench.end()
    print(
        f"ready {ready_s:.0f} s after both were started, {most_da / 10:.1f} A {charging_s:.0f} s after the plug,"
        f" ended with {', '.join(f'{name} {status}' for name, status in statuses.items())}"
    )
    return int(any(statuses[name] != 0 for name in ("guard", "station")))


def stories() -> int:
    """The names of the stories."""
    from smartevse.scenario import library

    print("\n".join(library.names()))
    return 0


if __name__ == "__main__":
    sys.exit({"charge": charge, "stories": stories}[sys.argv[1]]())
