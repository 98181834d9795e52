"""What the menu's CAL asks of the Sensorbox: what its first CT sees, and the factor that corrects it."""

from __future__ import annotations

from collections.abc import Callable

from smartevse.bus import sensorbox
from smartevse.bus.sensorbox import LEAST_TO_CALIBRATE_DA, Box, calibration_for, phases_da
from smartevse.settings.values import Values


class BoxClamp:
    """CAL of the Sensorbox that answers now, with the settings that are in effect now."""

    def __init__(self, box: Callable[[], Box | None], values: Callable[[], Values]) -> None:
        """`box` gives the last answer, None without one."""
        self._box, self._values = box, values

    def seen_da(self) -> int:
        """What L1 shows now, without its sign, 0.1 A; ValueError with the reason when CAL cannot be done."""
        box, values = self._ct(), self._values()
        mains_a = int(values["mains"])
        plain = phases_da(box, mains_a)
        if plain is None:
            raise ValueError("CAL needs fresh data of the Sensorbox's CTs: see to their plugs")
        if abs(plain[0]) < LEAST_TO_CALIBRATE_DA:
            raise ValueError(
                f"CAL needs at least 6 A through CT1, and it sees {abs(plain[0]) / 10} A: switch a load on"
            )
        shown = phases_da(box, mains_a, int(values["cal"]))
        return abs((shown or plain)[0])

    def factor(self, flowing_da: int) -> int:
        """The factor in 1/1024 that makes L1 show this current, 0.1 A; ValueError outside 0.3 to 2.0."""
        return calibration_for(self._ct(), int(self._values()["mains"]), flowing_da)

    def _ct(self) -> sensorbox.Box:
        box = self._box()
        if box is None:
            raise ValueError("CAL needs a Sensorbox that answers: see to its wiring")
        if box.p1_fresh:
            raise ValueError("CAL has nothing to correct: the Sensorbox reads the smart meter (P1), not its CTs")
        return box
