"""The serial side of the Master: one task that asks, decides and tells, cycle after cycle, and never hangs.

The status of the Nodes and the mains meter come first, so that what the mains show is on the Nodes' pilots within the
same cycle; the EV meters fill the time that is left, one after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from smartevse.bus import master as masters
from smartevse.bus.asker import Line, Silence
from smartevse.bus.ev_meter import EvMeter
from smartevse.bus.listener import BROADCAST_UNIT, Heard, Kind
from smartevse.bus.master import Master, Say
from smartevse.bus.meter import Meter
from smartevse.bus.meter import Request as Read
from smartevse.bus.port import FIRST_BYTE_S, BusError, Garbled
from smartevse.bus.rtu import Function, Request
from smartevse.bus.suspicion import Suspicion
from smartevse.core.measurement import Reading

CYCLE_S = 1.0
"""How often the mains are looked at and the currents are given; a line with more to say than fits takes longer."""
RESERVE_S = 0.35
"""An EV meter is only asked when so much of the cycle is left: the longest poll, or the time to find it silent."""

ABSENT_S = 0.085
"""A Node that is looked for is given no longer to begin its answer: no unit's own Master waits for less."""

_log = logging.getLogger("smartevse.bus")


class MasterPort(Line, Protocol):
    """What the Master speaks through: `bus.port.Port`, or one in a test. All raise BusError."""

    async def read(self, device_id: int, request: Read, *, first_byte_s: float = ...) -> Sequence[int]:
        """The registers of the answer, which must have begun after `first_byte_s`."""

    async def write_one(self, device_id: int, address: int, value: int) -> None:
        """Write one register and wait for the echo."""

    async def write_many(self, device_id: int, address: int, values: Sequence[int]) -> int:
        """Write registers; how many were taken."""

    async def broadcast(self, address: int, values: Sequence[int], *, single: bool = False) -> None:
        """Tell all Nodes."""


class MasterLine:
    """Runs the cycle over one port.

    `mains` asks the mains meter once (None: there is none on this line), `decide` says what the Nodes are to know now,
    `kind` gives the meter of a number of the Nodes' family (None: it cannot be read here).
    """

    def __init__(
        self,
        port: MasterPort,
        master: Master,
        clock: Callable[[], float],
        decide: Callable[[float], Say],
        *,
        mains: Callable[[], Awaitable[None]] | None = None,
        own_ev: EvMeter | None = None,
        kind: Callable[[int], Meter | None] = lambda _: None,
        cycle_s: float = CYCLE_S,
    ) -> None:
        self.mains = mains
        self.own_ev = own_ev
        self.cycles = 0
        self.warnings: tuple[str, ...] = ()
        """What is wrong on the line now, by name."""
        self._port = port
        self._master = master
        self._clock = clock
        self._decide = decide
        self._kind = kind
        self._cycle_s = cycle_s
        self._silences = {number: Silence(f"Node {number}", clock) for number in master.peers}
        self._suspicion = Suspicion()
        self._ev_meters: dict[int, tuple[tuple[int, int], EvMeter | None]] = {}
        self._turn = 0
        self._settings: Request | None = None
        self._settings_due = False
        self._hurry = asyncio.Event()

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD: who is silent, by name."""
        nodes = [f"Node {number} silent" for number, silence in self._silences.items() if silence.silent]
        meters = [f"EV meter {told[1]} silent" for told, meter in self._ev_meters.values() if meter and meter.silent]
        return (*nodes, *meters)

    def overheard(self, heard: Heard) -> None:
        """From the port: what somebody else said."""
        if heard.kind is Kind.REQUEST and heard.request is not None:
            self._suspicion.overheard(heard.request, self._clock())

    def tell_settings(self, request: Request) -> None:
        """Give these settings to all Nodes at the end of the cycle, and again whenever a Node comes."""
        self._settings, self._settings_due = request, True

    def hurry(self) -> None:
        """Something cannot wait: begin the next cycle as soon as the present question is answered."""
        self._hurry.set()

    async def run(self) -> None:
        """Cycle after cycle, until cancelled."""
        due_s = self._clock()
        while True:
            due_s = max(due_s + self._cycle_s, self._clock())
            await self.cycle(due_s)
            await asyncio.sleep(0)  # also without time to spare: others on this loop want their turn
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due_s - self._clock())):
                    await self._hurry.wait()

    async def cycle(self, until_s: float) -> None:
        """One cycle; EV meters are asked as long as one fits in before `until_s`, and at least one of them."""
        for number in self._master.polls(self._clock()):
            await self._poll(number)
        if self.mains is not None:
            await self.mains()
        say = self._decide(self._clock())
        self._hurry.clear()
        for request in self._master.orders(say, self._clock()):
            await self._tell(request)
        if self._settings is not None and self._settings_due:
            self._settings_due = False
            await self._tell(self._settings)
        for number in self._master.config_wanted(self._clock())[:1]:
            await self._read_config(number)
        for _ in range(await self._next_ev()):
            if self._hurry.is_set() or self._clock() > until_s - RESERVE_S:
                break
            await self._next_ev()
        self.cycles += 1
        self._warn()

    async def _poll(self, number: int) -> None:
        silence = self._silences[number]
        known = self._master.peers[number].status is not None
        try:
            present = number in self._master.online(self._clock())
            words = await self._ask(masters.status_request(number), FIRST_BYTE_S if present else ABSENT_S)
        except BusError as error:
            if known:
                silence.missed(str(error))
            return
        if not known:
            _log.info("Node %d is there", number)
        silence.heard()
        self._settings_due |= number not in self._master.online(self._clock())
        self._master.heard(number, words, self._clock())

    async def _read_config(self, number: int) -> None:
        with contextlib.suppress(BusError):  # it is asked again in the next cycle
            self._master.config(number, await self._ask(masters.ev_meter_request(number)))
            # one family never confirms this; that it was taken shows in the status
            await self._tell(masters.settings_seen(number))

    async def _next_ev(self) -> int:
        """Ask the next EV meter of all; how many others there are."""
        meters = list(self._evs())
        if not meters:
            return 0
        self._turn = (self._turn + 1) % len(meters)
        number, meter = meters[self._turn]
        await meter.poll()
        reading = meter.reading
        if number and reading.phases_da is not None:
            self._master.peers[number].drawn = Reading(*reading.phases_da, reading.currents_at_s)
        return len(meters) - 1

    def _evs(self) -> Iterator[tuple[int, EvMeter]]:
        """The EV meters that can be read, each with the number of its Node; 0: our own."""
        if self.own_ev is not None:
            yield 0, self.own_ev
        for number in self._master.online(self._clock()):
            told = self._master.peers[number].ev_meter
            if told is None:
                continue
            if number not in self._ev_meters or self._ev_meters[number][0] != told:
                kind = self._kind(told[0])
                made = None if kind is None else EvMeter(self._port, kind, told[1], self._clock)
                self._ev_meters[number] = (told, made)
            meter = self._ev_meters[number][1]
            if meter is not None:
                yield number, meter

    async def _ask(self, request: Request, first_byte_s: float = FIRST_BYTE_S) -> Sequence[int]:
        read = Read(request.function, request.address, request.count)
        try:
            words = await self._port.read(request.unit, read, first_byte_s=first_byte_s)
        except Garbled:
            self._suspicion.asked(request.unit, damaged=True)
            raise
        self._suspicion.asked(request.unit, damaged=False)
        return words

    async def _tell(self, request: Request) -> None:
        """Write; what is not confirmed is told again when the status shows that it was not taken."""
        single = request.function is Function.WRITE_ONE
        with contextlib.suppress(BusError):
            if request.unit == BROADCAST_UNIT:
                await self._port.broadcast(request.address, request.values, single=single)
            elif single:
                await self._port.write_one(request.unit, request.address, request.values[0])
            else:
                await self._port.write_many(request.unit, request.address, request.values)

    def _warn(self) -> None:
        """One line when a suspicion arises, and one when all are gone."""
        warnings = self._suspicion.sentences(self._clock())
        for sentence in warnings:
            if sentence.split(":")[0] not in {old.split(":")[0] for old in self.warnings}:
                _log.warning("%s", sentence)
        if self.warnings and not warnings:
            _log.info("the RS485 line works again as it should")
        self.warnings = warnings
