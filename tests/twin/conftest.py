"""A twin for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twin.running import Twin, running


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with running(tmp_path) as twin:
        yield twin
