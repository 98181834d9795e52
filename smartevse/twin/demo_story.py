"""`smartevse demo --headless`: one charge from plug to plug against the real processes, timed by the twin's own trace.

The trace says to the microsecond when something happened to the hat and the car, so the figures are the station's
reaction and not the time that this program needed to look.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from smartevse.core.pilot import offer_da
from smartevse.twin.demo_control import ControlClient
from smartevse.twin.demo_rig import Rig

CHARGE_S = 8.0
"""How long the car charges: four time constants of its own, so that it takes what it is offered."""
WITHIN_S = 15.0
"""What has not happened by then, on a machine however loaded, never happens."""
LOOK_S = 0.05
OFFER_PERMILLE = range(80, 971)
"""Duty cycles that offer current (IEC 61851-1 table A.8)."""
BAD_LEVELS = ("warning", "error", "critical")
PHASE_V = 230
METER_AGE_S = 4.0
"""The station reads the EV meter's power every 2 s; with the way to the LCD the value is younger than this."""
_METER_STEP_W = 100
"""The LCD shows 0.1 kW."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the summary: what was measured, what it was, what it must be, and whether it is."""

    what: str
    value: str
    must: str
    holds: bool


@dataclass(slots=True)
class Watch:
    """Follows the trace and the display while the story goes on."""

    rig: Rig
    client: ControlClient
    events: list[tuple[float, str, Any]] = field(default_factory=list)
    screens: list[tuple[float, str]] = field(default_factory=list)
    """(seconds since the beginning, first line of the LCD) at each change of that line."""
    powers_w: list[tuple[float, float]] = field(default_factory=list)
    """(time, power of the car) at each look."""
    began_s: float = 0.0
    most_da: int = 0
    _next: int = 0

    def __post_init__(self) -> None:
        trace = self.client.ask("trace 0")
        self._next, self.began_s = trace["next"], trace["now"]

    def look(self) -> dict[str, Any]:
        """The state of everything now; takes note of what happened since the last look."""
        self.rig.look(time.monotonic())
        trace = self.client.ask(f"trace {self._next}")
        self._next = trace["next"]
        self.events += [(at_s, name, value) for at_s, name, value in trace["events"]]
        state = dict(self.client.ask("state"))
        headline = str(state["lcd"]["lines"][0]).strip()
        if not self.screens or self.screens[-1][1] != headline:
            self.screens.append((state["now_s"] - self.began_s, headline))
        self.most_da = max(self.most_da, *state["currents_da"])
        self.powers_w.append((state["now_s"], sum(state["currents_da"]) / 10 * PHASE_V))
        return state

    def until(self, true: Callable[[dict[str, Any]], bool], within_s: float = WITHIN_S) -> bool:
        """Look until something is true of the state; False when it never was."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            if true(self.look()):
                return True
            time.sleep(LOOK_S)
        return False

    def last_s(self, name: str, good: Callable[[Any], bool], before_s: float = float("inf")) -> float | None:
        """When the newest event of this name, with a value that is good, happened before that time; None: never."""
        found = (at_s for at_s, event, value in reversed(self.events) if event == name and good(value))
        return next((at_s for at_s in found if at_s < before_s), None)

    def first_s(self, name: str, good: Callable[[Any], bool], after_s: float | None) -> float | None:
        """When the first such event after that time happened; None: never."""
        if after_s is None:
            return None
        events = (at_s for at_s, event, value in self.events if event == name and good(value))
        return next((at_s for at_s in events if at_s >= after_s), None)


def charge(rig: Rig, say: Callable[[str], None], charge_s: float = CHARGE_S) -> bool:
    """Play the story and print its summary line by line; whether everything held."""
    client = rig.client()
    try:
        watch = Watch(rig, client)
        checks = _play(watch, say, charge_s)
    finally:
        client.close()
    checks.append(_faults(rig, watch))
    for line in summary(checks):
        say(line)
    seen = " -> ".join(f"{headline} ({at_s:.1f} s)" for at_s, headline in watch.screens)
    say(f"LCD: {seen}")
    held = all(check.holds for check in checks)
    for said in [] if held else rig.journal:
        say(f"{said.source:<8} {said.text}")
    return held


def _play(watch: Watch, say: Callable[[str], None], charge_s: float) -> list[Check]:
    client = watch.client
    watch.until(lambda state: state["lcd"]["on"] and state["wd_ok"])
    say("the car is plugged in")
    client.do("ev plug")
    watch.until(lambda state: state["ev"]["sees_pwm"])
    say("the car asks for current")
    client.do("ev ready")
    watch.until(lambda state: state["contactors"]["c1"])
    say(f"the car charges for {charge_s:.0f} s")
    end_s = time.monotonic() + charge_s
    watch.until(lambda _: time.monotonic() >= end_s, charge_s + WITHIN_S)
    charging = watch.look()
    say("the car has enough")
    client.do("ev ready off")
    watch.until(lambda state: not state["contactors"]["c1"])
    say("the car is unplugged")
    client.do("ev unplug")
    watch.until(lambda state: state["lcd"]["lines"][0].startswith("READY"))
    return _checks(watch, charging, watch.look())


def _checks(watch: Watch, charging: dict[str, Any], end: dict[str, Any]) -> list[Check]:
    """What is measured; the limits are the project's budgets."""
    plugged_s = watch.last_s("ev_plug", bool)
    offered_s = watch.first_s("duty", lambda value: value in OFFER_PERMILLE, plugged_s)
    asked_s = watch.first_s("ev_s2", bool, plugged_s)
    closed_s = watch.first_s("c1_contacts", bool, asked_s)
    released_s = watch.first_s("ev_s2", lambda value: not value, closed_s)
    opened_s = watch.first_s("c1_contacts", lambda value: not value, closed_s)
    offer = offer_da(charging["pilot"]["duty_permille"])
    energy_wh = end["ev"]["session_wh"]
    return [
        _time("plugged in -> current offered", plugged_s, offered_s, 0.0, 3.0),
        _time("car asks -> contactor closed", asked_s, closed_s, 0.5, 3.0),
        _time("car lets go -> contactor open", released_s, opened_s, 0.0, 0.1),
        Check(
            "current offered / taken, each phase",
            f"{offer / 10:.1f} A / {watch.most_da / 10:.1f} A",
            "taken <= offered",
            0 < watch.most_da <= offer,
        ),
        Check("energy to the car", f"{energy_wh:.1f} Wh", "more than 0", energy_wh > 0),
        _meter(charging["lcd"]["lines"], _between(watch.powers_w, charging["now_s"])),
        Check(
            "LCD at the end", end["lcd"]["lines"][0].strip(), "READY ...", end["lcd"]["lines"][0].startswith("READY")
        ),
    ]


def _time(what: str, from_s: float | None, to_s: float | None, least_s: float, most_s: float) -> Check:
    """A reaction time; the limits in seconds."""
    must = f"{least_s * 1000:.0f} to {most_s * 1000:.0f} ms" if least_s else f"<= {most_s * 1000:.0f} ms"
    if from_s is None or to_s is None:
        return Check(what, "never", must, False)
    took_s = to_s - from_s
    return Check(what, f"{took_s * 1000:.1f} ms", must, least_s <= took_s <= most_s)


def _between(powers_w: Sequence[tuple[float, float]], now_s: float) -> tuple[float, float]:
    """The least and the most that the car took while a value of the meter may be from."""
    recent = [power_w for at_s, power_w in powers_w if now_s - METER_AGE_S <= at_s <= now_s]
    return min(recent), max(recent)


def _meter(lines: Sequence[str], range_w: tuple[float, float]) -> Check:
    """The power on the LCD comes from the EV meter over RS485: it must be the car's own of a moment ago."""
    what = "power on the LCD, from the meter on RS485"
    least_w, most_w = range_w
    must = f"{least_w / 1000:.1f} to {most_w / 1000:.1f} kW"
    found = re.search(r"(\d+\.\d)kW", " ".join(lines))
    if found is None:
        return Check(what, "none", must, False)
    shown_w = 1000 * float(found[1])
    return Check(what, f"{found[1]} kW", must, least_w - _METER_STEP_W <= shown_w <= most_w + _METER_STEP_W)


def _faults(rig: Rig, watch: Watch) -> Check:
    """Nothing that the owner would be called for: no state E or F, no warning, no program that ended."""
    found = [f"{line.source}: {line.text}" for line in rig.journal if line.level in BAD_LEVELS]
    found += ["the pilot showed state F" for _, name, value in watch.events if name == "duty" and value == 0]
    found += [f"the {name} ended" for name in ("guard", "station") if rig.condition(name) != "runs"]
    return Check("faults and warnings", "; ".join(found) or "none", "none", not found)


def summary(checks: Sequence[Check]) -> list[str]:
    """The checks as a table, with a closing line."""
    width = max(len(check.what) for check in checks)
    lines = [
        f"{'ok  ' if check.holds else 'FAIL'} {check.what:<{width}}  {check.value}  (must: {check.must})"
        for check in checks
    ]
    bad = sum(not check.holds for check in checks)
    return ["", *lines, "", "everything held" if not bad else f"{bad} of {len(checks)} did not hold"]
