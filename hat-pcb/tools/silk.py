"""The upper silkscreen: terminal names as in the manual, polarity, warnings, version, names of the larger parts."""

from __future__ import annotations

import pcbnew
from board import local, mm, point

TERMINALS = ("A", "B", "12V", "GND", "SW", "RED", "GRN", "AUX", "B", "R", "W", "PP", "CP", "PE")
MAINS = ("L", "N", "C1", "C2")
CONNECTORS = {"J701": "P1 RCM", "J1002": "P2 LED", "J1003": "LCD + KEYS", "J1005": "RFID", "J1006": "RS485"}
INSIDE = {"K801": "K1 C1", "K802": "K2 C2", "K803": "K3 SAFE", "K901": "LOCK R", "K902": "LOCK W", "U203": "+-15V", "L201": "15u"}
Box = tuple[float, float, float, float]


class Silk:
    """Places texts where nothing else is printed or soldered."""

    def __init__(self, board: pcbnew.BOARD) -> None:
        self.board = board
        self.taken: list[Box] = []
        for footprint in board.GetFootprints():
            for pad in footprint.Pads():
                if pad.IsOnLayer(pcbnew.F_Cu) or pad.GetAttribute() != pcbnew.PAD_ATTRIB_SMD:
                    self._take(pad.GetBoundingBox(), 0.2)
            for item in footprint.GraphicalItems():
                if item.GetLayer() == pcbnew.F_SilkS:
                    self._take(item.GetBoundingBox(), 0.15)

    def _take(self, box: pcbnew.BOX2I, margin: float) -> None:
        x1, y1 = local(pcbnew.VECTOR2I(box.GetLeft(), box.GetTop()))
        x2, y2 = local(pcbnew.VECTOR2I(box.GetRight(), box.GetBottom()))
        self.taken.append((x1 - margin, y1 - margin, x2 + margin, y2 + margin))

    def _make(self, words: str, x: float, y: float, size: float, turn: int, bold: bool) -> pcbnew.PCB_TEXT:
        item = pcbnew.PCB_TEXT(self.board)
        item.SetText(words)
        item.SetTextSize(pcbnew.VECTOR2I(mm(size), mm(size)))
        item.SetTextThickness(mm(size * (0.2 if bold else 0.15)))
        item.SetTextAngleDegrees(turn)
        item.SetLayer(pcbnew.F_SilkS)
        item.SetPosition(point(x, y))
        return item

    def text(self, words: str, x: float, y: float, size: float = 1.0, *, turn: int = 0, bold: bool = False) -> None:
        """A text centred at a place, come what may."""
        item = self._make(words, x, y, size, turn, bold)
        self.board.Add(item)
        self._take(item.GetBoundingBox(), 0.1)

    def beside(self, words: str, box: Box, size: float = 0.8) -> bool:
        """A text at the first free place around a box; False if there is none."""
        x1, y1, x2, y2 = box
        cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
        wide, high = 0.5 * size * len(words) + 0.25, size * 0.75
        spots = []
        for away in (0.0, 0.3, 0.7, 1.2, 1.8):
            spots += [
                (cx, y1 - high - away, 0),
                (cx, y2 + high + away, 0),
                (x2 + wide + away, cy, 0),
                (x1 - wide - away, cy, 0),
                (x2 + high + away, cy, 90),
                (x1 - high - away, cy, 90),
            ]
        for shift in (0.0, 0.5, -0.5, 1.0, -1.0, 1.6, -1.6, 2.2, -2.2):
            for x, y, turn in spots:
                x, y = (x + shift, y) if turn == 0 else (x, y + shift)
                item = self._make(words, x, y, size, turn, False)
                found = item.GetBoundingBox()
                a, b = local(pcbnew.VECTOR2I(found.GetLeft(), found.GetTop()))
                c, d = local(pcbnew.VECTOR2I(found.GetRight(), found.GetBottom()))
                if a < -34.3 or c > 64.3 or b < -42.8 or d > 55.8:
                    continue
                if any(a < t[2] and c > t[0] and b < t[3] and d > t[1] for t in self.taken):
                    continue
                self.board.Add(item)
                self.taken.append((a, b, c, d))
                return True
        return False


def courtyard(footprint: pcbnew.FOOTPRINT) -> Box:
    """A part's outline on the board."""
    box = footprint.GetBoundingBox(False)
    x1, y1 = local(pcbnew.VECTOR2I(box.GetLeft(), box.GetTop()))
    x2, y2 = local(pcbnew.VECTOR2I(box.GetRight(), box.GetBottom()))
    return x1, y1, x2, y2


def print_all(board: pcbnew.BOARD) -> list[str]:
    """Prints everything; returns the names that found no place."""
    for item in list(board.GetDrawings()):
        if item.GetLayer() == pcbnew.F_SilkS:
            board.Delete(item)
    parts = {f.GetReference(): f for f in board.GetFootprints()}
    silk = Silk(board)
    for n, name in enumerate(TERMINALS):
        silk.text(name, -23.0, 1.5 + 3.81 * n, 1.1, bold=True)
    for n in (8, 9, 10):
        silk.text("LOCK", -23.0, 3.15 + 3.81 * n, 0.8)
    for n in (0, 1):
        silk.text("RS485", -22.95, 3.15 + 3.81 * n, 0.8)
    for n, name in enumerate(MAINS):
        silk.text(name, 59.5 - 5.08 * n, -30.12, 0.85, bold=True)
    silk.text("+12V", -22.65, -37.2, 0.8, bold=True)
    silk.text("GND", -22.65, -32.0, 0.8, bold=True)
    silk.text("DC", -22.65, -35.3, 0.8)
    silk.text("2.5A", -22.65, -34.0, 0.8)
    for ref, name in CONNECTORS.items():
        x1, y1, x2, _ = courtyard(parts[ref])
        silk.text(name, (x1 + x2) / 2, 49.45, 0.9, bold=True)
    silk.beside("NTC", courtyard(parts["J501"]), 0.9)
    for ref, name in INSIDE.items():
        x1, y1, x2, y2 = courtyard(parts[ref])
        tall = y2 - y1 > x2 - x1
        silk.text(
            name,
            (x1 + x2) / 2 - (3.3 if ref in ("K801", "K802", "K803") else 0),
            26.2 if ref in ("K901", "K902") else (y1 + y2) / 2,
            0.9,
            turn=90 if tall else 0,
        )
    silk.text("T1AH 250V", 48.2, -21.6, 1.0, bold=True)
    silk.text("DANGER  230 V~", 50.0, -15.6, 1.8, bold=True)
    silk.text("disconnect before touching", 50.0, -13.2, 1.0)
    silk.text("NOT CERTIFIED", -6.0, -40.6, 1.2, bold=True)
    silk.text("230 V", -10.5, -33.5, 1.4, turn=90, bold=True)
    silk.text("12 V", -14.2, -33.5, 1.2, turn=90)
    silk.text("SmartEVSE hat  rev 1", 50.0, -10.7, 1.2, bold=True)
    missing = []
    order = sorted(parts, key=lambda r: (not r.startswith("TP"), not r.startswith("JP"), r))
    for ref in order:
        part = parts[ref]
        if ref.startswith("TP") or ref.startswith("JP"):
            name = part.GetValue()
        elif ref.startswith(("U", "Q", "F", "RV", "L", "D2", "C201", "C901", "C205")) and ref not in INSIDE:
            name = ref
        else:
            continue
        if "SOIC" in part.GetFPIDAsString() and len(name) < 5:
            x1, y1, x2, y2 = courtyard(part)
            silk.text(name, (x1 + x2) / 2, (y1 + y2) / 2, 0.8)
        elif not silk.beside(name, courtyard(part), 0.8):
            missing.append(name)
    return missing
