"""The house's mains connection: house, home battery, others on the chargers' circuit and cars, less the sun."""

from __future__ import annotations

import math
from collections.abc import Callable

from smartevse.twin.meters import Flow

Amps = tuple[float, float, float]
"""A current for L1, L2, L3."""

MOST_A = 1000.0
VOLTAGE_V = 230.0

LIES = ("honest", "frozen", "reversed", "nonsense")
"""What the meter of the mains can do: tell the truth, repeat its last values, count backwards, send no numbers."""


class House:
    """One mains connection with any number of stations behind it. `clock` gives the time in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.takes_a: Amps = (0.0, 0.0, 0.0)
        self.sun_a: Amps = (0.0, 0.0, 0.0)
        self.others_a: Amps = (0.0, 0.0, 0.0)
        """What others take on the chargers' circuit."""
        self.battery_a = 0.0
        """What the home battery takes (positive) or gives, all phases together, in equal parts."""
        self._cars: list[Callable[[], Amps]] = []
        self._clock = clock
        self._counted_s = clock()
        self._import_wh = 0.0
        self._lie = "honest"
        self._shown: Amps | None = None
        self._measured: tuple[float, Amps] | None = None
        """When a meter last measured the mains, and what it saw."""
        self._export_wh = 0.0

    def add_car(self, currents_a: Callable[[], Amps]) -> None:
        """Another station behind this connection; it tells what its car takes now."""
        self._cars.append(currents_a)

    def set(
        self,
        *,
        takes_a: Amps | None = None,
        sun_a: Amps | None = None,
        others_a: Amps | None = None,
        battery_a: float | None = None,
    ) -> None:
        """From now on the house takes this, the sun gives that; None stays. Raises ValueError beyond 1000 A."""
        for amps in (*(takes_a or ()), *(sun_a or ()), *(others_a or ()), abs(battery_a or 0.0)):
            if not 0 <= amps <= MOST_A:
                raise ValueError(f"{amps:g} A is not what a house has; use 0 to {MOST_A:g}")
        self._count(self.currents_a())
        self.takes_a = takes_a or self.takes_a
        self.sun_a = sun_a or self.sun_a
        self.others_a = others_a or self.others_a
        self.battery_a = self.battery_a if battery_a is None else battery_a

    def lie(self, how: str) -> None:
        """From now on the meter of the mains does this, one of `LIES`; ValueError for another word."""
        if how not in LIES:
            raise ValueError(f"a meter cannot be {how!r}; use {', '.join(LIES)}")
        self._lie = how

    def currents_a(self) -> Amps:
        """What flows in from the grid on each phase; negative: out to it."""
        taken = zip(self.takes_a, self.sun_a, self.circuit_a(), strict=True)
        l1, l2, l3 = (takes - sun + circuit + self.battery_a / 3 for takes, sun, circuit in taken)
        return l1, l2, l3

    def circuit_a(self) -> Amps:
        """What flows to the chargers' circuit on each phase: the cars and others."""
        l1, l2, l3 = self.others_a
        for car in self._cars:
            c1, c2, c3 = car()
            l1, l2, l3 = l1 + c1, l2 + c2, l3 + c3
        return l1, l2, l3

    def measure_circuit(self) -> Flow:
        """What a meter of the chargers' circuit sees."""
        return Flow(self.circuit_a(), VOLTAGE_V)

    def measure_battery(self) -> Flow:
        """What a meter of the home battery sees."""
        part_a = self.battery_a / 3
        return Flow((part_a, part_a, part_a), VOLTAGE_V)

    def measure(self) -> Flow:
        """What a meter at the connection sees. Its counters go by what flows each time that somebody looks."""
        amps = self.currents_a()
        self._count(amps)
        self._measured = (self._counted_s, amps)
        if self._lie != "frozen" or self._shown is None:
            l1, l2, l3 = amps
            self._shown = {"reversed": (-l1, -l2, -l3), "nonsense": (math.nan, l2, l3)}.get(self._lie, amps)
        return Flow(self._shown, VOLTAGE_V, self._import_wh, self._export_wh)

    def _count(self, amps: Amps) -> None:
        now_s = self._clock()
        energy_wh = sum(amps) * VOLTAGE_V * (now_s - self._counted_s) / 3600
        self._counted_s = now_s
        if energy_wh > 0:
            self._import_wh += energy_wh
        else:
            self._export_wh -= energy_wh

    def report(self) -> dict[str, object]:
        """All of it; plain values that can be written as JSON."""
        return {
            "takes_a": self.takes_a,
            "sun_a": self.sun_a,
            "others_a": self.others_a,
            "battery_a": self.battery_a,
            "circuit_a": self.circuit_a(),
            "mains_a": self.currents_a(),
            "measured": self._measured,
        }
