"""Asks one meter on the line for what its file describes, and says by name when somebody on the line falls silent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from smartevse.bus import meter as meters
from smartevse.bus.meter import Meter, MeterError, Request
from smartevse.bus.port import Refused

SILENT_AFTER_S = 10.0
"""Who has not answered for this long is said to be silent, and its last values are dropped."""

_log = logging.getLogger("smartevse.bus")


class Line(Protocol):
    """What a meter is asked through: `bus.port.Port`, or one in a test."""

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        """The registers of the answer; raises BusError."""


class Asker:
    """One meter on the line. It remembers what the meter refused, and what has to be asked only once."""

    def __init__(self, line: Line, meter: Meter, device_id: int) -> None:
        self.meter = meter
        self._line = line
        self._device_id = device_id
        self._cautious = False
        self._ratios: dict[str, int] | None = None if "once" in meter.polls else {}

    async def ask(self, poll: str) -> dict[str, int]:
        """The values of one poll. Raises BusError without an answer and MeterError for one that counts as none.

        A meter that refuses a long request is asked in short ones from then on.
        """
        if self._ratios is None:
            self._ratios = await self._once()
        try:
            return await self._collect(poll)
        except Refused:
            usual = meters.requests(self.meter, poll)
            if self._cautious or meters.requests(self.meter, poll, cautious=True) == usual:
                raise
            values = await self._collect(poll, cautious=True)
            self._cautious = True
            return values

    async def _once(self) -> dict[str, int]:
        """The ratios of its transformers; a meter that refuses to tell has none."""
        try:
            return await self._collect("once")
        except Refused:
            return {}

    async def _collect(self, poll: str, *, cautious: bool = False) -> dict[str, int]:
        answers: dict[Request, Sequence[int]] = {}
        for request in meters.requests(self.meter, poll, cautious=cautious or self._cautious):
            answers[request] = await self._line.read(self._device_id, request)
        return meters.decode(self.meter, poll, answers, self._ratios)


class Silence:
    """Whether somebody on the line still answers; what is worth a line in the journal is said once.

    `name` is what the owner knows it by: "EV meter 12 (Eastron)".
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._heard_s = clock()
        self._said = False

    @property
    def silent(self) -> bool:
        """Whether it has not answered for so long that it was said."""
        return self._said

    def heard(self) -> None:
        """It answered just now."""
        self._heard_s = self._clock()
        if self._said:
            self._said = False
            _log.info("%s: answers again", self._name)

    def missed(self, why: str) -> None:
        """It did not answer, or nothing that counts."""
        if not self._said and self._clock() - self._heard_s >= SILENT_AFTER_S:
            self._said = True
            _log.warning("%s: no answer for %.0f s: %s", self._name, SILENT_AFTER_S, why)


async def ask_currents(asker: Asker) -> meters.Currents:
    """What flows through a meter. Raises BusError or MeterError."""
    return meters.currents(asker.meter, await asker.ask("currents"))


async def ask_power(asker: Asker) -> int | None:
    """The total power in W of a meter that tells it apart from the currents; None when it has none."""
    if "power" not in asker.meter.polls:
        return None
    values = await asker.ask("power")
    if "power_w" not in values:
        raise MeterError(f"{asker.meter.name} does not have its power")
    return meters.believed_w(asker.meter, values["power_w"])
