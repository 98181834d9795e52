"""What settings demand of each other: each rule gives the whole sentence that refuses what contradicts."""

from __future__ import annotations

from smartevse.settings import offered
from smartevse.settings.table import Choices, Rule

SENSORBOX_ADDRESS = 10
"""A Sensorbox is always there (registers of Sensorbox 1.5 and 2)."""


def _max_below_min(choices: Choices) -> str | None:
    if offered.minimum(choices) and int(choices["max"]) < int(choices["min"]):
        return f"MAX {choices['max']} A is below MIN {choices['min']} A: raise MAX or lower MIN"
    return None


def _circuit_below_min(choices: Choices) -> str | None:
    if offered.circuit(choices) and int(choices["circuit"]) < int(choices["min"]):
        return f"CIRCUIT {choices['circuit']} A is below MIN {choices['min']} A: raise CIRCUIT or lower MIN"
    return None


def _mains_below_min(choices: Choices) -> str | None:
    if offered.measured(choices) and int(choices["mains"]) < int(choices["min"]):
        return f"MAINS {choices['mains']} A is below MIN {choices['min']} A: raise MAINS or lower MIN"
    return None


def _one_address(choices: Choices) -> str | None:
    taken: dict[int, str] = {}
    for name, key, looked in (
        ("mains meter", "mainsadr", offered.measured),
        ("EV meter", "ev_adr", offered.ev_meter),
        ("circuit meter", "circ_adr", offered.circuit_meter),
        ("battery meter", "batt_adr", offered.battery_meter),
    ):
        if not looked(choices):
            continue
        boxed = key == "mainsadr" and choices["mainsmet"] == "sensorbox"
        address = SENSORBOX_ADDRESS if boxed else int(choices[key])
        if address in taken:
            return f"the {taken[address]} and the {name} cannot both have address {address}: give one of them another"
        taken[address] = name
    return None


def _no_window(choices: Choices) -> str | None:
    if offered.timer(choices) and choices["timer_on"] == choices["timer_off"]:
        return "TIMER ON and TIMER OFF are the same time: choose two different times, or Open for no end"
    return None


RULES = (
    Rule(("max", "min"), _max_below_min),
    Rule(("circuit", "min"), _circuit_below_min),
    Rule(("mains", "min"), _mains_below_min),
    Rule(
        ("ev_adr", "mainsadr", "circ_adr", "batt_adr", "ev_meter", "mainsmet", "circ_met", "batt_met"),
        _one_address,
    ),
    Rule(("timer_on", "timer_off"), _no_window),
)
"""The product's rules."""
