"""Short ways to write a story in a test."""

from pathlib import Path

from smartevse.scenario.engine import Run, run
from smartevse.scenario.reader import read_story
from smartevse.scenario.story import Story


def story(folder: Path, text: str) -> Story:
    path = folder / "story.toml"
    path.write_text(text, "utf-8")
    return read_story(path)


def told(folder: Path, text: str) -> Run:
    return run(story(folder, text))
