"""pigpiod's socket in front of a simulated hat: the same words, errors, handles and reports as the daemon's.

A command is 16 bytes (number, p1, p2, length of what follows) and up to 65535 bytes more; its answer is 16 bytes
(number, p1, p2, result) and, for some, as many bytes as the result says. Clients send as many commands as they like
at once and get all answers in order, here in one packet. The daemon can be killed, hung, slowed and cut on command;
the hat behind it lives on, as the real one does.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Mapping
from math import inf

from smartevse.physics.mains import PERIOD_S, PHASE_S, PULSE_S
from smartevse.physics.world import World
from smartevse.twin.gpio import Gpio, Pins
from smartevse.twin.i2c import Answer, I2c, I2cDevice
from smartevse.twin.loop import READ, WRITE, Loop, Timer
from smartevse.twin.notify import Notifications, tick
from smartevse.twin.pigpiod_commands import HARDWARE_REVISION, MAX_EXTENSION_BYTES, UNAVAILABLE, VERSION, Cmd, Err
from smartevse.twin.spi import Spi, SpiDevice
from smartevse.twin.waves import Waves

MAX_DELAY_US = 1_000_000
MAX_DELAY_MS = 60_000
_HEAD = struct.Struct("<4I")
_REPLY = struct.Struct("<3Ii")
_RESET = struct.pack("ii", 1, 0)
_GRAIN_S = 0.0005
"""Changes of the hat closer together than this are reported together (each with its own time)."""


class _Connection:
    """One client: what it sent that is not done yet, and what it has not been able to read yet."""

    __slots__ = ("blocked", "closed", "inbox", "number", "outbox", "resting", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.number = sock.fileno()
        self.inbox = b""
        self.outbox = b""
        self.blocked = False
        """Its socket takes no more for now."""
        self.resting = False
        """It asked for a delay: what comes after waits."""
        self.closed = False


class Pigpiod:
    """One daemon on 127.0.0.1.

    `port` 0 takes any free one. Raises OSError when the port cannot be had. `advance` brings the hat to the present
    and is called before every batch of commands.
    """

    def __init__(
        self,
        loop: Loop,
        world: World,
        port: int,
        spi: Mapping[int, SpiDevice],
        i2c: Mapping[tuple[int, int], I2cDevice],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._world = world
        self._clock = clock
        self._connections: dict[int, _Connection] = {}
        self._listener: socket.socket | None = None
        self._hung = False
        self._cut_after: int | None = None
        self.slow_ms = 0
        self._timer: Timer | None = None
        self._due_s = inf
        self._lively_until_s = 0.0
        """Until then the pins are looked at for pulses of the mains."""
        self._fed_s = clock()
        pins = world.hat.pins
        self._restless = sum(1 << p for p in (pins.wd_ok, pins.safe, pins.c1_fb, pins.aux_fb, pins.rcm_trip))
        self._mains = 1 << pins.c1_fb
        self._pulses: list[tuple[float, int]] = []
        chip = Pins(world)
        self._gpio = Gpio(chip, self._pulsed)
        self._notify = Notifications(clock, world.bank)
        self._waves = Waves(clock, self._gpio.stop_hardware_pwm)
        self._i2c = I2c(i2c)
        self._spi = Spi(spi, chip)
        self._strength = [8, 8, 8]
        self._commands: dict[int, Callable[[int, int, bytes], Answer]] = {
            **{number: _always(error) for number, error in UNAVAILABLE.items()},
            **self._gpio.commands,
            **self._notify.commands,
            **self._waves.commands,
            **self._i2c.commands,
            **self._spi.commands,
            Cmd.TICK: lambda *_: _signed(tick(clock())),
            Cmd.HWVER: _always(HARDWARE_REVISION),
            Cmd.PIGPV: _always(VERSION),
            Cmd.HELP: _always(0),
            Cmd.CGI: _always(0),
            Cmd.CSI: _always(0),
            Cmd.PADS: self._set_pad,
            Cmd.PADG: lambda pad, *_: self._strength[pad] if pad < 3 else Err.BAD_PAD,
            Cmd.MICS: lambda us, *_: 0 if us <= MAX_DELAY_US else Err.BAD_MICS_DELAY,
            Cmd.MILS: lambda ms, *_: 0 if ms <= MAX_DELAY_MS else Err.BAD_MILS_DELAY,
        }
        self.port = port
        self.start()

    @property
    def clients(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def condition(self) -> str:
        """ "running", "hung" or "dead"."""
        return "dead" if self._listener is None else "hung" if self._hung else "running"

    def start(self) -> None:
        """Listen; nothing happens when it listens already. A new daemon: no handles, the pins as they are."""
        if self._listener is not None:
            return
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(100)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        self._listener, self.port = listener, listener.getsockname()[1]
        self._loop.watch(listener.fileno(), self._accept)

    def kill(self) -> None:
        """The daemon dies: every connection is reset, the port refuses; pins and hardware PWM stay as they were."""
        if self._listener is None:
            return
        self._loop.forget(self._listener.fileno())
        self._listener.close()
        self._listener, self._hung = None, False
        for connection in list(self._connections.values()):
            self._close(connection, reset=True)
        for part in (self._gpio, self._notify, self._waves, self._i2c, self._spi):
            part.reset()
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._due_s = None, inf

    def hang(self) -> None:
        """The daemon is stopped (SIGSTOP): the kernel still takes connections and commands, nobody answers."""
        if self._listener is None or self._hung:
            return
        self._hung = True
        for number in (self._listener.fileno(), *self._connections):
            self._loop.forget(number)

    def resume(self) -> None:
        """The daemon goes on after `hang`, with all that was sent meanwhile."""
        if self._listener is None or not self._hung:
            return
        self._hung = False
        self._loop.watch(self._listener.fileno(), self._accept)
        for connection in list(self._connections.values()):
            self._watch(connection)
            if not connection.resting:
                self._work(connection)
        self.attend()

    def cut(self, count: int) -> None:
        """Break the connection of whoever gets the next answer, after so many bytes of it."""
        self._cut_after = count

    def attend(self) -> None:
        """Report what changed on the pins, and see when to look again; after anything that may change them."""
        if self._hung or self._listener is None:
            return
        now_s = self._clock()
        self._world.advance(now_s)
        wanted = self._notify.wanted
        edges = self._world.edges(self._fed_s) if wanted else []
        if edges or self._due_s <= now_s or self._notify.changed:
            self._lively_until_s = now_s + PERIOD_S
        if self._pulses:
            edges = sorted([*edges, *self._pulses])
            self._pulses.clear()
        self._fed_s = now_s
        if wanted:
            edges = [*edges, (now_s, self._world.bank())]
        self._notify.feed(edges, now_s)
        self._due_s = inf
        self._arm(now_s)

    def _arm(self, now_s: float) -> None:
        """Look again when something changes by itself, if that is before the time already planned."""
        due_s = self._notify.next_due_s()
        wanted = self._notify.wanted
        if wanted & self._restless:
            due_s = min(due_s, self._world.next_event_s() or inf)
            if wanted & self._mains and now_s < self._lively_until_s:
                due_s = min(due_s, _next_mains_edge_s(now_s))
        if due_s < self._due_s:
            if self._timer is not None:
                self._timer.cancel()
            self._due_s = max(due_s, now_s + _GRAIN_S)
            self._timer = self._loop.call_at(self._due_s, self.attend)

    def _pulsed(self, gpio: int, length_us: int, level: int) -> None:
        if self._notify.wanted >> gpio & 1:
            bit, bank, now_s = 1 << gpio, self._world.bank(), self._clock()
            self._pulses.append((now_s, bank | bit if level else bank & ~bit))
            self._pulses.append((now_s + length_us / 1e6, bank & ~bit if level else bank | bit))

    def _set_pad(self, pad: int, strength: int, ext: bytes) -> int:
        if pad > 2:
            return Err.BAD_PAD
        if not 1 <= strength <= 16:
            return Err.BAD_STRENGTH
        self._strength[pad] = (strength + 1) // 2 * 2
        return 0

    def _accept(self, _: int) -> None:
        if self._listener is None:
            return
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while True:
                sock, _address = self._listener.accept()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = _Connection(sock)
                self._connections[connection.number] = connection
                self._watch(connection)

    def _watch(self, connection: _Connection) -> None:
        def ready(events: int) -> None:
            if events & WRITE:
                self._push(connection)
            if events & READ:
                self._read(connection)

        self._loop.watch(connection.number, ready, READ | WRITE if connection.outbox else READ)

    def _close(self, connection: _Connection, reset: bool = False) -> None:
        if connection.closed:
            return
        connection.closed = True
        if not self._hung:
            self._loop.forget(connection.number)
        del self._connections[connection.number]
        self._notify.forget(connection)
        if reset:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.sock.close()

    def _read(self, connection: _Connection) -> None:
        if connection.closed:
            return
        try:
            data = connection.sock.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        connection.inbox += data
        if not connection.resting:
            self._work(connection)
            self.attend_if_watched()

    def attend_if_watched(self) -> None:
        """`attend`, when a client listens to a pin that changed; costs next to nothing otherwise."""
        if self._pulses or self._notify.news(self._world.bank()):
            self.attend()
        elif self._notify.wanted & self._restless:
            self._arm(self._clock())

    def _work(self, connection: _Connection) -> None:
        """Do every whole command that has come in, and send all the answers at once."""
        inbox, place, answers = connection.inbox, 0, bytearray()
        self._world.advance(self._clock())
        commands, size = self._commands, len(inbox)
        while place + 16 <= size:
            number, p1, p2, length = _HEAD.unpack_from(inbox, place)
            if length > MAX_EXTENSION_BYTES:
                self._close(connection)
                return
            end = place + 16 + length
            if end > size:
                break
            command = commands.get(number)
            if command is not None:
                result = command(p1, p2, inbox[place + 16 : end])
            elif number == Cmd.NOIB:
                result = self._notify.open(self._reporter(connection), connection)
            else:
                result = Err.UNKNOWN_COMMAND
            place = end
            if isinstance(result, bytes):
                answers += _REPLY.pack(number, p1, p2, len(result)) + result
            else:
                answers += _REPLY.pack(number, p1, p2, _signed(result))
                if number in (Cmd.MICS, Cmd.MILS) and result == 0:
                    self._rest(connection, p1 / (1e6 if number == Cmd.MICS else 1e3), bytes(answers))
                    answers.clear()
                    break
        connection.inbox = inbox[place:]
        if answers:
            self._answer(connection, bytes(answers))

    def _rest(self, connection: _Connection, length_s: float, answers: bytes) -> None:
        """A client asked the daemon to wait: its answer and what it sent after come later."""
        connection.resting = True

        def wake() -> None:
            connection.resting = False
            if connection.closed:
                return
            self._answer(connection, answers)
            if not self._hung:
                self._work(connection)

        self._loop.call_at(self._clock() + length_s, wake)

    def _answer(self, connection: _Connection, data: bytes) -> None:
        if self._cut_after is not None:
            data, self._cut_after = data[: self._cut_after], None
            self._send(connection, data)
            self._close(connection)
        elif self.slow_ms:
            self._loop.call_at(self._clock() + self.slow_ms / 1000, lambda: self._send(connection, data))
        else:
            self._send(connection, data)

    def _send(self, connection: _Connection, data: bytes) -> None:
        if connection.closed:
            return
        if connection.outbox:
            connection.outbox += data
            return
        connection.outbox = data
        self._push(connection)

    def _push(self, connection: _Connection) -> None:
        try:
            sent = connection.sock.send(connection.outbox)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(connection)
            return
        connection.outbox = connection.outbox[sent:]
        if bool(connection.outbox) != connection.blocked and not self._hung:
            connection.blocked = bool(connection.outbox)
            self._watch(connection)

    def _reporter(self, connection: _Connection) -> Callable[[bytes], None]:
        return lambda reports: self._send(connection, reports)


def _next_mains_edge_s(now_s: float) -> float:
    """When the feedback of the mains changes next, if there is voltage."""
    into_s = (now_s - PHASE_S) % PERIOD_S
    return now_s - into_s + (PULSE_S if into_s < PULSE_S else PERIOD_S)


def _always(answer: int) -> Callable[[int, int, bytes], int]:
    return lambda *_: answer


def _signed(value: int) -> int:
    """A 32-bit word as the answer's signed number."""
    return (value & 0xFFFFFFFF) - (1 << 32) if value & 0x80000000 else value & 0xFFFFFFFF
