"""Outline, mains tracks, zones and the silkscreen: all that is on the board besides parts and routed tracks."""

from __future__ import annotations

import pcbnew
from board import Netlist, mm, point
from placement import MAINS_TRACKS, MAINS_VIAS, OUTLINE


def line(board: pcbnew.BOARD, x1: float, y1: float, x2: float, y2: float, layer: int, width: float) -> None:
    """A drawn line."""
    shape = pcbnew.PCB_SHAPE(board)
    shape.SetShape(pcbnew.SHAPE_T_SEGMENT)
    shape.SetStart(point(x1, y1))
    shape.SetEnd(point(x2, y2))
    shape.SetLayer(layer)
    shape.SetWidth(mm(width))
    board.Add(shape)


def zone(board: pcbnew.BOARD, net: object, layers: list[int], corners: list[tuple[float, float]], priority: int, *, solid: bool = False) -> None:
    """A copper area."""
    area = pcbnew.ZONE(board)
    chosen = pcbnew.LSET()
    for layer in layers:
        chosen.AddLayer(layer)
    area.SetLayerSet(chosen)
    outline = area.Outline()
    outline.NewOutline()
    for x, y in corners:
        p = point(x, y)
        outline.Append(p.x, p.y)
    area.SetNet(net)
    area.SetLocalClearance(mm(0.25))
    area.SetMinThickness(mm(0.25))
    area.SetPadConnection(pcbnew.ZONE_CONNECTION_FULL if solid else pcbnew.ZONE_CONNECTION_THERMAL)
    area.SetThermalReliefGap(mm(0.3))
    area.SetThermalReliefSpokeWidth(mm(0.4))
    area.SetAssignedPriority(priority)
    area.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
    board.Add(area)


def dress(board: pcbnew.BOARD, netlist: Netlist, footprints: dict[str, pcbnew.FOOTPRINT]) -> None:
    """Everything in one go."""
    x1, y1, x2, y2 = OUTLINE
    for a in ((x1, y1, x2, y1), (x2, y1, x2, y2), (x2, y2, x1, y2), (x1, y2, x1, y1)):
        line(board, *a, pcbnew.Edge_Cuts, 0.1)
    nets = board.GetNetsByName()
    for name, width, layer, corners in MAINS_TRACKS:
        for a, b in zip(corners, corners[1:], strict=False):
            track = pcbnew.PCB_TRACK(board)
            track.SetStart(point(*a))
            track.SetEnd(point(*b))
            track.SetWidth(mm(width))
            track.SetLayer(pcbnew.F_Cu if layer == "F" else pcbnew.B_Cu)
            track.SetNet(nets[netlist.kicad[name]])
            board.Add(track)
    for name, x, y in MAINS_VIAS:
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(point(x, y))
        via.SetWidth(mm(1.0))
        via.SetDrill(mm(0.5))
        via.SetLayerPair(pcbnew.F_Cu, pcbnew.B_Cu)
        via.SetNet(nets[netlist.kicad[name]])
        board.Add(via)
    inset = [(x1 + 0.5, y1 + 0.5), (x2 - 0.5, y1 + 0.5), (x2 - 0.5, y2 - 0.5), (x1 + 0.5, y2 - 0.5)]
    zone(board, nets["GND"], [pcbnew.F_Cu, pcbnew.In1_Cu, pcbnew.B_Cu], inset, 0)
    zone(board, nets["+3V3"], [pcbnew.In2_Cu], inset, 0)
    for item in footprints.values():
        item.Value().SetVisible(False)
        item.Reference().SetTextSize(pcbnew.VECTOR2I(mm(0.8), mm(0.8)))
        item.Reference().SetTextThickness(mm(0.12))
        item.Reference().SetLayer(pcbnew.F_Fab)
