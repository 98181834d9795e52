"""The station's RS485 line and the meters that the owner chose on it."""

from __future__ import annotations

import asyncio
import time

from smartevse import config
from smartevse.bus import meter
from smartevse.bus.ev_meter import EvMeter, EvReading
from smartevse.bus.kinds import FILES
from smartevse.bus.port import Port
from smartevse.settings.values import Values


class Meters:
    """Asks what the settings name; a change of the settings is followed at once."""

    def __init__(self, bus: config.Bus, values: Values) -> None:
        self._port = Port(bus.device, bus.baud) if bus.device is not None else None
        self._chosen = _chosen(values)
        self._changed = asyncio.Event()
        self._ev: EvMeter | None = None

    @property
    def reading(self) -> EvReading:
        """The newest answers of the EV meter; empty without one."""
        return self._ev.reading if self._ev is not None else EvReading()

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD."""
        return ("EV meter silent",) if self._ev is not None and self._ev.silent else ()

    def use(self, values: Values) -> None:
        """Ask what these settings name from now on."""
        chosen = _chosen(values)
        if chosen != self._chosen:
            self._chosen = chosen
            self._changed.set()

    async def run(self) -> None:
        """Keep the line open and ask until cancelled. Without a line there is nothing to do."""
        if self._port is None:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._port.run(), name="line")
            while True:
                self._changed.clear()
                asking = self._begin(tasks, self._port)
                await self._changed.wait()
                if asking is not None:
                    asking.cancel()

    def _begin(self, tasks: asyncio.TaskGroup, port: Port) -> asyncio.Task[None] | None:
        self._ev = None
        if self._chosen is None:
            return None
        kind, address = self._chosen
        self._ev = EvMeter(port, meter.load(FILES[kind]), address, time.monotonic)
        return tasks.create_task(self._ev.run(), name="EV meter")


def _chosen(values: Values) -> tuple[str, int] | None:
    """The EV meter's kind and address; None when there is none."""
    return None if values.ev_meter is None else (values.ev_meter, values.ev_meter_address)
