"""What is wrong with a line, by what was heard on it: sentences for whoever has the screwdriver. Pure.

A line that works gives no findings. Each limit is a share that ordinary noise does not reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from smartevse.bus import units
from smartevse.bus.listener import BROADCAST_UNIT, Heard, Kind
from smartevse.bus.meaning import unit_name
from smartevse.bus.rtu import Request

ENOUGH = 3
"""What happened less often proves nothing."""
CYCLE_S = 1.0
"""A master gives its currents every 2 s; twice within this is two masters."""
NEXT_QUESTION_S = 0.06
"""No master asks again so soon after a question that was not answered."""


class Diagnosis:
    """Hears all frames of a line and concludes."""

    def __init__(self) -> None:
        self._kinds: Counter[Kind] = Counter()
        self._junk = bytearray()
        self._slips = 0
        """One or two stray bytes beside a frame."""
        self._asked: Counter[int] = Counter()
        self._answered: Counter[int] = Counter()
        self._damaged: Counter[int] = Counter()
        self._twice: Counter[int] = Counter()
        self._hurried = 0
        self._broadcasts = 0
        self._close_broadcasts = 0
        self._broadcast_s = float("-inf")
        self._open: Request | None = None
        self._asked_s = float("-inf")
        self._last: Heard | None = None

    def hear(self, heard: Heard) -> None:
        """The next piece of the line's talk."""
        self._kinds[heard.kind] += 1
        match heard.kind:
            case Kind.REQUEST if heard.request is not None:
                self._question(heard, heard.request)
            case Kind.ANSWER | Kind.REFUSAL:
                self._answered[heard.data[0]] += 1
                self._open = None
            case Kind.JUNK:
                self._noise(heard)
            case _:
                if self._last is not None and self._last.kind is Kind.ANSWER and self._last.data[0] == heard.data[0]:
                    self._twice[heard.data[0]] += 1
        self._last = heard

    def _question(self, heard: Heard, request: Request) -> None:
        if self._open is not None and heard.at_s - self._asked_s < NEXT_QUESTION_S:
            self._hurried += 1
        self._asked_s = heard.at_s
        if request.unit == BROADCAST_UNIT:
            self._open = None
            if request.address == units.CURRENTS:
                self._broadcasts += 1
                self._close_broadcasts += heard.at_s - self._broadcast_s < CYCLE_S
                self._broadcast_s = heard.at_s
            return
        self._asked[request.unit] += 1
        self._open = request

    def _noise(self, heard: Heard) -> None:
        self._junk += heard.data
        if len(heard.data) <= 2:
            self._slips += 1
        elif self._open is not None:
            self._damaged[self._open.unit] += 1
            self._open = None

    def findings(self) -> list[str]:
        """What is wrong, the most important first; empty when nothing is."""
        frames = sum(count for kind, count in self._kinds.items() if kind is not Kind.JUNK)
        if not frames:
            return [_no_frames(self._junk)]
        return [*self._masters(), *self._numbers(), *self._silent(), *self._wires(frames)]

    def _masters(self) -> Iterator[str]:
        if self._close_broadcasts >= ENOUGH or self._hurried >= ENOUGH:
            yield (
                "two masters: questions or currents come closer together than one master sends them; "
                "set LOAD BAL to Master on one unit only, and let nothing else ask on this line"
            )

    def _numbers(self) -> Iterator[str]:
        for unit in sorted(self._asked):
            spoilt = self._damaged[unit] + self._twice[unit]
            if spoilt >= ENOUGH and 3 * spoilt >= self._asked[unit]:
                yield (
                    f"{unit_name(unit)} ({unit}): {spoilt} of {self._asked[unit]} questions got damaged or double "
                    f"answers; two devices may have this number"
                )

    def _silent(self) -> Iterator[str]:
        for unit in sorted(self._asked):
            if self._asked[unit] >= ENOUGH and not self._answered[unit] and not self._damaged[unit]:
                yield f"{unit_name(unit)} ({unit}) never answers: see to its number, its speed and its supply"

    def _wires(self, frames: int) -> Iterator[str]:
        if self._slips >= ENOUGH and 5 * self._slips >= frames:
            yield (
                "stray bytes before or after many frames: put 120 ohm across A and B at both ends of the line, "
                "nowhere else, and connect GND"
            )
        elif len(self._junk) >= 30 and self._kinds[Kind.JUNK] * 20 >= frames:
            yield "many damaged frames: see to GND, the ends of the line (120 ohm) and cables beside it"


def _no_frames(junk: Sequence[int]) -> str:
    """What is likely when bytes came, or none, but no frame."""
    if len(junk) < ENOUGH:
        return "nobody speaks on this line: is a master or a station connected and supplied?"
    zeros = sum(byte in (0x00, 0xFF) for byte in junk) / len(junk)
    if zeros > 0.8:
        return "almost nothing but 00 and ff comes: the wires A and B are likely swapped"
    if zeros > 0.3:
        return "bytes come, but no frame, many of them 00: another parity or speed than 8N1 is likely"
    return "bytes come, but no frame: another speed or parity, or much noise"
