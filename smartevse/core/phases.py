"""One or three phases: what CONTACT 2 asks for, and in Auto which of both uses the sun better.

Between one phase at MAX and three at MIN there is a gap (16 A and 18 A), and each change interrupts the charge for half
a minute and wears the contactors. So evidence is collected before a change, and each choice is kept for a while.
"""

from smartevse.core.rules import Contact2, Mode

UP_MARGIN_DA = 30
"""Surplus above three times MIN that three phases need to begin (3 A)."""

UP_S = 60.0
"""How long the surplus must be that high to change to three phases."""

UP_DWELL_S = 300.0
"""Earliest change to three phases after the last change."""

DOWN_DA_S = 72_000.0
"""Import that justifies a change to one phase: two hours at 1 A, 0.46 kWh (0.1 A times seconds)."""

DOWN_DWELL_S = 120.0
"""Earliest change to one phase after the last change."""


def fixed_phases(contact2: Contact2, mode: Mode) -> int | None:
    """The number of phases CONTACT 2 asks for in this mode; None = Auto decides by the sun."""
    if contact2 == Contact2.ALWAYS_OFF:
        return 1
    if contact2 == Contact2.SOLAR_OFF:
        return 1 if mode == Mode.SOLAR else 3
    if contact2 == Contact2.AUTO and mode == Mode.SOLAR:
        return None
    return 3


def first_phases(surplus_da: float, min_da: int) -> int:
    """Phases to begin with in Auto, by the surplus (sum, 0.1 A)."""
    return 3 if surplus_da >= 3 * min_da + UP_MARGIN_DA else 1


def evidence(phases: int, score: float, available_da: float, min_da: int, dt_s: float) -> float:
    """Evidence for a change, 0 or more: import in 0.1 A s when on three phases, seconds of ample sun when on one."""
    if phases == 3:
        return max(0.0, score + (3 * min_da - available_da) * dt_s)
    ample = available_da >= 3 * min_da + UP_MARGIN_DA
    return score + dt_s if ample else max(0.0, score - dt_s)


def changed(phases: int, score: float, since_s: float) -> int:
    """The number of phases after weighing the evidence; `since_s` = seconds since the last change."""
    if phases == 3:
        return 1 if score >= DOWN_DA_S and since_s >= DOWN_DWELL_S else 3
    return 3 if score >= UP_S and since_s >= UP_DWELL_S else 1
