"""Power cuts at random moments, a full disk and one that is read-only: what the owner set is the old or the new."""

from __future__ import annotations

import time
from random import Random
from statistics import median

from proving.machine import Machine
from proving.outside import Twin
from proving.report import Report
from proving.service import Service, until

STATE = "/var/lib/smartevse"
CUTS = 50
SEED = 1
WRITER = (
    "i=6; while :; do smartevse settings set MAX $i >/dev/null && echo $i >/root/said; i=$((i % 32 + 1));"
    " [ $i -ge 6 ] || i=6; done"
)
"""Sets MAX to one number after the other, 6 to 32, and notes each that was accepted."""
SOUND = (
    "python3 -c \"import sqlite3; print(sqlite3.connect('/var/lib/smartevse/settings.db')"
    ".execute('PRAGMA integrity_check').fetchone()[0])\""
)


def tell(report: Report, machine: Machine, twin: Twin, guard: Service, station: Service) -> None:
    """With a car that charges from the beginning; each chapter leaves it so."""
    for word in ("unplug", "plug", "ready"):
        twin.say(f"ev {word}")
    _cuts(report, machine, twin, guard, station)
    _full(report, machine, twin, station)
    _read_only(report, machine, twin, station)


def _cuts(report: Report, machine: Machine, twin: Twin, guard: Service, station: Service) -> None:
    report.chapter = f"{CUTS} power cuts while charging and while a setting is written"
    draw = Random(SEED)
    opened_ms: list[float] = []
    ready_s: list[float] = []
    wrong: list[str] = []
    for number in range(CUTS):
        if until(twin.charges, 60) is None:
            wrong.append(f"cut {number}: the car did not charge before it")
            break
        machine.ask(f"systemd-run --quiet --unit=writer bash -c '{WRITER}'")
        until(lambda: bool(machine.ask("cat /root/said 2>/dev/null")), 20)
        time.sleep(draw.uniform(0.0, 1.5))
        since_s = time.monotonic()
        machine.cut()
        seen = twin.opened_after_s(since_s, 3)
        if seen is None:
            wrong.append(f"cut {number}: the contactor stayed closed")
        else:
            opened_ms.append(seen * 1000)
        since_s = time.monotonic()
        machine.power_on()
        if until(lambda: guard.ready and station.ready, 60) is None:
            lines = machine.ask("journalctl --boot --no-pager --output=cat --priority=warning | tail -n 12")
            wrong.append(f"cut {number}: the services did not come back: {lines}")
            break
        ready_s.append(time.monotonic() - since_s)
        said = int(machine.ask("cat /root/said") or 0)
        following = 6 if said >= 32 else said + 1
        value = machine.ask("smartevse settings get MAX")
        if value not in (f"{said} A", f"{following} A"):
            wrong.append(f"cut {number}: MAX is {value}, {said} A was accepted last")
        sound = machine.ask(SOUND)
        if sound != "ok":
            wrong.append(f"cut {number}: the database is not intact: {sound}")
    cuts = f"{len(opened_ms)} cuts, seed {SEED}"
    report.row(
        "settings after each",
        "the old or the new, database intact",
        "; ".join(wrong) or f"old or new and intact ({cuts})",
        not wrong and len(opened_ms) == CUTS,
    )
    if opened_ms and ready_s:
        figures = f"p50 {median(opened_ms):.0f} ms, max {max(opened_ms):.0f} ms, seen every 5 ms from outside"
        report.row("contactor open after the cut", "within 250 ms", figures, max(opened_ms) <= 250)
        figures = f"p50 {median(ready_s):.1f} s, max {max(ready_s):.1f} s"
        report.row("both ready again after power on", "within 30 s", figures, max(ready_s) <= 30)


def _full(report: Report, machine: Machine, twin: Twin, station: Service) -> None:
    report.chapter = "Full disk"
    until(twin.charges, 60)
    machine.do("smartevse settings set MAX 20")
    cycles = twin.state()["contactors"]["c1_cycles"]
    machine.ask("dd if=/dev/zero of=/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/fill2 bs=1 2>/dev/null")
    refused = machine.ask("smartevse settings set MAX 12 2>&1; echo status $?")
    held = "status 1" in refused and "Traceback" not in refused
    report.row("smartevse settings set MAX 12", "refused with a sentence", refused, held)
    _goes_on(report, machine, twin, cycles, "20 A")
    back = station.back_after(lambda: station.signal("KILL"), 30)
    report.took("the station after kill -9, the disk still full", back, 10)
    machine.do("rm -f /fill /fill2")
    value = machine.ask("smartevse settings set MAX 12 >/dev/null; smartevse settings get MAX")
    report.row("with room again", "is set", value, value == "12 A")


def _read_only(report: Report, machine: Machine, twin: Twin, station: Service) -> None:
    report.chapter = "The owner's folder read-only, as after an error of the card"
    until(twin.charges, 60)
    cycles = twin.state()["contactors"]["c1_cycles"]
    machine.do(f"mount --bind {STATE} {STATE}; mount -o remount,bind,ro {STATE}")
    refused = machine.ask("smartevse settings set MAX 21 2>&1; echo status $?")
    held = "status 1" in refused and "Traceback" not in refused
    report.row("smartevse settings set MAX 21", "refused with a sentence", refused, held)
    _goes_on(report, machine, twin, cycles, "12 A")
    back = station.back_after(lambda: station.signal("KILL"), 30)
    report.took("the station after kill -9, the folder still read-only", back, 10)
    machine.do(f"umount --lazy {STATE}")


def _goes_on(report: Report, machine: Machine, twin: Twin, cycles: int, value: str) -> None:
    kept = machine.ask("smartevse settings get MAX")
    report.row("what was set before", value, kept, kept == value)
    contactors = twin.state()["contactors"]
    held = contactors["c1"] and contactors["c1_cycles"] == cycles
    report.row("the charge", "goes on", "goes on" if held else "was interrupted", held)
