from pathlib import Path

import pytest

from smartevse.scenario import library
from smartevse.scenario.engine import run
from smartevse.scenario.reader import read_story

OURS = sorted(Path(__file__).parent.glob("*.toml"))
PACKAGED = [library.find(name) for name in library.names()]


@pytest.mark.parametrize("path", [*PACKAGED, *OURS], ids=lambda path: path.stem)
def test_every_story_holds(path: Path) -> None:
    came = run(read_story(path))
    assert came.held, [f"{outcome.text}: {outcome.detail}" for outcome in came.outcomes if not outcome.held]


def test_every_story_has_a_title_and_can_be_found_by_its_name() -> None:
    assert len(PACKAGED) >= 9
    for path in PACKAGED:
        assert read_story(path).title != path.stem
        assert library.find(path.stem) == path
