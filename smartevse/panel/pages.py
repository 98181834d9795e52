"""What is said in each state, before it has a size: a headline, details in the order of their weight, a last line.

Everything is a pure function of the one `PanelStatus`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from smartevse.core.states import State
from smartevse.panel.glyphs import CAR, CLOCK, GRID, HOUSE, LEFT, PLUG, RIGHT, SUN
from smartevse.panel.model import PanelStatus, UnitLine

HOLDS: Mapping[str, str] = {
    "NONE": "",
    "NO_CAR": "",
    "NO_STATION": "starting",
    "NOT_WANTED": "",
    "FAULT": "error",
    "PROOF_TEST": "safety check",
    "CAR_STAYS_AT_6V": "car keeps asking",
    "VENTILATION": "car wants a fan",
    "LOCKING": "locking the plug",
    "WAKING": "waking the car",
    "CAR_NOT_READY": "car is not ready",
    "DELAY": "starts soon",
}
"""The owner's words for the guard's reasons, by their names, 16 characters at most; where it is empty the reason of
the current says more."""

FLOWS_DA = 3
"""Less than 0.3 A of the house is no flow (the original's limit)."""
_MODE_GLYPHS: Mapping[str, str] = {"NORMAL": PLUG, "SMART": HOUSE, "SOLAR": SUN}
_UNIT_WORDS: Mapping[str, str] = {
    "": "gone",
    "A": "free",
    "B": "wait",
    "B1": "wait",
    "C1": "ends",
    "E": "ERR",
    "F": "ERR",
}


class Page(NamedTuple):
    """A screen before it has a size: `fixed` come first, `turns` fill up; what finds no line shares the last one."""

    title: str
    right: str = ""
    fixed: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    glyph: str = ""
    """In front of `right` where there is room: where the current comes from."""


def page(status: PanelStatus) -> Page:
    """What is to be said of this state."""
    denied = _DENIED.get(status.access) if status.state in (State.A, State.B1) else None
    said = denied(status) if denied is not None else _PAGES[status.state](status)
    return said._replace(glyph=_MODE_GLYPHS.get(status.mode, ""))


def _ready(status: PanelStatus) -> Page:
    return Page("READY TO CHARGE", fixed=given(status.reason, _flow(status)), turns=_footer(status))


def _waiting(status: PanelStatus) -> Page:
    return Page("WAITING", fixed=given(_hold(status), status.reason, _flow(status)), turns=_turns(status))


def _connected(status: PanelStatus) -> Page:
    fixed = given(_hold(status), status.reason, _flow(status))
    return Page("CONNECTED", short(status.offer_da), fixed, _turns(status))


def _charging(status: PanelStatus) -> Page:
    fixed = given(status.reason, _flow(status) or _energy(status))
    return Page("CHARGING", short(status.offer_da), fixed, _turns(status))


def _stopping(status: PanelStatus) -> Page:
    return Page("STOPPING", fixed=given("the car lets go", _energy(status) or status.reason), turns=_turns(status))


def _pilot_error(status: PanelStatus) -> Page:
    return Page("ERROR", fixed=("no pilot signal", "check the cable"), turns=_footer(status))


def _own_error(status: PanelStatus) -> Page:
    return Page("ERROR", fixed=("charging stopped",), turns=_footer(status))


def _no_access(status: PanelStatus) -> Page:
    title, next_step = _NEXT_STEPS.get(status.access_by, _NEXT_STEPS["keys"])
    return Page(title, fixed=given(next_step, _flow(status)), turns=_turns(status))


def _paused(status: PanelStatus) -> Page:
    return Page("PAUSE", fixed=given("stopped by hand", _flow(status)), turns=_turns(status))


_NEXT_STEPS: Mapping[str, tuple[str, str]] = {
    "keys": ("ACCESS DENIED", "Hold > to Start"),
    "card": ("PRESENT", "RFID CARD"),
    "switch": ("ACCESS DENIED", "use the switch"),
}
"""Who gives access, and what the screen says: the manual's words and what to do."""
_DENIED: Mapping[str, Callable[[PanelStatus], Page]] = {"off": _no_access, "pause": _paused}
_PAGES: Mapping[State, Callable[[PanelStatus], Page]] = {
    State.A: _ready,
    State.B1: _waiting,
    State.B: _connected,
    State.C: _charging,
    State.C1: _stopping,
    State.E: _pilot_error,
    State.F: _own_error,
}


def _hold(status: PanelStatus) -> str:
    return HOLDS.get(status.hold, "")


def _flow(status: PanelStatus) -> str:
    """Mains, house and car in one line with the way that the current goes, "" without a mains meter.

    The sum of the phases at the house, import positive; at the car its power or, without an EV meter, the offer.
    """
    if status.mains_da is None:
        return ""
    sum_da = sum(status.mains_da)
    way = " " if abs(sum_da) <= FLOWS_DA else RIGHT if sum_da > 0 else LEFT
    house = f"{GRID}{way}{HOUSE} {amps(sum_da)}A"
    if status.state is State.A:
        return house
    charging = status.state is State.C
    taken = _power(status.ev_meter.power_w) if status.ev_meter is not None else short(status.offer_da)
    return f"{house} {RIGHT if charging else ' '}{CAR} {taken if charging else ''}".rstrip()


def _power(power_w: int) -> str:
    """ "7.4kW" below 9.95 kW, "11kW" above."""
    return f"{power_w / 1000:.1f}kW" if abs(power_w) < 9950 else f"{power_w / 1000:.0f}kW"


def _energy(status: PanelStatus) -> str:
    """Power and energy of the car, "" without a meter: "11.0kW 12.34kWh"."""
    if status.ev_meter is None:
        return ""
    return f"{status.ev_meter.power_w / 1000:.1f}kW {status.ev_meter.session_wh / 1000:.2f}kWh"


def _phases(glyph: str, currents_da: tuple[int, int, int] | None) -> str:
    """The three phases of the mains or of the car, "" where they are not known."""
    return "" if currents_da is None else f"{glyph}{' '.join(amps(current) for current in currents_da)}A"


def _turns(status: PanelStatus) -> tuple[str, ...]:
    """Timers, currents, energy, time, cable and the footer, one after the other."""
    stops = f"{CLOCK}stops in {duration(status.stop_in_s)}" if status.stop_in_s is not None else ""
    meter = status.ev_meter
    cars = _phases(CAR, meter.currents_da) if meter is not None and status.state is State.C else ""
    shown = status.state is State.C1 or (status.state is State.C and status.mains_da is None)
    energy = "" if shown else _energy(status)
    since = f"time {duration(status.session_s)}" if status.session_s is not None else ""
    cable = f"cable {short(status.cable_da)}" if status.cable_da else ""
    return given(
        stops,
        cars,
        energy,
        _mains(status),
        _battery(status),
        since,
        cable,
        _mode(status),
        *_footer(status, mains=False),
    )


def _footer(status: PanelStatus, *, mains: bool = True) -> tuple[str, ...]:
    """Remarks, the mains, then clock, temperature and version in one line."""
    last = " ".join(given(status.clock, _celsius(status), status.version))
    return given(*status.notes, *((_mains(status), _battery(status)) if mains else ()), last)


def _mains(status: PanelStatus) -> str:
    return _phases(GRID, status.mains_da)


def _battery(status: PanelStatus) -> str:
    return "" if status.battery_da is None else f"battery {status.battery_da / 10:+.1f}A"


def _mode(status: PanelStatus) -> str:
    """ "Solar, 1 phase": only where something else than the setting MAX decides."""
    if status.mode == "NORMAL":
        return ""
    return f"{status.mode.title()}, {status.phases} phase{'s' if status.phases > 1 else ''}"


def _celsius(status: PanelStatus) -> str:
    return celsius(status.temperature_dc)


def celsius(temperature_dc: int | None) -> str:
    """A temperature in whole degrees, "" while it is not known."""
    return "" if temperature_dc is None else f"{round(temperature_dc / 10)}C"


def unit_cells(units: tuple[UnitLine, ...]) -> tuple[str, ...]:
    """Each charger of a Master in 8 characters: "M 16.0A", "1 free"."""
    cells = []
    for unit in units:
        number = unit.name.removeprefix("Node ") if unit.name.startswith("Node ") else unit.name[:1]
        word = short(unit.offer_da) or "--" if unit.state == "C" else _UNIT_WORDS.get(unit.state, unit.state)
        cells.append(f"{number[:1]}{CAR if unit.state in ('B', 'B1', 'C', 'C1') else ' '}{word}"[:8])
    return tuple(cells)


def amps(current_da: int) -> str:
    """At most four characters up to 999 A: "9.9", "-9.9", "12", "-125"."""
    return f"{current_da / 10:.1f}" if abs(current_da) < 100 else f"{current_da / 10:.0f}"


def short(current_da: int) -> str:
    """An offer: "16.0A", "" for none."""
    return f"{current_da / 10:.1f}A" if current_da else ""


def duration(seconds: int) -> str:
    """A length of time for the LCD: "4:05", "1:23:45"; from 100 hours on "4d 07h"."""
    minutes, second = divmod(max(seconds, 0), 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours // 24}d {hours % 24:02d}h"
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def narrow(text: str, columns: int) -> str:
    """The same with fewer spaces where the display has not enough columns: "6.0A:L1 at 25A"."""
    if len(text) > columns:
        text = text.replace(" A", "A").replace(": ", ":")
    for glyph in (HOUSE, RIGHT, CAR):
        if len(text) > columns:
            text = text.replace(f"{glyph} ", glyph).replace(f" {glyph}", glyph)
    return text


def given(*texts: str) -> tuple[str, ...]:
    """The texts that are not empty."""
    return tuple(text for text in texts if text)
