"""The mains connection of a story: what the house takes, what the sun gives, what a home battery does between them.

Currents in 0.1 A per phase at 230 V, import positive. Nothing here happens between two readings of the mains meter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smartevse.physics.home_battery import HomeBattery
from smartevse.physics.house import House, Phases
from smartevse.physics.mains import VOLTS
from smartevse.physics.sun import Trace

DA_PER_W = 10 / VOLTS


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded power and on how many phases, from L1 on, it is spread evenly; it is `start_s` old when we begin."""

    trace: Trace
    phases: int = 3
    start_s: float = 0.0

    def power_w(self, now_s: float) -> float:
        """The power at this time."""
        return self.trace.at(now_s + self.start_s)


class Supply:
    """House, sun and battery; the story's actions change `steady_da` and `sun_w`."""

    def __init__(
        self,
        house: House | None = None,
        recorded: Recorded | None = None,
        sun: Recorded | None = None,
        battery: HomeBattery | None = None,
    ) -> None:
        """A connection without loads unless they are given."""
        self.house = house or House(steady_da=(0, 0, 0))
        self._recorded = recorded
        self._sun = sun
        self.sun_w: float | None = None
        """The sun's power in W when the story sets it by hand, in place of a recording."""
        self.others_da: Phases = (0, 0, 0)
        """What others take on the chargers' circuit."""
        self.battery = battery
        self._read_s = 0.0

    def set_steady(self, steady_da: Phases) -> None:
        """Another steady load of the house."""
        self.house = self.house._replace(steady_da=steady_da)

    def sun_power_w(self, now_s: float) -> float:
        """What the sun gives now, W."""
        if self.sun_w is not None:
            return self.sun_w
        return self._sun.power_w(now_s) if self._sun is not None else 0.0

    def mains_da(self, now_s: float, cars_da: Sequence[float]) -> Phases:
        """What flows through the mains meter now, with the cars' currents; the battery reacts to the time gone by."""
        loads = [float(da) for da in self.house.draws_da(now_s)]
        if self._recorded is not None:
            _spread(loads, self._recorded.power_w(now_s), self._recorded.phases)
        _spread(loads, -self.sun_power_w(now_s), self._sun.phases if self._sun is not None else 3)
        for phase in range(3):
            loads[phase] += cars_da[phase] + self.others_da[phase]
        if self.battery is not None:
            dt_s = now_s - self._read_s
            if dt_s > 0:
                self.battery = self.battery.after(-sum(loads) / DA_PER_W, dt_s)
            _spread(loads, self.battery.power_w, 3)
        self._read_s = now_s
        return round(loads[0]), round(loads[1]), round(loads[2])

    def circuit_da(self, cars_da: Sequence[float]) -> Phases:
        """What flows to the chargers' circuit now, with the cars' currents."""
        l1, l2, l3 = (round(others + car) for others, car in zip(self.others_da, cars_da, strict=True))
        return l1, l2, l3


def _spread(loads: list[float], power_w: float, phases: int) -> None:
    """Add a power, in equal parts, to the first so many phases."""
    part_da = power_w * DA_PER_W / phases
    for phase in range(phases):
        loads[phase] += part_da
