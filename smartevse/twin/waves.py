"""pigpiod's waves, as far as a client needs: they can be built, counted, sent and stopped.

The edges of a wave are not played on the pins (nothing on the hat is driven by one). What matters to this hat is kept:
sending a wave takes the PWM peripheral, so the pilot's hardware PWM stops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartevse.twin.i2c import word
from smartevse.twin.pigpiod_commands import PERMITTED_GPIOS, Cmd, Err

NOT_SENDING = 9999
MAX_PULSES = 12_000
MAX_MICROS = 1_800_000_000
MAX_CONTROL_BLOCKS = 25_016
"""What the real daemon reports as its room for one wave."""

_Pulses = list[tuple[int, int, int]]


class Waves:
    """The wave being built, the ones that exist, and the one that is being sent.

    `take_pwm` is called when a wave is sent; `clock` gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float], take_pwm: Callable[[], None]) -> None:
        self._clock = clock
        self._take_pwm = take_pwm
        self.reset()
        self.commands: Mapping[int, Callable[[int, int, bytes], int]] = {
            Cmd.WVCLR: lambda *_: self.reset(),
            Cmd.WVNEW: lambda *_: self._new(),
            Cmd.WVAG: self._add,
            Cmd.WVAS: self._add_serial,
            Cmd.WVCRE: lambda *_: self._create(),
            Cmd.WVCAP: lambda *_: self._create(),
            Cmd.WVDEL: self._delete,
            Cmd.WVTX: lambda number, *_: self._send(number, 0, b""),
            Cmd.WVTXR: lambda number, *_: self._send(number, 1, b""),
            Cmd.WVTXM: self._send,
            Cmd.WVBSY: lambda *_: int(self._sending() is not None),
            Cmd.WVHLT: lambda *_: self._halt(),
            Cmd.WVTAT: lambda *_: NOT_SENDING if (number := self._sending()) is None else number,
            Cmd.WVSM: lambda which, *_: self._size(which, self._micros, MAX_MICROS, Err.BAD_WVSM_COMMND),
            Cmd.WVSP: lambda which, *_: self._size(which, self._count, MAX_PULSES, Err.BAD_WVSP_COMMND),
            Cmd.WVSC: lambda which, *_: self._size(which, self._count, MAX_CONTROL_BLOCKS, Err.BAD_WVSC_COMMND),
        }

    def reset(self) -> int:
        """No wave exists and none is sent."""
        self._pulses: _Pulses = []
        self._waves: dict[int, _Pulses] = {}
        self._current: tuple[int, float | None] | None = None
        return 0

    def _new(self) -> int:
        self._pulses = []
        return 0

    def _count(self) -> int:
        return len(self._pulses)

    def _micros(self) -> int:
        return sum(length_us for _, _, length_us in self._pulses)

    @staticmethod
    def _size(which: int, now: Callable[[], int], most: int, error: Err) -> int:
        if which > 2:
            return error
        return most if which == 2 else now()

    def _add(self, _: int, __: int, ext: bytes) -> int:
        pulses = [(word(ext, i), word(ext, i + 1), word(ext, i + 2)) for i in range(0, len(ext) // 12 * 3, 3)]
        if len(pulses) + len(self._pulses) > MAX_PULSES:
            return Err.TOO_MANY_PULSES
        self._pulses += pulses
        denied = any((on | off) & ~PERMITTED_GPIOS for on, off, _ in pulses)
        return Err.SOME_PERMITTED if denied else len(self._pulses)

    def _add_serial(self, gpio: int, baud: int, ext: bytes) -> int:
        if gpio > 31:
            return Err.BAD_USER_GPIO
        if not PERMITTED_GPIOS >> gpio & 1:
            return Err.NOT_PERMITTED
        if not 50 <= baud <= 1_000_000:
            return Err.BAD_WAVE_BAUD
        bit_us = round(1e6 / baud)
        for byte in ext[12:]:
            frame = byte << 1 | 1 << 9
            self._pulses += [((1 << gpio, 0, bit_us) if frame >> i & 1 else (0, 1 << gpio, bit_us)) for i in range(10)]
        return len(self._pulses)

    def _create(self) -> int:
        if not self._pulses:
            return Err.EMPTY_WAVEFORM
        number = next(n for n in range(len(self._waves) + 1) if n not in self._waves)
        self._waves[number], self._pulses = self._pulses, []
        return number

    def _delete(self, number: int, _: int, ext: bytes) -> int:
        return Err.BAD_WAVE_ID if self._waves.pop(number, None) is None else 0

    def _send(self, number: int, mode: int, ext: bytes) -> int:
        if number not in self._waves:
            return Err.BAD_WAVE_ID
        if mode > 3:
            return Err.BAD_WAVE_MODE
        self._take_pwm()
        wave = self._waves[number]
        length_s = sum(length_us for _, _, length_us in wave) / 1e6
        self._current = (number, None if mode & 1 else self._clock() + length_s)
        return 2 * len(wave) + 1

    def _sending(self) -> int | None:
        if self._current is None:
            return None
        number, until_s = self._current
        return number if until_s is None or self._clock() < until_s else None

    def _halt(self) -> int:
        self._current = None
        return 0
