"""Hours in real time: `python -m bench.endurance --minutes 120`, then `python -m bench.endurance --write`.

The unchanged guard, station and twin run as processes while cars come and go, settings are written, meters fall
silent, and faults come and are healed (`bench.life`). Every 10 s a sample is taken of memory, file handles, threads,
processor time and bytes written, and goes into a file at once: a run that is cut short is judged like a whole one.
`--write` judges a file
of samples and makes `docs/endurance.md` with its picture. Exit status 1 when something grows or a program ended.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from bench.endurance_page import write
from bench.life import Life
from bench.rigs import processor_s
from tests.end_to_end.harness import Program, rig

EVERY_S = 10.0
TWIN_PRIORITY = 60
LOST = 1
"""The exit status of guard and station when pigpiod (the twin) did not answer in time: systemd starts them again."""
SAMPLES = Path("endurance.jsonl")


def sample(pid: int) -> dict[str, float]:
    """What one process holds and has used."""
    root = Path(f"/proc/{pid}")
    memory = _fields(root / "smaps_rollup")
    written = _fields(root / "io")
    return {
        "rss_kb": memory["Rss"],
        "pss_kb": memory["Pss"],
        "private_kb": memory["Private_Dirty"] + memory["Private_Clean"],
        "handles": len(list((root / "fd").iterdir())),
        "threads": len(list((root / "task").iterdir())),
        "cpu_s": processor_s(pid),
        "written_bytes": written["wchar"],
        "dirtied_bytes": written["write_bytes"],
    }


def _fields(path: Path) -> dict[str, int]:
    """The "name: number" lines of a file of /proc."""
    found = {}
    for line in path.read_text().splitlines():
        name, _, rest = line.partition(":")
        if rest.split() and rest.split()[0].isdigit():
            found[name] = int(rest.split()[0])
    return found


class Log:
    """The file of samples: one JSON object a line, flushed at once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._began_s = time.monotonic()

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began_s

    def add(self, **what: Any) -> None:
        """One line, with its time."""
        self._file.write(json.dumps({"at_s": round(self.now_s, 2), **what}) + "\n")
        self._file.flush()


def run(minutes: float, seed: int, path: Path) -> bool:
    """Run the station for that long; whether all programs lived and none of them told of an error of ours."""
    log = Log(path)
    with (
        tempfile.TemporaryDirectory(prefix="smartevse-endurance-") as folder,
        tempfile.TemporaryDirectory(prefix="smartevse-run-", dir="/dev/shm") as in_memory,
        rig(Path(folder)) as station_rig,
    ):
        os.environ.update(MALLOC_ARENA_MAX="1", MALLOC_MMAP_THRESHOLD_="131072")  # as the station's unit has it
        station_rig.configure(socket=f"{in_memory}/guard.sock")  # in memory, as /run is: the recorder lies beside it
        station_rig.settings("set", "EV METER", "Eastron")
        station_rig.programs.clear()
        twin, guard, station = station_rig.all()
        with contextlib.suppress(PermissionError):  # it stands for the hat, which is never late
            os.sched_setscheduler(twin.pid, os.SCHED_FIFO, os.sched_param(TWIN_PRIORITY))
        programs: tuple[Program, ...] = (guard, station, twin)
        log.add(seed=seed, minutes=minutes, wall=time.time(), versions=sys.version.split()[0])
        life = Life(station_rig, Random(seed), lambda act: log.add(act=act))
        life.begin()
        ends_s, sample_s, act_s = log.now_s + minutes * 60, log.now_s, log.now_s + 5.0
        while log.now_s < ends_s:
            gone = [program for program in programs if program.process.poll() is not None]
            if any(program.process.poll() != LOST or program is twin for program in gone):
                what = ", ".join(f"{program.name} ended ({program.process.poll()})" for program in gone)
                log.add(ended=what, said=station_rig.report()[-4000:])
                return False
            for program in gone:  # as systemd does when the machine stood still for too long
                log.add(restarted=program.name, load=os.getloadavg()[0])
                again = station_rig.guard() if program.name == "guard" else station_rig.station()
                station_rig.programs.remove(program)
                programs = tuple(again if old is program else old for old in programs)
            if log.now_s >= sample_s:
                load, state = os.getloadavg()[0], station_rig.world()
                try:
                    looks = {program.name: sample(program.pid) for program in programs}
                except (FileNotFoundError, ProcessLookupError):
                    continue  # one has just ended
                log.add(load=load, charging=bool(state["contactors"]["c1"]), **looks)
                sample_s += EVERY_S
            if log.now_s >= act_s:
                try:
                    act_s = log.now_s + life.turn()
                except AssertionError as error:  # the machine stood still for longer than the harness waits
                    log.add(missed=str(error)[:400])
                    act_s = log.now_s + EVERY_S
            time.sleep(max(0.01, min(sample_s, act_s) - log.now_s))
        said = {program.name: program.text() for program in programs}
        lines = {name: len(text.splitlines()) for name, text in said.items()}
        errors = [name for name, text in said.items() if "Traceback" in text]
        log.add(done=True, lines=lines, errors=errors)
        path.with_suffix(".station.log").write_text(said["station"], "utf-8")
        return not errors


def main() -> int:
    """Run or judge; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path, default=SAMPLES, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--write", action="store_true", help="run nothing: judge the file, write docs/endurance.md")
    options = parser.parse_args()
    if options.write:
        return 0 if write(options.samples) else 1
    lived = run(options.minutes, options.seed, options.samples)
    print(f"{options.samples}: {'all programs lived' if lived else 'a program ended or failed'}")
    return 0 if lived else 1


if __name__ == "__main__":
    sys.exit(main())
