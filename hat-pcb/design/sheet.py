"""What a sheet of the schematic is made of: parts, labels and remarks at their places.

Coordinates are in units of 2.54 mm from the upper left corner of the sheet, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import library
from catalogue import Kind, kind

SYMBOLS: dict[str, Any] = {}
"""The project's own symbols by name; filled by `load_symbols`."""


def load_symbols() -> None:
    """Reads the project's own symbol library."""
    SYMBOLS.clear()
    SYMBOLS.update(library.symbols(library.PROJECT_LIBRARY))


@dataclass(slots=True)
class Part:
    """One symbol on a sheet; `pins` gives each pin's net, None for a pin that is deliberately left open."""

    ref: str
    kind: Kind
    x: float
    y: float
    rot: int
    mirror: str
    unit: int
    pins: dict[str, str | None]
    label: tuple[float, float] | None = None
    text: tuple[float, float] | None = None
    value: str | None = None


@dataclass(slots=True)
class Port:
    """A global label: where a net enters or leaves the block."""

    net: str
    x: float
    y: float
    side: str
    shape: str


@dataclass(slots=True)
class Sheet:
    """One block of the circuit."""

    number: int
    name: str
    title: str
    paper: str = "A4"
    parts: list[Part] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    notes: list[tuple[str, float, float, float]] = field(default_factory=list)
    flags: list[tuple[str, float, float]] = field(default_factory=list)
    named: tuple[str, ...] = ()

    def add(
        self,
        ref: str,
        key: str,
        x: float,
        y: float,
        pins: dict[str, str | None],
        *,
        rot: int = 0,
        mirror: str = "",
        unit: int = 1,
        label: tuple[float, float] | None = None,
        text: tuple[float, float] | None = None,
        value: str | None = None,
    ) -> None:
        """Places a part; `label` and `text` move the reference and the value (offset from the part's centre)."""
        self.parts.append(Part(ref, kind(key), x, y, rot, mirror, unit, pins, label, text, value))

    def two(self, ref: str, key: str, x: float, y: float, first: str, second: str, way: str = "v", **more: Any) -> None:
        """A part with two pins: way "v" has `first` on top, "h" has `first` on the left."""
        found = kind(key)
        numbers = ("1", "2")
        base = library.pins(self._symbol(found))
        upright = base[0].dx == 0
        if upright:
            rot = 0 if way == "v" else 90
        else:
            rot = 270 if way == "v" else 0
        self.add(ref, key, x, y, {numbers[0]: first, numbers[1]: second}, rot=rot, **more)

    def diode(self, ref: str, key: str, x: float, y: float, anode: str, cathode: str, way: str, **more: Any) -> None:
        """A diode whose current flows "right", "left", "up" or "down"."""
        rot = {"left": 0, "right": 180, "up": 270, "down": 90}[way]
        self.add(ref, key, x, y, {"1": cathode, "2": anode}, rot=rot, **more)

    def clamp(self, ref: str, x: float, y: float, net: str, high: str = "+3V3") -> None:
        """A pair of diodes that keeps a line between ground and a rail; the line comes from above."""
        self.add(ref, "BAT54S", x, y, {"1": "GND", "2": high, "3": net}, rot=180, label=(2.9, -2.5), text=(3.3, -1.6))

    def port(self, net: str, x: float, y: float, side: str, shape: str = "passive") -> None:
        """A global label whose text extends to the "L" or "R" of the point."""
        self.ports.append(Port(net, x, y, side, shape))

    def note(self, text: str, x: float, y: float, size: float = 1.5) -> None:
        """A remark for the reader."""
        self.notes.append((text, x, y, size))

    def flag(self, net: str, x: float, y: float) -> None:
        """Tells the electrical check that a rail is fed through passive parts."""
        self.flags.append((net, x, y))

    @staticmethod
    def _symbol(found: Kind) -> Any:
        return SYMBOLS[found.symbol.split(":")[1]]
