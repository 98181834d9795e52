"""A small driver of the header for tests: what a guard does, without its decisions."""

from __future__ import annotations

from smartevse.hal.hat import HatMap, load
from smartevse.physics.trace import TraceEvent
from smartevse.physics.world import World

HAT: HatMap = load()
TICK_S = 0.010


class Header:
    """Beats every 10 ms while time runs, unless told to be silent."""

    def __init__(self, *, noise: bool = False, seed: int = 0) -> None:
        self.world = World(HAT, noise=noise, seed=seed)
        self.beats = True
        self.run(0.05)

    def run(self, for_s: float) -> None:
        world = self.world
        for _ in range(round(for_s / TICK_S)):
            world.advance(round(world.now_s / TICK_S + 1) * TICK_S)
            if self.beats:
                world.pulse(HAT.pins.heartbeat, 100)

    def offer(self, permille: int) -> None:
        self.world.set_pwm(HAT.pins.cp_pwmn, 1000, 1_000_000 - permille * 1000)

    def close(self, *, c2: bool = True) -> None:
        self.world.set_output(HAT.pins.c1_cmd, True)
        self.world.set_output(HAT.pins.c2_cmd, c2)

    def charge(self, permille: int = 266, *, c2: bool = True) -> None:
        """A car is plugged in, gets an offer, asks, and the contactors close."""
        self.world.cable_ohm = 220
        self.world.ev.plug()
        self.world.ev.ready()
        self.offer(permille)
        self.run(1.0)
        self.close(c2=c2)
        self.run(0.1)

    def level(self, gpio: int) -> bool:
        return bool(self.world.bank() >> gpio & 1)

    def high_v(self) -> float:
        return HAT.pilot_mv(self.world.adc(HAT.channels.cp_high)) / 1000

    def low_v(self) -> float:
        return HAT.pilot_mv(self.world.adc(HAT.channels.cp_low)) / 1000


def when(world: World, name: str, value: object, since: int = 0) -> float:
    """The time of the first event of this name and value; an AssertionError when there is none."""
    found = [event.at_s for event in world.trace(since) if event.name == name and event.value == value]
    assert found, f"no event {name} = {value} since {since}: {names(world.trace(since))}"
    return found[0]


def names(events: list[TraceEvent]) -> list[str]:
    return [f"{event.name}={event.value}" for event in events]
