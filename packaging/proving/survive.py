"""Each process killed and stalled while a car charges: when the contactor opened, when all was back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from proving.outside import Twin
from proving.report import Report
from proving.service import Service, until


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may take on this machine, in seconds; the defaults are for one at full speed."""

    open_s: float = 0.5
    killed_s: float = 5.0
    stalled_s: float = 8.0
    station_killed_s: float = 5.0
    station_stalled_s: float = 16.0
    ready_s: float = 20.0
    untouched: bool = True
    """Whether a station that was killed is back before the guard ends the charge."""


def tell(
    report: Report,
    twin: Twin,
    guard: Service,
    station: Service,
    others: Sequence[Service] = (),
    limits: Limits = Limits(),
) -> None:
    """With a car that charges; `others` are further processes without which the guard cannot do its work."""
    before = twin.state()["contactors"]["c1_cycles"]
    back_s = station.back_after(lambda: station.signal("KILL"), 60)
    report.took("station: kill -9, until it is ready again", back_s, limits.station_killed_s)
    if limits.untouched:
        charging(report, twin, "the contactor after that", before)
    else:
        report.took("the car charges again by itself", until(twin.charges, 90), 90)
    back_s = station.back_after(lambda: station.signal("STOP"), 60)
    report.took("station: SIGSTOP, until the watchdog (10 s) has brought it back", back_s, limits.station_stalled_s)
    report.took("the car charges again by itself", until(twin.charges, 90), 90)
    for name, what, limit_s in (("KILL", "kill -9", limits.killed_s), ("STOP", "SIGSTOP", limits.stalled_s)):
        for service in (guard, *others):
            _strike(report, twin, service, name, what, limit_s, guard, station, limits)


def _strike(
    report: Report,
    twin: Twin,
    service: Service,
    name: str,
    what: str,
    limit_s: float,
    guard: Service,
    station: Service,
    limits: Limits,
) -> None:
    until(twin.charges, 90)
    opened: list[float | None] = []

    def strike() -> None:
        pid = service.pid
        since_s = time.monotonic()
        service.machine.do(f"kill -{name} {pid}")
        opened.append(twin.opened_after_s(since_s, 3))

    pid = station.pid
    back_s = service.back_after(strike, 60)
    short = service.unit.removesuffix(".service")
    report.took(
        f"{short}: {what}, until the contactor is open (with {_entry_ms(service):.0f} ms to enter the machine)",
        opened[0],
        limits.open_s,
    )
    report.took(f"{short}: {what}, until it is ready again", back_s, limit_s)
    if service is guard:
        same = station.pid == pid and station.ready
        report.row(
            f"the station after the guard's {what}",
            "the same process, still ready",
            "the same" if same else "another",
            same,
        )
    report.took("the car charges again by itself", until(twin.charges, 90), 90)
    if service is not guard:
        both_s = until(lambda: guard.ready and station.ready, limits.ready_s)
        report.took("the guard and the station are ready again", both_s, limits.ready_s)


def _entry_ms(service: Service) -> float:
    """What it costs to run a command in the machine: it is part of every time that begins with one."""
    since_s = time.monotonic()
    service.machine.do("true")
    return (time.monotonic() - since_s) * 1000


def charging(report: Report, twin: Twin, what: str, cycles: int) -> None:
    """One line: the contactor is closed, and was all the time since it had switched so often."""
    contactors = twin.state()["contactors"]
    held = contactors["c1"] and contactors["c1_cycles"] == cycles
    report.row(
        what, "never opened", f"closed: {contactors['c1']}, switched {contactors['c1_cycles'] - cycles} times", held
    )
