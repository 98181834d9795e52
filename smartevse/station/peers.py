"""What the station is on its RS485 line: alone, Master or Node. A change of LOAD BAL or PEERS is followed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace

from smartevse import config
from smartevse.bus.ev_meter import EvReading
from smartevse.bus.master import Peer
from smartevse.core.battery import Battery
from smartevse.core.decision import Grant
from smartevse.core.ev_silence import ev_silence
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.rules import Unit
from smartevse.guard.wire import Status
from smartevse.settings.table import Value
from smartevse.settings.values import Values
from smartevse.settings.words import EV_METERS
from smartevse.station.master_task import MasterTask
from smartevse.station.meters import Meters
from smartevse.station.node_task import NodeTask
from smartevse.station.regulation import Around, Offer, Regulation
from smartevse.station.wishes import Wishes


class Peers:
    """Owns who speaks on the line: the meters' tasks and the Master's, or the Node's.

    `decide` makes the station look at everything now; `save` keeps settings that came over the line.
    """

    def __init__(
        self,
        bus: config.Bus,
        values: Values,
        meters: Meters,
        decide: Callable[[], None],
        save: Callable[[Mapping[str, Value]], None],
    ) -> None:
        self._bus = bus
        self._values = values
        self._meters = meters
        self._decide = decide
        self._save = save
        self._changed = asyncio.Event()
        self._grants: Sequence[Grant] = ()
        self._ev_asked: tuple[object, ...] = ()
        self._ev_since_s = float("-inf")
        self._master: MasterTask | None = None
        self._node: NodeTask | None = None
        self._begin()

    @property
    def reading(self) -> EvReading:
        """The newest answers of the EV meter: asked, or overheard."""
        return self._meters.reading if self._node is None else self._node.reading

    def silent_name(self, offer: Offer) -> str:
        """The meter whose silence the offer's fault is about, by the name that the owner knows."""
        if Fault.EV_METER in offer.faults and Fault.NO_SERIAL_COM not in offer.faults:
            return f"EV meter {self._values.ev_meter_address} ({EV_METERS[str(self._values['ev_meter'])]})"
        return self._meters.circuit_name if offer.silent_circuit else self._meters.mains_name

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD."""
        if self._node is not None:
            return self._node.notes
        return (*self._meters.notes, *(() if self._master is None else self._master.notes))

    @property
    def grants(self) -> Sequence[Grant]:
        """The last grants, own unit first; empty for whoever is no Master."""
        return self._grants if self._master is not None else ()

    @property
    def nodes(self) -> Mapping[int, Peer]:
        """What a Master knows of each Node, by its number; empty for whoever is none."""
        return {} if self._master is None else self._master.master.peers

    @property
    def node_told_s(self) -> float:
        """When the Master last gave this Node its share; minus infinity for whoever is none."""
        return float("-inf") if self._node is None else self._node.node.told.share_at_s

    def offer(
        self,
        now_s: float,
        status: Status | None,
        regulation: Regulation,
        wishes: Wishes,
        limits: tuple[Limit, ...],
        battery: Battery | None = None,
        quarter_a: int | None = None,
    ) -> Offer:
        """What the own car is offered now: the Master's share in a Node, else the regulator's grant.

        `battery` is what somebody told of it; a meter of the battery knows better. `quarter_a`: what the month's peak
        leaves to the house.
        """
        silence = self._ev_silence(now_s)
        limits = (*limits, *silence)
        if self._node is not None:
            offer = self._node.offer(now_s, self._values, status, wishes, limits)
            self._keep(self._node.changes(self._values))
            return replace(offer, faults=(*offer.faults, Fault.EV_METER)) if silence else offer
        others: tuple[Unit, ...] = ()
        if self._master is not None:
            others, limits = self._master.units(now_s), (*limits, *self._master.limits(now_s, status))
        reading = self._meters.reading.fresh(now_s)
        if self._values.battery_meter is not None:
            seen = self._meters.battery
            battery = None if seen is None else Battery(seen.l1_da + seen.l2_da + seen.l3_da, seen.at_s)
        around = Around(self._meters.circuit, battery, quarter_a)
        offer = regulation.offer(
            now_s, self._values, status, reading, self._meters.mains, wishes, limits, others, around
        )
        if self._master is not None:
            self._grants = regulation.grants
            self._master.decided(now_s, offer, self._grants)
            self._keep(self._master.changes())
        return replace(offer, faults=(*offer.faults, Fault.EV_METER)) if silence else offer

    def _ev_silence(self, now_s: float) -> tuple[Limit, ...]:
        """What the own EV meter's silence forbids; it is counted from when this meter and this mode were chosen."""
        values = self._values
        asked = values.ev_meter, values.ev_meter_address, values.mode
        if asked != self._ev_asked:
            self._ev_asked, self._ev_since_s = asked, now_s
        if values.ev_meter is None:
            return ()
        return ev_silence(values.mode, now_s, self._ev_since_s, self.reading.currents_at_s)

    def use(self, values: Values) -> None:
        """These settings are in effect from now on."""
        before, self._values = self._values, values
        self._meters.use(values)
        if any(values[key] != before[key] for key in ("load_bal", "peers")) or (
            self._node is not None and any(values[key] != before[key] for key in ("ev_meter", "ev_adr"))
        ):
            self._begin()
            self._changed.set()
        elif self._master is not None:
            self._master.use(values)

    async def run(self) -> None:
        """Speak on the line as the settings say, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._changed.clear()
                speaking = [tasks.create_task(work, name=name) for name, work in self._speakers()]
                await self._changed.wait()
                for task in speaking:
                    task.cancel()
                await asyncio.gather(*speaking, return_exceptions=True)

    def _speakers(self) -> list[tuple[str, Coroutine[None, None, None]]]:
        if self._node is not None:
            return [("node", self._node.run())]
        if self._master is not None:
            return [("meters", self._meters.run()), ("master", self._master.run())]
        return [("meters", self._meters.run())]

    def _begin(self) -> None:
        self._grants = ()
        self._node = NodeTask(self._bus, self._values) if self._values.node else None
        port = self._meters.port
        if port is not None:
            port.gives_way, port.overheard = not self._values.master, self._meters.overhear
        self._master = MasterTask(port, self._values, self._decide) if self._values.master and port else None

    def _keep(self, changes: Mapping[str, Value]) -> None:
        if changes:
            self._values = self._values.changed(changes)  # at once: the store takes a moment
            self._save(changes)
