#!/usr/bin/env python3
"""Copies the footprints that the catalogue names from an installed KiCad into the board's own library."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate import sheets
from library import HERE


def main() -> None:
    """Command line; KICAD9_FOOTPRINT_DIR names the installed libraries."""
    source = Path(os.environ.get("KICAD9_FOOTPRINT_DIR", "/usr/share/kicad/footprints"))
    target = HERE / "lib" / "smartevse.pretty"
    target.mkdir(parents=True, exist_ok=True)
    from sheet import load_symbols

    load_symbols()
    for footprint in sorted({p.kind.footprint for s in sheets() for p in s.parts}):
        library, name = footprint.split(":")
        shutil.copyfile(source / f"{library}.pretty" / f"{name}.kicad_mod", target / f"{name}.kicad_mod")


if __name__ == "__main__":
    main()
