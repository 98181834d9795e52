"""Several complete stations on one simulated RS485 line: one twin with as many hats, a guard and a station for each."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tests.end_to_end.harness import DEADLINE_S, Program, Rig

T = TypeVar("T")


class Several:
    """Unit 0 is the first; each has a folder of its own below `folder`, all share the twin of unit 0."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.rigs = []
        ports = _free_ports(count)
        for number in range(count):
            place = folder / f"unit{number}"
            place.mkdir()
            made = Rig(place)
            made.port = ports + number
            made.config.write_text(
                f'[hat]\nport = {made.port}\n[bus]\ndevice = "{folder}/bus{number}"\n'
                f'[guard]\nsocket = "{place / "guard.sock"}"\n',
                "utf-8",
            )
            self.rigs.append(made)
        self.stations: list[Program] = []

    def twin(self, *more: str) -> None:
        """The hats, their cars and the line; `more` goes to its command line."""
        first = self.rigs[0]
        program = first._start(
            "twin",
            "twin",
            *("--pigpio-port", str(first.port), "--bus", str(self.folder), "--control", str(first.control)),
            *("--units", str(len(self.rigs)), *more),
        )
        first.until(lambda: "twin ready" in program.text(), "the twin is ready")
        first._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        first._line.settimeout(DEADLINE_S)
        first._line.connect(str(first.control))
        first._reader = first._line.makefile("r", encoding="utf-8")

    def start(self) -> None:
        """A guard and a station for each hat."""
        for made in self.rigs:
            made.guard()
        for made in self.rigs:
            self.stations.append(made.station())
        for station in self.stations:
            self.until(lambda: "the station is ready" in station.text(), "all stations are ready")  # noqa: B023

    def do(self, unit: int, command: str) -> str:
        """One command to the hat or car of a unit."""
        return self.rigs[0].do(f"unit {unit} {command}")

    def world(self, unit: int) -> Any:
        """The state of a hat, its car and the line."""
        return json.loads(self.do(unit, "state"))

    def until(self, true: Callable[[], T], what: str, within_s: float = 60.0) -> T:
        """Wait until something holds; fails with what all programs said."""
        try:
            return self.rigs[0].until(true, what, within_s)
        except AssertionError as error:
            more = "\n".join(made.report() for made in self.rigs[1:])
            raise AssertionError(f"{error}\n{more}") from None


@contextlib.contextmanager
def several(folder: Path, count: int) -> Iterator[Several]:
    """That many stations, cleaned up whatever happens."""
    made = Several(folder, count)
    try:
        yield made
    finally:
        for one in reversed(made.rigs):
            one.close()


def _free_ports(count: int) -> int:
    """The first of so many neighbouring ports that are free."""
    for _ in range(50):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for more in range(1, count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port + more))
            except (OSError, OverflowError):
                continue
            return port
    raise AssertionError(f"no {count} neighbouring ports are free")
