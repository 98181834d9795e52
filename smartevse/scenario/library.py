"""The stories that come with the program: found by their name, so that anybody can run one."""

from __future__ import annotations

from pathlib import Path

from smartevse.scenario.story import StoryError

FOLDER = Path(__file__).with_name("stories")


def names() -> tuple[str, ...]:
    """The names of all stories that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def find(word: str) -> Path:
    """The file of a story: a path, or the name of one that comes with the program. Raises StoryError."""
    path = Path(word)
    if path.is_file():
        return path
    if word in names():
        return FOLDER / f"{word}.toml"
    raise StoryError(
        f"there is no file {word!r}, and no story of that name comes with the program: "
        f"give a TOML file, or one of {', '.join(names())}"
    )
