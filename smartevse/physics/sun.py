"""Solar power over a day: recorded, or a clear sky with clouds from a seed. Power in W, time in seconds."""

import csv
import math
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Trace(NamedTuple):
    """A recorded power: `times_s` rising from 0, `power_w` at those times; straight lines between them."""

    times_s: Sequence[float]
    power_w: Sequence[float]

    def at(self, now_s: float) -> float:
        """The power at this time (W); before and after the recording its first and last value."""
        index = bisect_right(self.times_s, now_s)
        if index == 0:
            return self.power_w[0]
        if index == len(self.times_s):
            return self.power_w[-1]
        t0, t1 = self.times_s[index - 1], self.times_s[index]
        w0, w1 = self.power_w[index - 1], self.power_w[index]
        return w0 + (w1 - w0) * (now_s - t0) / (t1 - t0)


def read_trace(lines: Iterable[str], column: int, step_s: float, delimiter: str = ",") -> Trace:
    """A trace from the lines of a CSV file with a header line: power in `column`, one row every `step_s` seconds.

    Rows without a number there repeat the one before; ValueError when no row has one.
    """
    power: list[float] = []
    for cells in list(csv.reader(lines, delimiter=delimiter))[1:]:
        try:
            value = float(cells[column])
        except (ValueError, IndexError):
            value = power[-1] if power else 0.0
        power.append(value if math.isfinite(value) else 0.0)
    if not power:
        raise ValueError(f"the trace has no rows: expected a header and numbers in column {column + 1}")
    return Trace([i * step_s for i in range(len(power))], power)


class Sky(NamedTuple):
    """A day of sun: `peak_w` at `noon_s`, daylight for `day_s`; clouds from `seed` cover `cover` (0..1) of the time."""

    peak_w: float
    noon_s: float = 43_200
    day_s: float = 50_400
    cover: float = 0.0
    seed: int = 0

    def clear_w(self, now_s: float) -> float:
        """The power without any cloud."""
        angle = (now_s - self.noon_s) / self.day_s * math.pi
        return self.peak_w * math.cos(angle) ** 1.3 if abs(angle) < math.pi / 2 else 0.0


def cloudy_trace(sky: Sky, duration_s: int, step_s: int = 1) -> Trace:
    """The power of every step of the day: clouds come and go in minutes, their edges in seconds."""
    dice = random.Random(sky.seed)
    light = target = 1.0
    until_s = 0.0
    times, power = [], []
    for now_s in range(0, duration_s, step_s):
        if now_s >= until_s:
            cloudy = dice.random() < sky.cover
            target = dice.uniform(0.15, 0.6) if cloudy else dice.uniform(0.92, 1.05)
            until_s = now_s + dice.expovariate(1 / (120 if cloudy else 120 * (1.2 - sky.cover)))
        light += (target - light) * min(1.0, step_s / 8)
        times.append(float(now_s))
        power.append(max(0.0, sky.clear_w(now_s) * light * (1 + dice.gauss(0, 0.004))))
    return Trace(times, power)
