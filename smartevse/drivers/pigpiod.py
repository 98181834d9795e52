"""A small client of pigpiod's socket: many commands in one packet, one answer in time or an exception, nothing else.

The package `pigpio` starts a thread that spins when the daemon goes away and waits for ever when it hangs; whoever
must react in milliseconds cannot use it. Numbers are 32 bit little endian: `cmd p1 p2 p3`, then p3 bytes of extension;
the answer repeats the first three and ends with a signed result, followed by that many bytes for SPI transfers.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

MODES, PUD, READ, WRITE, BR1, TICK, TRIG, NB, SPIO, SPIC, SPIX, HP, NOIB = (
    0,
    2,
    3,
    4,
    10,
    16,
    37,
    19,
    71,
    72,
    75,
    86,
    99,
)
INPUT, OUTPUT = 0, 1
NO_HANDLE, SPI_HANDLES = -24, 32
"""What SPIO answers when all handles are taken, and how many there are."""
PULL = {"none": 0, "down": 1, "up": 2}

_HEAD = struct.Struct("<IIII")
_ANSWER = struct.Struct("<IIIi")
_WORD = struct.Struct("<I")
_REPORT = struct.Struct("<HHII")
_WITH_DATA = frozenset({SPIX})
_TIMEVAL = struct.Struct("@ll" if socket.SO_RCVTIMEO == 20 else "@qq")
"""`struct timeval` of the kernel: 64 bit where the C library has a `time_t` wider than a word, under a new number."""


class PigpiodError(Exception):
    """pigpiod did not answer in time, answered with an error, or is gone; the connection is not to be used again."""


class NotPigpiodError(PigpiodError):
    """Another program listens there; trying again does not help."""


def command(number: int, p1: int = 0, p2: int = 0, extension: bytes = b"") -> bytes:
    """The bytes of one command."""
    return _HEAD.pack(number, p1, p2, len(extension)) + extension


def hardware_pwm(gpio: int, frequency_hz: int, duty_ppm: int) -> bytes:
    """The bytes that start the hardware PWM on a pin; duty from 0 (steady low) to 1 000 000 (steady high)."""
    return command(HP, gpio, frequency_hz, _WORD.pack(duty_ppm))


class Pigpiod:
    """One connection. All methods raise `PigpiodError`; after that only `close()` makes sense."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._where = f"{host}:{port}"
        self._tail = b""
        self._owed: list[int] = []  # commands sent whose answers have not been read yet
        self._known = False  # whether it has answered like pigpiod
        try:
            self._socket = socket.create_connection((host, port), timeout=1.0)
        except OSError as error:
            raise PigpiodError(
                f"no pigpiod at {self._where} ({error}): start it with 'systemctl start pigpiod'"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # the kernel keeps the time: a timeout of Python's own costs a poll before each send and receive
        self._socket.setblocking(True)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(*divmod(round(timeout_s * 1e6), 10**6)))

    def post(self, commands: Sequence[bytes]) -> None:
        """Send commands without waiting; the next `exchange` reads and checks their answers first."""
        self._send(commands)

    def exchange(self, commands: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Send commands in one packet and return (result, data) of each, in order.

        Raises PigpiodError when an answer is late, cut, out of step, or when any result is negative, also for the
        commands that were posted before.
        """
        posted = len(self._owed)
        answers = self._answers(commands, refusals=False)
        return answers[posted:]

    def attempt(self, commands: Sequence[bytes]) -> list[int]:
        """The result of each command, also those that are refused with a negative one; raises PigpiodError as above."""
        return [result for result, _ in self._answers(commands, refusals=True)]

    def _answers(self, commands: Sequence[bytes], *, refusals: bool) -> list[tuple[int, bytes]]:
        """The answers to all that is owed and to these; `refusals`: negative results are answers too."""
        self._send(commands)
        owed, self._owed = self._owed, []
        answers: list[tuple[int, bytes]] = []
        buffer, at = b"", 0
        for number in owed:
            while len(buffer) - at < 16:
                buffer, at = buffer[at:] + self._receive(), 0
            echoed, _, _, result = _ANSWER.unpack_from(buffer, at)
            at += 16
            if echoed != number:
                raise self._stranger() or PigpiodError(f"pigpiod at {self._where} answered out of step: connect again")
            if result < 0 and not refusals:
                raise PigpiodError(f"pigpiod at {self._where} refused command {number} with error {result}")
            data = b""
            if number in _WITH_DATA and result > 0:
                while len(buffer) - at < result:
                    buffer, at = buffer[at:] + self._receive(), 0
                data = buffer[at : at + result]
                at += result
            answers.append((result, data))
        if at != len(buffer):
            raise self._stranger() or PigpiodError(
                f"pigpiod at {self._where} sent more than was asked for: connect again"
            )
        self._known = True
        return answers

    def reports(self) -> list[int]:
        """The pin banks of all change reports that have arrived on this connection (after `NOIB`); never waits."""
        try:
            data = self._socket.recv(_REPORT.size * 340, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        except OSError as error:
            raise PigpiodError(f"the reports of pigpiod at {self._where} ended ({error})") from error
        if not data:
            raise PigpiodError(f"the reports of pigpiod at {self._where} ended: it was stopped")
        data = self._tail + data
        whole = len(data) - len(data) % _REPORT.size
        self._tail = data[whole:]  # a report that the network cut in two is finished next time
        return [level for _, _, _, level in _REPORT.iter_unpack(data[:whole])]

    def close(self) -> None:
        """Let the connection go; never raises."""
        self._socket.close()

    def _stranger(self) -> PigpiodError | None:
        """The error for a wrong answer from somebody who has never given a right one."""
        if self._known:
            return None
        return NotPigpiodError(
            f"the program that listens at {self._where} is not pigpiod: end it ('sudo ss -ltnp' names it), or correct "
            f"host and port in [hat]"
        )

    def _send(self, commands: Sequence[bytes]) -> None:
        self._owed += [_WORD.unpack_from(item)[0] for item in commands]
        try:
            self._socket.sendall(b"".join(commands))
        except OSError as error:
            raise PigpiodError(f"pigpiod at {self._where} is gone ({error})") from error

    def _receive(self) -> bytes:
        try:
            data = self._socket.recv(4096)
        except BlockingIOError as error:
            raise PigpiodError(f"pigpiod at {self._where} did not answer in time") from error
        except OSError as error:
            raise PigpiodError(f"pigpiod at {self._where} is gone ({error})") from error
        if not data:
            raise PigpiodError(f"pigpiod at {self._where} closed the connection: it was stopped")
        return data
