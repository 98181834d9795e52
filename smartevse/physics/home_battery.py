"""A battery in the house that stores surplus and gives it back, as an ordinary inverter drives it. Power in W."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HomeBattery:
    """A battery with `stored_wh` of `size_wh` in it; `power_w` is what it takes now (charging positive)."""

    size_wh: float = 10_000
    stored_wh: float = 5_000
    most_w: float = 3_000
    power_w: float = 0.0
    lag_s: float = 3.0
    """Time constant with which the inverter follows."""

    def after(self, surplus_w: float, dt_s: float) -> "HomeBattery":
        """The battery `dt_s` seconds later, when the house without it exports `surplus_w` (negative: it imports)."""
        wanted_w = max(-self.most_w, min(self.most_w, surplus_w))
        if (self.stored_wh >= self.size_wh and wanted_w > 0) or (self.stored_wh <= 0 and wanted_w < 0):
            wanted_w = 0.0
        power_w = self.power_w + (wanted_w - self.power_w) * dt_s / (self.lag_s + dt_s)
        stored_wh = max(0.0, min(self.size_wh, self.stored_wh + power_w * dt_s / 3600))
        return replace(self, power_w=power_w, stored_wh=stored_wh)
