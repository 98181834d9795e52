"""The mains meter: asked every second for the three currents; the station needs its last answer with its age.

A kWh meter or a Sensorbox. What it answers to another master on the line counts too. Silence, nonsense and a Sensorbox
without new data are the same: the reading gets old.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol

from smartevse.bus import sensorbox
from smartevse.bus.asker import Asker, Line, Silence, ask_currents
from smartevse.bus.listener import Heard, Kind
from smartevse.bus.meter import Meter, MeterError
from smartevse.bus.overheard import Overheard
from smartevse.bus.port import BusError, Refused
from smartevse.core.measurement import Reading

EVERY_S = 1.0

Phases = tuple[int, int, int]


class Source(Protocol):
    """A kind of mains meter."""

    name: str
    """For the journal: "mains meter 10 (Sensorbox)"."""

    async def ask(self) -> Phases:
        """The currents, 0.1 A, import positive. Raises BusError or MeterError without one that counts."""

    def overhear(self, heard: Heard) -> Phases | None:
        """The currents that it told somebody else; None in what is anything else."""

    def lost(self) -> None:
        """It has been silent for so long that it may come back as another one."""


class KwhMeter:
    """A kWh meter at the mains, or wherever `place` says."""

    def __init__(self, line: Line, meter: Meter, device_id: int, place: str = "mains meter") -> None:
        self.name = f"{place} {device_id} ({meter.name})"
        self._line = line
        self._meter = meter
        self._device_id = device_id
        self._asker = Asker(line, meter, device_id)
        self._overheard = Overheard(meter, device_id)

    async def ask(self) -> Phases:
        """The currents."""
        return (await ask_currents(self._asker)).phases_da

    def overhear(self, heard: Heard) -> Phases | None:
        """The currents in an answer to somebody else."""
        before_s = self._overheard.reading.currents_at_s
        self._overheard.hear(heard)
        reading = self._overheard.reading
        return reading.phases_da if reading.currents_at_s != before_s else None

    def lost(self) -> None:
        """Begin as with a new meter: another one may have been put in its place."""
        self._asker = Asker(self._line, self._meter, self._device_id)


class BoxLine(Line, Protocol):
    """What a Sensorbox is asked and told through."""

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        """Write one register; raises BusError."""


class Sensorbox:
    """A Sensorbox at the mains; `mains_a` and `calibration` (1/1024) are for its CTs.

    `wifi_mode` is what its WiFi is to do; None leaves it alone.
    """

    def __init__(
        self,
        line: BoxLine,
        *,
        mains_a: int,
        three_wire: bool,
        calibration: int = sensorbox.UNITY,
        wifi_mode: int | None = None,
    ) -> None:
        self.name = f"mains meter {sensorbox.ADDRESS} (Sensorbox)"
        self.box: sensorbox.Box | None = None
        """The last answer, for GRID, CAL and the WiFi of the menu; it has no age, its currents are not to be used."""
        self._line = line
        self._mains_a = mains_a
        self._three_wire = three_wire
        self._calibration = calibration
        self._wifi_mode = wifi_mode

    async def ask(self) -> Phases:
        """The currents; tells the box how it is wired when it does not know."""
        box = self.box = sensorbox.decode(await self._read())
        phases = sensorbox.phases_da(box, self._mains_a, self._calibration)
        if phases is None:
            raise MeterError("it answers without new data: see to its P1 cable or CTs, and that nobody else reads it")
        for address, value in sensorbox.writes(box, three_wire=self._three_wire, wifi_mode=self._wifi_mode):
            with contextlib.suppress(BusError):  # it is told again after the next answer
                await self._line.write_one(sensorbox.ADDRESS, address, value)
        return phases

    def overhear(self, heard: Heard) -> Phases | None:
        """The currents in an answer to somebody else, who took what was new in them."""
        asked = heard.request
        if heard.kind is not Kind.ANSWER or asked is None or (asked.unit, asked.address) != (sensorbox.ADDRESS, 0):
            return None
        try:
            return sensorbox.phases_da(sensorbox.decode(heard.words), self._mains_a, self._calibration)
        except MeterError:
            return None

    async def _read(self) -> Sequence[int]:
        try:
            return await self._line.read(sensorbox.ADDRESS, sensorbox.request(self.box.version if self.box else 0))
        except Refused:
            self.lost()  # another box, of an older version
            raise

    def lost(self) -> None:
        """Forget its version: another box may have been put in its place."""
        self.box = None


class MainsMeter:
    """Asks one mains meter and keeps its last answer."""

    def __init__(self, source: Source, clock: Callable[[], float]) -> None:
        self.reading: Reading | None = None
        """The last answer that counts, and when it came; the regulator looks at its age."""
        self._source = source
        self._clock = clock
        self._silence = Silence(source.name, clock)

    @property
    def silent(self) -> bool:
        """Whether it has not answered for so long that it was said."""
        return self._silence.silent

    async def run(self) -> None:
        """Ask in its rhythm until cancelled."""
        due_s = self._clock()
        while True:
            await self.poll()
            now_s = self._clock()
            due_s = max(due_s + EVERY_S, now_s)
            await asyncio.sleep(due_s - now_s)

    def overhear(self, heard: Heard) -> None:
        """What others say on the line."""
        phases = self._source.overhear(heard)
        if phases is not None:
            self.reading = Reading(*phases, self._clock())
            self._silence.heard()

    async def poll(self) -> None:
        """Ask once; without an answer that counts nothing changes but the age."""
        try:
            l1_da, l2_da, l3_da = await self._source.ask()
        except (BusError, MeterError) as error:
            self._silence.missed(str(error))
            if self._silence.silent:
                self._source.lost()
        else:
            self.reading = Reading(l1_da, l2_da, l3_da, self._clock())
            self._silence.heard()
