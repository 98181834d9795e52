"""The eight characters that we draw ourselves: 5 x 8 dots each, put into the display's own memory.

In a frame, character n is the code point `FIRST + n`; everything else is ASCII, because the two character sets of these
displays agree on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

FIRST = 0xE000
COUNT = 8
ROWS = 8

CAR, HOUSE, SUN, PLUG, GRID, RIGHT, LEFT, CLOCK = (chr(FIRST + number) for number in range(COUNT))

_DRAWN = {
    CAR: ".....|.....|.###.|#.#.#|#####|#####|.#.#.|.....",
    HOUSE: "..#..|.###.|#####|#####|#...#|#.#.#|#.#.#|.....",
    SUN: "..#..|#.#.#|.###.|##.##|.###.|#.#.#|..#..|.....",
    PLUG: ".#.#.|.#.#.|#####|#####|.###.|..#..|..#..|.....",
    GRID: "..#..|#####|..#..|#####|.###.|.#.#.|#...#|.....",
    RIGHT: ".....|.#...|.##..|.###.|.##..|.#...|.....|.....",
    LEFT: ".....|...#.|..##.|.###.|..##.|...#.|.....|.....",
    CLOCK: ".....|.###.|#.#.#|#.###|#...#|.###.|.....|.....",
}

READABLE: Mapping[str, str] = {
    CAR: "⛟", HOUSE: "⌂", SUN: "☼", PLUG: "⚲", GRID: "⌁", RIGHT: "▸", LEFT: "◂", CLOCK: "◷",
}  # fmt: skip
"""What stands for each in a text file."""


def _dots(drawn: str) -> tuple[int, ...]:
    return tuple(int(row.replace(".", "0").replace("#", "1"), 2) for row in drawn.split("|"))


DOTS: tuple[tuple[int, ...], ...] = tuple(_dots(_DRAWN[chr(FIRST + number)]) for number in range(COUNT))
"""Each character's eight rows from above, five dots a row, the left one is the highest bit."""


def readable(text: str) -> str:
    """A line of the display for a text file: one character for each."""
    return "".join(READABLE.get(char, char) for char in text)
