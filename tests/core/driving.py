"""Drives the regulator in tests: one call every 2 s, cars that take what they are offered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from smartevse.core.decision import Decision
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Inputs, Rules, Unit

HouseAt = Callable[[float], Sequence[float]]


@dataclass
class Drive:
    """A station in a house: `house(t)` is the mains current without the cars; cars follow at once."""

    rules: Rules
    units: list[Unit]
    house: HouseAt = lambda t: (0, 0, 0)
    now_s: float = 1000.0
    state: State = field(default_factory=State)
    decision: Decision | None = None
    more: dict[str, object] = field(default_factory=dict)

    def loads(self) -> list[float]:
        """The mains reading with the cars in it."""
        loads = [float(da) for da in self.house(self.now_s)]
        if self.decision is not None:
            for unit, grant in zip(self.units, self.decision.grants, strict=True):
                if unit.car == Car.CHARGING:
                    count = 1 if unit.phases == 1 else unit.car_phases or 3
                    for k in range(count):
                        loads[(unit.rotation + k) % 3] += grant.offer_da
        return loads

    def step(self, seconds: float = 2.0, fresh: bool = True) -> Decision:
        """One call; cars that may charge begin, those that may not stop."""
        l1, l2, l3 = self.loads()
        reading = Reading(l1, l2, l3, self.now_s) if fresh else None
        inputs = Inputs(self.now_s, self.rules, tuple(self.units), reading, **self.more)  # type: ignore[arg-type]
        self.state, self.decision = decide(self.state, inputs)
        for i, grant in enumerate(self.decision.grants):
            unit = self.units[i]
            if unit.car == Car.CONNECTED and grant.charge:
                self.units[i] = replace(unit, car=Car.CHARGING, phases=grant.phases)
            elif unit.car == Car.CHARGING and not grant.charge:
                self.units[i] = replace(unit, car=Car.CONNECTED)
        self.now_s += seconds
        return self.decision

    def run(self, seconds: float) -> Decision:
        """Calls for so long; returns the last decision."""
        decision = self.step()
        for _ in range(int(seconds / 2)):
            decision = self.step()
        return decision

    def offers(self) -> list[int]:
        """The present offers."""
        assert self.decision is not None
        return [grant.offer_da for grant in self.decision.grants]
