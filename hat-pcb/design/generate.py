#!/usr/bin/env python3
"""Writes the schematic: `generate.py [FOLDER]` (default: the board's folder); `--library` also renews the symbols."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import library
from blocks_pilot import adc, pilot, track
from blocks_power_io import lock, relays, terminals
from blocks_safety import rcm, safety
from blocks_supply import eeprom, header, power
from draw import write
from sheet import Sheet, load_symbols

OVERVIEW = (
    "SmartEVSE hat, revision 1: an electric vehicle charge controller (IEC 61851-1) on a Raspberry Pi\n"
    'NOT CERTIFIED. 230 V on the sheet "Relays and mains". Installation by qualified electricians only.\n'
    "Blocks exchange signals by global labels; inside a block everything is drawn with wires."
)


def sheets() -> list[Sheet]:
    """All blocks in the order of their pages."""
    return [make() for make in (header, power, pilot, track, adc, safety, rcm, relays, lock, terminals, eeprom)]


def main() -> None:
    """Command line."""
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    folder = Path(arguments[0]) if arguments else library.HERE
    if "--library" in sys.argv:
        installed = Path(os.environ.get("KICAD9_SYMBOL_DIR", "/usr/share/kicad/symbols"))
        from catalogue import _FIXED

        wanted = [k.symbol for k in _FIXED.values()] + [f"Connector_Generic:Conn_01x{n:02d}" for n in (2, 3, 4, 6, 8)]
        library.build_project_library([*wanted, "Device:R", "power:GND", "power:+12V", "power:PWR_FLAG"], installed)
    load_symbols()
    write(sheets(), folder, OVERVIEW)


if __name__ == "__main__":
    main()
