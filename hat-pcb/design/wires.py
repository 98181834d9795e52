"""Draws the wires of a sheet: shortest right-angled paths on the 1.27 mm grid that keep off symbols and texts.

Wires of different nets may cross at right angles; they never overlap, never end on each other and never touch a
foreign pin, so the drawing means what the net list says (a test compares the two).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

Node = tuple[int, int]
_STEPS: tuple[Node, ...] = ((1, 0), (-1, 0), (0, 1), (0, -1))
_BEND, _CROSS, _SOFT = 5.0, 7.0, 4.0


class Grid:
    """The state of one sheet while its wires are drawn; coordinates in steps of 1.27 mm."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.hard: set[Node] = set()
        self.soft: dict[Node, float] = defaultdict(float)
        self.points: dict[Node, str] = {}
        self.edges: dict[tuple[Node, Node], str] = {}
        self.at: dict[Node, set[Node]] = defaultdict(set)
        self.owner: dict[Node, str] = {}

    def block(self, x1: float, y1: float, x2: float, y2: float, *, soft: float = 0.0) -> None:
        """Keeps wires out of a rectangle, or makes them avoid it when `soft` is a cost per step."""
        for x in range(round(x1), round(x2) + 1):
            for y in range(round(y1), round(y2) + 1):
                if soft:
                    self.soft[x, y] += soft
                else:
                    self.hard.add((x, y))

    def add(self, net: str, path: list[Node]) -> None:
        """Takes a path into the drawing."""
        for a, b in zip(path, path[1:], strict=False):
            self.edges[min(a, b), max(a, b)] = net
            self.at[a].add(b)
            self.at[b].add(a)
        for node in path:
            self.owner[node] = net

    def edges_net(self, a: Node, b: Node) -> str | None:
        """The net of a straight wire, by its first step."""
        step = (a[0] + (b[0] > a[0]) - (b[0] < a[0]), a[1] + (b[1] > a[1]) - (b[1] < a[1]))
        return self.edges.get((min(a, step), max(a, step)))

    def clear(self, net: str) -> None:
        """Forgets every wire of a net."""
        for a, b in [e for e, n in self.edges.items() if n == net]:
            del self.edges[a, b]
            self.at[a].discard(b)
            self.at[b].discard(a)
            for node in (a, b):
                if not self.at[node]:
                    self.owner.pop(node, None)

    def _enter(self, net: str, node: Node, step: Node) -> float | None:
        """The extra cost of standing on a node, or None if a wire of this net must not."""
        if not (4 < node[0] < self.width - 4 and 4 < node[1] < self.height - 4) or node in self.hard:
            return None
        if self.points.get(node, net) != net:
            return None
        other = self.owner.get(node, net)
        if other == net:
            return self.soft.get(node, 0.0)
        around = self.at[node]
        straight = all((b[0] - node[0] == 0) == (step[0] != 0) for b in around) and len(around) == 2
        return _CROSS if straight else None

    def path(self, net: str, sources: Iterable[Node], targets: set[Node], out: dict[Node, Node]) -> list[Node] | None:
        """The cheapest path from any source to any target; `out` holds the direction in which a pin is left."""
        best: dict[tuple[Node, Node], float] = {}
        queue: list[tuple[float, int, Node, Node]] = []
        came: dict[tuple[Node, Node], tuple[Node, Node] | None] = {}
        count = 0

        def remaining(node: Node) -> float:
            return min(abs(node[0] - t[0]) + abs(node[1] - t[1]) for t in targets)

        for source in sources:
            best[source, (0, 0)] = 0.0
            came[source, (0, 0)] = None
            heapq.heappush(queue, (float(remaining(source)), count, source, (0, 0)))
            count += 1
        while queue:
            guess, _, node, heading = heapq.heappop(queue)
            cost = best[node, heading]
            if guess > cost + remaining(node) + 1e-9:
                continue
            if node in targets and heading != (0, 0):
                state: tuple[Node, Node] | None = (node, heading)
                found = []
                while state is not None:
                    found.append(state[0])
                    state = came[state]
                return found[::-1]
            foreign = self.owner.get(node, net) != net
            for step in _STEPS:
                if heading != (0, 0) and (step[0] == -heading[0] and step[1] == -heading[1]):
                    continue
                if foreign and step != heading:
                    continue
                if heading == (0, 0) and node in out and not self.at[node] and step != out[node]:
                    continue
                ahead = (node[0] + step[0], node[1] + step[1])
                if self.edges.get((min(node, ahead), max(node, ahead)), net) != net:
                    continue
                if ahead in targets and ahead in out and not self.at[ahead] and (-step[0], -step[1]) != out[ahead]:
                    continue
                extra = self._enter(net, ahead, step)
                if extra is None:
                    continue
                bend = _BEND if heading not in ((0, 0), step) else 0.0
                total = cost + 1.0 + extra + bend
                if total < best.get((ahead, step), 1e18) - 1e-9:
                    best[ahead, step] = total
                    came[ahead, step] = (node, heading)
                    heapq.heappush(queue, (total + remaining(ahead), count, ahead, step))
                    count += 1
        return None

    def connect(self, net: str, terminals: list[Node], out: dict[Node, Node]) -> bool:
        """Joins all terminals of a net; False if one cannot be reached."""
        left = set(terminals[1:]) - {terminals[0]}
        tree = {terminals[0]}
        while left:
            found = self.path(net, sorted(tree), left, out)
            if found is None:
                return False
            self.add(net, found)
            tree |= set(found)
            left -= tree
        return True


def draw(grid: Grid, nets: dict[str, list[Node]], out: dict[Node, Node]) -> None:
    """Joins every net; one that finds no way is moved to the front and all is drawn again."""
    for net, terminals in nets.items():
        for node in terminals:
            grid.points[node] = net

    def reach(net: str) -> int:
        xs = [n[0] for n in nets[net]]
        ys = [n[1] for n in nets[net]]
        return max(xs) - min(xs) + max(ys) - min(ys)

    order = sorted(nets, key=lambda n: (reach(n), n))
    for _ in range(6):
        for net in order:
            grid.clear(net)
        failed = [n for n in order if not grid.connect(n, nets[n], out)]
        if not failed:
            return
        order = failed + [n for n in order if n not in failed]
    raise RuntimeError(
        f"no way was found for {', '.join(failed)}: move a symbol apart (terminals in steps of 1.27 mm: { {n: nets[n] for n in failed} })"
    )


def segments(grid: Grid) -> tuple[list[tuple[Node, Node]], list[Node]]:
    """The drawing as straight wires between bends and junctions, and the junction dots."""
    stops: set[Node] = set()
    dots: list[Node] = []
    by_net: dict[tuple[str, Node], set[Node]] = defaultdict(set)
    for (a, b), net in grid.edges.items():
        by_net[net, a].add(b)
        by_net[net, b].add(a)
    for (net, node), around in by_net.items():
        axes = {(b[0] - node[0]) == 0 for b in around}
        is_point = grid.points.get(node) == net
        if len(around) != 2 or len(axes) == 2 or is_point:
            stops.add(node)
        if len(around) + (1 if is_point else 0) >= 3:
            dots.append(node)
    done: set[tuple[Node, Node]] = set()
    wires: list[tuple[Node, Node]] = []
    for net, node in sorted(by_net):
        if node not in stops:
            continue
        for first in sorted(by_net[net, node]):
            if (node, first) in done:
                continue
            before, here = node, first
            done |= {(before, here), (here, before)}
            while here not in stops:
                ahead = next(n for n in by_net[net, here] if n != before)
                before, here = here, ahead
                done |= {(before, here), (here, before)}
            wires.append((node, here))
    return wires, sorted(dots)
