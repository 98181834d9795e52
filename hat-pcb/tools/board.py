"""Shared by the board's scripts: where the files are, KiCad's module, coordinates. Needs KiCad's own python3."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pcbnew

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "design"))
ORIGIN = (100.0, 95.0)


def mm(value: float) -> int:
    """Millimetres as KiCad counts them."""
    return int(pcbnew.FromMM(value))


def point(x: float, y: float) -> pcbnew.VECTOR2I:
    """A place on the board (see design/placement.py) as KiCad counts it."""
    return pcbnew.VECTOR2I(mm(x + ORIGIN[0]), mm(y + ORIGIN[1]))


def local(position: pcbnew.VECTOR2I) -> tuple[float, float]:
    """The inverse of `point`."""
    return pcbnew.ToMM(position.x) - ORIGIN[0], pcbnew.ToMM(position.y) - ORIGIN[1]


class Netlist:
    """KiCad's net list (XML) and the design's own names for its nets."""

    def __init__(self, path: Path) -> None:
        import generate
        import sheet

        sheet.load_symbols()
        self.tree = ET.parse(path).getroot()
        self.pin_net = {(x.get("ref"), x.get("pin")): n.get("name") for n in self.tree.find("nets") for x in n.findall("node")}
        self.sheet: dict[str, int] = {}
        self.own: dict[str, str] = {}
        self.kicad: dict[str, str] = {}
        for block in generate.sheets():
            for part in block.parts:
                self.sheet.setdefault(part.ref, block.number)
                for pin, net in part.pins.items():
                    if net:
                        self.own[self.pin_net[part.ref, pin]] = net
                        self.kicad[net] = self.pin_net[part.ref, pin]
