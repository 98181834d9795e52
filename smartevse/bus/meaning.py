"""What a frame means, in one line for a person: who asks whom for what, and what is answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from smartevse.bus import meter as meters
from smartevse.bus import sensorbox, units
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import BROADCAST_UNIT, Heard, Kind
from smartevse.bus.meter import Meter, MeterError
from smartevse.bus.rtu import ExceptionCode, Function, Request

_REFUSALS: Mapping[int, str] = {
    ExceptionCode.ILLEGAL_FUNCTION: "it does not know this function",
    ExceptionCode.ILLEGAL_ADDRESS: "it does not have these registers",
    ExceptionCode.ILLEGAL_VALUE: "it does not accept the value or the number of registers",
    ExceptionCode.DEVICE_FAILURE: "it cannot do it at present",
}
_MODES = {mode.value: mode.name.capitalize() for mode in units.BusMode}
_ACCESS = {0: "access off", 1: "access on", 2: "paused"}


def meaning(heard: Heard) -> str:
    """One line, without time and bytes."""
    request = heard.request
    match heard.kind:
        case Kind.JUNK:
            return f"{len(heard.data)} bytes that are no frame"
        case Kind.STRAY:
            return f"{unit_name(heard.data[0])} answers something that was asked before this began"
        case Kind.REQUEST if request is not None:
            return _question(request)
        case Kind.REFUSAL if request is not None:
            why = _REFUSALS.get(heard.code, f"code {heard.code}")
            return f"{unit_name(request.unit)} refuses: {why}"
        case _ if request is not None:
            return f"{unit_name(request.unit)}: {_answer(request, heard.words)}"
    raise ValueError(f"{heard.kind} without a request")


def unit_name(unit: int) -> str:
    """Who has this number by convention."""
    if unit == units.MASTER_UNIT:
        return "the master"
    if unit - 1 in units.NODES:
        return f"Node {unit - 1}"
    return {BROADCAST_UNIT: "all nodes", sensorbox.ADDRESS: "device 10 (Sensorbox)"}.get(unit, f"device {unit}")


def _question(request: Request) -> str:
    who = unit_name(request.unit)
    if request.function in (Function.READ_HOLDING, Function.READ_INPUT):
        return f"{who} is asked for {_what(request)}"
    values = request.values
    told = f"{who} are told" if request.unit == BROADCAST_UNIT else f"{who} is told"
    if request.address == units.CURRENTS and (shared := units.shares(values)) is not None:
        return f"{who}: the currents are {_shares(shared)}"
    if request.address == units.SYSTEM and request.count > 1:
        return f"{who}: the settings are {_settings(values)}"
    if request.unit == sensorbox.ADDRESS and request.address == sensorbox.WIRING_REGISTER:
        return f"{told} its wiring: {'3' if values[0] & sensorbox.THREE_WIRE else '4'} wires"
    if request.unit <= BROADCAST_UNIT and request.address == units.STATUS and request.count > 1:
        return f"{told}: {_grant(values)}"
    if request.unit <= BROADCAST_UNIT and request.address == units.STATUS + 1:
        return f"{told}: {_errors(values[0])}"
    return f"{told} {', '.join(map(str, values))} for {_what(request)}"


def _answer(request: Request, words: Sequence[int]) -> str:
    if request.function in (Function.WRITE_ONE, Function.WRITE_MANY):
        return "done"
    if request.unit <= units.MASTER_UNIT + len(units.NODES):
        if request.address == units.STATUS and (status := units.status(words)) is not None:
            return _status(status)
        if request.address >= units.CONFIG and request.address + request.count <= units.CONFIG + len(
            units.CONFIG_NAMES
        ):
            names = units.CONFIG_NAMES[request.address - units.CONFIG :]
            return ", ".join(f"{name} {word}" for name, word in zip(names, words, strict=False))
        if request.address == units.SYSTEM:
            return f"the settings are {_settings(words)}"
    if request.unit == sensorbox.ADDRESS and request.address == 0 and len(words) >= sensorbox.PLAIN_REGISTERS:
        return _box(words)
    readings = list(_readings(request, words))
    return "; ".join(readings) if readings else "registers " + " ".join(f"{word:04x}" for word in words)


def _what(request: Request) -> str:
    """The registers of a request in words."""
    if request.unit <= BROADCAST_UNIT:
        if request.address == units.STATUS and request.count >= units.STATUS_POLLED:
            return "its status"
        if request.address == units.EV_METER and request.count == 2:
            return "the type and address of its EV meter"
    of = [f"{meter.name} {poll}" for meter, poll in polls_of(request)]
    registers = (
        f"{request.count} registers from {request.address:#06x}"
        if request.count > 1
        else (f"register {request.address:#06x}")
    )
    return f"{registers} ({' or '.join(of)})" if of else registers


def polls_of(request: Request) -> Iterator[tuple[Meter, str]]:
    """The meters and polls that are asked with exactly this request."""
    wanted = meters.Request(request.function, request.address, request.count)
    for meter in _meters():
        for poll in meter.polls:
            if wanted in meters.requests(meter, poll):
                yield meter, poll


@cache
def _meters() -> tuple[Meter, ...]:
    return tuple(meters.load(file) for file in FILES.values())


def _readings(request: Request, words: Sequence[int]) -> Iterator[str]:
    """What each kind of meter that is asked like this would mean by it."""
    wanted = meters.Request(request.function, request.address, request.count)
    said: set[str] = set()
    for meter, poll in polls_of(request):
        try:
            values = meters.decode(meter, poll, {wanted: words})
        except MeterError as error:
            text = str(error)
        else:
            text = f"{meter.name} " + ", ".join(f"{name} {number}" for name, number in values.items())
        if text not in said:
            said.add(text)
            yield text


def _status(status: units.Status) -> str:
    state = units.BusState(status.state).name if status.state in set(units.BusState) else f"unknown {status.state}"
    parts = [f"state {state}", _errors(status.errors), _amps(status.current_da)]
    parts.append(_MODES.get(status.mode, f"unknown mode {status.mode}"))
    parts.append(f"solar timer {status.solar_timer_s} s")
    parts.append(_ACCESS.get(status.access, f"access {status.access}"))
    if status.config_changed:
        parts.append("its settings changed")
    return ", ".join((*parts, f"at most {status.max_a} A"))


def _grant(values: Sequence[int]) -> str:
    state, errors = values[0], values[1]
    granted = {units.BusState.COMM_B_OK: "may connect", units.BusState.COMM_C_OK: "may charge"}
    parts = [granted.get(units.BusState(state), f"state {units.BusState(state).name}")] if state <= 14 else [f"{state}"]
    parts.append(_errors(errors))
    if len(values) > 3:
        parts.append(f"mode {_MODES.get(values[3], str(values[3]))}")
    if len(values) > 4:
        parts.append(f"solar timer {values[4]} s")
    return ", ".join(parts)


def _errors(flags: int) -> str:
    names = [flag.name or "" for flag in units.BusError if flags & flag]
    return " + ".join(names) or "no error"


def _shares(shared: units.Shares) -> str:
    given = [f"{'master' if i == 0 else f'Node {i}'} {_amps(da)}" for i, da in enumerate(shared.shares_da) if da] or [
        "nothing for anybody"
    ]
    mains = "" if shared.mains_da is None else "; mains " + " ".join(_amps(da) for da in shared.mains_da)
    return ", ".join(given) + mains


def _settings(words: Sequence[int]) -> str:
    names = units.system_names(len(words))
    known = ", ".join(f"{name} {word}" for name, word in zip(names, words, strict=True) if name)
    families = units.families(len(words))
    sender = " or ".join(families) if families else "an unknown family"
    return f"{known} (a unit of the family {sender})"


def _box(words: Sequence[int]) -> str:
    try:
        box = sensorbox.decode(words)
    except MeterError as error:
        return str(error)
    parts = [f"version {box.version}"]
    if box.p1_fresh:
        parts.append(f"P1 (DSMR {box.dsmr / 10:.1f}) {_milli(box.p1_ma)}")
    if box.ct_fresh:
        parts.append(f"CT {_milli(box.ct_ma)}")
    if not (box.p1_fresh or box.ct_fresh):
        parts.append("nothing new")
    if box.wiring is not None:
        parts.append("3 wires" if box.wiring & sensorbox.THREE_WIRE else "4 wires")
    if box.wifi is not None:
        parts.append(f"WiFi {('off', 'on', 'portal')[min(box.wifi.mode, 2)]} {box.wifi.address}")
    return ", ".join(parts)


def _milli(currents_ma: Sequence[int]) -> str:
    return " ".join(f"{ma / 1000:.2f} A" for ma in currents_ma)


def _amps(da: int) -> str:
    return f"{da / 10:.1f} A"
