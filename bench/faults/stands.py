"""Plays the rows of the real processes: rigs side by side, each on a small file system where that is allowed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random

from bench.faults.deeds import DisturbedError
from bench.faults.real import RealOutcome, RealRow, play
from bench.faults.referee import Referee, referee
from bench.faults.stand import Stand
from bench.rigs import Watched
from tests.end_to_end.harness import rig

RUNTIME_SIZE, STATE_SIZE = "24m", "4m"
TWIN_PRIORITY = 40
SOURCE = Path(__file__).parent / "wall_clock.c"


def wall_clock(folder: Path) -> Path | None:
    """The library that gives a process a wall clock of its own; None without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = folder / "wall_clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(made), str(SOURCE)], check=True)
    return made


def like_hardware(pid: int) -> None:
    """Let nothing on this machine but the guard (priority 50) keep the twin waiting: a hat does not stall."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(TWIN_PRIORITY))


@contextlib.contextmanager
def _small(folder: Path, size: str) -> Iterator[bool]:
    """A small file system on the folder; whether it could be mounted."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "smartevse-bench", str(folder)], capture_output=True, check=False
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


Job = tuple[RealRow, str]
KINDS = ((False, False), (True, False), (False, True))
"""Kinds of rigs: with the real station, with a wall clock of its own for the guard."""


class Matrix:
    """What is to be played, and what came of it."""

    def __init__(self, rows: Sequence[RealRow], repeat: int, seed: str, library: Path | None) -> None:
        self.outcomes: list[RealOutcome] = []
        self.left_out: set[str] = set()
        self.disturbed = 0
        """Trials that had to be made again, because the machine kept the bench itself waiting or stood still."""
        self._referee = Referee()
        self._seed = seed
        self._library = library
        self._jobs: dict[tuple[bool, bool], SimpleQueue[Job]] = {kind: SimpleQueue() for kind in KINDS}
        random = Random(seed)
        for turn in range(max([repeat, *(row.times for row in rows)])):
            for row in rows:
                if turn >= max(repeat, row.times):
                    continue
                clock = row.needs == "wall clock"
                if clock and library is None:
                    self.left_out.add(f"{row.fault}: no C compiler for the library that turns a process's wall clock")
                    continue
                moment = row.moments[(turn + random.randrange(3)) % len(row.moments)]
                self._jobs[row.station, clock].put((row, moment))

    def run(self, rigs: int) -> None:
        """Play everything on so many rigs at once."""
        with referee() as self._referee:
            threads = [threading.Thread(target=self._work, args=(number,)) for number in range(rigs)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _work(self, number: int) -> None:
        """One thread: each begins with another kind of rig."""
        first = (0, 1, 0, 2)[number % 4]
        random = Random(f"{self._seed}/{number}")
        for kind in (KINDS[first], *KINDS):
            while not self._jobs[kind].empty():
                self._rig(kind, random)

    def _rig(self, kind: tuple[bool, bool], random: Random) -> None:
        """One rig plays jobs until none is left, or until something went wrong on it."""
        real_station, clock = kind
        jobs = self._jobs[kind]
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smartevse-faults-")))
            mounted = stack.enter_context(_small(folder, RUNTIME_SIZE))
            mounted &= stack.enter_context(_small(folder / "state", STATE_SIZE))
            made = stack.enter_context(rig(folder))
            like_hardware(made.twin().pid)
            for command in ("cable 220", "ev set start_delay_s 0", "ev set releases_s 3", "ev set soc 0.1"):
                made.do(command)
            stand = Stand(Watched(made), random, real_station, self._library if clock else None)
            stack.callback(stand.end)
            while True:
                try:
                    row, moment = jobs.get_nowait()
                except Empty:
                    return
                if row.needs == "tmpfs" and not mounted:
                    self.left_out.add(f"{row.fault}: no right to mount a small file system")
                    continue
                began_s = time.monotonic()
                try:
                    outcome = play(stand, row, moment)
                    if outcome.wrong and self._referee.stood_still_since(began_s):
                        raise DisturbedError
                except DisturbedError:
                    self.disturbed += 1
                    jobs.put((row, moment))
                    return
                except (AssertionError, OSError) as error:
                    outcome = RealOutcome(row, moment, f"{type(error).__name__}: {error}"[:400], None)
                self.outcomes.append(outcome)
                if outcome.wrong:
                    return  # a fresh rig goes on
