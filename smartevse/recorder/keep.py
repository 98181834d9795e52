"""From memory to the disk: what the guard put aside is compressed and kept with the owner's settings."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

FOLDER, SUFFIX = "recorder", ".rec"
"""The folder's name, beside the guard's socket and in the state directory, and how the guard's files end."""
KEPT_SUFFIX = f"{SUFFIX}.gz"


def collect(run_folder: Path, state_folder: Path, keep: int = 20) -> list[Path]:
    """Copy what is new from the guard's folder to the state directory; returns the new files, oldest first.

    The last `keep` stay, by their names, which begin with the time. What the guard has is only read: it drops its own.
    Two listings when nothing is new, some 50 ms for a new file: the station calls it from a thread every few seconds.
    Raises OSError when the state directory cannot be written; the guard's files are missing at times.
    """
    kept = state_folder / FOLDER
    found = {path.name: path for path in frozen(run_folder)}
    there = {path.name.removesuffix(".gz"): path for path in kept.glob(f"*{KEPT_SUFFIX}")}
    wanted = set(sorted(found.keys() | there.keys())[-keep:])
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
