"""Power cuts at random moments, a full disk and one that is read-only: what the owner set is the old or the new."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from statistics import median

from proving.machine import Machine
from proving.outside import Twin
from proving.report import Report
from proving.service import Plug, Service, Shell, until

STATE = "/var/lib/smartevse"
CUTS = 50
SEED = 1
SAID = "echo $i >/srv/said"
SOUND = (
    "python3 -c \"import sqlite3; print(sqlite3.connect('/var/lib/smartevse/settings.db')"
    ".execute('PRAGMA integrity_check').fetchone()[0])\""
)


def writer(note: str) -> str:
    """A script that sets MAX to one number after the other, 6 to 32, and notes each ($i) that was accepted."""
    return (
        f"i=6; while :; do smartevse settings set MAX $i >/dev/null && {note}; i=$((i % 32 + 1));"
        " [ $i -ge 6 ] || i=6; done"
    )


@dataclass(frozen=True, slots=True)
class Cuts:
    """How the power is cut on this machine."""

    said: Callable[[], str]
    """The number that was accepted last, as it is known after the cut; empty for none."""
    note: str = SAID
    """How the writer makes that known."""
    count: int = CUTS
    after_s: float = 1.5
    """A cut comes at a random moment, up to so long after the first number was accepted."""
    supply_ms: float = 250.0
    contacts_ms: float = 300.0
    ready_s: float = 30.0
    dead: Callable[[], object] = lambda: None
    """What else goes with the power, outside."""


@dataclass(slots=True)
class _Seen:
    supply_ms: list[float] = field(default_factory=list)
    contacts_ms: list[float] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    open_before: int = 0
    helped: list[str] = field(default_factory=list)


def tell(report: Report, machine: Machine, twin: Twin, guard: Service, station: Service) -> None:
    """With a car that charges from the beginning; each chapter leaves it so."""
    for word in ("unplug", "plug", "ready"):
        twin.say(f"ev {word}")
    cuts(report, machine, twin, guard, station, Cuts(lambda: machine.ask("cat /srv/said")))
    full(report, machine, twin, station)
    _read_only(report, machine, twin, station)


def cuts(report: Report, machine: Plug, twin: Twin, guard: Service, station: Service, how: Cuts) -> None:
    """One chapter: the power goes while a car charges and a setting is written, again and again."""
    report.chapter = f"{how.count} power cuts while charging and while a setting is written"
    draw = Random(SEED)
    seen = _Seen()
    for number in range(how.count):
        if not _charging(twin, seen):
            seen.wrong.append(f"cut {number}: the car did not charge before it, the display says {twin.shown()}")
            break
        _cut(machine, twin, how, draw.uniform(0.0, how.after_s), number, seen)
        since_s = time.monotonic()
        machine.power_on()
        if until(lambda: guard.ready and station.ready, 2 * how.ready_s, 0.2) is None:
            lines = machine.ask("journalctl --boot --no-pager --output=cat --priority=warning | tail -n 12")
            seen.wrong.append(f"cut {number}: the services did not come back: {lines}")
            break
        seen.ready_s.append(time.monotonic() - since_s)
        _check(machine, how, number, seen)
        print(f"cut {number}: ready after {seen.ready_s[-1]:.1f} s", flush=True)
    _tell(report, how, seen)


def _cut(machine: Plug, twin: Twin, how: Cuts, wait_s: float, number: int, seen: _Seen) -> None:
    before = how.said()
    machine.ask(f"systemd-run --quiet --unit=writer bash -c '{writer(how.note)}'")
    until(lambda: how.said() not in ("", before), 60)
    time.sleep(wait_s)
    _charging(twin, seen)
    mark = twin.mark()
    since_s = time.monotonic()
    machine.cut()
    for name, list_ms in (("supply", seen.supply_ms), ("c1_contacts", seen.contacts_ms)):
        off_s = twin.off_after_s(name, mark, since_s, 1)
        if off_s is not None:
            list_ms.append(off_s * 1000)
    if twin.charges():
        seen.wrong.append(f"cut {number}: the contactor stayed closed")
    elif len(seen.contacts_ms) + seen.open_before <= number:
        seen.open_before += 1
    how.dead()


def _charging(twin: Twin, seen: _Seen) -> bool:
    """Wait until the contactor is closed; where that needs a person, press a button and note what the display said."""
    for _ in range(3):
        if until(twin.charges, 60) is not None:
            return True
        seen.helped.append(twin.shown())
        twin.say("press o 0.3")
    return until(twin.charges, 60) is not None


def _check(machine: Plug, how: Cuts, number: int, seen: _Seen) -> None:
    said = int(how.said() or 0)
    following = 6 if said >= 32 else said + 1
    value = machine.ask("smartevse settings get MAX")
    if value not in (f"{said} A", f"{following} A"):
        seen.wrong.append(f"cut {number}: MAX is {value}, {said} A was accepted last")
    sound = machine.ask(SOUND)
    if sound != "ok":
        seen.wrong.append(f"cut {number}: the database is not intact: {sound}")


def _tell(report: Report, how: Cuts, seen: _Seen) -> None:
    done = f"{len(seen.contacts_ms) + seen.open_before} cuts, seed {SEED}"
    report.row(
        "settings after each",
        "the old or the new, database intact",
        "; ".join(seen.wrong) or f"old or new and intact ({done})",
        not seen.wrong and len(seen.contacts_ms) + seen.open_before == how.count,
    )
    seen_open = f"{len(seen.contacts_ms)}; in {seen.open_before} it was open already, for another reason"
    report.row("cuts that met a closed contactor", "told", seen_open, True)
    if seen.helped:
        report.row("how often a charge began only after a button", "told", f"{len(seen.helped)}: {seen.helped}", True)
    for what, list_ms, limit_ms in (
        ("the hat takes the contactor's supply away", seen.supply_ms, how.supply_ms),
        ("the contactor's contacts are open", seen.contacts_ms, how.contacts_ms),
    ):
        if list_ms:
            figures = f"p50 {median(list_ms):.0f} ms, max {max(list_ms):.0f} ms after the cut, in the hat's own time"
            report.row(what, f"within {limit_ms:.0f} ms", figures, max(list_ms) <= limit_ms)
    if seen.ready_s:
        figures = f"p50 {median(seen.ready_s):.1f} s, max {max(seen.ready_s):.1f} s"
        report.row(
            "both ready again after power on", f"within {how.ready_s:g} s", figures, max(seen.ready_s) <= how.ready_s
        )


def full(report: Report, machine: Shell, twin: Twin, station: Service, back_s: float = 10.0) -> None:
    """One chapter: not a byte is free."""
    report.chapter = "Full disk"
    until(twin.charges, 60)
    machine.do("smartevse settings set MAX 20")
    cycles = twin.state()["contactors"]["c1_cycles"]
    machine.ask("dd if=/dev/zero of=/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/fill2 bs=1 2>/dev/null")
    refused = machine.ask("smartevse settings set MAX 12 2>&1; echo status $?")
    held = "status 1" in refused and "Traceback" not in refused
    report.row("smartevse settings set MAX 12", "refused with a sentence", refused, held)
    goes_on(report, machine, twin, cycles, "20 A")
    back = station.back_after(lambda: station.signal("KILL"), 3 * back_s)
    report.took("the station after kill -9, the disk still full", back, back_s)
    machine.do("rm -f /fill /fill2")
    value = machine.ask("smartevse settings set MAX 12 >/dev/null; smartevse settings get MAX")
    report.row("with room again", "is set", value, value == "12 A")


def _read_only(report: Report, machine: Shell, twin: Twin, station: Service) -> None:
    report.chapter = "The owner's folder read-only, as after an error of the card"
    until(twin.charges, 60)
    cycles = twin.state()["contactors"]["c1_cycles"]
    machine.do(f"mount --bind {STATE} {STATE}; mount -o remount,bind,ro {STATE}")
    refused = machine.ask("smartevse settings set MAX 21 2>&1; echo status $?")
    held = "status 1" in refused and "Traceback" not in refused
    report.row("smartevse settings set MAX 21", "refused with a sentence", refused, held)
    goes_on(report, machine, twin, cycles, "12 A")
    back = station.back_after(lambda: station.signal("KILL"), 30)
    report.took("the station after kill -9, the folder still read-only", back, 10)
    machine.do(f"umount --lazy {STATE}")


def goes_on(report: Report, machine: Shell, twin: Twin, cycles: int, value: str) -> None:
    """Two lines: what was set is still known, and the charge was never interrupted."""
    kept = machine.ask("smartevse settings get MAX")
    report.row("what was set before", value, kept, kept == value)
    contactors = twin.state()["contactors"]
    held = contactors["c1"] and contactors["c1_cycles"] == cycles
    report.row("the charge", "goes on", "goes on" if held else "was interrupted", held)
