"""Small line plots as SVG, without any library."""

from __future__ import annotations

from collections.abc import Sequence

Curve = tuple[str, Sequence[float], Sequence[float]]
COLOURS = ("#0a58ca", "#c2410c", "#15803d", "#7c3aed", "#a16207", "#0f766e")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 360, 62, 48, 34


def _ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 6
    power = 10.0 ** int(f"{rough:e}".split("e")[1])
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    first = int(low / step) - 1
    return [round(step * k, 9) for k in range(first, first + 12) if low - 1e-9 <= step * k <= high + 1e-9]


def plot(
    title: str,
    x_name: str,
    y_name: str,
    curves: Sequence[Curve],
    *,
    y_range: tuple[float, float] | None = None,
    levels: Sequence[tuple[str, float]] = (),
) -> str:
    """The picture of some curves; `levels` are dashed horizontal lines with a name."""
    xs = [x for _, c, _ in curves for x in c]
    ys = [y for _, _, c in curves for y in c]
    x1, x2 = min(xs), max(xs)
    y1, y2 = y_range or (min(ys), max(ys))
    if not y_range:
        y1, y2 = y1 - 0.06 * (y2 - y1), y2 + 0.06 * (y2 - y1)

    def px(x: float) -> float:
        return LEFT + (x - x1) / (x2 - x1) * (WIDTH - LEFT - 20)

    def py(y: float) -> float:
        return HEIGHT - BOTTOM - (y - y1) / (y2 - y1) * (HEIGHT - BOTTOM - TOP)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><text x="{LEFT}" y="20" font-size="14" font-weight="bold">{title}</text>',
    ]
    for x in _ticks(x1, x2):
        out.append(
            f'<path d="M{px(x):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e5e7eb"/><text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>'
        )
    for y in _ticks(y1, y2):
        out.append(
            f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - 20}" stroke="#e5e7eb"/><text x="{LEFT - 6}" y="{py(y) + 4:.1f}" text-anchor="end">{y:g}</text>'
        )
    for name, y in levels:
        out.append(
            f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - 20}" stroke="#b91c1c" stroke-dasharray="5 4"/><text x="{WIDTH - 24}" y="{py(y) - 4:.1f}" text-anchor="end" fill="#b91c1c">{name}</text>'
        )
    for n, (name, cx, cy) in enumerate(curves):
        keep = max(1, len(cx) // 900)
        points = " ".join(f"{px(x):.1f},{py(min(max(y, y1), y2)):.1f}" for x, y in list(zip(cx, cy, strict=True))[::keep])
        colour = COLOURS[n % len(COLOURS)]
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        out.append(f'<text x="{LEFT + 10 + 170 * (n % 4)}" y="{HEIGHT - 6 - 14 * (n // 4)}" fill="{colour}">{name}</text>')
    out.append(f'<text x="{WIDTH - 20}" y="{HEIGHT - BOTTOM + 32}" text-anchor="end">{x_name}</text><text x="6" y="{TOP - 4}">{y_name}</text></svg>')
    return "\n".join(out) + "\n"
