"""What the display tells of the set-up: at most two lines of 16 ASCII characters, which take turns."""

from __future__ import annotations

from smartevse.wifi.setup import Phase, View

WIDTH = 16
TURN_S = 4.0


def lines(view: View, where: str, now_s: float) -> tuple[str, ...]:
    """The two lines now; `where`: address and port of the page, "" until it is served."""
    pages = _pages(view, where)
    return pages[int(now_s / TURN_S) % len(pages)] if pages else ()


def _pages(view: View, where: str) -> list[tuple[str, ...]]:
    if view.phase is Phase.OPEN:
        error = [view.short] if view.short else []
        return [*error, (view.name, f"pw {view.password}"), ("open in browser", where)]
    if view.phase is Phase.OPENING:
        return [view.short or ("opening a", "network ...")]
    if view.phase is Phase.JOINING:
        return [("joining", _ascii(view.chosen))]
    if view.phase is Phase.DONE:
        return [("connected", _ascii(view.chosen)), ("address", view.address)]
    return [view.short] if view.short else []


def _ascii(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in name)[:WIDTH]
