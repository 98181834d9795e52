"""Why a car gets the current it gets: one code, one LCD line and one sentence for every limit.

The words are the owner's ("car", "sun", "mains"), not the standard's. A new reason is one row in `TEXTS`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """The code of a reason; its value is stable and may be stored, logged and sent."""

    MAX = "max"
    CABLE = "cable"
    OVERRIDE = "override"
    CIRCUIT = "circuit"
    MAINS = "mains"
    SWITCHING = "switching"
    SHARE = "share"
    SUN = "sun"
    CAPACITY = "capacity"
    PEAK = "peak"
    GRID_RELAY = "grid-relay"
    EXTERNAL = "external"
    TEMPERATURE = "temperature"
    START = "start"
    RISING = "rising"
    HOLD_MAINS = "hold-mains"
    HOLD_SUN = "hold-sun"
    HOLD_CAPACITY = "hold-capacity"
    HOLD_PEAK = "hold-peak"
    HOLD_DATA = "hold-data"
    HOLD_CIRCUIT = "hold-circuit"
    HOLD_CHARGERS = "hold-chargers"
    UNPROVEN = "unproven"
    # waiting: the offer is 0
    NO_CAR = "no-car"
    ACCESS = "access"
    PAUSE = "pause"
    SCHEDULE = "schedule"
    SCHEDULE_OVER = "schedule-over"
    NO_CLOCK = "no-clock"
    NO_SUN = "no-sun"
    NO_MAINS = "no-mains"
    NO_CIRCUIT = "no-circuit"
    NO_CAPACITY = "no-capacity"
    NO_PEAK = "no-peak"
    RETRY = "retry"
    TURN = "turn"
    PHASES = "phases"
    DISOBEYS = "disobeys"
    NO_DATA = "no-data"
    FIRST_DATA = "first-data"
    NO_CIRCUIT_DATA = "no-circuit-data"
    FIRST_CIRCUIT = "first-circuit"
    NO_EV_DATA = "no-ev-data"
    FIRST_CHARGERS = "first-chargers"
    NO_METER = "no-meter"
    FROZEN = "frozen"
    BACKWARDS = "backwards"
    SETTINGS = "settings"


class Text(NamedTuple):
    """The words of a reason: `short` fits one line of 20 ASCII characters, `sentence` is for journal, page and status.

    Both are format strings over `offer` ("16.0 A"), `phase` ("L2"), `seen` ("25 A") and `wait` ("0:42").
    """

    short: str
    sentence: str


TEXTS: Mapping[Why, Text] = {
    Why.MAX: Text("{offer}: MAX", "{offer}: the MAX setting of this unit"),
    Why.CABLE: Text("{offer}: cable", "{offer}: the cable carries no more"),
    Why.OVERRIDE: Text("{offer}: override", "{offer}: set by hand for now"),
    Why.CIRCUIT: Text("{offer}: CIRCUIT", "{offer}: the circuit of the chargers carries no more (CIRCUIT)"),
    Why.MAINS: Text("{offer}: {phase} at {seen}", "{offer}: mains {phase} at {seen}"),
    Why.SWITCHING: Text("{offer}: {phase} on/off", "{offer}: a load that switches on and off on {phase} is soon back"),
    Why.SHARE: Text("{offer}: shared", "{offer}: shared with the other cars"),
    Why.SUN: Text("{offer}: sun", "{offer}: what the sun leaves over"),
    Why.CAPACITY: Text("{offer}: CAPACITY", "{offer}: the house may take no more in total (CAPACITY)"),
    Why.PEAK: Text("{offer}: peak", "{offer}: this quarter of an hour stays below the month's peak (CAP MODE)"),
    Why.GRID_RELAY: Text("{offer}: grid relay", "{offer}: the grid operator limits the chargers to 4.2 kW"),
    Why.EXTERNAL: Text("{offer}: external", "{offer}: limited from outside"),
    Why.TEMPERATURE: Text("{offer}: warm", "{offer}: the charger is warm and takes it slower"),
    Why.START: Text("{offer}: starting", "{offer}: the car starts at the minimum"),
    Why.RISING: Text("{offer}: rising", "{offer}: rising slowly, more current is free"),
    Why.HOLD_MAINS: Text("{offer}: {phase} at {seen}", "{offer}: minimum, as mains {phase} is at {seen}"),
    Why.HOLD_SUN: Text("{offer}: no sun {wait}", "{offer}: minimum, too little sun, stops in {wait}"),
    Why.HOLD_CAPACITY: Text("{offer}: CAPAC. {wait}", "{offer}: minimum, above CAPACITY, stops in {wait}"),
    Why.HOLD_PEAK: Text("{offer}: peak {wait}", "{offer}: minimum, above the month's peak, stops in {wait}"),
    Why.HOLD_DATA: Text("{offer}: wait: meter", "{offer}: minimum, until the mains meter was heard"),
    Why.HOLD_CIRCUIT: Text("{offer}: wait: meter", "{offer}: minimum, until the circuit meter was heard"),
    Why.HOLD_CHARGERS: Text("{offer}: as before", "{offer}: no more than before, until all chargers were heard"),
    Why.UNPROVEN: Text("{offer}: meter check", "{offer}: the mains meter does not follow the car, checking it"),
    Why.NO_CAR: Text("no car", "no car is connected"),
    Why.ACCESS: Text("access denied", "waiting: access has not been given"),
    Why.PAUSE: Text("pause", "waiting: paused by hand"),
    Why.SCHEDULE: Text("starts in {wait}", "waiting: charging is planned to start in {wait}"),
    Why.SCHEDULE_OVER: Text("plan is over", "waiting: the planned charge is over"),
    Why.NO_CLOCK: Text("clock not set", "waiting: the plan needs the time of day, and the clock is not set yet"),
    Why.NO_SUN: Text("sun: {seen} more", "waiting: {seen} more sun needed"),
    Why.NO_MAINS: Text("mains {phase} at {seen}", "waiting: mains {phase} is at {seen}, too little is left"),
    Why.NO_CIRCUIT: Text("wait: CIRCUIT full", "waiting: the circuit of the chargers is taken (CIRCUIT)"),
    Why.NO_CAPACITY: Text("wait: CAPACITY", "waiting: the house takes all that CAPACITY allows"),
    Why.NO_PEAK: Text("wait: month's peak", "waiting: the house takes all that the month's peak allows (CAP MODE)"),
    Why.RETRY: Text("again in {wait}", "waiting: there is enough current, tries again in {wait}"),
    Why.TURN: Text("wait for its turn", "waiting: another car charges first"),
    Why.PHASES: Text("changing phases", "waiting: changing the number of phases"),
    Why.DISOBEYS: Text("car takes {seen}", "stopped: the car takes {seen}, more than it is offered"),
    Why.NO_DATA: Text("no mains data", "stopped: no signal from the mains meter for 10 seconds, check the wiring"),
    Why.FIRST_DATA: Text("wait: mains meter", "waiting: for the first answer of the mains meter"),
    Why.NO_CIRCUIT_DATA: Text(
        "no circuit data", "stopped: no signal from the circuit meter for 10 seconds, check the wiring"
    ),
    Why.FIRST_CIRCUIT: Text("wait: circuit meter", "waiting: for the first answer of the circuit meter"),
    Why.NO_EV_DATA: Text("no EV meter data", "stopped: no signal from the EV meter for 64 seconds, check the wiring"),
    Why.FIRST_CHARGERS: Text(
        "wait: chargers {wait}", "waiting: {wait} more, as a charger that was not heard yet may still use the circuit"
    ),
    Why.NO_METER: Text("no mains meter", "waiting: Smart and Solar need a mains meter (MAINSMET), only Normal works"),
    Why.FROZEN: Text("meter frozen", "stopped: the mains meter repeats one value whatever the car does, check it"),
    Why.BACKWARDS: Text("meter reversed", "stopped: the mains meter counts import as export, check its direction"),
    Why.SETTINGS: Text("check {phase}", "waiting: the settings contradict each other, {seen}"),
}


def amps(current_da: int) -> str:
    """A current for a sentence: "16.0 A" (unit 0.1 A)."""
    return f"{current_da / 10:.1f} A"


def clock(wait_s: int) -> str:
    """A time to wait: "0:42", "9:59", or "2h05" from an hour on (six characters at most)."""
    wait_s = max(0, min(wait_s, 99 * 3600))
    if wait_s >= 3600:
        return f"{wait_s // 3600}h{wait_s % 3600 // 60:02d}"
    return f"{wait_s // 60}:{wait_s % 60:02d}"
