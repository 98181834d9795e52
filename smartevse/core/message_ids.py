"""The journal's message id of each fault and of each kind of event: by it `journalctl -x` finds its entry.

An id is made once (`systemd-id128 new`) and never changes, so that `journalctl MESSAGE_ID=...` finds old lines too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smartevse.core.faults import Fault

F = Fault

MESSAGE_IDS: Mapping[Fault, str] = {
    F.PILOT_SHORT: "1a316c7d5f4d42469832b34b792242bc",
    F.DIODE: "7f0d4320e5054c38afeb4d27d83b59dc",
    F.VENTILATION: "fc9c3f6191b345a2b351b90cfc076276",
    F.PILOT_RANGE: "72505c79255947debed7c856f8ef5c43",
    F.PWM_DEAD: "563ed80ff4d14e8a87d9e0c9a1fc2315",
    F.PROXIMITY_SHORT: "340d04fb586d41e4866f1c3a43f998e5",
    F.ADC: "e5131288232e4aeb98edcd617afdb17c",
    F.RAIL: "72684a2f80034cc7933540ce42f28619",
    F.HIGH_TEMP: "de36a6e8a41a4be080069a1576ac1879",
    F.TEMP_SENSOR: "1894a685fca64b9293152f8bb266273e",
    F.WELDED: "80901844fa324310b224d0549a32391a",
    F.NOT_CLOSED: "1671364ddabe4c188d3b4b77bb8b8be1",
    F.OPENED_ITSELF: "05668d8855c94d56a95987539acbd399",
    F.CHAIN_OPENED: "66737b1263bb4768a430a639a9742ed4",
    F.RCM_TRIP: "ed9b6965d63c4b08afa72da1f0a2b3a4",
    F.RCM_TEST: "d536c2a963904297bedd969073c9a5ef",
    F.WATCHDOG_TEST: "a6220773042d4e74b80881b612bc2418",
    F.WATCHDOG_EXPIRED: "8186e786c4884688b3a56f8ef96e2a7f",
    F.SAFE_STUCK: "2612ebb906f24904af1e70317eca9406",
    F.NOT_LOCKED: "88416d141b4c472d8c6c01a71307a7bf",
    F.NOT_UNLOCKED: "bd54580be82b4163b457a3681bf3fb98",
    F.PINS: "5a0801ea4bc54389b2ac29405dbf68b6",
    F.NO_SERIAL_COM: "2563f6c624e74676b4efabe9f00fd021",
    F.NO_CURRENT: "d8d237971a79482f8e407ee1235009d6",
    F.EV_METER: "2609a88ef34846c2a5d0f480a68c5d6d",
}
"""128 random bits as 32 hexadecimal digits; every fault has its row."""


class Event(NamedTuple):
    """A kind of line in the journal that is no fault."""

    message_id: str
    subject: str
    text: str
    """What it means, and what to do if anything; whole sentences."""


EVENTS: Mapping[str, Event] = {
    "connected": Event(
        "3cbb5c1514c5420a8b403fb1ae1fe2b2",
        "A car was connected",
        "From here on the lines carry the number of this session in EVSE_SESSION.",
    ),
    "disconnected": Event(
        "f15759f46f5e4eb5a9460efd86e169dc",
        "The car was disconnected",
        "The line tells the energy and the time of the session; without an EV meter only the time.",
    ),
    "charging": Event(
        "cea98a2ecebf46488023386d2b10aeef",
        "The contactor is closed and the car may charge",
        "EVSE_OFFER_DA is the current that is offered per phase, in 0.1 A, and EVSE_REASON what limits it.",
    ),
    "stopped": Event(
        "3d3b79d7e432499eb25a099453dccccb",
        "Charging was stopped",
        "By the car when it is full or was told so, else by the charger, with the reason in the line.",
    ),
    "offer": Event(
        "c050da66da83400b8ff7b03ff88003ce",
        "The current that the car may take has changed",
        "A current that only follows the sun or the house is told once in ten minutes at most.",
    ),
    "waiting": Event(
        "66a24d5146a24db0b2d290446da23a23",
        "A connected car is offered no current",
        "The line tells why. Nothing need be done when it waits for sun, for the night or for other cars.",
    ),
    "over": Event(
        "384318ee7f294a56b1d6acfaa6f8c815",
        "A fault is over",
        "EVSE_FAULT names it; charging goes on by itself when nothing else is in its way.",
    ),
    "state": Event(
        "4a36f02b588e481d896e010b54c5b46c",
        "The guard has another state",
        "EVSE_STATE is a state of IEC 61851-1, EVSE_EVENT what brought it about, EVSE_HOLD why the charge does not go "
        "on, EVSE_OFFER_DA what the pilot offers, in 0.1 A. The guard writes these lines itself, also without a "
        "station: journalctl -t smartevse-guard.",
    ),
    "ready": Event(
        "c3bf34d2dc224fd3bf6f83ca017a79ef",
        "The station is ready",
        "Keys and display are taken, the guard is heard or looked for, and what a car may take is decided from now on.",
    ),
    "ending": Event(
        "ea13604c92fd4beebe5ab829450e5bd4",
        "The station ends",
        "It was told to end, or starts anew. A running charge goes on when the station is back within a second.",
    ),
    "setting": Event(
        "71303167bbfd4e838f22f59d81649ca6",
        "A setting was changed",
        "On the panel, in the shell or over the RS485 line: EVSE_SETTING. The line tells the old and the new value.",
    ),
    "no-guard": Event(
        "b71d4df526fe47049d5c519d2328b865",
        "The guard is missing",
        "Without its guard no car is charged. systemctl status smartevse-guard tells why it does not run; "
        "systemd starts it again by itself unless a person must act.",
    ),
    "guard-back": Event(
        "f6fce2c30d1e4d5788351a13502a3d52",
        "The guard is there again",
        "Charging goes on by itself when nothing else is in its way.",
    ),
    "short-faults": Event(
        "c29e170ad1704befbab0cf62c8923cbf",
        "Faults came and went between two looks",
        "The guard's own lines name them: journalctl -t smartevse-guard.",
    ),
    "recorded": Event(
        "a290cb8dd5744a50af0e75e5003ec587",
        "The guard's minute around a fault is kept",
        "smartevse recorder plot draws it, smartevse recorder replay finds out whether the guard of today "
        "decides alike. Of a fault that comes again and again only a few recordings are kept.",
    ),
    "line": Event(
        "8da0645b1b0c4e5c8fba083b783e6d8c",
        "The RS485 line, or a meter or charger on it",
        "The line tells which and what. Look at adapter and cable, the supply of the meter, the wires A and B, "
        "its address and its speed; smartevse bus scan finds what is there.",
    ),
    "access": Event(
        "c4d4e58553744a76b1a236a26fd13eba",
        "A card was shown, or access has ended",
        "The line tells whose card it was and what became of it.",
    ),
    "wifi": Event(
        "18df6cb270c5444da626b933b1f7b4e3",
        "The wireless network",
        "What was done with WIFI of the menu and on its set-up page.",
    ),
    "display": Event(
        "8493a92a5937425fa40f9f3fa1c8774e",
        "The display",
        "It does not answer, or answers again. Everything else goes on without it.",
    ),
    "pigpiod": Event(
        "6dae7da2e20b421380d68d426c294d10",
        "pigpiod is lost",
        "The station starts anew, and again until pigpiod is there: systemctl status pigpiod tells why it is not.",
    ),
    "wear": Event(
        "ffd48c34f9624747aa6ef3f786389173",
        "The contactor wears",
        "The line tells its closings and openings under load, and how much more slowly it opens than when it was new.",
    ),
    "keeping": Event(
        "6074b6c2296e449cb707dd6d70f05fab",
        "Something cannot be kept on the card",
        "The station goes on with what it has in memory. See that the card is not full and not read-only, and that the "
        "state directory belongs to the user smartevse.",
    ),
    "refused": Event(
        "28e8757975344f5eafe7be6514c8ffa1",
        "The program does not fit this machine or its configuration",
        "It has ended with status 78 and is not started again until a person has acted; the line tells what to do.",
    ),
    "selftest": Event(
        "6972a01d74254ca1b2e68d87354eb7bf",
        "A self-test of the station",
        "smartevse selftest was run: EVSE_RESULT is PASSED, FAILED or NOT_DONE, EVSE_CHECK the check. The whole report "
        "is in the folder selftest of the state directory, with what to do for each check that failed.",
    ),
}
"""Every kind of event that is worth finding: `journalctl MESSAGE_ID=...`."""
