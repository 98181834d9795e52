"""Commands about the house of the twin: what it takes, what the sun gives, its battery, others on the circuit."""

from __future__ import annotations

from collections.abc import Mapping

from smartevse.twin.control_words import Command, Misused, Reply, number
from smartevse.twin.unit import Unit


def _house(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [l1, l2, l3]:
            unit.house.set(takes_a=(number(l1), number(l2), number(l3)))
        case _:
            raise Misused
    return "ok"


def _sun(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [each]:
            unit.house.set(sun_a=(number(each),) * 3)
        case [l1, l2, l3]:
            unit.house.set(sun_a=(number(l1), number(l2), number(l3)))
        case _:
            raise Misused
    return "ok"


def _circuit(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [l1, l2, l3]:
            unit.house.set(others_a=(number(l1), number(l2), number(l3)))
        case _:
            raise Misused
    return "ok"


def _battery(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [amps]:
            unit.house.set(battery_a=number(amps))
        case _:
            raise Misused
    return "ok"


def _meter(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [how]:
            unit.house.lie(how)
        case _:
            raise Misused
    return "ok"


HOUSE_COMMANDS: Mapping[str, Command] = {
    "house": Command("house A B C", "what the house takes on each phase, in A", _house),
    "sun": Command("sun A [B C]", "what the sun gives on each phase, in A", _sun),
    "circuit": Command("circuit A B C", "what others take on the chargers' circuit on each phase, in A", _circuit),
    "battery": Command("battery A", "what the home battery takes, or gives (below 0), all phases together", _battery),
    "mains": Command("mains honest|frozen|reversed|nonsense", "what the meter of the mains does", _meter),
}
"""Each by its first word."""
