"""The page of the proof on other processors keeps what other runs have written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


@pytest.fixture(name="merge")
def _merge(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(PACKAGING))
    from proving.arm import merge

    yield merge
    for name in [name for name in sys.modules if name.split(".")[0] == "proving"]:
        del sys.modules[name]


def test_a_section_is_replaced_and_the_others_stay_in_order(merge: object) -> None:
    assert callable(merge)
    page = merge("", "Debian trixie, armhf", "three\n\n| a |\n")
    page = merge(page, "Debian bookworm, arm64", "one\n")
    page = merge(page, "Debian trixie, armhf", "four\n\n| b |\n")
    heads = [line for line in page.splitlines() if line.startswith("#")]
    assert heads == ["# Acceptance on arm64 and armhf", "## Debian bookworm, arm64", "## Debian trixie, armhf"]
    assert "three" not in page
    assert page.endswith("four\n\n| b |\n")
