"""Makes fingers of a terminal's keys: a terminal tells that a key was typed, and again while it is held, but not when
it was let go. So a key of the station goes up a moment after the last word about it.
"""

from __future__ import annotations

TAP_S = 0.14
"""How long a key stays down after the last word about it; longer than the pause between two repeats of a terminal."""
LONG_S = 2.3
"""A long press: more than the 2 s after which the station opens its menu."""


class Fingers:
    """The keys that are down, with the time at which each goes up. Results are commands for the twin."""

    def __init__(self) -> None:
        self._up_at_s: dict[str, float] = {}

    def typed(self, keys: str, now_s: float, length_s: float = TAP_S) -> list[str]:
        """Keys of the station were typed, all of them together ("<>" is both outer keys)."""
        commands = [f"press {key} down" for key in keys if key not in self._up_at_s]
        for key in keys:
            self._up_at_s[key] = max(now_s + length_s, self._up_at_s.get(key, 0.0))
        return commands

    def due(self, now_s: float) -> list[str]:
        """What goes up by now; call it some 20 times a second."""
        up = [key for key, at_s in self._up_at_s.items() if at_s <= now_s]
        for key in up:
            del self._up_at_s[key]
        return [f"press {key} up" for key in up]
