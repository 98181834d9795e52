"""The board fits the Raspberry Pi: header and holes stand where the Pi has them, seen from above."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

BOARD = Path(__file__).resolve().parents[2] / "hat-pcb" / "hat.kicad_pcb"
ORIGIN = (100.0, 95.0)  # the upper left corner of the standard HAT outline on KiCad's page, in mm


def footprint(reference: str) -> str:
    text = BOARD.read_text("utf-8")
    blocks = re.split(r"\n\t\(footprint ", text)[1:]
    found = [b for b in blocks if f'(property "Reference" "{reference}"' in b]
    assert len(found) == 1, f"{reference} stands {len(found)} times on the board"
    return found[0]


def place(block: str) -> tuple[float, float, float]:
    match = re.search(r"\n\t\t\(at ([-\d.]+) ([-\d.]+)(?: ([-\d.]+))?\)", block)
    assert match
    return float(match[1]) - ORIGIN[0], float(match[2]) - ORIGIN[1], math.radians(float(match[3] or 0))


def pad(block: str, number: int) -> tuple[float, float]:
    match = re.search(rf'\(pad "{number}" [^\n]*\n\t\t\t\(at ([-\d.]+) ([-\d.]+)', block)
    assert match
    x, y, turn = place(block)
    px, py = float(match[1]), float(match[2])
    return x + px * math.cos(turn) + py * math.sin(turn), y - px * math.sin(turn) + py * math.cos(turn)


@pytest.mark.parametrize("number", range(1, 41))
def test_the_pins_of_the_header_stand_where_the_pi_has_them(number: int) -> None:
    # centre at 32.5, 3.5; odd pins towards the Pi's middle, even pins towards its edge, pin 1 on the left
    expected = (32.5 - 24.13 + 2.54 * ((number - 1) // 2), 3.5 + (1.27 if number % 2 else -1.27))
    assert pad(footprint("J101"), number) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("hole", "x", "y"), [("H101", 3.5, 3.5), ("H102", 61.5, 3.5), ("H103", 3.5, 52.5), ("H104", 61.5, 52.5)]
)
def test_the_mounting_holes_stand_where_the_pi_has_them(hole: str, x: float, y: float) -> None:
    assert place(footprint(hole))[:2] == pytest.approx((x, y), abs=0.01)
