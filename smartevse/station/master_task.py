"""This station as Master: the Nodes' cars for the regulator, its grants to the Nodes, its settings to all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from smartevse.bus import master as masters
from smartevse.bus.master import Master, Say
from smartevse.bus.master_line import MasterLine
from smartevse.bus.meter import Meter
from smartevse.bus.port import Port
from smartevse.core.decision import Grant
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.measurement import phases_of
from smartevse.core.rules import Mode, Unit
from smartevse.core.states import State
from smartevse.guard.wire import Status
from smartevse.settings.values import Values
from smartevse.station import shared
from smartevse.station.regulation import Offer

DECISION_LIFE_S = 2.0
"""Grants that are older than this are not given to anybody: whoever decides has stopped."""
_NOTHING = (0,) * 8


class MasterTask:
    """The Master's cycle on the station's line. `decide` makes the station look at everything now."""

    def __init__(
        self, port: Port, values: Values, decide: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.family = shared.family(values)
        self.master = Master(
            mains_told=self.family not in ("older", "2.30"), held_until_s=clock() + masters.GONE_AFTER_S
        )
        self._values = values
        self._decide = decide
        self._say = Say(_NOTHING)
        self._said_s = float("-inf")
        self.line = MasterLine(port, self.master, clock, self._now, kind=self._kind)
        port.overheard = self.line.overheard
        self._tell()

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD."""
        return (*self.line.notes, *(("check RS485 line",) if self.line.warnings else ()))

    def units(self, now_s: float) -> tuple[Unit, ...]:
        """Node 1 to Node 7 for the regulator."""
        return self.master.units(now_s)

    def limits(self, now_s: float, status: Status | None) -> tuple[Limit, ...]:
        """Of the own car: no more than it has, as long as nobody knows what the Nodes use."""
        charging = status is not None and status.state is State.C
        return self.master.held(now_s, status.offer_da if status is not None and charging else 0)

    def decided(self, now_s: float, offer: Offer, grants: Sequence[Grant]) -> None:
        """What the regulator gave to the own unit (first) and to the Nodes."""
        given = [grant.offer_da for grant in grants] + [0] * (8 - len(grants))
        short = [grant.no_current for grant in grants] + [False] * (8 - len(grants))
        mains = phases_of(offer.mains)
        no_data = Fault.NO_SERIAL_COM in offer.faults
        if any(now < before for now, before in zip(given, self._say.shares_da, strict=True)):
            self.line.hurry()
        self._say = Say(given, int(offer.mode), offer.stop_in_s or 0, mains, no_data, short)
        self._said_s = now_s

    def use(self, values: Values) -> None:
        """The Master's settings changed: all Nodes get them."""
        if shared.system_values(values, self.family) != shared.system_values(self._values, self.family):
            self._values = values
            self._tell()
        self._values = values

    def changes(self) -> dict[str, int | str]:
        """The mode that a Node's owner chose, for the store; not while the switch at SW says which."""
        wanted = self.master.take_mode()
        if wanted is None or wanted == int(self._values.mode) or self._values["switch"] == "smasol_s":
            return {}
        return {"mode": Mode(wanted).name.lower()}

    async def run(self) -> None:
        """Cycle after cycle, until cancelled."""
        await self.line.run()

    def _now(self, now_s: float) -> Say:
        self._decide()
        return self._say if now_s - self._said_s <= DECISION_LIFE_S else Say(_NOTHING, int(self._values.mode))

    def _tell(self) -> None:
        words = shared.system_values(self._values, self.family)
        self.line.tell_settings(masters.settings_for_all(words, self.family))

    def _kind(self, number: int) -> Meter | None:
        return shared.ev_meter_of(number, self._values, self.family)
