"""What the benches share: a running rig of real processes, load on the machine, and distributions in words."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.end_to_end.harness import Rig, rig

DOCS = Path(__file__).parent.parent / "docs"


class Watched:
    """A rig with its trace: what happened, with exact times of the twin's clock."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.index = 0

    def mark(self) -> None:
        """Forget what has happened until now."""
        self.index = json.loads(self.rig.do(f"trace {self.index}"))["next"]

    def events(self) -> list[tuple[float, str, Any]]:
        """What has happened since the mark."""
        return [tuple(event) for event in json.loads(self.rig.do(f"trace {self.index}"))["events"]]

    def when(self, name: str, value: object, within_s: float = 20.0) -> float:
        """When that happened first since the mark; waits for it."""

        def found() -> list[float]:
            return [at_s for at_s, event, what in self.events() if event == name and what == value]

        return self.rig.until(found, f"{name} becomes {value}", within_s)[0]


@contextlib.contextmanager
def rigs(count: int) -> Iterator[list[Watched]]:
    """That many complete stations, each in a folder of its own, ended whatever happens."""
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="smartevse-bench-"))
            made.append(Watched(stack.enter_context(rig(Path(folder)))))
        yield made


def _spin() -> None:
    while True:
        sum(range(10_000))


def _scribble(folder: str) -> None:
    block = os.urandom(1 << 20)
    while True:
        with (Path(folder) / "load").open("wb") as file:
            for _ in range(64):
                file.write(block)
            os.fsync(file.fileno())


@contextlib.contextmanager
def load(processors: int) -> Iterator[None]:
    """Every processor busy, and a disk that is written and synced all the time."""
    with tempfile.TemporaryDirectory(prefix="smartevse-load-") as folder:
        busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(processors)]
        busy.append(multiprocessing.Process(target=_scribble, args=(folder,), daemon=True))
        for process in busy:
            process.start()
        try:
            yield
        finally:
            for process in busy:
                process.kill()
                process.join()


def quantile(sorted_values: Sequence[float], part: float) -> float:
    """The value below which this part of the sorted values lies; the largest for a part of 1."""
    return sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))]


def spread(values: Sequence[float], unit: str = "ms", scale: float = 1000.0) -> str:
    """Count, median, 99 %, 99.9 % and largest in words."""
    if not values:
        return "none"
    s = sorted(values)
    parts = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)]
    return f"n {len(s):5d}  " + "  ".join(f"{name} {quantile(s, part) * scale:7.2f} {unit}" for name, part in parts)


def histogram(values: Sequence[float], width_s: float, bars: int = 48) -> list[str]:
    """The distribution as lines of text, one for each bin."""
    counts: dict[int, int] = {}
    for value in values:
        counts[int(value / width_s)] = counts.get(int(value / width_s), 0) + 1
    most = max(counts.values(), default=1)
    return [
        f"{at * width_s * 1000:7.1f} ms {counts.get(at, 0):5d} {'#' * round(counts.get(at, 0) * bars / most)}"
        for at in range(min(counts, default=0), max(counts, default=0) + 1)
    ]


def processor_s(pid: int) -> float:
    """Processor time that a process has used, in s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int | str = "self") -> float:
    """Resident memory of a process, or of this one, in MB (RSS, shared pages included)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def timer_s(seconds: float) -> list[float]:
    """How late this machine wakes a process that sleeps 10 ms: the baseline of every reaction."""
    late = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        due_s = time.monotonic() + 0.010
        time.sleep(0.010)
        late.append(time.monotonic() - due_s)
    return late
