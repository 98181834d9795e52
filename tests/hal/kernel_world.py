"""The kernel's interfaces with a simulated hat behind: what the real drivers open, but in virtual time.

`gpiod` keeps its own types and only loses its way to the kernel; sysfs is a folder; spidev is an object with its calls.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import gpiod
from gpiod.line import Value

from smartevse.drivers.gpio_lines import GpioLines
from smartevse.drivers.mcp3208 import KernelAdc
from smartevse.drivers.sysfs_pwm import SysfsPwm
from smartevse.hal.hat import HatMap
from smartevse.hal.kernel_board import Kernel
from smartevse.physics.world import World


@dataclass(frozen=True)
class Event:
    """What is used of `gpiod.EdgeEvent`."""

    line_offset: int
    global_seqno: int


@dataclass(frozen=True)
class Info:
    """What is used of gpiod's chip and line information."""

    label: str = ""
    used: bool = False
    consumer: str = ""


class KernelWorld:
    """A simulated Pi with its hat: `kernel()` is what the board opens, `dev` and `sys` are its folders."""

    line = gpiod.line
    LineSettings = gpiod.LineSettings

    def __init__(self, world: World, hat: HatMap, folder: Path, soc: str = "pi4") -> None:
        self.world, self.hat = world, hat
        self.dev, self.sys = folder / "dev", folder / "sys"
        self.labels = {"gpiochip0": "pinctrl-bcm2711", "gpiochip1": "raspberrypi-exp-gpio"}
        device, self.channel = ("fe20c000.pwm", 0)
        if soc == "pi5":
            self.labels = {"gpiochip0": "gpio-brcmstb@107d508500", "gpiochip13": "pinctrl-rp1"}
            device, self.channel = "1f00098000.pwm", 2
        self.dev.mkdir()
        for name in self.labels:
            (self.dev / name).touch()
        self.pwm_folder = self._make_pwm("pwmchip3", device)
        self._make_pwm("pwmchip0", "fe20c800.pwm")  # the chip for the sound comes first
        self.chip = self.pwm_folder.parent
        self.error: OSError | None = None
        """What every call answers from now on."""
        self.spi_refusal: OSError | None = None
        self.busy: dict[int, str] = {}
        """Pins that another program has, by its name."""
        self.kept_events = 1024
        self.opened: list[tuple[int, int]] = []

    def _make_pwm(self, name: str, device: str) -> Path:
        chip = self.sys / name
        chip.mkdir(parents=True)
        (self.sys / device).mkdir()
        (chip / "device").symlink_to(self.sys / device)
        (chip / "export").touch()
        return chip / f"pwm{self.channel}"

    def kernel(self) -> Kernel:
        """The interfaces as `real_kernel()` has them."""
        return Kernel(
            lambda outputs, inputs: GpioLines(outputs, inputs, self, self.dev),
            lambda gpio, hz: SysfsPwm(gpio, hz, self.pause, self.sys),
            lambda channel, hz: KernelAdc(channel, hz, Spi(self)),
        )

    def pause(self, seconds: float) -> None:
        """Time passes; the kernel shows a PWM channel that was asked for."""
        if (self.chip / "export").read_text() and not self.pwm_folder.exists():
            self.pwm_folder.mkdir()
            for name in ("period", "duty_cycle", "enable"):
                (self.pwm_folder / name).write_text("0\n")
        self.world.advance(self.world.now_s + seconds)

    def sync(self) -> None:
        """Take over what was written into the files of the PWM; raise what is to go wrong."""
        if self.error is not None:
            raise self.error
        if not self.pwm_folder.exists():
            return
        period_ns, duty_ns, on = (
            int((self.pwm_folder / name).read_text().splitlines()[0]) for name in ("period", "duty_cycle", "enable")
        )
        assert duty_ns <= period_ns
        if on:
            self.world.set_pwm(self.hat.pins.cp_pwmn, 1_000_000_000 // period_ns, duty_ns * 1_000_000 // period_ns)

    def Chip(self, path: str) -> Chip:
        """As in gpiod."""
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
        return Chip(self, self.labels[Path(path).name])

    def request_lines(
        self, path: str, consumer: str, config: Mapping[Iterable[int], Any], event_buffer_size: int
    ) -> Request:
        """As in gpiod."""
        assert self.labels[Path(path).name] in ("pinctrl-bcm2711", "pinctrl-rp1")
        assert consumer == "smartevse"
        if any(pin in self.busy for pins in config for pin in pins):
            raise OSError(errno.EBUSY, "Device or resource busy")
        return Request(self, config, min(event_buffer_size, self.kept_events))


class Chip:
    """What is used of `gpiod.Chip`."""

    def __init__(self, made: KernelWorld, label: str) -> None:
        self._made, self._label = made, label

    def __enter__(self) -> Chip:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        pass

    def get_info(self) -> Info:
        return Info(label=self._label)

    def get_line_info(self, pin: int) -> Info:
        return Info(used=pin in self._made.busy, consumer=self._made.busy.get(pin, ""))


class Request:
    """What is used of `gpiod.LineRequest`."""

    def __init__(self, made: KernelWorld, config: Mapping[Iterable[int], Any], kept: int) -> None:
        self._made, self._kept = made, kept
        made.sync()
        self._inputs = 0
        for pins, settings in config.items():
            for pin in pins:
                if settings.direction is gpiod.line.Direction.OUTPUT:
                    made.world.set_output(pin, settings.output_value is Value.ACTIVE)
                else:
                    made.world.set_input(pin)
                    assert settings.bias is gpiod.line.Bias.DISABLED
                    made.world.set_pull(pin, "none")
                    self._inputs |= 1 << pin
        self._looked_s, self._bank = made.world.now_s, made.world.bank()
        self._events: list[Event] = []
        self._number = 0

    def get_values(self, pins: Sequence[int]) -> list[Value]:
        self._made.sync()
        bank = self._made.world.bank()
        return [Value.ACTIVE if bank >> pin & 1 else Value.INACTIVE for pin in pins]

    def set_values(self, values: Mapping[int, Value]) -> None:
        self._made.sync()
        for pin, value in values.items():
            self._made.world.set_output(pin, value is Value.ACTIVE)

    def wait_edge_events(self, timeout: float) -> bool:
        assert timeout == 0
        self._made.sync()
        world = self._made.world
        for _, bank in world.edges(self._looked_s):
            for pin in range(32):
                if (bank ^ self._bank) & self._inputs & 1 << pin:
                    self._number += 1
                    self._events.append(Event(pin, self._number))
            self._bank = bank
        self._looked_s = world.now_s
        del self._events[: -self._kept]  # the oldest are forgotten
        return bool(self._events)

    def read_edge_events(self) -> list[Event]:
        events, self._events = self._events[:16], self._events[16:]
        return events

    def release(self) -> None:
        pass


class Spi:
    """What is used of `spidev.SpiDev`, with the converter behind."""

    def __init__(self, made: KernelWorld) -> None:
        self._made = made
        self.max_speed_hz = 0
        self.mode = 3

    def open(self, bus: int, device: int) -> None:
        if self._made.spi_refusal is not None:
            raise self._made.spi_refusal
        self._made.opened.append((bus, device))

    def xfer2(self, data: list[int]) -> Sequence[int]:
        """As the real one, which puts the answer into the list that it was given."""
        self._made.sync()
        assert (self.mode, self.max_speed_hz <= 1_000_000, data[0] >> 1) == (0, True, 0b11)
        found = self._made.world.adc((data[0] & 1) << 2 | data[1] >> 6)
        data[:] = [0xFF, 0xE0 | found >> 8, found & 0xFF]
        return data

    def close(self) -> None:
        pass
