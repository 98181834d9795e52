"""The hat's tools are scripts, not a package: their folders are put on the path here."""

from __future__ import annotations

import sys
from pathlib import Path

HAT = Path(__file__).resolve().parents[2] / "hat-pcb"
sys.path[:0] = [str(HAT / "tools"), str(HAT / "eeprom")]
