"""A light car for the bench: it follows the offer late, on its own phases, within its own limits, until it is full."""

from dataclasses import dataclass, field


@dataclass
class BenchCar:
    """A car on `phases` phases from `rotation` on; currents in 0.1 A, times in s, energies in Wh."""

    phases: int = 3
    rotation: int = 0
    most_da: int = 160
    dead_s: int = 2
    slew_da_s: float = 40.0
    wakes_s: int = 3
    least_da: int = 60
    stubborn: bool = False
    """Ignores the offer and takes its most."""
    comes_s: int = 0
    wants_wh: float = 1e9
    draws_da: float = 0.0
    taken_wh: float = 0.0
    closed_s: int = 0
    heard: list[int] = field(default_factory=list)

    def wants(self, now_s: int) -> bool:
        """Whether it is there and not full."""
        return now_s >= self.comes_s and self.taken_wh < self.wants_wh

    def step(self, offer_da: int, phases: int, closed: bool) -> None:
        """One second with this offer."""
        self.heard.append(offer_da)
        if len(self.heard) > self.dead_s + 1:
            self.heard.pop(0)
        if not closed:
            self.draws_da, self.closed_s = 0.0, 0
            return
        self.closed_s += 1
        offered = self.heard[0] if self.closed_s > self.dead_s else self.heard[-1]
        target = float(min(offered, self.most_da)) if offered >= self.least_da else 0.0
        if self.stubborn and offer_da:
            target = float(self.most_da)
        if self.closed_s <= self.wakes_s:
            target = 0.0
        step = self.slew_da_s if target > self.draws_da else 2 * self.slew_da_s
        self.draws_da += max(-step, min(step, target - self.draws_da))
        self.taken_wh += self.draws_da / 10 * 230 * min(phases, self.phases) / 3600

    def load_da(self, phases: int) -> list[int]:
        """Its current on the three mains phases."""
        loads = [0, 0, 0]
        for k in range(min(phases, self.phases)):
            loads[(self.rotation + k) % 3] = round(self.draws_da)
        return loads
