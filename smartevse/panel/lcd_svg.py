"""A frame of the LCD as a drawing: every character at its place, the eight own characters dot by dot."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from smartevse.panel.glyphs import COUNT, DOTS, FIRST
from smartevse.panel.screens import Frame

CELL_W, CELL_H = 12, 20
_EDGE = 10
_DOT = 2
_GLASS, _LIT = "#1d3fbb", "#eaf2ff"


def drawing(frame: Frame) -> str:
    """The whole file."""
    width, height = len(frame[0]) * CELL_W + 2 * _EDGE, len(frame) * CELL_H + 2 * _EDGE
    parts = [part for row, line in enumerate(frame) for part in (_text(row, line), *_glyphs(row, line)) if part]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        f'<rect width="{width}" height="{height}" rx="6" fill="{_GLASS}"/>\n'
        f'<g fill="{_LIT}" font-family="monospace" font-size="18">\n{body}\n</g>\n</svg>\n'
    )


def _text(row: int, line: str) -> str:
    """The plain characters of a line, each with its own place, so that any font stands in the grid."""
    shown = [(column, char) for column, char in enumerate(line) if char != " " and not _own(char)]
    places = " ".join(str(_EDGE + column * CELL_W) for column, _ in shown)
    text = escape("".join(char for _, char in shown))
    return f'<text x="{places}" y="{_EDGE + row * CELL_H + 15}">{text}</text>' if text else ""


def _glyphs(row: int, line: str) -> Iterator[str]:
    """The own characters of a line."""
    for column, char in enumerate(line):
        if _own(char):
            left, top = _EDGE + column * CELL_W + 1, _EDGE + row * CELL_H + 2
            dots = "".join(
                f"M{left + x * _DOT} {top + y * _DOT}h{_DOT}v{_DOT}h-{_DOT}z"
                for y, bits in enumerate(DOTS[ord(char) - FIRST])
                for x in range(5)
                if bits >> (4 - x) & 1
            )
            yield f'<path d="{dots}"/>'


def _own(char: str) -> bool:
    return FIRST <= ord(char) < FIRST + COUNT
