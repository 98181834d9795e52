#!/usr/bin/python3
"""Breaks a board, to prove that the design rules find it: a track less, the optocoupler 4 mm into the mains gap.

`break_board.py BOARD.kicad_pcb`; needs KiCad's own python3.
"""

from __future__ import annotations

import sys

import pcbnew


def main() -> None:
    """Command line."""
    path = sys.argv[1]
    board = pcbnew.LoadBoard(path)
    tracks = [t for t in board.GetTracks() if t.GetNetname() == "CP" and t.Type() == pcbnew.PCB_TRACE_T]
    board.Delete(max(tracks, key=lambda t: t.GetLength()))
    board.FindFootprintByReference("U841").Move(pcbnew.VECTOR2I(0, pcbnew.FromMM(-4)))
    pcbnew.SaveBoard(path, board, True)


if __name__ == "__main__":
    main()
