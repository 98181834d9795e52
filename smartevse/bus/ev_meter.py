"""The EV's own meter: asked every 2 s for currents and power, every 10 s for the energy that has been counted.

It tells; it never decides. A silent meter is said once by its name and so is its return.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smartevse.bus import meter as meters
from smartevse.bus.meter import Meter, MeterError, Request
from smartevse.bus.port import BusError, Refused

CURRENTS_EVERY_S = 2.0
ENERGY_EVERY_S = 10.0
SILENT_AFTER_S = 10.0
"""A meter without an answer for this long is said to be silent, and its last values are dropped."""

_log = logging.getLogger("smartevse.bus")


class Line(Protocol):
    """What a meter is asked through: `bus.port.Port`, or one in a test."""

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        """The registers of the answer; raises BusError."""


@dataclass(frozen=True, slots=True)
class EvReading:
    """The last answers of the EV meter, each with the time it came (seconds of the caller's clock)."""

    phases_da: tuple[int, int, int] | None = None
    """Current of L1, L2, L3 in 0.1 A, positive towards the car."""
    power_w: int | None = None
    currents_at_s: float = float("-inf")
    import_wh: int | None = None
    """The counter of the meter, not of the session."""
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
        self._line = line
        self._meter = meter
        self._device_id = device_id
        self._clock = clock
        self._most = meter.max_read
        self._heard_s = clock()
        self._silent = False
        self._energy_due_s = self._heard_s

    @property
    def silent(self) -> bool:
        """Whether it has not answered for so long that it was said."""
        return self._silent

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
            values = await self._ask("currents")
            flow = meters.currents(self._meter, values)
            now_s = self._clock()
            self.reading = replace(self.reading, phases_da=flow.phases_da, power_w=flow.power_w, currents_at_s=now_s)
            if now_s >= self._energy_due_s:
                energy_wh = meters.energy_wh(self._meter, await self._ask("import"))
                now_s = self._clock()
                self.reading = replace(self.reading, import_wh=energy_wh, energy_at_s=now_s)
                self._energy_due_s = now_s + ENERGY_EVERY_S
        except (BusError, MeterError) as error:
            self._missed(str(error))
        else:
            self._heard()

    async def _ask(self, poll: str) -> dict[str, int]:
        """The values of one poll; a meter that refuses a long request is asked in short ones from then on."""
        try:
            return await self._collect(poll)
        except Refused:
            if self._most <= self._meter.cautious_read:
                raise
            self._most = self._meter.cautious_read
            return await self._collect(poll)

    async def _collect(self, poll: str) -> dict[str, int]:
        answers: dict[Request, Sequence[int]] = {}
        for request in meters.requests(self._meter, poll, self._most):
            answers[request] = await self._line.read(self._device_id, request)
        return meters.decode(self._meter, poll, answers)

    def _heard(self) -> None:
        self._heard_s = self._clock()
        if self._silent:
            self._silent = False
            _log.info("EV meter %d (%s): answers again", self._device_id, self._meter.name)

    def _missed(self, why: str) -> None:
        if not self._silent and self._clock() - self._heard_s >= SILENT_AFTER_S:
            self._silent = True
            _log.warning(
                "EV meter %d (%s): no answer for %.0f s: %s",
                self._device_id,
                self._meter.name,
                SILENT_AFTER_S,
                why,
            )
