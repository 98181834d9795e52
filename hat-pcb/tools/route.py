#!/usr/bin/python3
"""Placed board -> routed board with filled zones: `route.py PLACED.kicad_pcb ROUTER NETLIST.xml OUT.kicad_pcb [rounds]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pcbnew
from board import Netlist, local, mm, point
from placement import MAINS, MAINS_AREA, OUTLINE

PLANES = {"GND", "+3V3"}
WIDE = {"12V_IN", "12V_FUSED", "V_STORE", "V_LOCK", "LOCK_R", "LOCK_W"}
MIDDLE = {"5V_BUCK", "+12V", "12V_IO", "+5V", "PHASE", "K1_COIL", "K2_COIL", "K3_COIL", "LOCK_R_COIL", "LOCK_W_COIL"}
SPECIAL = {"SAFE": 4, "+3V3": 5}


def describe(board: pcbnew.BOARD, netlist: Netlist) -> str:
    """The router's input."""
    x1, y1, x2, y2 = OUTLINE
    lines = [f"area {x1 + 0.5} {y1 + 0.5} {x2 - 0.5} {y2 - 0.5} 0.125", "apart 4 5 0.25", "keepout " + " ".join(map(str, MAINS_AREA))]
    found, names = [], {}
    for footprint in board.GetFootprints():
        for pad in footprint.Pads():
            box = pad.GetBoundingBox()
            a, b = local(pcbnew.VECTOR2I(box.GetLeft(), box.GetTop()))
            c, d = local(pcbnew.VECTOR2I(box.GetRight(), box.GetBottom()))
            x, y = local(pad.GetPosition())
            layers = (1 if pad.IsOnLayer(pcbnew.F_Cu) else 0) + (2 if pad.IsOnLayer(pcbnew.B_Cu) else 0)
            hole = pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH
            drilled = hole or pad.GetAttribute() == pcbnew.PAD_ATTRIB_PTH
            if hole:
                layers = 3
            if not layers:
                continue
            own = netlist.own.get(pad.GetNetname())
            if own in MAINS or own is None:
                name, clearance = "-", 0.16 if own is None else 6.5
            else:
                name, clearance = pad.GetNetname().replace(" ", "_"), 0.16
                names[name] = own
            if hole:
                clearance = 0.35
            found.append(f"pad {name} {layers} {int(drilled)} {a:.4f} {b:.4f} {c:.4f} {d:.4f} {x:.4f} {y:.4f} {clearance}")
    for name, own in sorted(names.items()):
        cls = SPECIAL.get(own, 2 if own in WIDE else 1 if own in MIDDLE else 0)
        lines.append(f"net {name} {cls} {int(own in PLANES)}")
    return "\n".join(lines + found) + "\n"


def main() -> None:
    """Command line."""
    board = pcbnew.LoadBoard(sys.argv[1])
    netlist = Netlist(Path(sys.argv[3]))
    done = subprocess.run(
        [sys.argv[2], sys.argv[5] if len(sys.argv) > 5 else "60"], input=describe(board, netlist), stdout=subprocess.PIPE, text=True, check=True
    )
    nets = {str(name): net for name, net in board.GetNetsByName().asdict().items()}
    for text in done.stdout.splitlines():
        kind, name, *numbers = text.split()
        if kind == "S":
            layer, a, b, c, d, width = numbers
            track = pcbnew.PCB_TRACK(board)
            track.SetStart(point(float(a), float(b)))
            track.SetEnd(point(float(c), float(d)))
            track.SetWidth(mm(float(width)))
            track.SetLayer(pcbnew.F_Cu if layer == "0" else pcbnew.B_Cu)
        else:
            track = pcbnew.PCB_VIA(board)
            track.SetPosition(point(float(numbers[0]), float(numbers[1])))
            track.SetWidth(mm(0.6))
            track.SetDrill(mm(0.3))
            track.SetLayerPair(pcbnew.F_Cu, pcbnew.B_Cu)
        track.SetNet(nets[name])
        board.Add(track)
    pcbnew.SaveBoard(sys.argv[4], board, True)


if __name__ == "__main__":
    main()
