"""How long one decision takes, beside a fixed piece of work that tells how fast this machine is just now."""

import time
from collections.abc import Callable, Iterator

from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Inputs, Mode, Rules, Unit


def best_us(work: Callable[[], object], repeat: int = 40) -> float:
    """The shortest of several runs in microseconds of processor time: what is left when nothing else disturbs."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time_ns()
        work()
        best = min(best, (time.process_time_ns() - start) / 1000)
    return best


def yardstick() -> int:
    """A thousand additions, the unit of the ratio."""
    total = 0
    for i in range(1000):
        total += i
    return total


def decisions(count: int, mode: Mode, loops: int = 200) -> Callable[[], object]:
    """`loops` decisions for `count` charging cars under a restless house."""
    rules = Rules(mode=mode, mains_a=63, circuit_a=200, master=count > 1)
    units = tuple(Unit(car=Car.CHARGING) for _ in range(count))

    def work() -> State:
        state = State()
        for k in range(loops):
            da = 200 + k * 37 % 100
            reading = Reading(da, da - 30, da - 50, 2.0 * k)
            state, _ = decide(state, Inputs(2.0 * k, rules, units, reading))
        return state

    return work


def speed_lines() -> Iterator[str]:
    """The table of decision times."""
    yardstick_us = best_us(yardstick, 400)
    yield f"Time of one decision, best of 40 (a thousand additions took {yardstick_us:.0f} µs in the same run):"
    yield ""
    yield "| cars | Normal | Smart | Solar |"
    yield "|---|---|---|---|"
    for count in (1, 8, 32):
        times = [best_us(decisions(count, mode)) / 200 for mode in Mode]
        yield f"| {count} | " + " | ".join(f"{us:.0f} µs" for us in times) + " |"
