#!/usr/bin/python3
"""Routed board -> finished board: power areas, silkscreen, filled zones. `finish.py BOARD.kicad_pcb NETLIST.xml`.

The design rules must lie beside the board: the areas are filled by them.."""

from __future__ import annotations

import sys
from pathlib import Path

import pcbnew
from board import Netlist, mm, point
from dressing import zone
from placement import POWER_AREAS, POWER_BELOW, POWER_VIAS
from silk import print_all


def main() -> None:
    """Command line."""
    board = pcbnew.LoadBoard(sys.argv[1])
    netlist = Netlist(Path(sys.argv[2]))
    for old in list(board.Zones()):
        if old.GetAssignedPriority() > 0:
            board.Delete(old)
    for net, corners in POWER_AREAS:
        zone(board, board.GetNetsByName()[netlist.kicad[net]], [pcbnew.F_Cu], corners, 3, solid=True)
    for net, corners in POWER_BELOW:
        zone(board, board.GetNetsByName()[netlist.kicad[net]], [pcbnew.B_Cu], corners, 3, solid=True)
    there = {(v.GetPosition().x, v.GetPosition().y) for v in board.GetTracks() if v.Type() == pcbnew.PCB_VIA_T}
    for net, x, y in POWER_VIAS:
        if (point(x, y).x, point(x, y).y) not in there:
            via = pcbnew.PCB_VIA(board)
            via.SetPosition(point(x, y))
            via.SetWidth(mm(0.6))
            via.SetDrill(mm(0.3))
            via.SetLayerPair(pcbnew.F_Cu, pcbnew.B_Cu)
            via.SetNet(board.GetNetsByName()[netlist.kicad[net]])
            board.Add(via)
    refresh(board, netlist)
    for footprint in board.GetFootprints():
        footprint.Value().SetVisible(False)
        footprint.Reference().SetLayer(pcbnew.F_Fab)
    print("no place on the silkscreen for:", ", ".join(print_all(board)) or "none")
    block = board.GetTitleBlock()
    block.SetTitle("SmartEVSE hat")
    block.SetRevision("1")
    block.SetDate("2026-11-22")
    block.SetComment(0, "Not certified. Mains voltage: work by qualified electricians only.")
    board.GetDesignSettings().SetAuxOrigin(point(-35.0, 56.5))
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    board.BuildConnectivity()
    print("unconnected:", board.GetConnectivity().GetUnconnectedCount(True))
    pcbnew.SaveBoard(sys.argv[1], board, True)


def refresh(board: pcbnew.BOARD, netlist: Netlist) -> None:
    """Takes values and order numbers over from the schematic."""
    parts = {f.GetReference(): f for f in board.GetFootprints()}
    for component in netlist.tree.find("components"):
        footprint = parts[component.get("ref")]
        footprint.SetValue(component.findtext("value") or "")
        for field in component.iter("field"):
            if field.get("name") in ("Manufacturer", "MPN", "Second source", "Description"):
                footprint.SetField(field.get("name"), field.text or "")
        for item in footprint.GetFields():
            if item.GetName() not in ("Reference", "Value"):
                item.SetVisible(False)


if __name__ == "__main__":
    main()
