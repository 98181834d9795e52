"""Drawings made of characters: the pilot's waveform and the chart of currents, on a canvas of braille dots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.text import Text

DOTS_X, DOTS_Y = 2, 4
"""Dots in one character."""
_BRAILLE = 0x2800
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots in a braille character: by column, then by row from the top."""

STATE_COLOURS = {"A": "#5f6b7a", "B": "#3b82f6", "C": "#22c55e", "D": "#d946ef", "E": "#ef4444", "F": "#ef4444"}
"""The colour of each state of the pilot, wherever it is shown."""
WAVE_COLOUR = "#fde047"
GRID_COLOUR = "#4b5563"
LABEL_COLOUR = "#9ca3af"
OFFER_COLOUR = "#fde047"
PHASE_COLOURS = ("#fb923c", "#e5e7eb", "#60a5fa")
"""L1, L2, L3."""

WAVE_SPAN_V = 13.5
WAVE_MS = 2.2
_WAVE_BEGINS_MS = -0.1
AXIS = 6
"""Characters for the labels left of a drawing."""
_LEVELS = ((12, "A"), (-12, ""), (0, "E"), (6, "C"), (9, "B"), (3, "D"))
"""Labelled voltages with the state they stand for; where the drawing is too low for all, the first ones are shown."""
_TOPS_A = (10, 16, 20, 25, 32, 40, 50, 63, 80, 100)
"""Where the scale of currents may end."""


class Canvas:
    """A field of dots, `columns` x `rows` characters; (0, 0) is the dot at the top left. Dots outside are cut off."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._bits = [[0] * columns for _ in range(rows)]
        self._colours = [[""] * columns for _ in range(rows)]

    @property
    def width(self) -> int:
        """Dots from left to right."""
        return self.columns * DOTS_X

    @property
    def height(self) -> int:
        """Dots from top to bottom."""
        return self.rows * DOTS_Y

    def dot(self, x: int, y: int, colour: str) -> None:
        """Set one dot; the whole character takes the colour of its newest dot."""
        if 0 <= x < self.width and 0 <= y < self.height:
            column, row = x // DOTS_X, y // DOTS_Y
            self._bits[row][column] |= _BITS[x % DOTS_X][y % DOTS_Y]
            self._colours[row][column] = colour

    def step(self, x: int, from_y: int, to_y: int, colour: str) -> None:
        """A vertical line, both ends included."""
        for y in range(min(from_y, to_y), max(from_y, to_y) + 1):
            self.dot(x, y, colour)

    def lines(self) -> list[Text]:
        """The drawing as coloured lines."""
        return [
            _coloured(
                (chr(_BRAILLE + bits) if bits else " ", colour) for bits, colour in zip(row, colours, strict=True)
            )
            for row, colours in zip(self._bits, self._colours, strict=True)
        ]


def _coloured(characters: Iterable[tuple[str, str]]) -> Text:
    """A line in as few pieces as its colours need."""
    text = Text(no_wrap=True)
    piece, last = "", ""
    for character, colour in characters:
        if colour != last and piece:
            text.append(piece, last)
            piece = ""
        piece, last = piece + character, colour
    return text.append(piece, last)


def wave(columns: int, rows: int, high_v: float, low_v: float, duty_permille: int, state: str) -> list[Text]:
    """The pilot as an oscilloscope shows it, `columns` x `rows` characters with labels; 1 kHz, or a steady level."""
    canvas = Canvas(max(columns - AXIS, 1), rows)

    def y(volts: float) -> int:
        return round((WAVE_SPAN_V - volts) / (2 * WAVE_SPAN_V) * (canvas.height - 1))

    for x in range(0, canvas.width, 4):
        canvas.dot(x, y(0), GRID_COLOUR)
    before = None
    for x in range(canvas.width):
        at_ms = _WAVE_BEGINS_MS + x / canvas.width * WAVE_MS
        now = y(high_v if at_ms % 1 < duty_permille / 1000 else low_v)
        canvas.step(x, now if before is None else before, now, WAVE_COLOUR)
        before = now
    labels: dict[int, tuple[str, str]] = {}
    for volts, letter in _LEVELS:
        bold = f"bold {STATE_COLOURS[letter]}" if letter and letter == state else LABEL_COLOUR
        labels.setdefault(y(volts) // DOTS_Y, (f"{letter:<1}{volts:>+4d}" if volts else f"{letter:<1}   0", bold))
    return _labelled(canvas, labels)


class Sample(NamedTuple):
    """The currents at one moment, in 0.1 A; `state` is the pilot's letter."""

    at_s: float
    offer_da: int
    currents_da: tuple[int, int, int]
    state: str


def chart(columns: int, rows: int, samples: Sequence[Sample], now_s: float, span_s: float) -> list[Text]:
    """Offer and phases over the last `span_s` seconds; the last line is the pilot's state over the same time."""
    canvas = Canvas(max(columns - AXIS, 1), max(rows - 1, 1))
    most_a = max((max(sample.offer_da, *sample.currents_da) for sample in samples), default=0) / 10
    top_a = next((top for top in _TOPS_A if top >= most_a * 1.02), _TOPS_A[-1])

    def y(value_da: int) -> int:
        return round((1 - value_da / 10 / top_a) * (canvas.height - 1))

    at_dot = _by_dot(samples, canvas.width, now_s, span_s)
    for series in (3, 2, 1, 0):
        _curve(canvas, at_dot, series, y)
    labels = {0: (f"{top_a:>3} A", LABEL_COLOUR), canvas.rows - 1: ("  0 A", LABEL_COLOUR)}
    if canvas.rows >= 5:
        middle = canvas.rows // 2
        value_a = (1 - (middle * DOTS_Y + 1.5) / (canvas.height - 1)) * top_a
        labels[middle] = (f"{value_a:>3.0f} A", LABEL_COLOUR)
    return [*_labelled(canvas, labels), _strip(at_dot[::DOTS_X])]


def _by_dot(samples: Sequence[Sample], dots: int, now_s: float, span_s: float) -> list[Sample | None]:
    """The newest sample of each dot from left (old) to right (now); a dot without one keeps its left neighbour's."""
    found: list[Sample | None] = [None] * dots
    for sample in samples:
        x = round((1 - (now_s - sample.at_s) / span_s) * (dots - 1))
        if 0 <= x < dots:
            found[x] = sample
    for x in range(1, dots):
        found[x] = found[x] or found[x - 1]
    return found


def _curve(canvas: Canvas, at_dot: Sequence[Sample | None], series: int, y: Callable[[int], int]) -> None:
    """One curve: series 0 is the offer, 1 to 3 are the phases. Where nothing is offered there is no line."""
    colour = OFFER_COLOUR if series == 0 else PHASE_COLOURS[series - 1]
    before = None
    for x, sample in enumerate(at_dot):
        value_da = 0 if sample is None else sample.offer_da if series == 0 else sample.currents_da[series - 1]
        if value_da or before is not None:
            now = y(value_da)
            canvas.step(x, (y(0) if x and at_dot[x - 1] else now) if before is None else before, now, colour)
        before = y(value_da) if value_da else None


def _strip(cells: Sequence[Sample | None]) -> Text:
    """The pilot's state over time: a coloured band with a letter where it changes."""
    text = Text("state ", LABEL_COLOUR, no_wrap=True)
    before = ""
    for sample in cells:
        state = sample.state if sample else ""
        colour = STATE_COLOURS.get(state)
        text.append(state if state != before and state else " ", f"bold #000000 on {colour}" if colour else "")
        before = state
    return text


def _labelled(canvas: Canvas, labels: dict[int, tuple[str, str]]) -> list[Text]:
    """The drawing with a label (text, style) left of some of its lines."""
    empty = (" " * (AXIS - 1), LABEL_COLOUR)
    lines = []
    for row, drawn in enumerate(canvas.lines()):
        label, style = labels.get(row, empty)
        lines.append(Text(no_wrap=True).append(f"{label:<{AXIS - 1}}", style).append("▏", GRID_COLOUR).append(drawn))
    return lines
