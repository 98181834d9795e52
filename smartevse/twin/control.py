"""The control socket: a person, a test or a panel does things to the car, the hat, the daemon and the line.

A Unix stream socket, one command a line, one reply a line: "ok", a value, JSON, or a sentence beginning with "error:".
With several units a command may begin with `unit N`; without it unit 0 is meant.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from smartevse.physics.ev import EvOptions
from smartevse.twin.control_house import HOUSE_COMMANDS
from smartevse.twin.control_words import SWITCH, Command, Misused, Reply, hexadecimal, number, whole
from smartevse.twin.loop import READ, WRITE, Loop
from smartevse.twin.unit import Unit

TAP_S = 0.1
"""How long a key is pressed when no time is given."""
CARD_S = 1.0
"""How long a card is held in front of the reader when no time is given."""
MAX_LINE_BYTES = 4096


def _ev(unit: Unit, words: list[str]) -> Reply:
    ev = unit.to_present().ev
    match words:
        case ["plug"]:
            ev.plug()
        case ["unplug"]:
            ev.unplug()
        case ["ready"] | ["ready", "on"]:
            ev.ready(True)
        case ["ready", "off"]:
            ev.ready(False)
        case ["set", key, value]:
            ev.options = EvOptions(**{**dataclasses.asdict(ev.options), key: _option(key, value)})
        case ["options"]:
            return json.dumps(dataclasses.asdict(ev.options))
        case _:
            raise Misused
    return "ok"


def _option(key: str, text: str) -> bool | int | float:
    """A value for one of the EV's options, of the type that the option has."""
    kinds = {field.name: type(field.default) for field in dataclasses.fields(EvOptions)}
    if key not in kinds:
        raise ValueError(f"an EV has no {key!r} to set; use one of {', '.join(kinds)}")
    if kinds[key] is bool:
        if text not in SWITCH:
            raise ValueError(f"{key} is on or off, not {text!r}")
        return SWITCH[text]
    return number(text) if kinds[key] is float else whole(text)


def _cable(unit: Unit, words: list[str]) -> Reply:
    match words:
        case ["open"]:
            unit.to_present().cable_ohm = None
        case [ohm] if 0 <= whole(ohm) <= 1_000_000:
            unit.to_present().cable_ohm = whole(ohm)
        case _:
            raise Misused
    return "ok"


def _fault(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [name]:
            unit.inject(name, True)
        case [name, ("on" | "off") as switch]:
            unit.inject(name, SWITCH[switch])
        case _:
            raise Misused
    return "ok"


def _weld(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [("c1" | "c2") as contactor]:
            unit.to_present().weld(contactor)
        case [("c1" | "c2") as contactor, ("on" | "off") as switch]:
            unit.to_present().weld(contactor, SWITCH[switch])
        case _:
            raise Misused
    return "ok"


def _press(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [key]:
            unit.press(key, TAP_S)
        case [key, ("down" | "up") as way]:
            unit.hold(key, way == "down")
        case [key, seconds] if 0 < number(seconds) <= 3600:
            unit.press(key, number(seconds))
        case _:
            raise Misused
    return "ok"


def _card(unit: Unit, words: list[str]) -> Reply:
    match words:
        case ["away"]:
            unit.card(None)
        case [card]:
            unit.card(hexadecimal(card), CARD_S)
        case [card, seconds] if 0 < number(seconds) <= 3600:
            unit.card(hexadecimal(card), number(seconds))
        case _:
            raise Misused
    return "ok"


def _temperature(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [degrees] if -50 <= number(degrees) <= 150:
            unit.to_present().temperature_c = number(degrees)
        case _:
            raise Misused
    return "ok"


def _rail(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [volts] if 0 <= number(volts) <= 20:
            unit.to_present().rail_v = number(volts)
        case _:
            raise Misused
    return "ok"


def _trace(unit: Unit, words: list[str]) -> Reply:
    match words:
        case [since] if whole(since) >= 0:
            world = unit.to_present()
            events = [(event.at_s, event.name, event.value) for event in world.trace(whole(since))]
            return json.dumps({"next": world.trace_count, "now": world.now_s, "events": events})
        case _:
            raise Misused


def _pigpiod(unit: Unit, words: list[str]) -> Reply:
    daemon = unit.daemon
    match words:
        case ["kill"]:
            daemon.kill()
        case ["start"]:
            try:
                daemon.start()
            except OSError as error:
                raise ValueError(f"the port {daemon.port} cannot be had again: {error.strerror}") from error
        case ["hang"]:
            daemon.hang()
        case ["resume"]:
            daemon.resume()
        case ["cut", count] if 0 <= whole(count) <= 65_536:
            daemon.cut(whole(count))
        case ["slow", ms] if 0 <= whole(ms) <= 60_000:
            daemon.slow_ms = whole(ms)
        case _:
            raise Misused
    return "ok"


def _plain(answer: Callable[[Unit], Reply]) -> Callable[[Unit, list[str]], Reply]:
    """A command without words behind it."""

    def work(unit: Unit, words: list[str]) -> Reply:
        if words:
            raise Misused
        return answer(unit)

    return work


COMMANDS: Mapping[str, Command] = {
    "ev": Command("ev plug|unplug|ready [on|off]|set KEY VALUE|options", "what the driver does, what car it is", _ev),
    "cable": Command("cable OHM|open", "the resistor of the plug in the socket", _cable),
    "fault": Command("fault NAME [on|off]", "inject or heal a fault", _fault),
    "faults": Command("faults", "all faults, as JSON", _plain(lambda unit: json.dumps(unit.faults()))),
    "weld": Command("weld c1|c2 [on|off]", "weld a contactor's contacts", _weld),
    "press": Command("press <|o|>|sw [SECONDS|down|up]", "press a key; 0.1 s without a time", _press),
    "card": Command("card NUMBER [SECONDS]|away", "hold an RFID card to the reader; 1 s without a time", _card),
    "temp": Command("temp DEGREES", "the board's temperature, -50 to 150", _temperature),
    "rail": Command("rail VOLTS", "the 12 V supply, 0 to 20", _rail),
    "lcd": Command("lcd", "the display, as JSON", _plain(lambda unit: json.dumps(unit.lcd.report()))),
    "state": Command("state", "everything, as JSON", _plain(lambda unit: json.dumps(unit.state()))),
    "trace": Command("trace SINCE", "what happened when (CLOCK_MONOTONIC), as JSON", _trace),
    "now": Command("now", "CLOCK_MONOTONIC in seconds", _plain(lambda unit: f"{unit.to_present().now_s:.6f}")),
    "pigpiod": Command("pigpiod kill|start|hang|resume|cut BYTES|slow MS", "what befalls the daemon", _pigpiod),
    **HOUSE_COMMANDS,
    "bus": Command(
        "bus meter ADDR TYPE [mains|circuit|battery], bus sensorbox p1|ct|both|old-p1|none, "
        "bus silent ADDR on|off, bus cut|restore, bus noise P, bus lost P, bus late MS, bus rival on|off",
        "what is on the RS485 line (meters of the unit's car, the mains, ...), and what befalls it",
        lambda unit, words: unit.bus(words),
    ),
}


def obey(units: Sequence[Unit], line: str) -> Reply:
    """Do one command; the reply is one line, and begins with "error:" when nothing was done."""
    words = line.split()
    number = 0
    if words[:1] == ["unit"]:
        if len(words) < 3 or not words[1].isdecimal() or int(words[1]) >= len(units):
            return f"error: unit wants a number from 0 to {len(units) - 1} and a command behind it"
        number, words = int(words[1]), words[2:]
    if not words:
        return "error: an empty line is no command; help lists them"
    if words == ["help"]:
        known = "; ".join(f"{c.usage}: {c.does}" for c in COMMANDS.values())
        return f"{known}; unit N COMMAND: the same for another unit; quit: end the twin"
    command = COMMANDS.get(words[0])
    if command is None:
        return f"error: {words[0]!r} is no command; help lists them"
    unit = units[number]
    try:
        reply = command.work(unit, words[1:])
    except Misused:
        return f"error: that is not how {words[0]} is used; use {command.usage}"
    except ValueError as error:
        return f"error: {error}"
    unit.changed()
    return reply


class Control:
    """The socket at `path`. Raises OSError when it cannot be made; a socket that nobody serves any more is replaced."""

    def __init__(self, loop: Loop, path: Path, units: Sequence[Unit], quit_: Callable[[], None]) -> None:
        self._loop = loop
        self._path = path
        self._units = units
        self._quit = quit_
        self._clients: dict[int, socket.socket] = {}
        self._outboxes: dict[int, bytes] = {}
        _clear(path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(str(path))
        except OSError:
            self._listener.close()
            raise
        self._listener.listen(8)
        self._listener.setblocking(False)
        loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Take the socket away."""
        for client in list(self._clients.values()):
            self._drop(client)
        self._loop.forget(self._listener.fileno())
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            client, _address = self._listener.accept()
            client.setblocking(False)
            self._clients[client.fileno()] = client
            self._outboxes[client.fileno()] = b""
            self._watch(client, bytearray())

    def _watch(self, client: socket.socket, inbox: bytearray) -> None:
        def ready(events: int) -> None:
            if events & WRITE:
                self._push(client)
            if events & READ and client.fileno() in self._clients:
                self._read(client, inbox)
            if client.fileno() in self._clients:
                self._loop.watch(client.fileno(), ready, READ | WRITE if self._outboxes[client.fileno()] else READ)

        self._loop.watch(client.fileno(), ready)

    def _read(self, client: socket.socket, inbox: bytearray) -> None:
        try:
            data = client.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        inbox += data
        while b"\n" in inbox:
            line, _, rest = bytes(inbox).partition(b"\n")
            inbox[:] = rest
            text = line.decode("utf-8", "replace").strip()
            if text == "quit":
                self._say(client, "ok")
                self._quit()
            else:
                self._say(client, obey(self._units, text))
            if client.fileno() not in self._clients:
                return
        if len(inbox) > MAX_LINE_BYTES:
            inbox.clear()
            self._say(client, f"error: a line has at most {MAX_LINE_BYTES} characters; this one was dropped")

    def _say(self, client: socket.socket, reply: Reply) -> None:
        self._outboxes[client.fileno()] += reply.encode() + b"\n"
        self._push(client)

    def _push(self, client: socket.socket) -> None:
        outbox = self._outboxes[client.fileno()]
        try:
            sent = client.send(outbox)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(client)
            return
        self._outboxes[client.fileno()] = outbox[sent:]

    def _drop(self, client: socket.socket) -> None:
        number = client.fileno()
        self._loop.forget(number)
        del self._clients[number], self._outboxes[number]
        client.close()


def _clear(path: Path) -> None:
    """Remove a socket that is left over; leave one that is served, and anything that is not a socket."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
