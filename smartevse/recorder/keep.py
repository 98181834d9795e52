"""From memory to the disk: what the guard put aside is compressed and kept with the owner's settings."""

from __future__ import annotations

import calendar
import gzip
import os
import time
from collections.abc import Collection, Iterable
from pathlib import Path

FOLDER, SUFFIX = "recorder", ".rec"
"""The folder's name, beside the guard's socket and in the state directory, and how the guard's files end."""
KEPT_SUFFIX = f"{SUFFIX}.gz"
ALIKE, WITHIN_S = 3, 6 * 3600
"""So many recordings of the same fault are kept in this time: a fault that flutters must not wear the card out."""


def collect(run_folder: Path, state_folder: Path, keep: int = 20) -> list[Path]:
    """Copy what is new from the guard's folder to the state directory; returns the new files, oldest first.

    The last `keep` stay, by their names, which begin with the time, and of one fault no more than a few in some hours.
    What the guard has is only read: it drops its own. Two listings when nothing is new, some 50 ms for a new file: the
    station calls it from a thread every few seconds. Raises OSError when the state directory cannot be written; the
    guard's files are missing at times.
    """
    kept = state_folder / FOLDER
    found = {path.name: path for path in frozen(run_folder)}
    there = {path.name.removesuffix(".gz"): path for path in kept.glob(f"*{KEPT_SUFFIX}")}
    wanted = set(sorted(_worth_it(sorted(found.keys() | there.keys()), there.keys()))[-keep:])
    new = []
    for name in sorted(wanted & found.keys() - there.keys()):
        try:
            data = found[name].read_bytes()
        except FileNotFoundError:
            continue  # the guard dropped it meanwhile for a newer one
        kept.mkdir(mode=0o750, parents=True, exist_ok=True)
        new.append(_write(kept / f"{name}.gz", gzip.compress(data, 6, mtime=0)))
    for name in there.keys() - wanted:
        there[name].unlink(missing_ok=True)
    return new


def _worth_it(names: Iterable[str], there: Collection[str]) -> set[str]:
    """The names, sorted by time, without new ones of a fault of which there are enough from the hours before."""
    worth: set[str] = set()
    times: dict[str, list[float]] = {}
    for name in names:
        at_s, fault = _parts(name)
        alike = times.setdefault(fault, [])
        if name in there or sum(0 <= at_s - earlier_s < WITHIN_S for earlier_s in alike) < ALIKE:
            worth.add(name)
            alike.append(at_s)
    return worth


def _parts(name: str) -> tuple[float, str]:
    """When a recording was put aside and for what; one with another name is as old as can be, for itself alone."""
    try:
        at = time.strptime(name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return 0.0, name
    return float(calendar.timegm(at)), name[16:]


def frozen(run_folder: Path) -> list[Path]:
    """What the guard has put aside, oldest first."""
    return sorted((run_folder / FOLDER).glob(f"*{SUFFIX}"))


def recordings(run_folder: Path, state_folder: Path) -> list[Path]:
    """Every recording that there is, oldest first; one that is in both folders only as the kept one."""
    there = {path.name.removesuffix(".gz"): path for path in frozen(run_folder)}
    there |= {path.name.removesuffix(".gz"): path for path in (state_folder / FOLDER).glob(f"*{KEPT_SUFFIX}")}
    return [there[name] for name in sorted(there)]


def _write(path: Path, data: bytes) -> Path:
    """Write a file so that it is whole after a power cut or not there at all."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return path
