"""Memory, processor time and start of the two production processes: `python -m bench.footprint [--seconds N]`.

The unchanged programs against the twin. Memory is RSS with shared pages; processor time is the share of one processor
over the given time, at rest (no car) and charging; the start is from the process to the first heartbeat (guard) and to
the first text on the LCD (station). The baseline is a Python that does nothing. Exit status 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from functools import partial

from bench.rigs import Watched, processor_s, resident_mb, rigs
from tests.end_to_end.harness import Program, Rig

BUDGET_GUARD_MB, BUDGET_STATION_MB = 25.0, 40.0
BUDGET_GUARD_SHARE, BUDGET_STATION_SHARE = 0.08, 0.03
OURS, TWINS = 55, 60
"""SCHED_FIFO priorities with `--undisturbed`: the twin stands for the hat and waits for nobody."""
BUDGET_GUARD_START_S, BUDGET_STATION_START_S = 1.0, 2.5


def share(pids: dict[str, int], seconds: float) -> dict[str, float]:
    """The share of one processor that each process takes over the time."""
    before, began_s = {name: processor_s(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(seconds)
    took_s = time.monotonic() - began_s
    return {name: (processor_s(pid) - before[name]) / took_s for name, pid in pids.items()}


def _shows(rig: Rig, sent: int) -> bool:
    """Whether the LCD got more than `sent` bytes and shows something."""
    return bool(rig.world()["lcd"]["bytes"] > sent) and any(map(str.strip, rig.lcd()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each measurement (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=5, help="starts and restarts to time (default: %(default)s)")
    parser.add_argument(
        "--undisturbed", action="store_true", help="before all other programs of this machine (needs root): as if alone"
    )
    options = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f}{', undisturbed by it' if options.undisturbed else ''}")
    if options.undisturbed:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(OURS))
    rows: list[tuple[str, float, float, str]] = []
    with rigs(1) as (unit,):
        rig = unit.rig
        began_s = time.monotonic()
        idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        time.sleep(0.5)
        print(f"baseline: a Python that sleeps has {resident_mb(idle.pid):.1f} MB")
        idle.kill()
        idle.wait()
        twin = rig.twin()
        if options.undisturbed:
            os.sched_setscheduler(twin.pid, os.SCHED_FIFO, os.sched_param(TWINS))
        guard_start_s, station_start_s = [], []
        for number in range(options.starts):
            unit.mark()
            began_s = time.monotonic()
            guard = rig.guard()
            guard_start_s.append(unit.when("heartbeat_back", 1) - began_s)
            sent = rig.world()["lcd"]["bytes"]
            began_s = time.monotonic()
            station = rig.station()
            rig.until(partial(_shows, rig, sent + 400), "LCD")
            station_start_s.append(time.monotonic() - began_s)
            if number + 1 < options.starts:
                station.stop()
                guard.stop()
        rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
        time.sleep(2)
        pids = {"guard": guard.pid, "station": station.pid}
        rest = share(pids, options.seconds)
        for command in ("cable 220", "ev plug", "ev ready"):
            rig.do(command)
        rig.until(lambda: rig.world()["currents_da"][0] > 50, "the car charges")
        charging = share(pids, options.seconds)
        station_mb = resident_mb(station.pid)
        survived = restarts(unit, options.starts)
        rows += [
            ("guard memory MB", resident_mb(guard.pid), BUDGET_GUARD_MB, ".1f"),
            ("station memory MB", station_mb, BUDGET_STATION_MB, ".1f"),
            ("guard at rest %", rest["guard"] * 100, BUDGET_GUARD_SHARE * 100, ".1f"),
            ("guard charging %", charging["guard"] * 100, BUDGET_GUARD_SHARE * 100, ".1f"),
            ("station at rest %", rest["station"] * 100, BUDGET_STATION_SHARE * 100, ".1f"),
            ("station charging %", charging["station"] * 100, BUDGET_STATION_SHARE * 100, ".1f"),
            ("guard start -> heartbeat s", max(guard_start_s), BUDGET_GUARD_START_S, ".2f"),
            ("station start -> LCD s", max(station_start_s), BUDGET_STATION_START_S, ".2f"),
        ]
        print(f"guard starts s: {sorted(round(s, 2) for s in guard_start_s)}")
        print(f"station starts s: {sorted(round(s, 2) for s in station_start_s)}")
        print(f"the charge went on through {survived} of {options.starts} kills of the station with a restart at once")
    held = True
    for name, value, budget, form in rows:
        held &= value <= budget
        print(f"budget {name:<28} {value:7{form}} <= {budget:5{form}}  {'held' if value <= budget else 'MISSED'}")
    return 0 if held else 1


def _said_more(program: Program, words: str, times: int) -> bool:
    return program.text().count(words) > times


def restarts(unit: Watched, times: int) -> int:
    """How many kills of the station, each with a new one at once, did not touch the charge."""
    rig, survived = unit.rig, 0
    for _ in range(times):
        rig.until(lambda: rig.world()["contactors"]["c1"], "the car charges")
        unit.mark()
        os.kill(rig.programs[-1].pid, signal.SIGKILL)
        rig.programs[-1].wait()
        ready = rig.programs[-1].text().count("the station is ready")
        station = rig.station()  # its lines go into the same file as its predecessor's
        again = partial(_said_more, station, "the station is ready", ready)
        rig.until(again, "the station is back")
        time.sleep(1.0)
        survived += not any(name in ("duty", "c1_cmd") and value in (1000, 0) for _, name, value in unit.events())
    return survived


if __name__ == "__main__":
    sys.exit(main())
