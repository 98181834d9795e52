"""One service of the machine: its process, its state, and how long it is gone after something befell it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Shell(Protocol):
    """A machine to which commands can be given, in a container or virtual."""

    def ask(self, command: str) -> str:
        """What a shell command in the machine prints, whether it succeeds or not."""

    def do(self, command: str) -> str:
        """What a shell command prints that must succeed; raises MachineError."""

    def copy(self, source: Path, place: str) -> None:
        """Put a file into the machine."""


class Plug(Shell, Protocol):
    """A machine whose power can be cut."""

    def cut(self) -> None:
        """It is gone at once; what was not written is lost."""

    def power_on(self) -> None:
        """Boot after a cut."""


def until(condition: Callable[[], bool], within_s: float, every_s: float = 0.03) -> float | None:
    """How long it took until something was so; None: not within this time."""
    since_s = time.monotonic()
    while time.monotonic() - since_s < within_s:
        if condition():
            return time.monotonic() - since_s
        time.sleep(every_s)
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """A unit by its name."""

    machine: Shell
    unit: str

    def show(self, key: str) -> str:
        """One property of `systemctl show`."""
        return self.machine.ask(f"systemctl show {self.unit} --property={key} --value")

    @property
    def pid(self) -> str:
        """The main process, "0" without one."""
        return self.show("MainPID")

    @property
    def ready(self) -> bool:
        """Whether it runs and has said that it is ready."""
        return self.show("ActiveState") == "active"

    def back_after(self, befall: Callable[[], object], within_s: float) -> float | None:
        """Let something befall it; how long until another process of it is ready."""
        before = self.pid
        befall()

        def back() -> bool:
            answer = self.machine.ask(f"systemctl show {self.unit} --property=MainPID --property=ActiveState")
            return f"MainPID={before}" not in answer and "MainPID=0" not in answer and "ActiveState=active" in answer

        return until(back, within_s)

    def signal(self, name: str) -> None:
        """Send its main process a signal."""
        self.machine.do(f"kill -{name} {self.pid}")
