"""What the LCD says about each fault: the manual's words where it has some, then the cause and what to do.

Each text is a screen of four lines of at most 16 characters, so that it fits every display; two take turns.
"""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.core.faults import Fault


def _lines(*screens: str) -> tuple[str, ...]:
    """The lines of one or two screens, which are written with " / " between them; each is filled up to four."""
    filled = [(*screen.split(" / "), "", "", "")[:4] for screen in screens]
    return tuple(line for screen in filled for line in screen)


_RESTART = "switch off, wait / 10 s, switch on; / if it stays: / electrician"

FAULT_SCREENS: Mapping[Fault, tuple[str, ...]] = {
    # the pilot and the cable
    Fault.PILOT_SHORT: _lines(
        "ERROR / PILOT SHORTED / CHARGING / STOPPED", "unplug the car, / check plug and / cable for water / or damage"
    ),
    Fault.DIODE: _lines(
        "ERROR / CAR NOT VERIFIED / CHARGING / STOPPED", "no diode seen: / unplug, look at / the plug and / try again"
    ),
    Fault.VENTILATION: _lines(
        "ERROR / CAR NEEDS A FAN / NOT POSSIBLE / HERE", "its battery may / give off gas: / charge it / elsewhere"
    ),
    Fault.PILOT_RANGE: _lines(
        "ERROR / PILOT VOLTAGE / CHARGING / STOPPED", "unplug the car, / check the cable; / if it stays: / electrician"
    ),
    Fault.PWM_DEAD: _lines("ERROR / NO PILOT SIGNAL / CHARGING / STOPPED", _RESTART),
    Fault.PROXIMITY_SHORT: _lines(
        "ERROR / CABLE SHORTED / CHARGING / STOPPED", "unplug and try / another cable; / if it stays: / electrician"
    ),
    # our own measuring and supply
    Fault.ADC: _lines("ERROR / MEASURING FAILS / CHARGING / STOPPED", _RESTART),
    Fault.RAIL: _lines(
        "ERROR / 12 V SUPPLY / CHARGING / STOPPED",
        "an electrician / has to check the / 12 V supply and / what is on it",
    ),
    Fault.HIGH_TEMP: _lines(
        "ERROR / HIGH TEMP / CHARGING / STOPPED", "goes on by / itself below / 55 C; keep the / box out of sun"
    ),
    Fault.TEMP_SENSOR: _lines("ERROR / TEMP SENSOR / CHARGING / STOPPED", _RESTART),
    # the contactor and the chain in front of it
    Fault.WELDED: _lines(
        "DANGER / CONTACTOR STUCK / VOLTAGE ON THE / PLUG", "switch off the / breaker, call an / electrician"
    ),
    Fault.NOT_CLOSED: _lines(
        "ERROR / CONTACTOR DOES / NOT CLOSE", "unplug and try / again; / if it stays: / electrician"
    ),
    Fault.OPENED_ITSELF: _lines(
        "ERROR / CONTACTOR OPENED / BY ITSELF", "tries again in / 60 s; / if it stays: / electrician"
    ),
    Fault.CHAIN_OPENED: _lines("ERROR / SAFETY CHAIN / OPENED", "tries again in / 60 s; / if it stays: / electrician"),
    Fault.RCM_TRIP: _lines("RESIDUAL / FAULT / CURRENT / DETECTED", "PRESS / BUTTON / TO / RESET"),
    Fault.RCM_TEST: _lines(
        "RESIDUAL / SENSOR / TEST / FAILED", "check plug P1, / press a button; / if it stays: / electrician"
    ),
    Fault.WATCHDOG_TEST: _lines(
        "ERROR / SAFETY TEST / FAILED", "press a button / to test again; / if it stays: / electrician"
    ),
    Fault.WATCHDOG_EXPIRED: _lines(
        "ERROR / SAFETY PROGRAM / WAS TOO LATE", "goes on by / itself; / if it stays: / electrician"
    ),
    Fault.SAFE_STUCK: _lines("ERROR / SAFETY RELAY / STUCK", "do not charge, / switch off, call / an electrician"),
    # the lock
    Fault.NOT_LOCKED: _lines(
        "ERROR / PLUG NOT LOCKED", "push the plug / in fully and try / again; check / setting LOCK"
    ),
    Fault.NOT_UNLOCKED: _lines("ERROR / PLUG NOT / UNLOCKED", "push the plug / in a little: it / is tried again"),
    Fault.PINS: _lines("ERROR / OUTPUTS DO NOT / FOLLOW", _RESTART),
    # the station's own
    Fault.NO_SERIAL_COM: _lines("ERROR NO / SERIAL COM / CHECK / WIRING"),
    Fault.NO_CURRENT: _lines("ERROR NO / CURRENT", "WAITING / FOR POWER / tries again / after 60 s"),
    Fault.EV_METER: _lines("CAN'T READ / EV METER / CHECK CFG / OR WIRING"),
}
"""A row for every fault."""
