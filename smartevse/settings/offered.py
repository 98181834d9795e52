"""When the menu offers a setting: only what has an effect with all the others as they are."""

from __future__ import annotations

from smartevse.settings.table import Choices

OPEN_END = 24 * 60
"""The minute of the day that stands for "no end"."""
NO_CAPACITY = 9
"""The number before the lowest CAPACITY, 10 A, stands for "Disabled": the menu steps from one to the other."""


def socket(choices: Choices) -> bool:
    """A loose cable is plugged in."""
    return choices["config"] == "socket"


def lock(choices: Choices) -> bool:
    """There is an actuator."""
    return socket(choices) and choices["lock"] != "disabled"


def node(choices: Choices) -> bool:
    """Another unit decides on the current."""
    return str(choices["load_bal"]).startswith("node")


def decides(choices: Choices) -> bool:
    """This unit decides on the current: it stands alone or is the Master."""
    return not node(choices)


def master(choices: Choices) -> bool:
    """This unit shares a circuit with others and decides for all."""
    return choices["load_bal"] == "master"


def shared(choices: Choices) -> bool:
    """There are other units on the line."""
    return choices["load_bal"] != "disabled"


def solar(choices: Choices) -> bool:
    """This unit follows the sun."""
    return choices["mode"] == "solar" and decides(choices)


def normal_decides(choices: Choices) -> bool:
    """Normal mode, in a unit that decides."""
    return choices["mode"] == "normal" and decides(choices)


def measured(choices: Choices) -> bool:
    """This unit looks at the house's mains meter."""
    return decides(choices) and (choices["mode"] != "normal" or choices["mains_in"] == "all")


def circuit_meter(choices: Choices) -> bool:
    """A circuit meter is chosen, in a unit that decides."""
    return decides(choices) and choices["circ_met"] != "disabled"


def circuit(choices: Choices) -> bool:
    """This unit shares a circuit with others and decides for all, or a circuit meter is chosen."""
    return master(choices) or circuit_meter(choices)


def battery_meter(choices: Choices) -> bool:
    """This unit follows the sun, and a battery meter is chosen."""
    return solar(choices) and choices["batt_met"] != "disabled"


def minimum(choices: Choices) -> bool:
    """The lowest current matters: less than MAX may come out."""
    return measured(choices) or circuit(choices)


def quarter(choices: Choices) -> bool:
    """The month's highest quarter of an hour is kept."""
    return measured(choices) and choices["cap_mode"] == "quarter"


def capacity(choices: Choices) -> bool:
    """There is a limit on the sum of the phases."""
    return measured(choices) and (choices["capacity"] != NO_CAPACITY or quarter(choices))


def timer(choices: Choices) -> bool:
    """Charging waits for a time of day."""
    return choices["timer"] != "disabled"


def sensorbox(choices: Choices) -> bool:
    """The house is measured by a Sensorbox."""
    return measured(choices) and choices["mainsmet"] == "sensorbox"


def mains_address(choices: Choices) -> bool:
    """The house is measured by a meter whose address can be chosen."""
    return measured(choices) and choices["mainsmet"] != "sensorbox"


def ev_meter(choices: Choices) -> bool:
    """The car's current is measured."""
    return choices["ev_meter"] != "disabled"


def custom_meter(choices: Choices) -> bool:
    """A meter is described by the menu."""
    return any(
        looked(choices) and choices[key] == "custom"
        for key, looked in (
            ("ev_meter", ev_meter),
            ("mainsmet", measured),
            ("circ_met", circuit_meter),
            ("batt_met", battery_meter),
        )
    )
