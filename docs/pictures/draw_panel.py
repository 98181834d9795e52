"""Draws docs/pictures/panel.svg from the real thing: ./demo's panel over its real processes, half a minute of a charge.

Run it from the top of the repository: .venv-demo/bin/python docs/pictures/draw_panel.py
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from textual.pilot import Pilot

from smartevse.twin.demo_rig import Rig
from smartevse.twin.panel import PanelApp

SIZE = (108, 32)
CHAPTERS: tuple[tuple[str, float], ...] = (
    # key, seconds to wait after it
    ("p", 4),  # plugged in: the station offers current
    ("r", 16),  # asks for it and charges
    ("r", 4),  # has enough
    ("r", 16),
)


async def story(pilot: Pilot[int]) -> None:
    """Press the keys of the chapters and keep what the terminal shows."""
    for key, wait_s in CHAPTERS:
        await pilot.press(key)
        await asyncio.sleep(wait_s)
    svg = _self_contained(pilot.app.export_screenshot(title="./demo"))
    Path(__file__).with_name("panel.svg").write_text(svg, "utf-8")


def _self_contained(svg: str) -> str:
    """The picture without fonts from elsewhere: every browser has one of these."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def main() -> None:
    """The panel without a terminal, over a real rig."""
    with Rig() as rig:
        app = PanelApp(rig)
        async with app.run_test(size=SIZE) as pilot:
            await story(pilot)


if __name__ == "__main__":
    asyncio.run(main())
