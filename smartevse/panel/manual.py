"""The owner's manual of display, keys and menu, made from the tables and screens themselves.

`python -m smartevse.panel.manual docs` writes `manual.md` and the drawings beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import Fault
from smartevse.core.states import State
from smartevse.panel.fault_screens import FAULT_SCREENS
from smartevse.panel.glyphs import CAR, CLOCK, GRID, HOUSE, LEFT, PLUG, RIGHT, SUN
from smartevse.panel.lcd_svg import drawing
from smartevse.panel.leds import Light, words
from smartevse.panel.model import EvReading, MenuView, PanelStatus, UnitLine
from smartevse.panel.screens import TURN_S, frame
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Measured, Options, Setting

PAGE = "manual.md"
FOLDER = "manual"
_VERSION = "3.0"
"""What the drawings show, whatever the program's version is."""


class Example(NamedTuple):
    """One screen of the manual."""

    name: str
    """Of the drawing's file, without its ending."""
    title: str
    status: PanelStatus
    sentence: str


_A = PanelStatus(reason="13.0 A: MAX", temperature_dc=231, version=_VERSION, clock="21:30")
_B = replace(_A, state=State.B, hold="CAR_NOT_READY", offer_da=160, reason="16.0 A: cable", cable_da=160, session_s=75)
_C = replace(_B, state=State.C, hold="NONE", session_s=5025, ev_meter=EvReading(11040, 12340, (160, 159, 161)))
_SMART = replace(
    _C,
    mode="SMART",
    mains_da=(253, 121, -34),
    reason="6.0 A: L1 at 25 A",
    offer_da=60,
    ev_meter=EvReading(4140, 2210, (60, 60, 59)),
)
_SOLAR = replace(_SMART, mode="SOLAR", mains_da=(-12, -8, -14), reason="8.3 A: sun", offer_da=83)
_UNITS = (
    UnitLine("Master", "C", 160),
    UnitLine("Node 1", "C", 60),
    UnitLine("Node 2", "B1"),
    UnitLine("Node 3", "A"),
    UnitLine("Node 5"),
    UnitLine("Node 7", "F"),
)
_MAX = TABLE.find("MAX")
_MENU = MenuView("MAX", "13 A", False, _MAX.help, 0.0, 6, 18)

EXAMPLES = (
    Example("ready", "No car", _A, "The second line is the current that a car would get, and why it is no more."),
    Example(
        "ready-solar",
        "No car, Solar",
        replace(_A, mode="SOLAR", mains_da=(-12, -8, -14), reason="sun: 0.6 A more"),
        "How much more sun is needed, and below it what the house gives to the mains.",
    ),
    Example(
        "waiting",
        "A car is connected, no current yet",
        replace(_B, state=State.B1, hold="PROOF_TEST", offer_da=0),
        "What is waited for, and for how long already.",
    ),
    Example(
        "waiting-solar",
        "A car waits for the sun",
        replace(
            _B,
            state=State.B1,
            hold="NOT_WANTED",
            offer_da=0,
            mode="SOLAR",
            mains_da=(1, 0, -1),
            reason="sun: 4.1 A more",
        ),
        "It begins by itself.",
    ),
    Example("connected", "A car is offered current", _B, "It has not asked for it yet; it may be full or waiting."),
    Example("charging", "Charging, Normal", _C, "The offer is at the top right; the last line takes turns."),
    Example(
        "charging-smart", "Charging, Smart", _SMART, "The third line is the way of the current: mains, house, car."
    ),
    Example("charging-solar", "Charging, Solar", _SOLAR, "The arrow points to the mains while the house gives."),
    Example(
        "charging-no-sun",
        "Charging, the sun is gone",
        replace(_SOLAR, mains_da=(40, 30, 20), reason="6.0 A: no sun 9:12", stop_in_s=552, offer_da=60),
        "The time until the charge stops (STOP).",
    ),
    Example(
        "stopping",
        "Stopping",
        replace(_C, state=State.C1, hold="NOT_WANTED", offer_da=0),
        "The car has up to 6 s to let go before the contactor opens.",
    ),
    Example("denied", "Access denied", replace(_A, access="off"), "Somebody stopped it with <."),
    Example("card", "A card is needed", replace(_A, access="off", access_by="card"), "RFID is Enabled."),
    Example(
        "switch", "A switch gives access", replace(_A, access="off", access_by="switch"), "SWITCH is Access B or S."
    ),
    Example(
        "pause",
        "Stopped for a moment",
        replace(_B, state=State.B1, access="pause", offer_da=0),
        "A push at SW ended the charge: 15 s to unplug.",
    ),
    Example(
        "master",
        "All chargers, on a Master",
        replace(_C, units=_UNITS),
        "Every third turn: M is the Master, 1 to 7 the Nodes.",
    ),
    Example(
        "silent",
        "The safety program is silent",
        replace(_C, guard_age_s=2.0),
        "Nothing else that could be shown would be true; the contactor is open.",
    ),
    Example("hint", "A key is down", replace(_A, hint=("Hold 2 sec", "for Menu")), "What it does when it is held."),
    Example("menu-item", "Menu, an item", replace(_A, menu=_MENU), "< and > choose the item, o enters its value."),
    Example(
        "menu-value",
        "Menu, a value",
        replace(_A, menu=replace(_MENU, editing=True)),
        "< and > change the value, o leaves it.",
    ),
)

_GLYPHS: Mapping[str, str] = {
    PLUG: "Normal",
    HOUSE: "the house; Smart",
    SUN: "Solar",
    GRID: "the mains",
    CAR: "the car",
    RIGHT: "current flows",
    LEFT: "the house gives to the mains",
    CLOCK: "a time that runs down",
}
_KEYS = (
    ("o, held 2 s", "opens the menu"),
    ("<, short", "changes between Smart and Solar and keeps it (not in Normal, not on a Node, not without access)"),
    ("<, held 2 s", "stops: access is taken back"),
    (">, held 2 s", "starts: access is given (not where a card or a switch gives it)"),
    ("< and > together", "sets up the display anew; at CAL in the menu: resets it"),
    ("o and > together, held 2 s", "unlocks the keys for 2 minutes where KEY LOCK is Enabled"),
    ("any", "lights the display for 2 minutes and resets an error that waits for somebody"),
)
_SWITCH = (
    ("Disabled", "a push stops a running charge for 15 s, the time to unplug"),
    ("Access B", "each push gives access or takes it back"),
    ("Access S", "closed gives access, open takes it back, also at the start"),
    ("Sma-Sol B", "a push changes between Smart and Solar; held for 1.5 s it stops a running charge instead"),
    ("Sma-Sol S", "closed is Smart, open is Solar, also at the start"),
    ("Grid Relay", "open limits all cars together to 4.2 kW, as the grid operator asks"),
)
_LIGHTS = (
    ("starting", Light()),
    ("no car", Light(State.A)),
    ("a car is connected", Light(State.B)),
    ("charging", Light(State.C)),
    ("waiting, goes on by itself", Light(State.B1, waiting=True)),
    ("no access, no car", Light(State.A, denied=True)),
    ("no access, a car is connected", Light(State.B1, denied=True)),
    ("an error", Light(State.A, fault=True)),
)


_MENU_TEXT = """\
Hold o for 2 s. < and > go from item to item, o enters a value and leaves it, < and > change it; held, they go faster
and faster. A value is in effect at once and kept only by leaving through EXIT; without a key for 2 minutes the menu
closes and everything is as before. After 5 s the help moves through its line. Only what has an effect is shown. The
same settings can be read and changed with `smartevse settings`.
"""


def drawings() -> dict[str, str]:
    """Every drawing by its file's name."""
    found = {f"{one.name}.svg": drawing(frame(one.status)) for one in EXAMPLES}
    for fault in Fault:
        found[f"{_file(fault)}.svg"] = drawing(frame(replace(_A, fault=FAULT_SCREENS[fault])))
    return found


def page() -> str:
    """The whole page."""
    return "\n".join(
        (
            "# Display, keys and menu\n",
            "This page is made from the program's own tables and screens by `python -m smartevse.panel.manual docs`;"
            " its pictures are what the display shows.\n",
            "## Keys\n",
            _table(("key", "does"), _KEYS),
            "## Screens\n",
            f"Lines that share a place take turns every {TURN_S} s. A display of 16 x 2 shows the same, the details one"
            " after the other. The characters of our own:\n",
            _table(
                ("character", "means"),
                [(f"![]({FOLDER}/glyph-{n}.svg)", text) for n, text in enumerate(_GLYPHS.values())],
            ),
            *(_picture(one.name, one.title, one.sentence) for one in EXAMPLES if not one.name.startswith("menu")),
            "## Menu\n",
            _MENU_TEXT,
            *(_picture(one.name, one.title, one.sentence) for one in EXAMPLES if one.name.startswith("menu")),
            _table(("item", "choices", "at first", "shown when", "what it is for"), [_item(row) for row in TABLE.rows]),
            "Actions, such as Learn, are done while they are chosen and never kept.\n",
            "## The switch at SW\n",
            _table(("SWITCH", "does"), _SWITCH),
            "## LEDs\n",
            _table(
                ("", "LEDS = Standard", "in Solar", "LEDS = Public"),
                [
                    (text, words(one), words(replace(one, solar=True)), words(replace(one, public=True)))
                    for text, one in _LIGHTS
                ],
            ),
            "## Errors\n",
            "An error takes the whole display: what it is in the manual's words, then what to do, in turns.\n",
            *(_error(fault) for fault in Fault),
        )
    )


def glyph_drawings() -> dict[str, str]:
    """The own characters alone."""
    return {f"glyph-{n}.svg": drawing((glyph,)) for n, glyph in enumerate(_GLYPHS)}


def _item(row: Setting) -> tuple[str, ...]:
    choices = row.kind.allowed
    if isinstance(row.kind, Measured):
        choices = f"{row.kind.least_da / 10:.1f} to {row.kind.most_da / 10:.1f} A, what really flows; kept as a factor"
    elif isinstance(row.kind, Options):
        choices = ", ".join(row.kind.labels.values())
        if row.kind.actions:
            choices += f"; done at once: {', '.join(row.kind.actions.values())}"
    when = (row.visible.__doc__ or "always").splitlines()[0].rstrip(".")
    return (f"**{row.name}**", choices, row.text(row.default), when[:1].lower() + when[1:], row.help)


def _picture(name: str, title: str, sentence: str) -> str:
    return f"### {title}\n\n![{title}]({FOLDER}/{name}.svg)\n\n{sentence}\n"


def _error(fault: Fault) -> str:
    text, lines = TEXTS[fault], FAULT_SCREENS[fault]
    title = " ".join(line for line in lines[:4] if line)
    then = f"Then: {' '.join(line for line in lines[4:] if line)}.\n\n" if any(lines[4:]) else ""
    return (
        f"### {title}\n\n![{title}]({FOLDER}/{_file(fault)}.svg)\n\n{then}"
        f"{text.sentence} Cause: {text.cause} What to do: {text.remedy}\n"
    )


def _file(fault: Fault) -> str:
    return f"error-{fault.name.lower().replace('_', '-')}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"


def files() -> dict[str, str]:
    """Everything below the folder of the documents, by its path there."""
    pictures = {**drawings(), **glyph_drawings()}
    return {PAGE: page(), **{f"{FOLDER}/{name}": text for name, text in pictures.items()}}


def main(docs: Path) -> None:
    """Write all; drawings that are no longer used are removed."""
    made = files()
    (docs / FOLDER).mkdir(exist_ok=True)
    for old in (docs / FOLDER).glob("*.svg"):
        if f"{FOLDER}/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (docs / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
