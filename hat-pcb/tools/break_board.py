#!/usr/bin/python3
"""Breaks one thing on a board, to prove that the design rules find it: `break_board.py track|gap BOARD.kicad_pcb`."""

from __future__ import annotations

import sys

import pcbnew


def main() -> None:
    """Command line."""
    what, path = sys.argv[1:]
    board = pcbnew.LoadBoard(path)
    if what == "track":
        tracks = [t for t in board.GetTracks() if t.GetNetname() == "CP" and t.Type() == pcbnew.PCB_TRACE_T]
        board.Delete(max(tracks, key=lambda t: t.GetLength()))
    else:
        board.FindFootprintByReference("U841").Move(pcbnew.VECTOR2I(0, pcbnew.FromMM(-4)))
    pcbnew.SaveBoard(path, board, True)


if __name__ == "__main__":
    main()
