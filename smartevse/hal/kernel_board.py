"""The board behind the kernel's own interfaces: GPIO character device, sysfs PWM and spidev. No daemon is needed.

It is the only way on a Raspberry Pi 5, and the one where pigpiod is not installed. What pigpiod does over a socket are
system calls here: outputs and readings of a tick take effect at once.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from smartevse.drivers.gpio_lines import GpioLines
from smartevse.drivers.mcp3208 import CHANNELS, KernelAdc
from smartevse.drivers.sysfs_pwm import SysfsPwm
from smartevse.drivers.trouble import Trouble
from smartevse.hal.backend import patience_s
from smartevse.hal.board import SAFE, BoardGoneError, BoardUnfitError, Drive, Sample
from smartevse.hal.hat import HatMap

HEARTBEAT_S = 100e-6
FRESH_S = 0.020
"""Readings that took longer tell of the past: the tick goes on, its heartbeat does not."""
AGAIN_S = 0.25


class Adc(Protocol):
    """What is used of `drivers.mcp3208.KernelAdc`."""

    def convert(self, channel: int) -> int:
        """One conversion."""

    def close(self) -> None:
        """Let the bus go."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """How the three interfaces are opened; each raises Trouble. The tests put simulated kernel interfaces behind."""

    lines: Callable[[tuple[int, ...], tuple[int, ...]], GpioLines]
    pwm: Callable[[int, int], SysfsPwm]
    adc: Callable[[int, int], Adc]


def real_kernel() -> Kernel:
    """The interfaces of this machine."""
    return Kernel(GpioLines, lambda gpio, hz: SysfsPwm(gpio, hz, time.sleep), KernelAdc)


class KernelBoard:
    """`Board` over the kernel; `pause` waits for so many seconds of `clock`."""

    def __init__(
        self,
        hat: HatMap,
        kernel: Kernel,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._hat, self._kernel, self._clock, self._pause = hat, kernel, clock, pause
        pins, channels = hat.pins, hat.channels
        self._pin_of = {
            "c1": pins.c1_cmd,
            "c2": pins.c2_cmd,
            "lock_r": pins.lock_r,
            "lock_w": pins.lock_w,
            "rcm_test": pins.rcm_test,
        }
        self._all_low = dict.fromkeys((*self._pin_of.values(), pins.heartbeat), False)
        self._beat_on, self._beat_off = {pins.heartbeat: True}, {pins.heartbeat: False}
        self._inputs = (pins.wd_ok, pins.safe, pins.c1_fb, pins.aux_fb, pins.rcm_trip)
        self._input_mask = sum(1 << pin for pin in self._inputs)
        self._fast = (channels.cp_high, channels.cp_low)
        self._slow = tuple(sorted(set(range(CHANNELS)) - set(self._fast)))
        self._codes = [0] * CHANNELS
        self._slow_turn = 0
        self._asked_s = 0.0
        self._lines: GpioLines | None = None
        self._pwm: SysfsPwm | None = None
        self._adc: Adc | None = None
        self._last: Drive | None = None

    def open(self) -> None:
        """Take everything with all outputs safe, and read every channel once.

        Raises BoardUnfitError when an interface cannot be had, also some seconds later.
        """
        began_s = self._clock()
        give_up_s = began_s + patience_s(began_s)
        while True:
            try:
                self._take()
                break
            except Trouble as error:
                self.close()
                if self._clock() >= give_up_s:
                    raise BoardUnfitError(str(error)) from error
            self._pause(AGAIN_S)
        self._last = SAFE

    def read(self) -> Sample:
        """One tick's readings; raises BoardGoneError when the kernel cannot reach the hat any more."""
        lines, adc, turn = self._lines, self._adc, self._slow_turn
        if lines is None or adc is None or self._last is None:
            raise BoardGoneError("the board is not open")
        self._slow_turn = (turn + 1) % len(self._slow)
        self._asked_s = self._clock()
        try:
            for channel in (*self._fast, self._slow[turn]):
                self._codes[channel] = adc.convert(channel)
            levels = lines.levels()
            changed, forgot = lines.changed()
        except (OSError, ValueError) as error:
            raise _gone(error) from error
        # The kernel reads a pin some microseconds after its interrupt, so a short pulse may show as two edges in the
        # same direction: whatever changed was both high and low.
        changed &= self._input_mask
        codes = tuple(self._codes)
        fresh = self._fresh() and not forgot  # changes that nobody knows of prove nothing
        return Sample(codes, levels, ~levels & 0xFFFFFFFF | changed, levels | changed, len(self._slow), fresh)

    def drive(self, drive: Drive) -> None:
        """Set what changed, contactors with the first call, then beat; see `PigpioBoard.drive` for old readings."""
        lines, pwm, last = self._lines, self._pwm, self._last
        if lines is None or pwm is None or last is None:
            raise BoardGoneError("the board is not open")
        try:
            if drive is not last:
                changes = {
                    pin: getattr(drive, name)
                    for name, pin in self._pin_of.items()
                    if getattr(drive, name) != getattr(last, name)
                }
                if changes:
                    lines.write(changes)
                if drive.duty_permille != last.duty_permille:
                    self._set_duty(pwm, drive.duty_permille)
            if drive.heartbeat and self._fresh():
                lines.write(self._beat_on)
                self._pause(HEARTBEAT_S)
                lines.write(self._beat_off)
        except OSError as error:
            raise _gone(error) from error
        self._last = drive

    def close(self) -> None:
        """Drive everything safe as far as the kernel still does it, then let the hat go."""
        if self._lines is not None:
            with contextlib.suppress(OSError):
                self._lines.write(self._all_low)
            self._lines.close()
        if self._pwm is not None:
            with contextlib.suppress(OSError):
                self._set_duty(self._pwm, SAFE.duty_permille)
            self._pwm.close()
        if self._adc is not None:
            self._adc.close()
        self._lines = self._pwm = self._adc = self._last = None

    def _take(self) -> None:
        """Open the interfaces: the lines first, for they switch the contactors. Raises Trouble."""
        hat, kernel = self._hat, self._kernel
        frequency_hz = hat.raw["pilot"]["frequency_hz"]
        self._lines = kernel.lines(tuple(self._all_low), self._inputs)
        self._pwm = kernel.pwm(hat.pins.cp_pwmn, frequency_hz)
        self._adc = kernel.adc(hat.spi_channel, hat.spi_hz)
        try:
            self._set_duty(self._pwm, SAFE.duty_permille)
            self._codes = [self._adc.convert(channel) for channel in range(CHANNELS)]
            self._lines.changed()
        except (OSError, ValueError) as error:
            raise Trouble(str(_gone(error))) from error

    def _fresh(self) -> bool:
        """Whether the readings of this tick are still young enough to prove anything."""
        return self._clock() - self._asked_s <= FRESH_S

    def _set_duty(self, pwm: SysfsPwm, duty_permille: int) -> None:
        # the pin is inverted behind the header: pin low = +12 V
        pwm.set_duty(pwm.period_ns - duty_permille * pwm.period_ns // 1000)


def _gone(error: OSError | ValueError) -> BoardGoneError:
    """What the journal is told when the kernel cannot reach the hat."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return BoardGoneError(f"the kernel's way to the hat is lost ({reason})")
