"""The EV meter of a Node: the Master asks it, the Node listens. Pure; times are those of what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smartevse.bus import meter as meters
from smartevse.bus.counter import Counter
from smartevse.bus.ev_meter import EvReading
from smartevse.bus.listener import Heard, Kind
from smartevse.bus.meter import Meter, MeterError, Request

TOGETHER_S = 3.0
"""A master may ask for one poll in several questions; answers further apart do not belong together."""


class Overheard:
    """What a meter tells others."""

    def __init__(self, meter: Meter, device_id: int) -> None:
        self.reading = EvReading()
        self._meter = meter
        self._device_id = device_id
        self._answers: dict[Request, tuple[Sequence[int], float]] = {}
        self._ratios: dict[str, int] = {}
        self._counter = Counter()

    def hear(self, heard: Heard) -> None:
        """Whatever is said on the line; what does not come from this meter, or cannot be, changes nothing."""
        asked = heard.request
        if heard.kind is not Kind.ANSWER or asked is None or asked.unit != self._device_id or not heard.words:
            return
        read = Request(asked.function, asked.address, asked.count)
        self._answers = {
            request: answer for request, answer in self._answers.items() if heard.at_s - answer[1] <= TOGETHER_S
        }
        self._answers[read] = (heard.words, heard.at_s)
        for poll in self._meter.polls:
            if asked.function == self._meter.function and self._touches(read, poll):
                self._take(poll, heard.at_s)

    def _touches(self, read: Request, poll: str) -> bool:
        """Whether the answer has something of this poll."""
        spans = (span for name in self._meter.polls[poll] for span in self._meter.values[name].spans)
        return any(read.covers(*span) for span in spans)

    def _take(self, poll: str, at_s: float) -> None:
        answers = {request: words for request, (words, _) in self._answers.items()}
        try:
            values = meters.decode(self._meter, poll, answers, self._ratios)
            match poll:
                case "once":
                    self._ratios = values
                case "currents":
                    flow = meters.currents(self._meter, values)
                    power_w = self.reading.power_w if flow.power_w is None else flow.power_w
                    self.reading = replace(self.reading, phases_da=flow.phases_da, power_w=power_w, currents_at_s=at_s)
                case "power" if "power_w" in values:
                    power_w = meters.believed_w(self._meter, values["power_w"])
                    self.reading = replace(self.reading, power_w=power_w)
                case "import":
                    self._counter = self._counter.after(meters.energy_wh(self._meter, values), at_s)
                    self.reading = replace(self.reading, import_wh=self._counter.total_wh, energy_at_s=at_s)
        except MeterError:
            return  # the rest of the poll is still to come, or it is nonsense: the reading gets old
