"""A whole station on a table: twin, guard and station as real processes in a temporary folder of their own.

The programs are the unchanged ones; they find each other by a configuration file, as on a Raspberry Pi. The rig is
also their service manager in miniature: what ends by itself is started again, as long as pigpiod is there.
"""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smartevse.twin.demo_control import ControlClient, ControlError
from smartevse.twin.demo_process import Process

START_S = 30.0
"""The programs must be ready within this time, also on a small Pi."""
LOOK_S = 0.02
RESTART_S = {"guard": 1.0, "station": 0.2}
"""The pause before a program that ended by itself is started again: RestartSec of its systemd unit."""
CABLE_OHM = 220
"""The cable in the socket at the start: 32 A (hat interface, "Proximity pilot")."""
OWNER: Mapping[str, str] = {"MAX": "32", "EV METER": "Eastron"}
"""What the demo's owner has set in the menu: 32 A, and the meter that the twin has on its RS485 line."""
_LONGEST_FOLDER = 90
"""The name of a Unix socket has at most 107 characters."""
_READY = re.compile(r"twin ready: pigpiod 127\.0\.0\.1:(\d+)")
_STAMP = re.compile(r"^(?:\d\d:\d\d:\d\d )?(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+")


class RigError(Exception):
    """The demo cannot run; the text is one sentence: what, why, what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal: who said it, how serious it is ("info", "warning", "error"), and the text."""

    source: str
    level: str
    text: str


def parse_line(source: str, text: str) -> Line:
    """A program's line without its own time stamp; the source stands for the program's name in it."""
    found = _STAMP.match(text)
    level = found["level"].lower() if found else "info"
    return Line(source, level, text[found.end() :] if found else text.removeprefix(f"{source}: "))


class Rig:
    """Start with `with Rig() as rig:`; whatever happens inside, all processes and the folder are gone behind it."""

    def __init__(self, owner: Mapping[str, str] = OWNER, place: Path | None = None) -> None:
        """`owner`: what is set in the menu at the start, by the manual's names; `place`: where the folder is made."""
        self._owner = owner
        self.folder = Path(tempfile.mkdtemp(prefix="smartevse-demo-", dir=place))
        self.control_path = self.folder / "control.sock"
        self._config = self.folder / "smartevse.toml"
        self._processes: dict[str, Process] = {}
        self._unwanted: set[str] = set()
        """Programs that the person ended; they stay away until the person starts them."""
        self._again_at_s: dict[str, float] = {}
        self._stopped: set[str] = set()
        self.pigpiod = True
        """Whether pigpiod's face of the twin is there; the panel keeps this up to date."""
        self.journal: list[Line] = []
        """Everything that was said; grows at its end only."""

    def __enter__(self) -> Rig:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        if len(str(self.folder)) > _LONGEST_FOLDER:
            raise RigError(
                f"the temporary folder {self.folder} has too long a name for sockets: set TMPDIR to a short one"
            )
        twin = self._run("twin", "--pigpio-port", "0", "--bus", str(self.folder), "--control", str(self.control_path))
        port = self._await("twin", twin, _READY).group(1)
        self._config.write_text(
            f'[hat]\nbackend = "pigpio"\nhost = "127.0.0.1"\nport = {port}\n\n'
            f'[bus]\ndevice = "{self.folder}/bus0"\n\n[panel]\nlcd = "i2c-20x4"\n\n'
            f'[guard]\nsocket = "{self.folder}/guard.sock"\n',
            "utf-8",
        )
        client = self.client()
        client.do(f"cable {CABLE_OHM}")
        client.do("bus sensorbox p1")
        client.close()
        guard = self.start("guard")
        self.settings("set", *(word for pair in self._owner.items() for word in pair))
        self._await("guard", guard, re.compile("ready"))
        self._await("station", self.start("station"), re.compile("the station is ready"))

    def client(self) -> ControlClient:
        """A new connection to the twin's control socket."""
        try:
            return ControlClient(self.control_path)
        except ControlError as error:
            raise RigError(str(error)) from error

    def settings(self, *arguments: str) -> list[str]:
        """Run `smartevse settings ...`; the lines that it printed. Raises RigError with its sentence if it refuses."""
        process = Process("settings", ("settings", "--config", str(self._config), *arguments), self.folder)
        status, lines = process.wait(), process.new_lines()
        if status:
            raise RigError(" ".join(lines) or f"smartevse settings ended with status {status}")
        return lines

    def start(self, name: str) -> Process:
        """Start the guard or the station (again); both take the same configuration file."""
        self._unwanted.discard(name)
        self._stopped.discard(name)
        self._again_at_s.pop(name, None)
        words = {"guard": "guard", "station": "run"}
        return self._run(name, "--config", str(self._config), word=words[name])

    def kill(self, name: str) -> None:
        """End a program at once, as a crash would (SIGKILL); it stays away until `start`."""
        self._unwanted.add(name)
        self._processes[name].signal(signal.SIGKILL)

    def stall(self, name: str, on: bool) -> None:
        """Stop a program in its tracks (SIGSTOP), or let it go on."""
        self._processes[name].signal(signal.SIGSTOP if on else signal.SIGCONT)
        (self._stopped.add if on else self._stopped.discard)(name)

    def condition(self, name: str) -> str:
        """How a program is: "runs", "stalled" or "ended"."""
        process = self._processes.get(name)
        if process is None or process.status is not None:
            return "ended"
        return "stalled" if name in self._stopped else "runs"

    def pid(self, name: str) -> int:
        """The process id of a program."""
        return self._processes[name].pid

    def look(self, now_s: float) -> None:
        """Collect what was said and bring back what ended by itself; call it some times a second, monotonic time."""
        for name, process in self._processes.items():
            self._collect(name, process)
            if process.status is None or name in self._unwanted or name not in RESTART_S:
                continue
            if name not in self._again_at_s:
                self._again_at_s[name] = now_s + RESTART_S[name]
                self.say(f"the {name} ended with status {process.status}", "warning")
        if self.pigpiod:
            for name in [name for name, at_s in self._again_at_s.items() if at_s <= now_s]:
                self.start(name)

    def say(self, text: str, level: str = "info") -> None:
        """Put a line of the demo itself into the journal."""
        self.journal.append(Line("demo", level, text))

    def close(self) -> None:
        """End everything: first who drives the hat, then the hat, then the folder."""
        for names in (("station", "guard"), ("twin",)):
            ending = [self._processes[name] for name in names if name in self._processes]
            for process in ending:
                process.ask_to_end()
            for process in ending:
                process.wait()
        for name, process in self._processes.items():
            self._collect(name, process)
        self._processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str, word: str | None = None) -> Process:
        before = self._processes.get(name)
        if before is not None:
            before.ask_to_end()
            before.wait()
            self._collect(name, before)
        process = Process(name, (word or name, *arguments), self.folder)
        self._processes[name] = process
        return process

    def _collect(self, name: str, process: Process) -> None:
        # Everybody's files are in one folder: its name says nothing and fills the line.
        self.journal += [parse_line(name, text.replace(f"{self.folder}/", "")) for text in process.new_lines()]

    def _await(self, name: str, process: Process, wanted: re.Pattern[str]) -> re.Match[str]:
        """Wait for a line of the program. Raises RigError with what it said when it ends or says nothing like it."""
        deadline_s = time.monotonic() + START_S
        since = len(self.journal)
        while time.monotonic() < deadline_s:
            ended = process.status is not None
            self._collect(name, process)
            for line in self.journal[since:]:
                if line.source == name and (found := wanted.search(line.text)):
                    return found
            if ended:
                break
            time.sleep(LOOK_S)
        said = _last(name, self.journal[since:]) or f"it said nothing for {START_S:.0f} s"
        raise RigError(f"the {name} did not start: {said}")


def _last(name: str, lines: Sequence[Line]) -> str:
    """The last thing that a program said."""
    return next((line.text for line in reversed(lines) if line.source == name), "")
