#!/usr/bin/env python3
"""Draws the pictures of docs/hat.md: block diagram, wiring of a single-phase and of a three-phase station."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "hat"
BROWN, BLACK, GREY, BLUE, GREEN, RED, ORANGE = "#7c4a21", "#111827", "#6b7280", "#1d4ed8", "#15803d", "#b91c1c", "#c2410c"


class Picture:
    """An SVG drawing; coordinates in points."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.size = (width, height)
        self.parts = [
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<text x="20" y="28" font-size="18" font-weight="bold">{title}</text>',
        ]

    def box(self, x: float, y: float, w: float, h: float, title: str, *lines: str, fill: str = "#f3f4f6", stroke: str = "#374151") -> None:
        """A box with a bold title and lines below it."""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="4" fill="{fill}" stroke="{stroke}" stroke-width="1.4"/>')
        self.parts.append(f'<text x="{x + w / 2}" y="{y + 17}" text-anchor="middle" font-weight="bold">{title}</text>')
        for n, line in enumerate(lines):
            self.parts.append(f'<text x="{x + w / 2}" y="{y + 33 + 14 * n}" text-anchor="middle" font-size="11">{line}</text>')

    def wire(self, *corners: tuple[float, float], colour: str = BLACK, width: float = 2.0, arrow: bool = False, dash: str = "") -> None:
        """A line through some corners."""
        points = " ".join(f"{x},{y}" for x, y in corners)
        more = (' marker-end="url(#arrow)"' if arrow else "") + (f' stroke-dasharray="{dash}"' if dash else "")
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{more}/>')

    def earth(self, *corners: tuple[float, float]) -> None:
        """A protective conductor, green and yellow."""
        self.wire(*corners, colour="#15803d", width=3)
        self.wire(*corners, colour="#facc15", width=3, dash="8 8")

    def text(self, x: float, y: float, words: str, *, size: int = 12, colour: str = BLACK, anchor: str = "start", bold: bool = False) -> None:
        """A text."""
        self.parts.append(
            f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{" font-weight=" + chr(34) + "bold" + chr(34) if bold else ""}>{words}</text>'
        )

    def dot(self, x: float, y: float, colour: str = BLACK) -> None:
        """A joint."""
        self.parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>')

    def save(self, name: str) -> None:
        """Writes the file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size[0]} {self.size[1]}" font-family="sans-serif" font-size="13">'
            '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>'
        )
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(head + "\n".join(self.parts) + "</svg>\n", "utf-8")


def blocks() -> None:
    """The block diagram."""
    p = Picture(980, 560, "The hat: what does what")
    p.box(
        20,
        60,
        150,
        440,
        "Raspberry Pi",
        "guard process:",
        "25 to 100 heartbeats",
        "a second,",
        "pilot PWM,",
        "commands",
        "",
        "station process:",
        "modes, meters,",
        "display, network",
        fill="#e0f2fe",
    )
    p.box(250, 60, 170, 74, "Pilot driver", "levels from a 5 V reference", "+12 V when WD_OK is lost")
    p.box(250, 150, 170, 74, "Track-and-hold, ADC", "both plateaus at any time", "PP, temperature, 12 V")
    p.box(250, 250, 170, 60, "One-shot 100 ms", "edges of the heartbeat only", fill="#fef3c7")
    p.box(250, 326, 170, 60, "RCM latch", "unplugged = fault", fill="#fef3c7")
    p.box(250, 410, 170, 90, "Lock, LEDs, keys,", "display, card reader,", "switch, AUX contact,", "RS485 pass-through")
    p.box(500, 150, 170, 74, "Pilot window", "1.8 V to 7.3 V", "opens 30 ms after B", fill="#fef3c7")
    p.box(
        500,
        250,
        170,
        136,
        "SAFE (one line)",
        "low if any of these is bad:",
        "one-shot, window,",
        "RCM, 3.3 V supervisor,",
        "84 degC; no software",
        "can pull it high",
        fill="#fde68a",
        stroke=RED,
    )
    p.box(740, 150, 90, 60, "K3", "by SAFE", fill="#fee2e2", stroke=RED)
    p.box(740, 250, 90, 60, "K1", "C1 AND SAFE", fill="#fee2e2", stroke=RED)
    p.box(740, 330, 90, 60, "K2", "C2 AND SAFE", fill="#fee2e2", stroke=RED)
    p.box(870, 250, 90, 60, "Contactor 1", "N, L1 or all")
    p.box(870, 330, 90, 60, "Contactor 2", "L2, L3")
    p.wire((170, 92), (250, 92), arrow=True)
    p.text(176, 86, "PWM", size=11)
    p.wire((250, 186), (170, 186), arrow=True)
    p.text(192, 180, "SPI", size=11)
    p.wire((170, 280), (250, 280), arrow=True)
    p.text(174, 274, "heartbeat", size=11)
    p.wire((250, 356), (170, 356), arrow=True)
    p.text(180, 350, "trip", size=11)
    p.wire((170, 455), (250, 455), arrow=True)
    p.wire((420, 92), (960, 92), arrow=True)
    p.text(880, 84, "CP to the car", size=11)
    p.wire((460, 92), (460, 178), (420, 178), arrow=True)
    p.wire((420, 200), (500, 200), arrow=True)
    p.wire((585, 224), (585, 250), arrow=True)
    p.wire((420, 280), (500, 280), arrow=True)
    p.wire((420, 356), (500, 356), arrow=True)
    p.wire((335, 250), (335, 238), (230, 238), (230, 112), (250, 112), arrow=True, dash="4 3")
    p.wire((670, 290), (700, 290), (700, 180), (740, 180), arrow=True, colour=RED)
    p.wire((700, 280), (740, 280), arrow=True, colour=RED)
    p.wire((700, 290), (700, 360), (740, 360), arrow=True, colour=RED)
    p.text(742, 140, "L, fuse T1A", size=11, colour=BROWN)
    p.wire((785, 210), (785, 250), arrow=True, colour=BROWN)
    p.wire((785, 230), (720, 230), (720, 345), (740, 345), arrow=True, colour=BROWN)
    p.wire((830, 280), (870, 280), arrow=True, colour=BROWN)
    p.wire((830, 360), (870, 360), arrow=True, colour=BROWN)
    p.text(20, 535, "Yellow and red work with the Raspberry Pi dead. The Pi can open a contactor at any time; it cannot close one alone.", size=13)
    p.save("blocks.svg")


def station(phases: int) -> None:
    """The wiring of a whole station."""
    three = phases == 3
    p = Picture(1000, 656, "Three-phase station with one-phase switching (socket)" if three else "Single-phase station (fixed cable)")
    names = [("L1", BROWN), ("L2", BLACK), ("L3", GREY), ("N", BLUE)] if three else [("L", BROWN), ("N", BLUE)]
    p.text(20, 62, "From the distribution board: circuit breaker and RCD type A with 6 mA DC detection (or type B) there", size=12)
    y0 = 96
    first = y0 + 62
    p.box(160, y0 - 12, 110, 66 + 26 * len(names), "RCM14-03", "(option): all live", "conductors, N too", fill="#fef3c7")
    p.box(330, y0 - 12, 150, 66 + 26 * len(names), "Contactor 1", "230 V coil", "4 poles NO, 40 A" if three else "2 poles NO, 40 A")
    if three:
        p.box(530, y0 - 12, 150, 66 + 26 * len(names), "Contactor 2", "2 poles NO:", "L2 and L3 only")
    load_x = 780
    p.box(load_x, y0 - 12, 180, 92 + 26 * len(names), "Socket type 2" if three else "Cable with plug type 2", fill="#e0f2fe")
    for n, (name, colour) in enumerate(names):
        y = first + 26 * n
        p.text(24, y + 4, name, bold=True, colour=colour)
        p.wire((50, y), (load_x, y), colour=colour, width=3)
        for x in [345, 465] + ([545, 665] if three and name in ("L2", "L3") else []):
            p.dot(x, y, colour)
        p.text(load_x + 8, y + 4, name, colour=colour)
    pe = first + 26 * len(names) + 14
    p.text(24, pe + 4, "PE", bold=True, colour=GREEN)
    p.earth((50, pe), (load_x, pe))
    p.text(load_x + 8, pe + 4, "PE", colour=GREEN)
    hat_y = 360
    p.box(60, hat_y, 880, 120, "", fill="#ecfdf5", stroke=GREEN)
    p.text(500, hat_y + 66, "Raspberry Pi with hat", size=16, anchor="middle", bold=True)
    p.text(500, hat_y + 84, "mains terminal L N C1 C2 on top, low voltage below", size=11, anchor="middle")
    for x, name, colour in ((100, "L", BROWN), (140, "N", BLUE), (180, "C1", BROWN), (220, "C2", BLACK)):
        p.text(x, hat_y + 20, name, anchor="middle", bold=True, colour=colour)
    live, neutral = first, first + 26 * (len(names) - 1)
    p.wire((100, hat_y), (100, live), colour=BROWN)
    p.dot(100, live, BROWN)
    p.wire((140, hat_y), (140, 322), (120, 322), (120, neutral), colour=BLUE)
    p.dot(120, neutral, BLUE)
    low = y0 + 54 + 26 * len(names)
    p.wire((180, hat_y), (180, 338), (360, 338), (360, low), colour=BROWN)
    p.text(366, 330, "A1", size=11)
    p.wire((440, low), (440, 312), (120, 312), colour=BLUE)
    p.text(446, 306, "A2", size=11)
    p.dot(120, 312, BLUE)
    if three:
        p.wire((220, hat_y), (220, 350), (560, 350), (560, low), colour=BLACK)
        p.text(566, 342, "A1", size=11)
        p.wire((640, low), (640, 312), (440, 312), colour=BLUE)
        p.text(646, 306, "A2", size=11)
        p.dot(440, 312, BLUE)
    p.box(60, 520, 140, 56, "Power supply", "230 V to 12 V, 2.5 A", "insulated, 4 kV")
    p.wire((130, 520), (130, hat_y + 120), colour=RED)
    p.text(136, 504, "12 V", size=11, colour=RED)
    p.text(60, 594, "fed before the contactor, by L and N", size=11)
    p.box(230, 520, 130, 56, "Sensorbox", "A B 12V GND", "mains current")
    p.wire((295, 520), (295, hat_y + 120))
    p.box(390, 520, 140, 56, "Panel", "display, keys, LED,", "card reader, switch")
    p.wire((460, 520), (460, hat_y + 120))
    p.box(560, 520, 130, 56, "Mirror contact", "of contactor 1:", "AUX and 12V")
    p.wire((625, 520), (625, hat_y + 120))
    if three:
        p.box(720, 520, 110, 56, "Lock", "B R W")
        p.wire((775, 520), (775, hat_y + 120))
        p.wire((850, hat_y), (850, y0 + 80 + 26 * len(names)), colour=ORANGE)
        p.text(856, 330, "CP", colour=ORANGE)
        p.wire((900, hat_y), (900, y0 + 80 + 26 * len(names)), colour=ORANGE)
        p.text(906, 330, "PP", colour=ORANGE)
    else:
        p.wire((850, hat_y), (850, y0 + 80 + 26 * len(names)), colour=ORANGE)
        p.text(735, 330, "CP (PP stays open at the hat)", colour=ORANGE, anchor="middle", size=11)
    p.earth((930, hat_y), (930, pe + 26), (720, pe + 26), (720, pe))
    p.text(936, 350, "PE", colour=GREEN)
    p.text(
        20,
        620,
        "Fuse T1A on the hat protects L for the coils. The lead from L to the hat needs its own short-circuit protection by the station's breaker.",
        size=12,
    )
    p.text(20, 640, "Work only by qualified electricians. Nothing here is certified.", size=12, colour=RED, bold=True)
    p.save("wiring-three-phase.svg" if three else "wiring-single-phase.svg")


if __name__ == "__main__":
    blocks()
    station(1)
    station(3)
