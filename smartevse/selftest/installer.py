"""What the installer is asked: to allow something, to do something, to look at something."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol


class Consent(Enum):
    """What is only done with a yes."""

    LOCK = "The lock will move. Is nobody's finger in the socket, and no plug either?"
    CONTACTOR = (
        "The next checks close the contactor, and a defect might do it sooner: the outlet is live then. Is the "
        "installation finished and safe to switch on, and may what is plugged in have voltage?"
    )


class Act(Enum):
    """What a person does; the station sees by itself when it is done."""

    UNPLUG = "Leave the outlet empty: no car, no tester."
    PLUG = "Plug in the tester or the car; it must not ask for current yet (tester: state B)."
    ASK = "Let it ask for current (tester: state C; car: start charging)."
    PRESS_LEFT = "Press the button < for a moment."
    PRESS_SELECT = "Press the button o for a moment."
    PRESS_RIGHT = "Press the button > for a moment."


class Look(Enum):
    """What only a person sees; each is a question that "yes" answers in the good case."""

    RED = "Is the LED red?"
    GREEN = "Is the LED green?"
    BLUE = "Is the LED blue?"
    LCD = 'Does the display show the line "SELFTEST 0123456789" without wrong characters?'
    L1_LIVE = "Measure between L1 and N at the outlet. Is there mains voltage?"
    L2_L3_DEAD = "Measure L2 and L3 against N at the outlet. Are both without voltage?"
    L2_L3_LIVE = "Measure L2 and L3 against N at the outlet. Have both mains voltage?"
    ALL_DEAD = "Measure L1, L2 and L3 against N at the outlet. Are all without voltage?"


class Installer(Protocol):
    """The person, or what stands for one in an unattended run.

    While an answer is waited for, `meanwhile` is called again and again: the hat's watchdog is fed there.
    """

    def allows(self, consent: Consent, meanwhile: Callable[[], object]) -> bool:
        """Whether it may be done."""

    def does(self, act: Act, done: Callable[[], bool]) -> bool | None:
        """Ask for it and wait until `done`, which takes a moment itself.

        False when the person did it and the station sees nothing of it; None when nobody did it.
        """

    def sees(self, look: Look, meanwhile: Callable[[], object]) -> bool | None:
        """What the person sees; None when nobody looks."""
