"""What the checks work with on a real station: panel and RS485 line, and whether somebody else has them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from smartevse import config
from smartevse.bus import meter
from smartevse.bus.device import obstacle
from smartevse.bus.kinds import FILES
from smartevse.bus.mains_meter import KwhMeter, Sensorbox, Source
from smartevse.bus.meter import MeterError
from smartevse.bus.port import BusError, Port
from smartevse.core.rules import Contact2
from smartevse.hal.hat import HatMap
from smartevse.selftest.check import LineError, PanelError, Setup
from smartevse.settings.values import Values
from smartevse.station import kernel_link
from smartevse.station.kernel_link import HatLink, KernelLink
from smartevse.station.lcd import SIZES, LcdOpener

READY_S = 20.0
ANSWER_S = 3.0
_BROAD_A = 100
"""For a Sensorbox with CTs: only whether it answers counts here."""


def running(guard_socket: Path, path: Path, proc: Path = Path("/proc")) -> str | None:
    """One sentence when the guard or the station of this configuration runs; None when the hat is free."""
    busy = None
    if _answers(guard_socket):
        busy = "the guard"
    for folder in proc.glob("[0-9]*"):
        try:
            words = [word.decode("utf-8", "replace") for word in (folder / "cmdline").read_bytes().split(b"\0")]
        except OSError:
            continue
        if _is_ours(words, path):
            busy = "the guard" if "guard" in words else busy or "the station"
    if busy is None:
        return None
    return f"{busy} is running and has the hat: sudo systemctl stop smartevse smartevse-guard, then try again"


def _is_ours(words: list[str], path: Path) -> bool:
    """Whether a command line is a `smartevse run` or `smartevse guard` with this configuration."""
    if not any("smartevse" in word for word in words) or not {"run", "guard"} & set(words):
        return False
    named = [b for a, b in pairwise(words) if a == "--config"]
    named += [word.removeprefix("--config=") for word in words if word.startswith("--config=")]
    return str(path) in (named or [str(config.DEFAULT_PATH)])


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def setup_of(settings: config.Config, values: Values) -> Setup:
    """How this station is built, from both."""
    return Setup(
        fixed_cable=values.fixed_cable,
        lock=values.lock,
        rcm=values.rcm,
        rcm_test=settings.hat.rcm_test,
        mirror=settings.hat.mirror_contact,
        contactor_2=values.contact2 is not Contact2.NOT_PRESENT,
        lcd=settings.panel.lcd in SIZES,
        ev_meter=None if values.ev_meter is None else (values.ev_meter, values.ev_meter_address),
        mains_meter=None if values.mains_meter is None else (values.mains_meter, values.mains_meter_address),
    )


class HatPanel:
    """LEDs, buttons and display of the hat, through what the station uses."""

    def __init__(self, hat: config.Hat, panel: config.Panel, pins: HatMap) -> None:
        self._pressed: set[str] = set()
        self._ready = threading.Event()
        self._ended: str | None = None
        self._link = self._link_for(hat, pins)
        self._columns, self._open_lcd = SIZES.get(panel.lcd, (20, 4))[0], LcdOpener(hat, panel)
        self._lcd: Any = None
        self._started = False

    def leds(self, red: int, green: int, blue: int) -> None:
        """Brightness of the LEDs. Raises PanelError."""
        self._start()
        self._link.show(red, green, blue)

    def pressed(self) -> frozenset[str]:
        """Which buttons were pressed since the last call. Raises PanelError."""
        self._start()
        pressed, self._pressed = frozenset(self._pressed), set()
        return pressed

    def show(self, text: str) -> None:
        """Show one line on an empty display. Raises PanelError."""
        try:
            if self._lcd is None:
                self._lcd = self._open_lcd()
            self._lcd.write([(0, 0, text[: self._columns].ljust(self._columns))])
        except OSError as error:
            raise PanelError(str(error)) from error

    def close(self) -> None:
        """Give everything back."""
        if self._lcd is not None:
            self._lcd.close()
        self._link.close()

    def _link_for(self, hat: config.Hat, pins: HatMap) -> HatLink:
        if hat.backend == "kernel":
            return KernelLink(pins, self._edge, self._ready.set, give_up=self._give_up)
        return kernel_link.link_for(hat, pins, self._edge, self._ready.set)

    def _give_up(self, sentence: str, _: int) -> None:
        self._ended = sentence

    def _edge(self, name: str, down: bool) -> None:
        if down:
            self._pressed.add(name)

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._link.start()
        until_s = time.monotonic() + READY_S
        while not self._ready.wait(0.05):
            problem = self._ended or self._link.problem(time.monotonic())
            if problem is not None or time.monotonic() > until_s:
                raise PanelError(problem or "the pins of LEDs and buttons were not to be had in time")


class BusMeters:
    """The meters on the RS485 line of the configuration."""

    def __init__(self, bus: config.Bus, three_wire: bool) -> None:
        self._bus, self._three_wire = bus, three_wire

    def ask(self, kind: str, address: int) -> str:
        """The currents that the meter tells, in words. Raises LineError."""
        if self._bus.device is None:
            raise LineError("there is no RS485 line: set device in [bus]")
        problem = obstacle(self._bus.device)
        if problem is not None:
            raise LineError(problem.sentence)
        return asyncio.run(self._ask(Port(self._bus.device, self._bus.baud), kind, address))

    async def _ask(self, port: Port, kind: str, address: int) -> str:
        source: Source
        if kind == "sensorbox":
            source = Sensorbox(port, mains_a=_BROAD_A, three_wire=self._three_wire)
        else:
            source = KwhMeter(port, meter.load(FILES[kind]), address)
        name = source.name.removeprefix("mains ")
        line = asyncio.create_task(port.run())
        try:
            return await self._patiently(source.ask, name)
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    async def _patiently(self, ask: Callable[[], Any], name: str) -> str:
        clock = asyncio.get_running_loop().time
        until_s = clock() + ANSWER_S
        while True:
            try:
                phases_da = await ask()
            except (BusError, MeterError) as error:
                if clock() >= until_s:
                    raise LineError(f"{name} does not answer: {error}") from error
                await asyncio.sleep(0.1)
            else:
                return f"{name}: " + ", ".join(f"{da / 10:.1f}" for da in phases_da) + " A"
