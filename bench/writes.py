"""What a memory card is written in a day: `python -m bench.writes [--write]`. Needs root, for a file system in a file.

Days in virtual time (`bench.writes_day`) give what is written and when. It is written for real: by a journald of its
own and by the product's own functions, to an ext4 in a file; after each 30 s of the day, which is how long the kernel
keeps what was written in memory, all of it is synced. What counts are the sectors that reached the block device: all
pages, the file system's own journal, and whatever a power-cut-safe file costs. Exit status 1 when a day with sound
wires is above the budget. `--write` puts the table into `docs/card.md`.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from bench.faults.report import machine
from bench.rigs import DOCS
from bench.writes_day import DAYS, Day, Written, groups, play
from smartevse.core.wear import Wear
from smartevse.drivers.journal_socket import SOCKET, JournalSocket
from smartevse.recorder.keep import collect
from smartevse.settings.store import Store
from smartevse.station import wear_watch
from tests.recorder.recorded import NOON_MS, record

JOURNALD = "/lib/systemd/systemd-journald"
WINDOW_S = 30
"""Linux's dirty_expire_centisecs: so long a written page stays in memory."""
BUDGET_MB = 20.0
SECTOR = 512
DOCUMENT = DOCS / "card.md"
INSIDE = "--inside"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one day cost."""

    day: Day
    lines: int
    left_out: int
    files: int
    flushes: int
    written_bytes: int

    @property
    def mb(self) -> float:
        """In the megabytes of a card's maker."""
        return self.written_bytes / 1e6


class Disk:
    """A file system in a file, mounted; `sync` writes everything, `written` is what has reached it."""

    def __init__(self, folder: Path) -> None:
        image, self.top = folder / "image", folder / "disk"
        self.top.mkdir()
        with image.open("wb") as file:
            file.truncate(1 << 30)
        _run("mkfs.ext4", "-q", "-F", str(image))
        _run("mount", "-o", "loop,noatime", str(image), str(self.top))
        self._device = _run("findmnt", "--noheadings", "--output=SOURCE", str(self.top)).strip().removeprefix("/dev/")
        self._handle = os.open(self.top, os.O_RDONLY)
        self._libc = ctypes.CDLL(None, use_errno=True)

    def sync(self) -> None:
        """Write back all of this file system."""
        if self._libc.syncfs(self._handle):
            raise OSError(ctypes.get_errno(), "syncfs")

    def written(self) -> int:
        """Bytes that have been written to the device since it is there."""
        return int(Path(f"/sys/block/{self._device}/stat").read_text().split()[6]) * SECTOR

    def close(self) -> None:
        """Unmount it."""
        os.close(self._handle)
        subprocess.run(["umount", "--lazy", str(self.top)], check=False)


class Journald:
    """A journald of its own with its files on that disk, in mounts of this process alone: no other is touched."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        place = disk.top / "journal"
        place.mkdir()
        configuration = folder / "journald.conf"
        configuration.write_text("[Journal]\nStorage=persistent\nReadKMsg=no\nAudit=no\nForwardToSyslog=no\n")
        for there in (Path("/var/log/journal"), Path("/etc/systemd")):
            there.mkdir(parents=True, exist_ok=True)
        Path("/etc/systemd/journald.conf").touch()
        Path("/etc/machine-id").touch()
        if not Path("/etc/machine-id").read_text().strip():
            (folder / "machine-id").write_text(f"{Random(1).getrandbits(128):032x}\n")
            _run("mount", "--bind", str(folder / "machine-id"), "/etc/machine-id")
        _run("mount", "--bind", str(place), "/var/log/journal")
        _run("mount", "--bind", str(configuration), "/etc/systemd/journald.conf")
        _run("mount", "-t", "tmpfs", "tmpfs", "/run")
        Path("/run/systemd/journal").mkdir(parents=True)
        Path("/run/systemd/journal/flushed").touch()  # the disk is there: write to it
        self._process = subprocess.Popen([JOURNALD])
        until_s = time.monotonic() + 10
        while not SOCKET.is_socket():
            if time.monotonic() > until_s:
                raise RuntimeError(f"{JOURNALD} did not open {SOCKET}")
            time.sleep(0.05)
        self._lines = JournalSocket()
        for number in range(50):  # a journal in use, not a new one
            self._lines.tell(f"an older line {number}", {"SYSLOG_IDENTIFIER": "other"})

    def tell(self, one: Written) -> None:
        """Write an entry, waiting for a journald that is slow."""
        fields = dict(one.fields)
        sentence = fields.pop("MESSAGE")
        self._lines.tell(sentence, fields)
        while self._lines.lost:
            self._lines.lost = 0
            time.sleep(0.01)
            self._lines.tell(sentence, fields)

    def close(self) -> None:
        """End it."""
        self._lines.close()
        self._process.terminate()
        self._process.wait()


class State:
    """The state directory on that disk, written by the product."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._folder, self._run = disk.top / "state", folder / "run"
        self._folder.mkdir()
        self._run.mkdir()
        self._recording = record(self._run / "recorder", lambda world: world.inject("cp-short")).read_bytes()
        self._store = Store(self._folder)
        self._number = 0

    def write(self, one: Written) -> None:
        """One file of the state directory; none when the product finds it not worth it."""
        self._number += 1
        match one.file:
            case "setting":
                self._store.save({"max": 10 + self._number % 6})
            case "contactor":
                sentence = wear_watch.write(self._folder, Wear(self._number, 0, (30,) * 10, (30,) * 10))
                if sentence is not None:
                    raise OSError(sentence)
            case "recording":
                for old in (self._run / "recorder").glob("*.rec"):
                    old.unlink()
                name = time.strftime("%Y%m%d-%H%M%S-pilot-short.rec", time.gmtime(NOON_MS // 1000 + one.at_s))
                (self._run / "recorder" / name).write_bytes(self._recording)  # in memory: not on this disk
                collect(self._run, self._folder)

    def close(self) -> None:
        """Give the file back."""
        self._store.close()


def measured(day: Day) -> Seen:
    """Live through one day and look at the block device."""
    with tempfile.TemporaryDirectory(prefix="smartevse-writes-", dir="/dev/shm") as name, ExitStack() as stack:
        folder = Path(name)
        written, left_out = play(day, folder)
        disk = Disk(folder)
        stack.callback(disk.close)
        state = State(disk, folder)
        stack.callback(state.close)
        journald = Journald(disk, folder)
        stack.callback(journald.close)
        time.sleep(0.5)
        disk.sync()
        before, flushes = disk.written(), 0
        for group in groups(written, WINDOW_S):
            for one in group:
                if one.file:
                    state.write(one)
                else:
                    journald.tell(one)
            time.sleep(0.05)  # journald has read it by then
            disk.sync()
            flushes += 1
        lines = sum(bool(one.fields) for one in written)
        return Seen(day, lines, left_out, len(written) - lines, flushes, disk.written() - before)


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def table(seen: Sequence[Seen]) -> str:
    """What was seen, in words."""
    head = "| Day | | Lines of the journal | left out | Files | Times something is written | MB a day |\n"
    head += "|---|---|--:|--:|--:|--:|--:|\n"
    rows = [
        f"| {one.day.name} | {one.day.means} | {one.lines} | {one.left_out} | {one.files} | {one.flushes} "
        f"| {one.mb:.1f} |"
        for one in seen
    ]
    return head + "\n".join(rows) + "\n"


HEAD = """# What the memory card is written

A card of a Raspberry Pi wears with what is written to it, so the station writes little: at most {budget:g} MB a day.
Measured on {machine}.

{table}
**How it was measured.** Days in virtual time: house, sun and car of the simulator, and the product's own regulation,
journal lines and files. All of it was written by a real journald and the product's own functions to an ext4 in a file,
and synced after each {window} s of the day, which is how long Linux keeps a written page in memory. What is counted are
the sectors that reached the block device: whole pages, the file system's own journal, everything. Again:
`sudo python -m bench.writes --write`.

**What is written at all.** Lines of the journal (station and guard), the settings when one changes, the contactor's
counters at most every hour, the plan of TIMER when it changes, and of a fault the guard's minute around it, three
of the same fault in six hours at most. The flight recorder itself is in memory.

**Why so few lines.** A line of the journal is some 200 bytes, but one that stands alone costs a card about 140 kB: the
journal touches a page for each of its thirty fields, its own and systemd's. So a current that only follows the sun is
told once in ten minutes, and of each kind of line eight may come at once and then one in an hour, which tells
how many were left out. A loose wire that would write all day long cannot wear the card out.

**With less.** Where the journal need not outlive a power cut, keep it in memory: `Storage=volatile` in
`/etc/systemd/journald.conf`. Then only the files are left.
"""


def main() -> int:
    """Measure in mounts of its own; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", action="append", choices=[day.name for day in DAYS], help="this one only")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name}")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    days = [day for day in DAYS if not options.day or day.name in options.day]
    if options.inside:
        print(json.dumps(asdict(measured(days[0]))))
        return 0
    seen = []
    for day in days:
        words = ("unshare", "--mount", "--propagation=private", sys.executable, "-m", "bench.writes", INSIDE)
        told = json.loads(_run(*words, "--day", day.name).splitlines()[-1])
        one = Seen(**{**told, "day": day})
        seen.append(one)
        print(f"{day.name}: {one.mb:.1f} MB, {one.lines} lines, {one.left_out} left out, {one.files} files", flush=True)
    if options.write:
        DOCUMENT.write_text(
            HEAD.format(budget=BUDGET_MB, machine=machine(), table=table(seen), window=WINDOW_S), "utf-8"
        )
    return int(any(one.mb > BUDGET_MB for one in seen))


if __name__ == "__main__":
    sys.exit(main())
