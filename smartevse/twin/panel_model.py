"""What the panel draws, as one frozen picture of the twin's state; crosses from the link's thread as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PHASE_V = 230
CABLES: Mapping[int | None, str] = {220: "32 A", 100: "63 A", 680: "16 A", 1500: "13 A", None: "none (13 A)"}
"""The cables that `c` goes through, by their resistor in ohm (hat interface, "Proximity pilot")."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that a person in front of the station, with a voltmeter and an oscilloscope, can see.

    Times are CLOCK_MONOTONIC seconds, voltages V, currents 0.1 A, brightness 0 to 1.
    """

    now_s: float
    lcd: tuple[str, ...]
    backlight: bool
    leds: tuple[float, float, float]
    keys: Mapping[str, bool]
    """Which of "<", "o", ">" and "sw" are down."""
    high_v: float
    low_v: float
    duty_permille: int
    offer_da: int
    state: str
    """The letter that the pilot shows, "A" to "F"."""
    plugged: bool
    wants: bool
    soc: float
    session_wh: float
    currents_da: tuple[int, int, int]
    cable_ohm: int | None
    lamps: Mapping[str, bool]
    """The chain from the watchdog to the contactors, by the names on the schematic."""
    temperature_c: float
    rail_v: float
    faults: tuple[str, ...]
    pigpiod: str
    """"running", "dead" or "hung"."""
    bus_plugged: bool
    silent_units: tuple[int, ...]

    @property
    def power_w(self) -> float:
        """What the car takes."""
        return sum(self.currents_da) / 10 * PHASE_V


def picture(state: Mapping[str, Any]) -> Picture:
    """The picture of what the twin answers to `state`."""
    pilot, ev, contactors, lcd, bus = (state[key] for key in ("pilot", "ev", "contactors", "lcd", "bus"))
    first, second, third = state["currents_da"]
    return Picture(
        now_s=state["now_s"],
        lcd=tuple(lcd["lines"]),
        backlight=lcd["backlight"],
        leds=(state["leds"]["red"], state["leds"]["green"], state["leds"]["blue"]),
        keys=state["keys"],
        high_v=pilot["high_v"],
        low_v=pilot["low_v"],
        duty_permille=pilot["duty_permille"],
        offer_da=pilot["offer_da"],
        state=ev["state"],
        plugged=ev["plugged"],
        wants=ev["wants"],
        soc=ev["soc"],
        session_wh=ev["session_wh"],
        currents_da=(first, second, third),
        cable_ohm=state["cable_ohm"],
        lamps={
            "WD_OK": state["wd_ok"],
            "window": state["window"],
            "SAFE": state["safe"],
            "supply": contactors["supply"],
            "C1": contactors["c1"],
            "C2": contactors["c2"],
            "lock": state["lock"]["locked"],
            "RCM trip": state["rcm_trip"],
        },
        temperature_c=state["temperature_c"],
        rail_v=state["rail_v"],
        faults=tuple(state["faults"]),
        pigpiod=state["pigpiod"],
        bus_plugged=bus["plugged"],
        silent_units=tuple(bus["silent"]),
    )


def advice(seen: Picture, guard: str, station: str) -> str:
    """What happens now and what to try next, in one line; `guard` and `station` as `Rig.condition` says."""
    if seen.pigpiod != "running":
        return f"pigpiod is {seen.pigpiod}: the hat opened the contactor by itself. d brings it back"
    if guard != "runs":
        return f"The guard {_is(guard)}: the hat opened the contactor by itself. g brings it back"
    if station != "runs":
        return f"The station {_is(station)}: after 1 s the guard ends the charge. s brings it back"
    if seen.faults:
        return f"Broken: {', '.join(seen.faults)}. See LCD, lamps and journal; x mends it"
    if seen.state in "EF":
        return "The station shows the car an error; it ends by itself once all is well"
    if not seen.plugged:
        return "No car is here. p plugs one in"
    if seen.lamps["C1"]:
        amps = max(seen.currents_da) / 10
        return f"The car charges with {amps:.1f} A: {seen.power_w / 1000:.1f} kW. r: it has enough, f: break something"
    if not seen.offer_da:
        return "The car is connected; the LCD says what the station waits for"
    if not seen.wants:
        return f"The duty of {seen.duty_permille / 10:.1f} % offers {seen.offer_da / 10:.1f} A. r: the car asks for it"
    return "The car asks: 6 V on the pilot. The contactor closes when all is proven"


def _is(condition: str) -> str:
    return {"stalled": "is stalled", "ended": "is dead"}[condition]
