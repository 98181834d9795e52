"""The EV's own meter: asked every 2 s for currents and power, every 10 s for the energy that has been counted.

It tells; it never decides. A silent meter is said once by its name and so is its return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from smartevse.bus import meter as meters
from smartevse.bus.asker import SILENT_AFTER_S, Asker, Line, Silence, ask_currents, ask_power
from smartevse.bus.counter import Counter
from smartevse.bus.meter import Meter, MeterError
from smartevse.bus.port import BusError

CURRENTS_EVERY_S = 2.0
ENERGY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class EvReading:
    """The last answers of the EV meter, each with the time it came (seconds of the caller's clock)."""

    phases_da: tuple[int, int, int] | None = None
    """Current of L1, L2, L3 in 0.1 A, positive towards the car."""
    power_w: int | None = None
    currents_at_s: float = float("-inf")
    import_wh: int | None = None
    """The counter of the meter, not of the session; it goes on when the meter's overflows or is set back."""
    energy_at_s: float = float("-inf")

    def fresh(self, now_s: float) -> EvReading:
        """The reading without what is older than 10 s (currents) or three polls (energy)."""
        reading = self
        if now_s - self.currents_at_s > SILENT_AFTER_S:
            reading = replace(reading, phases_da=None, power_w=None)
        if now_s - self.energy_at_s > 3 * ENERGY_EVERY_S:
            reading = replace(reading, import_wh=None)
        return reading


class EvMeter:
    """Asks one meter on the line and keeps its last answers."""

    def __init__(self, line: Line, meter: Meter, device_id: int, clock: Callable[[], float]) -> None:
        self.reading = EvReading()
        self._asker = Asker(line, meter, device_id)
        self._clock = clock
        self.name = f"EV meter {device_id} ({meter.name})"
        self._silence = Silence(self.name, clock)
        self._counter = Counter()
        self._energy_due_s = clock()

    @property
    def silent(self) -> bool:
        """Whether it has not answered for so long that it was said."""
        return self._silence.silent

    async def run(self) -> None:
        """Ask in the meter's rhythm until cancelled."""
        due_s = self._clock()
        while True:
            await self.poll()
            now_s = self._clock()
            due_s = max(due_s + CURRENTS_EVERY_S, now_s)
            await asyncio.sleep(due_s - now_s)

    async def poll(self) -> None:
        """Ask for the currents, and for the energy when that is due; silence changes nothing but the age."""
        try:
            flow = await ask_currents(self._asker)
            power_w = flow.power_w if flow.power_w is not None else await ask_power(self._asker)
            now_s = self._clock()
            self.reading = replace(self.reading, phases_da=flow.phases_da, power_w=power_w, currents_at_s=now_s)
            if now_s >= self._energy_due_s:
                await self._ask_energy()
        except (BusError, MeterError) as error:
            self._silence.missed(str(error))
        else:
            self._silence.heard()

    async def _ask_energy(self) -> None:
        raw_wh = meters.energy_wh(self._asker.meter, await self._asker.ask("import"))
        now_s = self._clock()
        self._counter = self._counter.after(raw_wh, now_s)
        self.reading = replace(self.reading, import_wh=self._counter.total_wh, energy_at_s=now_s)
        self._energy_due_s = now_s + ENERGY_EVERY_S
