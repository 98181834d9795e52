"""What the chapters of the virtual machine share: the three services, the twin, and what holds of them at any time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from proving.outside import Twin
from proving.report import Report
from proving.service import Service, until
from proving.vm.machine import VirtualMachine

GUARD, STATION, PIGPIOD = "smartevse-guard.service", "smartevse.service", "pigpiod.service"
CONFIG = "/etc/smartevse/smartevse.toml"
CHARGE_S = 90.0
TRIALS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """The machine with its services, the twin outside, and the page that is written."""

    report: Report
    machine: VirtualMachine
    twin: Twin
    guard: Service
    station: Service
    pigpiod: Service | None
    """None where the machine has none."""

    def ready(self, within_s: float = 90.0) -> float | None:
        """How long until both services are ready; None: not within this time."""
        return until(lambda: self.guard.ready and self.station.ready, within_s, 0.2)

    def charge(self, within_s: float = CHARGE_S) -> float | None:
        """How long until the contactor is closed, and still is a little later."""
        return until(lambda: self.twin.charges() and until(lambda: not self.twin.charges(), 2, 0.1) is None, within_s)

    def charges_again(self) -> None:
        """One line."""
        self.report.took("the car charges again by itself", self.charge(), CHARGE_S)

    def untouched(self, what: str, befall: Callable[[], object]) -> None:
        """Let something befall the machine; two lines that neither the contactor nor a process of ours noticed."""
        self.charge()
        before, cycles = self.processes(), self.cycles()
        mark = self.twin.mark()
        befall()
        events = self.twin.events(mark)
        contactor = self.twin.charges() and self.cycles() == cycles
        seen = f"closed: {self.twin.charges()}, switched {self.cycles() - cycles} times"
        late = [name for _, name, _ in events if name == "heartbeat_lost"]
        if events:
            seen += f"; {len(late)} heartbeats late, " + ", ".join(name for _, name, _ in events[:4])
        self.report.row(f"{what}: the contactor", "never opened", seen, contactor)
        after = self.processes()
        seen = "the same, no restart" if after == before else f"{before} before, {after} after"
        self.report.row(f"{what}: guard and station", "the same processes", seen, after == before)

    def processes(self) -> str:
        """The processes of both services and how often systemd has restarted them."""
        keys = "--property=MainPID --property=NRestarts"
        return " ".join(self.machine.ask(f"systemctl show {GUARD} {STATION} {keys}").split())

    def stood_still(self) -> list[int]:
        """How long the machine itself stood still since its start, each time in ms: the referee's word."""
        return [int(line) for line in self.machine.ask("cat /run/referee").split()]

    def cycles(self) -> int:
        """How often the contactor has switched since the twin was started."""
        return int(self.twin.state()["contactors"]["c1_cycles"])


def fairly(place: Place, chapter: Callable[[Place], None]) -> None:
    """One chapter; played again where a line does not hold and the machine itself stood still meanwhile."""
    for number in range(1, TRIALS + 1):
        trial = Report()
        before = len(place.stood_still())
        chapter(replace(place, report=trial))
        still = place.stood_still()[before:]
        if not trial.broken or not still or number == TRIALS:
            break
        print(f"once more, for the machine stood still: {still} ms", flush=True)
    if number > 1:
        times = f"{number} times; in the last one it stood still for {still or 'no'} ms"
        trial.row("played again, as the machine itself had stood still", "told", times, True)
    place.report.adopt(trial)


def native(page: Path, what: str) -> str:
    """The time that a line of the container's page tells for the same thing; empty without one."""
    try:
        lines = page.read_text("utf-8").splitlines()
    except OSError:
        return ""
    found = (re.search(r"\| ([\d.]+ s)", line) for line in lines if line.startswith(f"| {what}"))
    return next((match.group(1) for match in found if match), "")
