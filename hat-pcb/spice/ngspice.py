"""Runs ngspice on a deck and reads values of the board's parts from its net list: no number is typed twice."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

from partvalue import number

NETLIST = HERE.parent / "fab" / "netlist.xml"


def values(path: Path = NETLIST) -> dict[str, float]:
    """Resistances in ohm and capacitances in farad by reference, from the committed net list."""
    found = {}
    for component in ET.parse(path).getroot().iter("comp"):
        ref = component.get("ref") or ""
        if ref[0] in "RC" and ref[1].isdigit():
            found[ref] = number(component.findtext("value") or "")
    return found


Columns = dict[str, list[float]]


def run(deck: str, vectors: Sequence[str]) -> tuple[list[float], Columns]:
    """Time (or the operating point's index) and the wanted vectors; raises RuntimeError with ngspice's own words."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.txt"
        control = f"\n.control\nset wr_singlescale\nset numdgt=8\nset wr_vecnames\nrun\nwrdata {out} {' '.join(vectors)}\nquit\n.endc\n.end\n"
        source = Path(folder) / "deck.cir"
        source.write_text(deck.replace("@parts", f".include {HERE / 'parts.lib'}") + control, "utf-8")
        done = subprocess.run(["ngspice", "-b", str(source)], capture_output=True, text=True, check=False, cwd=folder)
        if not out.exists():
            raise RuntimeError(f"ngspice gave no result:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        rows = [[float(v) for v in line.split()] for line in out.read_text("utf-8").splitlines()[1:] if line.strip()]
    return [r[0] for r in rows], {name: [r[i + 1] for r in rows] for i, name in enumerate(vectors)}


def crossing(time: Sequence[float], wave: Sequence[float], level: float, *, rising: bool, after: float = 0.0) -> float:
    """When a wave crosses a level for the first time after a moment; NaN if it never does."""
    for i in range(1, len(time)):
        a, b = wave[i - 1], wave[i]
        if time[i] > after and ((a < level <= b) if rising else (a > level >= b)):
            return time[i - 1] + (level - a) / (b - a) * (time[i] - time[i - 1])
    return math.nan


def span(time: Sequence[float], wave: Sequence[float], begin: float, end: float) -> tuple[float, float]:
    """The least and the greatest value between two moments."""
    inside = [w for t, w in zip(time, wave, strict=True) if begin <= t <= end]
    return min(inside), max(inside)
