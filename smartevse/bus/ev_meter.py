"""The EV's own meter: asked every 2 s for currents and power, every 10 s for the energy that has been counted.

It tells; it never decides. A silent meter is said once by its name and so is its return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from smartevse.bus import meter as meters
from smartevse.bus.asker import Asker, Line, Silence, ask_currents, ask_power
from smartevse.bus.counter import Counter
from smartevse.bus.ev_reading import EvReading
from smartevse.bus.meter import Meter, MeterError
from smartevse.bus.port import BusError

__all__ = ["CURRENTS_EVERY_S", "ENERGY_EVERY_S", "EvMeter", "EvReading"]

CURRENTS_EVERY_S = 2.0
ENERGY_EVERY_S = 10.0


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
