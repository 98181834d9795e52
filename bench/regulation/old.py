"""The old rule, to compare with: the regulation of controllers of this kind in use today, in its 2022 and 2026 form.

It is stated here from its published behaviour and used nowhere else. Currents in 0.1 A, one `cycle` every 2 s.
"""

from dataclasses import dataclass, field

from smartevse.core.rules import Car, Contact2, Mode, Rules
from smartevse.core.units import trunc_div


@dataclass
class OldUnit:
    """One unit: its car, its cap, its share, seconds since it began, seconds until it may start again."""

    cap_da: int = 160
    car: Car = Car.AWAY
    share_da: int = 0
    charged_s: float = 1000.0
    delay_s: float = 0.0
    less_6a: bool = False


@dataclass
class OldRule:
    """The state between cycles; `late` = the 2026 form, else the one of 2022."""

    rules: Rules
    units: list[OldUnit]
    late: bool = True
    total_da: int = 0
    short: int = 0
    solar_s: float = 0.0
    cap_s: float = 0.0
    up_s: float = 0.0
    phases: int = 3
    wish: int = 0
    mains: tuple[int, int, int] = (0, 0, 0)
    stopped: list[str] = field(default_factory=list)

    def grid(self) -> int:
        """The highest phase."""
        grid = max(self.mains)
        if not self.late:
            grid = 0 if self.rules.mode == Mode.NORMAL else max(0, grid)
        return grid

    def charging(self) -> list[OldUnit]:
        """The units whose cars charge."""
        return [u for u in self.units if u.car == Car.CHARGING]

    def available(self) -> bool:
        """Whether one more car may begin."""
        r, n = self.rules, len(self.charging())
        least, total = r.min_a * 10, sum(u.share_da for u in self.charging())
        grid, mains_sum, m = self.grid(), sum(self.mains), min(n + 1, 8)
        if self.late:
            if r.mode == Mode.SOLAR:
                if n == 0 and mains_sum >= -10 * r.start_a:
                    return False
                if n and (total < n * least or mains_sum > 10 * r.import_a + total - n * least):
                    return False
            if r.mode != Mode.NORMAL and m * least + grid - total > 10 * r.mains_a:
                return False
            if r.master and m * least > 10 * r.circuit_a:
                return False
            if r.mode != Mode.NORMAL and r.capacity_a:
                phases = 1 if r.master else self.phases
                return phases * m * least + mains_sum <= 10 * r.capacity_a
            return True
        if n == 0 and grid > 10 * (r.mains_a - r.min_a):
            return False
        if n:
            base = max(0, grid - total)
            if (r.master and m * least > 10 * r.circuit_a) or m * least + base > 10 * r.mains_a:
                return False
        if r.mode == Mode.SOLAR:
            return mains_sum < -10 * r.start_a if n == 0 else m * least <= total
        return True

    def calculate(self, new: bool) -> None:
        """One run of the calculation: total, shortage, timers, shares."""
        r, going, late = self.rules, self.charging(), self.late
        n, least = len(going), r.min_a * 10
        caps, total_before = sum(u.cap_da for u in going), sum(u.share_da for u in going)
        grid, mains_sum = self.grid(), sum(self.mains)
        base = grid - total_before if late else max(0, grid - total_before)
        s, room = self.total_da, 10 * r.mains_a - grid
        over_cap = False
        if r.mode == Mode.NORMAL:
            s = 10 * r.circuit_a if r.master else self.units[0].cap_da
            if new and n and not late:
                s = 10 * r.mains_a - base
        else:
            if late and r.capacity_a:
                room = 10 * r.capacity_a - mains_sum
                over_cap = room < 0
            if not new:
                if r.mode == Mode.SMART:
                    s += trunc_div(room, 4) if room > 0 else room
                elif late and room <= 0:
                    s += room
                if late or r.mode == Mode.SMART:
                    s = min(800, max(0, s))
            if r.mode == Mode.SOLAR and (not late or (n and room > 0)):
                s += self._sun_step(mains_sum - 10 * r.import_a, room)
            if r.mode == Mode.SMART and new and n:
                s = 10 * r.mains_a - base
                if late:
                    s = min(s, 10 * r.circuit_a)
        if not late and r.master:
            s = min(s, 10 * r.circuit_a)
        if late:
            if r.mode != Mode.NORMAL:
                s = min(s, 10 * r.mains_a - base)
            if r.master:
                s = min(s, 10 * r.circuit_a)
        if n == 0:
            self.solar_s = self.cap_s = self.up_s = 0.0
            self.short = 0
            self.total_da = s
            return
        if s < n * least:
            self._shortage(n, s, base, mains_sum, over_cap)
            s = n * least
        else:
            self.short, self.solar_s, self.cap_s = 0, 0.0, 0.0
        self._more_phases(n, s, mains_sum)
        self.total_da = min(s, caps)
        self._distribute(going, total_before)

    def _sun_step(self, x: int, room: int) -> int:
        if x < -10:
            return 5 if not self.late or room > 10 else 0
        if x < 0:
            return 1
        if x <= 3:
            return 0
        if x <= 10:
            return -1
        return -5 if x <= 20 else -trunc_div(x, 2)

    def _shortage(self, n: int, s: int, base: int, mains_sum: int, over_cap: bool) -> None:
        """What happens below the minimum: the count of shortages and the solar and capacity timers."""
        r = self.rules
        least = n * r.min_a * 10
        auto = r.contact2 == Contact2.AUTO and self.phases == 3
        if r.mode == Mode.SOLAR:
            x = mains_sum - 10 * r.import_a
            if self.late:
                run = x > 0 and (auto or mains_sum > 10 * (n * r.min_a * self.phases - r.start_a))
                span = r.stop_min * 60.0
                if auto and run:
                    span = span if span and x < 10 * r.min_a else 30.0
            else:
                run, span = x > 10, r.stop_min * 60.0
            if run and span:
                self.solar_s = self.solar_s or span
            else:
                self.solar_s = 0.0
        if self.late:
            hard = r.mode != Mode.NORMAL and least > 10 * r.mains_a - base
            hard = hard or (r.master and least > 10 * r.circuit_a) or (over_cap and not r.cap_stop_min)
            if hard:
                self.short += 1
            elif over_cap and not self.cap_s:
                self.cap_s = r.cap_stop_min * 60.0
        elif r.mode != Mode.SOLAR or (mains_sum > 10 and self.grid() > 10 * r.mains_a):
            self.short += 1

    def _more_phases(self, n: int, s: int, mains_sum: int) -> None:
        r = self.rules
        if not (self.late and r.contact2 == Contact2.AUTO and r.mode == Mode.SOLAR and self.phases == 1 and n):
            return
        spare = 3 * (r.min_a + 1) - self.units[0].cap_da // 10
        spare = 3 if spare < 0 else spare
        if s + 8 >= self.units[0].cap_da and -mains_sum > spare * 10:
            self.up_s = self.up_s or 63.0
        elif -mains_sum <= spare * 10:
            self.up_s = 0.0

    def _distribute(self, going: list[OldUnit], total_before: int) -> None:
        """Equal shares with caps; in the 2026 form a unit stays at the minimum for its first 40 s in Solar."""
        left, rest, open_units = len(going), self.total_da, list(going)
        again = True
        while again:
            again = False
            for unit in open_units:
                pinned = self.late and self.rules.mode == Mode.SOLAR and unit.charged_s < 40
                if pinned or trunc_div(rest, left) >= unit.cap_da:
                    unit.share_da = self.rules.min_a * 10 if pinned else unit.cap_da
                    if pinned:
                        self.total_da = max(total_before, unit.share_da)
                    left -= 1
                    rest -= unit.share_da
                    open_units.remove(unit)
                    again = bool(open_units)
                    break
        for unit in open_units:
            unit.share_da = trunc_div(rest, left)
            left -= 1
            rest -= unit.share_da

    def begin(self, unit: OldUnit) -> bool:
        """A car asks to charge: whether it may; shares are calculated anew."""
        if not self.available():
            self.refuse(unit)
            return False
        unit.car, unit.share_da, unit.charged_s = Car.CHARGING, 0, 0.0
        self.calculate(new=True)
        return True

    def refuse(self, unit: OldUnit) -> None:
        """Not enough current: this unit waits."""
        unit.less_6a, unit.delay_s = True, 60.0

    def stop_all(self, why: str) -> None:
        """All units stop and wait."""
        self.short, self.solar_s, self.cap_s = 0, 0.0, 0.0
        self.stopped.append(why)
        for unit in self.units:
            if unit.car != Car.AWAY:
                unit.less_6a, unit.delay_s = True, 60.0
                unit.share_da = 0

    def cycle(self, mains: tuple[int, int, int]) -> None:
        """Two seconds: timers, the calculation with this reading, the stop decisions."""
        self.mains = mains
        ready = None
        for unit in self.units:
            if unit.car == Car.CHARGING:
                unit.charged_s += 2
            if unit.less_6a:
                ready = self.available() if ready is None else ready
                if ready:
                    unit.less_6a = False
                unit.delay_s = 60.0
            elif unit.delay_s > 0:
                unit.delay_s -= 2
        for timer in ("solar_s", "cap_s", "up_s"):
            value = getattr(self, timer)
            if value > 0:
                setattr(self, timer, max(0.001, value - 2))
        if self.solar_s and self.rules.contact2 == Contact2.AUTO and self.phases == 3 and self.solar_s <= 2:
            self.solar_s, self.wish = 0.0, 1
        elif self.up_s and self.up_s <= 3:
            self.up_s, self.wish = 0.0, 3
        elif 0 < self.solar_s < 0.5:
            self.stop_all("sun")
            return
        elif 0 < self.cap_s < 0.5:
            self.stop_all("capacity")
            return
        self.calculate(new=False)
        if self.rules.mode != Mode.NORMAL and (self.short > 2 or self.grid() > 20 * self.rules.mains_a):
            self.stop_all("mains")
