"""The board behind pigpiod: one pipelined exchange a tick reads everything, one packet drives what changed.

Outputs are sent without waiting; their answers are checked at the next read, so a refused or lost write is noticed
one tick later and ends the program, and with it the heartbeat.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from smartevse.drivers import mcp3208, pigpiod
from smartevse.drivers.pigpiod import NotPigpiodError, Pigpiod, PigpiodError, command, hardware_pwm
from smartevse.hal.board import SAFE, BoardGoneError, BoardUnfitError, Drive, Sample
from smartevse.hal.hat import HatMap

HEARTBEAT_US = 100
SPI_FLAGS = (1 << 6).to_bytes(4, "little")
"""Mode 0, and CE1 left alone: its pin is a key, which pigpiod would drive otherwise."""
FRESH_S = 0.020
"""An answer that took longer tells of the past: the tick goes on, its heartbeat does not."""
BEAT_LIFE_S = 0.085
"""So long after a heartbeat the hat's one-shot may have expired, before a report of it comes (90 ms at least)."""
GONE_S = 0.250
"""A daemon that is silent for so long is hung; the hat has opened the contactor long before."""
_ALL = 0xFFFFFFFF


class PigpioBoard:
    """`Board` over pigpiod's socket; two connections, one for commands and one for reports of short pulses."""

    def __init__(self, hat: HatMap, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._hat, self._host, self._port, self._clock = hat, host, port, clock
        self._asked_s = 0.0
        self._beaten_s = 0.0
        self._commands: Pigpiod | None = None
        self._reports: Pigpiod | None = None
        self._last: Drive | None = None
        self._slow_turn = 0
        pins = hat.pins
        self._levels_of = {
            "c1": pins.c1_cmd,
            "c2": pins.c2_cmd,
            "lock_r": pins.lock_r,
            "lock_w": pins.lock_w,
            "rcm_test": pins.rcm_test,
        }
        self._beat = command(pigpiod.TRIG, pins.heartbeat, HEARTBEAT_US, (1).to_bytes(4, "little"))
        self._inputs = (pins.wd_ok, pins.safe, pins.c1_fb, pins.aux_fb, pins.rcm_trip)
        channels = hat.channels
        fast = (channels.cp_high, channels.cp_low)
        self._fast = fast
        self._slow = tuple(sorted(set(range(8)) - set(fast)))
        self._adc = [0] * 8
        self._reads: list[list[bytes]] = []
        self._spi = -1

    def open(self) -> None:
        """Connect, drive everything safe, take the pins, and read every channel once."""
        pins = self._hat.pins
        try:
            link = self._commands = Pigpiod(self._host, self._port, GONE_S)
            link.exchange(self._safe_commands())
            setup = [command(pigpiod.MODES, pin, pigpiod.OUTPUT) for pin in (*self._levels_of.values(), pins.heartbeat)]
            setup += [command(pigpiod.MODES, pin, pigpiod.INPUT) for pin in self._inputs]
            setup += [command(pigpiod.PUD, pin, pigpiod.PULL["none"]) for pin in self._inputs]
            link.exchange(setup)
            self._spi = spi = self._converter(link)
            conversion = [command(pigpiod.SPIX, spi, 0, mcp3208.request(channel)) for channel in range(8)]
            bank = command(pigpiod.BR1)
            self._reads = [[conversion[c] for c in (*self._fast, slow)] + [bank] for slow in self._slow]
            for channel, (_, data) in enumerate(link.exchange(conversion)):
                self._adc[channel] = _code(data)
            self._reports = Pigpiod(self._host, self._port, GONE_S)
            handle = self._reports.exchange([command(pigpiod.NOIB)])[0][0]
            link.exchange([command(pigpiod.NB, handle, sum(1 << pin for pin in self._inputs))])
        except PigpiodError as error:
            self.close()
            kind = BoardUnfitError if isinstance(error, NotPigpiodError) else BoardGoneError
            raise kind(str(error)) from error
        self._last = SAFE

    def read(self) -> Sample:
        """One tick's readings; raises BoardGoneError when pigpiod is gone or silent for a quarter of a second."""
        if self._commands is None or self._reports is None:
            raise BoardGoneError("the board is not open")
        turn = self._slow_turn
        self._slow_turn = (turn + 1) % len(self._slow)
        self._asked_s = self._clock()
        try:
            *conversions, (levels, _) = self._commands.exchange(self._reads[turn])
            seen_low = ~levels & _ALL
            seen_high = levels = levels & _ALL
            for bank in self._reports.reports():
                seen_low |= ~bank & _ALL
                seen_high |= bank
        except PigpiodError as error:
            raise BoardGoneError(str(error)) from error
        for channel, (_, data) in zip((*self._fast, self._slow[turn]), conversions, strict=True):
            self._adc[channel] = _code(data)
        if self._clock() - self._beaten_s > BEAT_LIFE_S:
            seen_low |= 1 << self._hat.pins.wd_ok
        return Sample(tuple(self._adc), levels, seen_low, seen_high, len(self._slow), self._fresh())

    def drive(self, drive: Drive) -> None:
        """Send what changed and the heartbeat, contactors first.

        A program that was stopped between reading and driving decides on what was; it does not beat on it, or the hat,
        which has opened by then, would let the contactor close again.
        """
        last = self._last
        if self._commands is None or last is None:
            raise BoardGoneError("the board is not open")
        packet = []
        if drive is not last:
            packet = [
                command(pigpiod.WRITE, pin, getattr(drive, name))
                for name, pin in self._levels_of.items()
                if getattr(drive, name) != getattr(last, name)
            ]
            if drive.duty_permille != last.duty_permille:
                packet.append(self._pwm(drive.duty_permille))
        if drive.heartbeat and self._fresh():
            packet.append(self._beat)
            self._beaten_s = self._clock()
        if packet:
            try:
                self._commands.post(packet)
            except PigpiodError as error:
                raise BoardGoneError(str(error)) from error
        self._last = drive

    def close(self) -> None:
        """Drive everything safe as far as pigpiod still answers, then disconnect."""
        if self._commands is not None:
            with contextlib.suppress(PigpiodError):
                self._commands.exchange(self._safe_commands())
                if self._spi >= 0:
                    self._commands.exchange([command(pigpiod.SPIC, self._spi)])
            self._commands.close()
        self._spi = -1
        if self._reports is not None:
            self._reports.close()
        self._commands = self._reports = self._last = None

    def _converter(self, link: Pigpiod) -> int:
        """pigpiod's handle for the converter.

        The daemon keeps those of programs that were killed until it ends, and has 32: when they are used up all are
        closed. Nobody else has a right to the hat's converter, and two guards keep each other out by their socket.
        """
        opening = [command(pigpiod.SPIO, self._hat.spi_channel, self._hat.spi_hz, SPI_FLAGS)]
        if (handle := link.attempt(opening)[0]) == pigpiod.NO_HANDLE:
            link.attempt([command(pigpiod.SPIC, number) for number in range(pigpiod.SPI_HANDLES)])
            handle = link.attempt(opening)[0]
        if handle < 0:
            raise PigpiodError(f"pigpiod at {self._host}:{self._port} does not open SPI (error {handle})")
        return handle

    def _fresh(self) -> bool:
        """Whether the readings of this tick are still young enough to prove anything."""
        return self._clock() - self._asked_s <= FRESH_S

    def _safe_commands(self) -> list[bytes]:
        off = [command(pigpiod.WRITE, pin, 0) for pin in self._levels_of.values()]
        return [*off, self._pwm(SAFE.duty_permille)]

    def _pwm(self, duty_permille: int) -> bytes:
        # the pin is inverted behind the header: pin low = +12 V
        frequency_hz = self._hat.raw["pilot"]["frequency_hz"]
        return hardware_pwm(self._hat.pins.cp_pwmn, frequency_hz, 1_000_000 - duty_permille * 1000)


def _code(answer: bytes) -> int:
    """The converter's code; raises PigpiodError when it did not answer as it should."""
    try:
        return mcp3208.code(answer)
    except ValueError as error:
        raise PigpiodError(str(error)) from error
