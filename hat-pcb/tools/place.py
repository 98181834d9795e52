#!/usr/bin/python3
"""Net list -> board with every part in its place, mains tracks, zones and silkscreen, but no other tracks.

`place.py NETLIST.xml ANNEAL_PROGRAM OUT.kicad_pcb [moves]`; needs KiCad's own python3. Not run by CI: the committed
board is the truth.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pcbnew
from board import HERE, Netlist, local, point
from dressing import dress
from placement import AREAS, HAND, OUTLINE, OWN_AREA, SUPPLIES, WEIGHTS

PLANES = {"GND", "+3V3"}


def courtyard(footprint: pcbnew.FOOTPRINT) -> tuple[float, float, float, float]:
    """The courtyard's box, on the board."""
    box = footprint.GetCourtyard(pcbnew.F_CrtYd).BBox()
    if box.GetWidth() == 0:
        box = footprint.GetBoundingBox(False)
    x1, y1 = local(pcbnew.VECTOR2I(box.GetLeft(), box.GetTop()))
    x2, y2 = local(pcbnew.VECTOR2I(box.GetRight(), box.GetBottom()))
    return x1, y1, x2, y2


def load(netlist: Netlist) -> tuple[pcbnew.BOARD, dict[str, pcbnew.FOOTPRINT]]:
    """An empty board with all nets and footprints."""
    board = pcbnew.NewBoard(str(HERE / "out" / "new.kicad_pcb"))
    board.SetCopperLayerCount(4)
    nets = {}
    for net in netlist.tree.find("nets"):
        info = pcbnew.NETINFO_ITEM(board, net.get("name"))
        board.Add(info)
        nets[net.get("name")] = info
    footprints = {}
    for component in netlist.tree.find("components"):
        ref = component.get("ref")
        name = component.find("footprint").text.split(":", 1)[1]
        footprint = pcbnew.FootprintLoad(str(HERE / "lib" / "smartevse.pretty"), name)
        footprint.SetFPID(pcbnew.LIB_ID("smartevse", name))
        footprint.SetReference(ref)
        footprint.SetValue(component.find("value").text or "")
        path = component.find("sheetpath").get("tstamps") + component.find("tstamps").text.split()[0]
        footprint.SetPath(pcbnew.KIID_PATH(path))
        footprint.SetSheetname(component.find("sheetpath").get("names"))
        bare = name.startswith(("TestPoint", "MountingHole", "SolderJumper"))
        footprint.SetExcludedFromBOM(bare)
        footprint.SetExcludedFromPosFiles(bare)
        for field in component.find("fields") if component.find("fields") is not None else []:
            if field.get("name") in ("Manufacturer", "MPN", "Second source", "Description"):
                footprint.SetField(field.get("name"), field.text or "")
        for item in footprint.GetFields():
            if item.GetName() not in ("Reference", "Value"):
                item.SetVisible(False)
        for pad in footprint.Pads():
            net_name = netlist.pin_net.get((ref, pad.GetNumber()))
            if net_name:
                pad.SetNet(nets[net_name])
        board.Add(footprint)
        footprints[ref] = footprint
    return board, footprints


def put(footprint: pcbnew.FOOTPRINT, x: float, y: float, rotation: int) -> None:
    """Sets a part down."""
    footprint.SetPosition(point(x, y))
    footprint.SetOrientationDegrees(rotation)


def anneal(netlist: Netlist, footprints: dict[str, pcbnew.FOOTPRINT], program: str, moves: str) -> None:
    """Finds places for all parts without one."""
    x1, y1, x2, y2 = OUTLINE
    lines = [f"grid {x1} {y1} {x2} {y2} 0.25"]
    for net, weight in WEIGHTS.items():
        lines.append(f"weight {netlist.kicad[net].replace(' ', '_')} {weight}")
    near = {}
    for capacitor, (ref, pin) in SUPPLIES.items():
        lines.append(f"weight near_{capacitor} 5")
        near[capacitor, "1"] = near.setdefault((ref, pin), f"near_{capacitor}")
        if capacitor in HAND:
            continue
    pairs: dict[tuple[str, str], list[str]] = {}
    for capacitor, place in SUPPLIES.items():
        own_pin = "2" if capacitor == "C209" else "1"
        pairs.setdefault((capacitor, own_pin), []).append(f"near_{capacitor}")
        pairs.setdefault(place, []).append(f"near_{capacitor}")

    def pads(footprint: pcbnew.FOOTPRINT) -> list[tuple[str, float, float]]:
        found = []
        for pad in footprint.Pads():
            x, y = local(pad.GetPosition())
            name = pad.GetNetname()
            if name and name not in PLANES:
                found.append((name.replace(" ", "_"), x, y))
            for extra in pairs.get((footprint.GetReference(), pad.GetNumber()), []):
                found.append((extra, x, y))
        return found

    for ref, place in HAND.items():
        put(footprints[ref], *place)
        a, b, c, d = courtyard(footprints[ref])
        lines.append(f"block {a - 0.05} {b - 0.05} {c + 0.05} {d + 0.05}")
        lines += [f"fixed {n} {x} {y}" for n, x, y in pads(footprints[ref])]
        if ref.startswith("H"):
            x, y, _ = place
            lines.append(f"block {x - 3.2} {y - 3.2} {x + 3.2} {y + 3.2}")
    for ref, footprint in footprints.items():
        if ref in HAND:
            continue
        areas = OWN_AREA.get(ref) or AREAS[netlist.sheet[ref]]
        text = [f"part {ref} {len(areas)}", *(f"{a} {b} {c} {d}" for a, b, c, d in areas), "4"]
        for rotation in (0, 90, 180, 270):
            put(footprint, 0, 0, rotation)
            a, b, c, d = courtyard(footprint)
            own = pads(footprint)
            text.append(f"{a - 0.12:.3f} {b - 0.12:.3f} {c + 0.12:.3f} {d + 0.12:.3f} {len(own)}")
            text += [f"{n} {x:.3f} {y:.3f}" for n, x, y in own]
        lines.append("\n".join(text))
    done = subprocess.run([program, moves], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    print(done.stderr.strip())
    if done.returncode:
        sys.exit(done.returncode)
    for line in done.stdout.splitlines():
        ref, x, y, rotation = line.split()
        put(footprints[ref], float(x), float(y), int(rotation))


def main() -> None:
    """Command line."""
    netlist = Netlist(Path(sys.argv[1]))
    (HERE / "out").mkdir(exist_ok=True)
    board, footprints = load(netlist)
    anneal(netlist, footprints, sys.argv[2], sys.argv[4] if len(sys.argv) > 4 else "20000000")
    dress(board, netlist, footprints)
    pcbnew.SaveBoard(sys.argv[3], board, True)
    print(len(footprints), "parts placed")


if __name__ == "__main__":
    main()
