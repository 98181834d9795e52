"""A sheet of the schematic: symbols at given places, wires between them, labels only where a net leaves the block.

Coordinates in the sheet files are in units of 2.54 mm from the upper left corner, y downwards. Every pin of a part is
given its net by name; nets that occur on one sheet are drawn as wires, supply rails as power symbols, and nets shared
by several sheets get a global label at each place named by `port`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import library
from library import quote
from sheet import SYMBOLS, Part, Port, Sheet, load_symbols
from wires import Grid, Node, draw, segments

RAILS = ("GND", "+3V3", "+5V", "+12V", "+15V", "-15V", "VREF5", "VREF25", "V_LOCK", "12V_IO")
_SPACE = uuid.UUID("7f3c1d0e-5e0b-4f4e-9a41-27f0a6a1b8c2")
_PAPER = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}


def uid(*what: object) -> str:
    """An identifier that stays the same from run to run."""
    return str(uuid.uuid5(_SPACE, "/".join(map(str, what))))


def turn(x: float, y: float, rot: int, mirror: str) -> tuple[float, float]:
    """A point of a symbol after KiCad's rotation (counter-clockwise) and mirroring; y downwards."""
    x, y = {0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[rot]
    if mirror == "x":
        y = -y
    if mirror == "y":
        x = -x
    return x, y


def _outline(symbol: Any, unit: int) -> tuple[float, float, float, float]:
    """The box of a symbol's graphics in steps of 1.27 mm, y downwards."""
    xs: list[float] = []
    ys: list[float] = []

    def walk(node: Any) -> None:
        if not isinstance(node, list):
            return
        if node[0] in ("xy", "start", "end", "mid") or node[0] == "center":
            xs.append(float(node[1]) / 1.27)
            ys.append(-float(node[2]) / 1.27)
        if node[0] not in ("pin", "text"):
            for child in node:
                walk(child)

    for part in symbol:
        if (
            isinstance(part, list)
            and part[0] == "symbol"
            and int(part[1].strip('"').rsplit("_", 2)[1]) in (0, unit)
            and int(part[1].strip('"').rsplit("_", 2)[2]) < 2
        ):
            walk(part)
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)


class Drawing:
    """Turns a sheet into the text of a .kicad_sch file."""

    def __init__(self, sheet: Sheet, shared: set[str], root: str) -> None:
        self.sheet, self.shared, self.root = sheet, shared, root
        self.uid = uid("sheet", sheet.name)
        width, height = _PAPER[sheet.paper]
        self.grid = Grid(int(width / 1.27), int(height / 1.27))
        self.out: list[str] = []
        self.terminals: dict[str, list[Node]] = defaultdict(list)
        self.leave: dict[Node, Node] = {}
        self.rail_pins: list[tuple[str, Node, Node, bool]] = []
        self.stubs: list[tuple[Node, Node]] = []
        self.powers = 0

    def text(self) -> str:
        """The whole file."""
        for part in self.sheet.parts:
            self._part(part)
        for port in self.sheet.ports:
            self._port(port)
        for net, x, y in self.sheet.flags:
            self._flag(net, round(2 * x), round(2 * y))
        for net, node, way, flat in self.rail_pins:
            self._rail(net, node, way, flat)
        self._check()
        nets = {n: list(dict.fromkeys(t)) for n, t in sorted(self.terminals.items())}
        draw(self.grid, nets, self.leave)
        wires, dots = segments(self.grid)
        for a, b in self.stubs + wires:
            self.out.append(
                f'\t(wire (pts (xy {self._mm(a)}) (xy {self._mm(b)})) (stroke (width 0.2) (type default)) (uuid "{uid(self.sheet.name, "w", a, b)}"))'
            )
        for dot in dots:
            self.out.append(f'\t(junction (at {self._mm(dot)}) (diameter 0) (color 0 0 0 0) (uuid "{uid(self.sheet.name, "j", dot)}"))')
        for net in self.sheet.named:
            self._name(net, wires)
        for text, x, y, size in self.sheet.notes:
            self.out.append(
                f"\t(text {quote(text)} (exclude_from_sim no) (at {x * 2.54:g} {y * 2.54:g} 0) (effects (font (size {size} "
                f'{size})) (justify left top)) (uuid "{uid(self.sheet.name, "t", x, y)}"))'
            )
        used = sorted({p.kind.symbol.split(":")[1] for p in self.sheet.parts} | {"GND", "+12V", "PWR_FLAG"})
        head = [
            '(kicad_sch (version 20250114) (generator "smartevse") (generator_version "9.0")',
            f'\t(uuid "{self.uid}")',
            f'\t(paper "{self.sheet.paper}")',
            title_block(self.sheet.title),
            "\t(lib_symbols",
        ]
        for name in used:
            symbol = list(SYMBOLS[name])
            symbol[1] = quote(f"smartevse:{name}")
            head.append("\t\t" + library.dump(symbol, 2))
        return "\n".join([*head, "\t)", *self.out, "\t(embedded_fonts no)", ")"]) + "\n"

    @staticmethod
    def _mm(node: Node) -> str:
        return f"{node[0] * 1.27:.2f} {node[1] * 1.27:.2f}"

    def _check(self) -> None:
        ported = {p.net for p in self.sheet.ports}
        for net, nodes in self.terminals.items():
            if net in self.shared and net not in ported:
                raise ValueError(f"sheet {self.sheet.name}: {net} leaves the sheet but has no port")
            if len(nodes) < 2:
                raise ValueError(f"sheet {self.sheet.name}: {net} has only one end at {nodes}")

    def _part(self, part: Part) -> None:
        symbol = SYMBOLS[part.kind.symbol.split(":")[1]]
        cx, cy = round(2 * part.x), round(2 * part.y)
        everything = library.pins(symbol)
        units = sorted({p.unit for p in everything if p.unit}) or [1]
        box = _outline(symbol, part.unit)
        corners = [turn(x, y, part.rot, part.mirror) for x in (box[0], box[2]) for y in (box[1], box[3])]
        x1, x2 = min(c[0] for c in corners), max(c[0] for c in corners)
        y1, y2 = min(c[1] for c in corners), max(c[1] for c in corners)
        own: list[tuple[Any, Node]] = []
        for pin in everything:
            if pin.unit not in (part.unit, 0) or (pin.unit == 0 and part.unit != units[0] and len(units) > 1):
                continue
            px, py = turn(pin.x, pin.y, part.rot, part.mirror)
            dx, dy = turn(pin.dx, pin.dy, part.rot, part.mirror)
            own.append((pin, (cx + round(px), cy + round(py))))
            node, way = own[-1][1], (round(dx), round(dy))
            if pin.number not in part.pins:
                if pin.electrical in ("no_connect", "unconnected"):
                    continue
                raise ValueError(f"{part.ref}: pin {pin.number} ({pin.name}) was given no net")
            net = part.pins[pin.number]
            if net is None:
                self.grid.points[node] = f"open {part.ref}"
                self.out.append(f'\t(no_connect (at {self._mm(node)}) (uuid "{uid(self.sheet.name, "nc", node)}"))')
            elif net in RAILS:
                self.rail_pins.append((net, node, way, part.ref.startswith("J")))
                self.grid.points[node] = net
            else:
                self.terminals[net].append(node)
                self.leave[node] = way
            inner = (node[0] - way[0] * pin.length, node[1] - way[1] * pin.length)
            for step in range(1, pin.length + 1):
                self.grid.hard.add((node[0] - way[0] * step, node[1] - way[1] * step))
            del inner
        if own:
            self.grid.block(cx + x1 + 0.3, cy + y1 + 0.3, cx + x2 - 0.3, cy + y2 - 0.3)
            self.grid.block(cx + x1 - 1, cy + y1 - 1, cx + x2 + 1, cy + y2 + 1, soft=1.5)
        self._symbol_text(part, (x1, y1, x2, y2), everything)

    def _symbol_text(self, part: Part, box: tuple[float, float, float, float], pins: list[Any]) -> None:
        value = part.value or part.kind.value
        x1, y1, x2, y2 = (v / 2 for v in box)
        small = len(pins) <= 2
        reference = part.ref + (chr(64 + part.unit) if len({p.unit for p in pins if p.unit}) > 1 else "")
        first = pins[0] if pins else None
        upright = first is not None and ((first.dx == 0) == (part.rot in (0, 180)))
        wide = 0.44 * len(value)
        if small and upright:
            ref_at, val_at = (x2 + 0.25 + 0.22 * len(reference), -0.45), (x2 + 0.25 + wide / 2, 0.45)
        elif small:
            ref_at, val_at = (0.0, y1 - 0.55), (0.0, y2 + 0.6)
        else:
            ref_at, val_at = (x1 + 0.22 * len(reference), y1 - 0.55), (x1 + wide / 2, y2 + 0.6)
        ref_at = part.label or ref_at
        val_at = part.text or val_at
        angle = 90 if part.rot in (90, 270) else 0
        shown = "(effects (font (size 1.27 1.27)))"
        hidden = "(effects (font (size 1.27 1.27)) (hide yes))"
        fields = [("Reference", part.ref, ref_at, shown), ("Value", value, val_at, shown)]
        k = part.kind
        nothing = (0.0, 0.0)
        fields += [
            ("Footprint", k.footprint if k.footprint.startswith("smartevse:") else "smartevse:" + k.footprint.split(":")[1], nothing, hidden),
            ("Datasheet", "", nothing, hidden),
            ("Description", k.what, nothing, hidden),
        ]
        if k.mpn not in ("", "-"):
            fields += [("Manufacturer", k.maker, nothing, hidden), ("MPN", k.mpn, nothing, hidden), ("Second source", k.second, nothing, hidden)]
        bare = k.mpn in ("", "-")
        lines = [
            f'\t(symbol (lib_id "smartevse:{k.symbol.split(":")[1]}") (at {part.x * 2.54:g} {part.y * 2.54:g} {part.rot})'
            + (f" (mirror {part.mirror})" if part.mirror else "")
            + f" (unit {part.unit}) (exclude_from_sim no) (in_bom {'no' if bare else 'yes'}) (on_board yes) (dnp no) "
            f'(uuid "{uid("symbol", part.ref, part.unit)}")'
        ]
        for name, text, at, effects in fields:
            x, y = part.x + at[0], part.y + at[1]
            lines.append(f"\t\t(property {quote(name)} {quote(text)} (at {x * 2.54:.3f} {y * 2.54:.3f} {angle}) {effects})")
        for number in sorted({p.number for p in pins}):
            lines.append(f'\t\t(pin {quote(number)} (uuid "{uid("pin", part.ref, part.unit, number)}"))')
        lines.append(f'\t\t(instances (project "hat" (path "/{self.root}/{self.uid}" (reference "{part.ref}") (unit {part.unit})))))')
        self.out.append("\n".join(lines))
        for text, at in ((reference, ref_at), (value, val_at)):
            half = 0.25 * len(text)
            self.grid.block(
                2 * (part.x + at[0] - half), 2 * (part.y + at[1]) - 0.6, 2 * (part.x + at[0] + half), 2 * (part.y + at[1]) + 0.6, soft=_TEXT
            )

    def _port(self, port: Port) -> None:
        node = (round(2 * port.x), round(2 * port.y))
        self.terminals[port.net].append(node)
        left = port.side == "L"
        self.leave[node] = (1, 0) if left else (-1, 0)
        angle, justify = (180, "right") if left else (0, "left")
        length = 2 + 1.0 * len(port.net)
        if left:
            self.grid.block(node[0] - length, node[1], node[0] - 1, node[1])
        else:
            self.grid.block(node[0] + 1, node[1], node[0] + length, node[1])
        self.out.append(
            f"\t(global_label {quote(port.net)} (shape {port.shape}) (at {self._mm(node)} {angle}) (fields_autoplaced yes) "
            f'(effects (font (size 1.27 1.27)) (justify {justify})) (uuid "{uid(self.sheet.name, "l", port.net, node)}")\n'
            f'\t\t(property "Intersheetrefs" "${{INTERSHEET_REFS}}" (at {self._mm(node)} 0) (effects (font (size 1.0 1.0)) (justify {justify}) (hide yes)))\n\t)'
        )

    def _name(self, net: str, wires: list[tuple[Node, Node]]) -> None:
        level = [(abs(a[0] - b[0]), min(a, b)) for a, b in wires if a[1] == b[1] and self.grid.edges_net(a, b) == net]
        if not level:
            raise ValueError(f"sheet {self.sheet.name}: {net} has no level wire for its name")
        start = max(level)[1]
        node = (start[0] + 1, start[1]) if max(level)[0] > 2 else start
        self.out.append(
            f"\t(label {quote(net)} (at {self._mm(node)} 0) (effects (font (size 1.0 1.0)) (justify left bottom)) "
            f'(uuid "{uid(self.sheet.name, "name", net)}"))'
        )

    def _flag(self, net: str, x: int, y: int) -> None:
        if net in RAILS:
            self.rail_pins.append((net, (x, y), (0, -1), False))
            self.grid.points[x, y] = net
        else:
            self.terminals[net].append((x, y))
        self.grid.block(x - 1, y + 1, x + 1, y + 3)
        self._power_symbol("PWR_FLAG", "PWR_FLAG", (x, y), 180)

    def _free(self, nodes: list[Node]) -> bool:
        return not any(n in self.grid.hard or n in self.grid.points or n in self.grid.owner for n in nodes)

    def _rail(self, net: str, node: Node, way: Node, flat: bool) -> None:
        if flat and way[0] != 0:
            end = (node[0] + 2 * way[0], node[1])
            self.stubs.append((node, end))
            for i in range(5 if net == "GND" else 9):
                self.grid.hard.add((node[0] + way[0] * i, node[1]))
                self.grid.points[node[0] + way[0] * i, node[1]] = net
            right = way[0] > 0
            self._power_symbol("GND" if net == "GND" else "+12V", net, end, 90 if right == (net == "GND") else 270, way[0])
            return
        down = net in ("GND", "-15V")
        reserved = {(n[0] + w[0] * i, n[1] + w[1] * i) for n, w in self.leave.items() for i in (1, 2, 3)}
        for length in (1, 2, 3):
            end = (node[0] + way[0] * length, node[1] + way[1] * length)
            run = [(node[0] + way[0] * i, node[1] + way[1] * i) for i in range(1, length + 1)]
            grow = (0, 1) if down else (0, -1)
            if way[0] == 0:
                grow = way
            body = [(end[0] + dx, end[1] + grow[1] * i) for i in (1, 2) for dx in (-1, 0, 1)]
            if self._free(run) and self._free(body) and not reserved & {*run, *body}:
                break
        else:
            if way[0] != 0:
                self._rail(net, node, way, True)
                return
            length = 1
            end = (node[0] + way[0], node[1] + way[1])
        self.stubs.append((node, end))
        for i in range(length + 1):
            spot = (node[0] + way[0] * i, node[1] + way[1] * i)
            self.grid.points[spot] = net
            self.grid.hard.add(spot)
        for spot in body:
            self.grid.hard.add(spot)
        points_down = grow == (0, 1)
        self._power_symbol("GND" if net == "GND" else "+12V", net, end, 0 if points_down == (net == "GND") else 180)

    def _power_symbol(self, name: str, value: str, node: Node, rot: int, side: int = 0) -> None:
        self.powers += 1
        ref = f"#{'FLG' if name == 'PWR_FLAG' else 'PWR'}{self.sheet.number:02d}{self.powers:03d}"
        up = (name == "GND") == (rot == 180)
        dy = -2.6 if up else 2.6
        if name == "GND":
            shown, dy = "(effects (font (size 1.0 1.0)) (hide yes))", dy * 1.5
        else:
            shown = "(effects (font (size 1.0 1.0)))"
            dy = dy * 1.35 if name != "PWR_FLAG" else 4.2
        x, y, dx, angle = node[0] * 1.27, node[1] * 1.27, 0.0, 0
        if side:
            dx, dy, angle = side * (3.0 + 0.45 * len(value)), 0.0, 90
        key = uid(self.sheet.name, "power", ref)
        self.out.append(
            f'\t(symbol (lib_id "smartevse:{name}") (at {x:.2f} {y:.2f} {rot}) (unit 1) (exclude_from_sim no) (in_bom no) (on_board no) (dnp no) '
            f'(uuid "{key}")\n\t\t(property "Reference" "{ref}" (at {x:.2f} {y:.2f} 0) (effects (font (size 1.27 1.27)) (hide yes)))\n'
            f'\t\t(property "Value" {quote(value)} (at {x + dx:.2f} {y + dy:.2f} {angle}) {shown})\n\t\t(pin "1" (uuid "{uid(key, 1)}"))\n'
            f'\t\t(instances (project "hat" (path "/{self.root}/{self.uid}" (reference "{ref}") (unit 1)))))'
        )


_TEXT = 4.0


def title_block(title: str) -> str:
    """KiCad's title block."""
    return (
        f'\t(title_block (title {quote(title)}) (date "2026-11-22") (rev "1") (company "SmartEVSE hat")\n'
        '\t\t(comment 1 "Not certified. Mains voltage: work by qualified electricians only."))'
    )


def _wrap(text: str) -> str:
    return text.replace(": ", ":\n", 1) if ": " in text else text.replace(" (", "\n(", 1)


def write(sheets: list[Sheet], folder: Path, overview: str) -> None:
    """Writes `hat.kicad_sch` and one file per sheet; the same input gives the same bytes."""
    load_symbols()
    users: dict[str, set[str]] = defaultdict(set)
    for sheet in sheets:
        for part in sheet.parts:
            for net in part.pins.values():
                if net and net not in RAILS:
                    users[net].add(sheet.name)
    seen = [(p.ref, p.unit) for s in sheets for p in s.parts]
    twice = sorted({r for r, u in seen if seen.count((r, u)) > 1})
    if twice:
        raise ValueError(f"these names are used twice: {', '.join(twice)}")
    shared = {n for n, s in users.items() if len(s) > 1}
    root = uid("root")
    (folder / "sheets").mkdir(parents=True, exist_ok=True)
    body = [
        '(kicad_sch (version 20250114) (generator "smartevse") (generator_version "9.0")',
        f'\t(uuid "{root}")',
        '\t(paper "A4")',
        title_block("SmartEVSE hat, revision 1: overview"),
        "\t(lib_symbols)",
    ]
    for index, sheet in enumerate(sheets):
        drawing = Drawing(sheet, shared, root)
        file = f"sheets/{sheet.number:02d}-{sheet.name}.kicad_sch"
        (folder / file).write_text(drawing.text(), "utf-8")
        x, y = 25.4 + (index % 3) * 83.82, 45.72 + (index // 3) * 30.48
        body.append(
            f"\t(sheet (at {x:g} {y:g}) (size 71.12 15.24) (exclude_from_sim no) (in_bom yes) (on_board yes) (dnp no) (stroke (width 0.3) (type solid)) "
            f'(fill (color 255 255 230 1.0)) (uuid "{drawing.uid}")\n'
            f'\t\t(property "Sheetname" {quote(sheet.name)} (at {x:g} {y - 0.8:g} 0) (effects (font (size 2 2) bold) (justify left bottom)))\n'
            f'\t\t(property "Sheetfile" {quote(file)} (at {x + 1:g} {y + 14.2:g} 0) (effects (font (size 1 1)) (justify left bottom)))\n'
            f'\t\t(instances (project "hat" (path "/{root}" (page "{sheet.number + 1}")))))'
        )
        body.append(
            f"\t(text {quote(_wrap(sheet.title))} (exclude_from_sim no) (at {x + 2:g} {y + 3:g} 0) (effects (font (size 1.6 1.6)) (justify left top)) "
            f'(uuid "{uid("title", sheet.name)}"))'
        )
    body.append(
        f'\t(text {quote(overview)} (exclude_from_sim no) (at 25.4 17.78 0) (effects (font (size 1.8 1.8)) (justify left top)) (uuid "{uid("overview")}"))'
    )
    body += ['\t(sheet_instances (path "/" (page "1")))', "\t(embedded_fonts no)", ")"]
    (folder / "hat.kicad_sch").write_text("\n".join(body) + "\n", "utf-8")
