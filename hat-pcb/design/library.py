"""Reads KiCad's symbol libraries (s-expressions) and hands out flat symbols with their pins.

The board carries its own copies of all symbols in `lib/smartevse.kicad_sym`, so it opens and checks the same on every
machine; this module makes that file once from an installed KiCad and reads it ever after.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
PROJECT_LIBRARY = HERE / "lib" / "smartevse.kicad_sym"
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[()]|[^\s()]+')


def parse(text: str) -> Any:
    """The nested lists of one s-expression; strings keep their quotes."""
    stack: list[list[Any]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return stack[0][0]


def dump(node: Any, indent: int = 0) -> str:
    """The text of an s-expression, one nested list a line."""
    if isinstance(node, str):
        return node
    flat = [e for e in node if isinstance(e, str)]
    nested = [e for e in node if not isinstance(e, str)]
    if not nested:
        return "(" + " ".join(flat) + ")"
    inner = "".join("\n" + "\t" * (indent + 1) + dump(e, indent + 1) for e in nested)
    return "(" + " ".join(flat) + inner + "\n" + "\t" * indent + ")"


def quote(text: str) -> str:
    """A string as KiCad writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin of a symbol; position and outward direction in half grid units (1.27 mm), y downwards."""

    number: str
    name: str
    unit: int
    x: int
    y: int
    dx: int
    dy: int
    length: int
    electrical: str


def _strip(text: str) -> str:
    return text.strip('"')


def symbols(path: Path) -> dict[str, Any]:
    """All symbols of a library file by name."""
    return {_strip(e[1]): e for e in parse(path.read_text("utf-8")) if isinstance(e, list) and e[0] == "symbol"}


def flatten(library: dict[str, Any], name: str) -> Any:
    """The symbol with everything it inherits, under its own name."""
    symbol = library[name]
    parents = [e for e in symbol if isinstance(e, list) and e[0] == "extends"]
    if not parents:
        return copy.deepcopy(symbol)
    parent_name = _strip(parents[0][1])
    flat = flatten(library, parent_name)
    own = {e[1]: e for e in symbol if isinstance(e, list) and e[0] == "property"}
    out: list[Any] = []
    for element in flat:
        if isinstance(element, list) and element[0] == "property" and element[1] in own:
            out.append(own.pop(element[1]))
        elif isinstance(element, list) and element[0] == "symbol":
            out.append([element[0], quote(name + _strip(element[1])[len(parent_name) :]), *element[2:]])
        else:
            out.append(element)
    last = max(i for i, e in enumerate(out) if isinstance(e, list) and e[0] == "property")
    out[last + 1 : last + 1] = list(own.values())
    out[1] = quote(name)
    return out


def pins(symbol: Any) -> list[Pin]:
    """Every pin of a flat symbol (first body style only)."""
    found: list[Pin] = []
    for part in symbol:
        if not (isinstance(part, list) and part[0] == "symbol"):
            continue
        _, unit, style = _strip(part[1]).rsplit("_", 2)
        if int(style) > 1:
            continue
        for element in part:
            if isinstance(element, list) and element[0] == "pin":
                field = {e[0]: e[1:] for e in element if isinstance(e, list)}
                x, y, angle = (float(v) for v in field["at"])
                dx, dy = {0: (-1, 0), 180: (1, 0), 90: (0, 1), 270: (0, -1)}[int(angle)]
                found.append(
                    Pin(
                        _strip(field["number"][0]),
                        _strip(field["name"][0]),
                        int(unit),
                        round(x / 1.27),
                        round(-y / 1.27),
                        dx,
                        dy,
                        round(float(field["length"][0]) / 1.27),
                        element[1],
                    )
                )
    return found


def build_project_library(wanted: list[str], installed: Path) -> None:
    """Writes `lib/smartevse.kicad_sym` with copies of the wanted "Library:Symbol" from an installed KiCad."""
    out = ['(kicad_symbol_lib (version 20241209) (generator "smartevse") (generator_version "9.0")']
    for identifier in sorted(set(wanted)):
        library, name = identifier.split(":")
        if library == "smartevse":
            flat = _supervisor(installed)
        else:
            flat = flatten(symbols(installed / f"{library}.kicad_sym"), name)
        out.append("\t" + dump(flat, 1))
    out.append(")")
    PROJECT_LIBRARY.parent.mkdir(parents=True, exist_ok=True)
    PROJECT_LIBRARY.write_text("\n".join(out) + "\n", "utf-8")


def _supervisor(installed: Path) -> Any:
    """An open-drain supervisor: like the push-pull TPS3839 of the library, with the output it really has."""
    flat = flatten(symbols(installed / "Power_Supervisor.kicad_sym"), "TPS3839DBZ")
    text = dump(flat).replace("TPS3839DBZ", "APX803S").replace("(pin output line", "(pin open_collector line")
    text = re.sub(r'\(property "(Datasheet|Description|ki_keywords|ki_fp_filters)" "[^"]*"', r'(property "\1" ""', text)
    return parse(text)
