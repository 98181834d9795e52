"""Asks single questions on a line and tells what is there. It only ever reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smartevse.bus import meter as meters
from smartevse.bus import rtu, sensorbox, units
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import Heard, Kind, Listener
from smartevse.bus.meaning import meaning
from smartevse.bus.meter import Meter, MeterError
from smartevse.bus.rtu import Function, Request

FIRST_BYTE_S = 0.12
"""Longer than any meter takes."""
BETWEEN_S = 0.01
VOLTS = range(85, 300)
"""A phase has a voltage of this, whatever else flows: it proves that the registers are read the right way."""


class Wire(Protocol):
    """A serial port that is open; `read` returns early when its timeout passes."""

    def write(self, data: bytes, /) -> int | None:
        """Send."""

    def read(self, size: int = 1, /) -> bytes:
        """What came, up to so many bytes."""

    def reset_input_buffer(self) -> None:
        """Forget what came before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `words` is empty without a good answer; `noise`: bytes came that were none."""

    words: tuple[int, ...] = ()
    refused: bool = False
    noise: bool = False

    @property
    def present(self) -> bool:
        """Whether somebody has this number."""
        return bool(self.words) or self.refused


def ask(wire: Wire, request: Request, clock: Callable[[], float] = time.monotonic) -> Answer:
    """One question and what came back."""
    time.sleep(BETWEEN_S)
    wire.reset_input_buffer()
    listener = Listener()
    frame = rtu.build_request(request)
    began_s = clock()
    listener.feed(frame, began_s)
    wire.write(frame)
    noise = False
    silent_since_s = began_s + len(frame) * 10 / 9600
    while clock() - silent_since_s < FIRST_BYTE_S:
        data = wire.read(256)
        if data:
            silent_since_s = clock()
            for heard in listener.feed(data, silent_since_s):
                if heard.kind in (Kind.ANSWER, Kind.REFUSAL):
                    return Answer(heard.words, heard.kind is Kind.REFUSAL, noise)
            noise = True
    return Answer(noise=noise)


def identify(wire: Wire, unit: int) -> str | None:
    """What has this number, in one line; None when nobody answers."""
    if unit - 1 in (0, *units.NODES):
        status = Request(unit, Function.READ_INPUT, units.STATUS, units.STATUS_POLLED)
        answer = ask(wire, status)
        if answer.words:
            return meaning(Heard(Kind.ANSWER, b"", 0.0, status, answer.words))
    elif unit == sensorbox.ADDRESS:
        request = Request(unit, Function.READ_INPUT, 0, sensorbox.PLAIN_REGISTERS)
        answer = ask(wire, request)
        if answer.words and answer.words[0] >> 8 <= 3 and answer.words[0] & 0xFF in (0, *range(0x14, 0x18)):
            return meaning(Heard(Kind.ANSWER, b"", 0.0, request, answer.words))
    noise = False
    for function in (Function.READ_INPUT, Function.READ_HOLDING):
        answer = ask(wire, Request(unit, function, 0, 2))
        if answer.present:
            return f"device {unit}: {_kinds(wire, unit)}"
        noise |= answer.noise
    if noise:
        return f"device {unit}: damaged answers; two devices may have this number, or the wires are bad"
    return None


def _kinds(wire: Wire, unit: int) -> str:
    """Which meters its registers look like, with what they would say."""
    looks: list[tuple[int, str]] = []
    for file in FILES.values():
        meter = meters.load(file)
        phases = sum(1 for _ in _voltages(wire, unit, meter))
        if phases:
            looks.append((phases, meter.name))
    best = max((phases for phases, _ in looks), default=0)
    names = [name for phases, name in looks if phases == best]
    return f"a meter like {' or '.join(names)}" if names else "something that is not known here"


def _voltages(wire: Wire, unit: int, meter: Meter) -> Iterator[int]:
    """The voltages that this kind of meter would say and that can be."""
    for phase in (1, 2, 3):
        name = f"voltage_l{phase}_mv"
        if name not in meter.values:
            return
        value = meter.values[name]
        answers: dict[meters.Request, Sequence[int]] = {}
        for first, count in value.spans:
            request = Request(unit, Function(meter.function), first, count)
            answer = ask(wire, request)
            if not answer.present:  # it is there and was silent: an answer may have been lost or late
                answer = ask(wire, request)
            if not answer.words:
                return
            answers[meters.Request(meter.function, first, count)] = answer.words
        probe = replace(meter, polls={"probe": (name,)})
        try:
            volts = meters.decode(probe, "probe", answers).get(name, 0) // 1000
        except MeterError:
            return
        if volts not in VOLTS:
            return
        yield volts
