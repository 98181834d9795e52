"""The manual is what tables and screens give, and leaves nothing out."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from smartevse.core.faults import Fault
from smartevse.panel.glyphs import CAR, FIRST, READABLE
from smartevse.panel.lcd_svg import drawing
from smartevse.panel.manual import FOLDER, files, page
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Options

DOCS = Path(__file__).parents[2] / "docs"
MADE = files()


def test_the_manual_and_its_drawings_are_current() -> None:
    there = {"manual.md", *(f"{FOLDER}/{path.name}" for path in (DOCS / FOLDER).glob("*"))}
    assert there == set(MADE), "run: python -m smartevse.panel.manual docs"
    for name, text in MADE.items():
        assert (DOCS / name).read_text("utf-8") == text, f"{name}: run: python -m smartevse.panel.manual docs"


def test_every_item_choice_help_and_error_is_in_it() -> None:
    text = page()
    for row in TABLE.rows:
        assert f"**{row.name}**" in text
        assert row.help in text
        if isinstance(row.kind, Options):
            assert all(label in text for label in (*row.kind.labels.values(), *row.kind.actions.values()))
    assert all(f"error-{fault.name.lower().replace('_', '-')}.svg" in text for fault in Fault)


def test_every_picture_is_there_and_every_one_is_used() -> None:
    text = page()
    for name in MADE:
        assert name == "manual.md" or f"({name})" in text


@pytest.mark.parametrize("name", sorted(name for name in MADE if name.endswith(".svg")))
def test_a_drawing_is_light_and_whole(name: str) -> None:
    assert len(MADE[name]) < 6000
    assert ET.fromstring(MADE[name]).tag.endswith("svg")


def test_a_drawing_has_each_character_at_its_place_and_our_own_dot_by_dot() -> None:
    root = ET.fromstring(drawing((f"<&> {CAR}".ljust(20),)))
    (text,) = root.findall(".//{*}text")
    assert (text.text, text.attrib["x"]) == ("<&>", "10 22 34")
    (path,) = root.findall(".//{*}path")
    assert path.attrib["d"].count("M") == 3 + 3 + 5 + 5 + 2
    assert len(READABLE) == 8
    assert ord(CAR) == FIRST
