"""What the panel shows, as one frozen status: the station fills it, `screens` draws it, nothing else passes between."""

from __future__ import annotations

from dataclasses import dataclass

from smartevse.core.states import State


@dataclass(frozen=True, slots=True)
class EvReading:
    """The EV meter's newest reading; a reading that is too old is not passed on (None in the status)."""

    power_w: int = 0
    session_wh: int = 0
    """Energy since the car was connected."""
    currents_da: tuple[int, int, int] = (0, 0, 0)
    """Per phase, 0.1 A."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One charger of a Master's table."""

    name: str
    """"Master", "Node 1"."""
    state: str = ""
    """Its state's name ("C"), "" while it is silent."""
    offer_da: int = 0
    """What it may take, 0.1 A per phase."""


@dataclass(frozen=True, slots=True)
class MenuView:
    """What the open menu shows; made by `menu.Menu.view`."""

    name: str
    value: str
    editing: bool
    """Whether < and > change the value (or else choose the item)."""
    text: str
    """The help sentence, or why a value is refused."""
    idle_s: float
    """Since the last key; the text scrolls after 5 s."""
    position: int
    """1 for the first item."""
    count: int
    lines: tuple[str, ...] = ()
    """How an action goes ("card stored"), at most two lines of 16 ASCII characters; instead of text and position."""


@dataclass(frozen=True, slots=True)
class PanelStatus:
    """Everything that a screen may show. Currents are 0.1 A per phase, temperatures 0.1 degC."""

    now_s: float = 0.0
    """Monotonic seconds; pages that share a line take turns every 4 s."""
    state: State = State.A
    hold: str = ""
    """The name of the guard's reason for not charging (`core.states.Hold`), "" or "NONE" for none."""
    fault: tuple[str, ...] = ()
    """The lines of the most urgent fault, four a screen (eight take turns); empty for none."""
    guard_age_s: float = 0.0
    """How old the guard's last status is; above 1 s nothing else that we show would be true."""
    offer_da: int = 0
    """What the pilot offers now, 0 for none."""
    reason: str = ""
    """Why it is this current (`Limit.short`, at most 20 ASCII characters)."""
    cable_da: int = 0
    """What the cable in the socket carries; 0 for a fixed cable or none."""
    ev_meter: EvReading | None = None
    session_s: int | None = None
    """Seconds since the car was connected; None without one."""
    temperature_dc: int | None = None
    version: str = ""
    clock: str = ""
    """"21:30", or "" while the time is not known."""
    notes: tuple[str, ...] = ()
    """Short remarks that take turns in the last line ("EV meter silent"), at most 20 ASCII characters each."""
    hint: tuple[str, ...] = ()
    """What a key that is held will do, at most two lines; shown instead of everything but the menu and faults."""
    menu: MenuView | None = None
    mode: str = "NORMAL"
    """The name of MODE: "NORMAL", "SMART" or "SOLAR" (`core.rules.Mode`)."""
    access: str = "on"
    """"on", "off" (denied) or "pause"."""
    access_by: str = "keys"
    """Who gives access: "keys" (> held), "card" or "switch"."""
    mains_da: tuple[int, int, int] | None = None
    """The house's mains currents, import positive; None without a meter or while it is silent."""
    battery_da: int | None = None
    """What the home battery takes, all phases together (negative: gives); None where that has no part."""
    stop_in_s: int | None = None
    """Seconds until the charge stops for want of sun or capacity; None while no such timer runs."""
    phases: int = 3
    """How many phases the car is given, 1 or 3."""
    units: tuple[UnitLine, ...] = ()
    """All chargers, on a Master; empty elsewhere."""
    announce: tuple[str, ...] = ()
    """What has just happened ("CARD STORED"), at most four lines of 16; shown for a while instead of the state."""
