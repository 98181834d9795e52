"""A twin's unit in virtual time with a self-test in front of it, and an installer who does what is asked.

Faults go in through the words of the twin's control socket; the installer looks at the simulated outlet, LEDs, glass.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from smartevse.core.signals import Lock
from smartevse.drivers.lcd_hd44780 import LcdError
from smartevse.drivers.lcd_kernel import kernel_lcd
from smartevse.hal import hat as hat_map
from smartevse.hal.sim_board import SimBoard
from smartevse.selftest.bench import Bench
from smartevse.selftest.check import Kit, LineError, PanelError, Setup
from smartevse.selftest.installer import Act, Consent, Look
from smartevse.selftest.run import CHECKS, Result, run
from smartevse.twin.control import obey
from smartevse.twin.house_line import House
from smartevse.twin.lcd import NackError
from smartevse.twin.line import Line
from smartevse.twin.unit import Unit
from tests.twin.virtual import VirtualLoop

HAT = hat_map.load()
ALL = Setup(
    lock=Lock.SOLENOID,
    rcm=True,
    rcm_test=True,
    mirror=True,
    contactor_2=True,
    ev_meter=("eastron", 12),
    mains_meter=("sensorbox", 10),
)
WAIT_S = 20.0


class I2c:
    """What is used of `smbus2.SMBus`, with the unit's display behind."""

    def __init__(self, unit: Unit, loop: VirtualLoop) -> None:
        self._unit, self._loop = unit, loop

    def i2c_rdwr(self, message: Any) -> None:
        self._loop.now_s += 0.01
        try:
            self._unit.lcd.write(bytes(message))
        except NackError:
            raise OSError(errno.EREMOTEIO, "Remote I/O error") from None

    def close(self) -> None:
        pass


@dataclass
class Stand:
    """One station, ready to be tested. `refuses` and `idle` are what the installer does not do."""

    unit: Unit
    loop: VirtualLoop
    setup: Setup = ALL
    refuses: set[Consent] = field(default_factory=set)
    idle: set[Act | Look] = field(default_factory=set)
    silent_meters: set[int] = field(default_factory=set)
    at: dict[str, tuple[float, str]] = field(default_factory=dict)
    """So many seconds after the start of a check of this name, a command to the twin."""
    closed_without_yes: bool = False
    told: list[Result] = field(default_factory=list)
    _yes: bool = False
    _seen: dict[str, bool] = field(default_factory=dict)
    _keys: set[str] = field(default_factory=set)

    def do(self, command: str) -> None:
        """A command to the twin's control."""
        reply = obey([self.unit], command)
        assert not reply.startswith("error"), reply

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self.loop.run_until(self.loop.now_s + seconds)
        world = self.unit.to_present()
        if world.installation.c1.closed and not self._yes:
            self.closed_without_yes = True
        for name in ("<", "o", ">"):
            pin = {"<": HAT.pins.key_left, "o": HAT.pins.key_select, ">": HAT.pins.key_right}[name]
            if not world.pins.level(pin):
                self._keys.add(name)

    def run(self) -> list[Result]:
        """The whole table."""
        board = SimBoard(self.unit.to_present(), HAT)
        board.open()
        bench = Bench(board, HAT, self.pause, lambda: self.loop.now_s)

        def named() -> Iterator[Any]:
            for check in CHECKS:
                if check.name in self.at:
                    after_s, command = self.at[check.name]
                    self.loop.call_at(self.loop.now_s + after_s, partial(self.do, command))
                yield check

        results = run(Kit(bench, self, self, self, self.setup), self.told.append, named())
        board.close()
        return results

    # the installer

    def allows(self, consent: Consent, meanwhile: Callable[[], object]) -> bool:
        meanwhile()
        allowed = consent not in self.refuses
        self._yes |= allowed and consent is Consent.CONTACTOR
        return allowed

    def does(self, act: Act, done: Callable[[], bool]) -> bool | None:
        commands = {
            Act.UNPLUG: ("ev unplug", "cable open"),
            Act.PLUG: ("ev plug", "cable 220"),
            Act.ASK: ("ev ready",),
            Act.PRESS_LEFT: ("press < 0.2",),
            Act.PRESS_SELECT: ("press o 0.2",),
            Act.PRESS_RIGHT: ("press > 0.2",),
        }
        if act not in self.idle:
            for command in commands[act]:
                self.do(command)
        until_s = self.loop.now_s + WAIT_S
        while self.loop.now_s < until_s:
            if done():
                return True
        return None if act in self.idle else False

    def sees(self, look: Look, meanwhile: Callable[[], object]) -> bool | None:
        if look in self.idle:
            return None
        for _ in range(10):
            meanwhile()
        world = self.unit.to_present()
        wired, mains = world.installation, "mains-off" not in world.faults
        l1, others = mains and wired.c1.closed, mains and wired.c2.closed
        leds: Any = world.state()["leds"]
        seen: dict[Look, bool] = {
            Look.RED: leds == {"red": 1.0, "green": 0.0, "blue": 0.0},
            Look.GREEN: leds == {"red": 0.0, "green": 1.0, "blue": 0.0},
            Look.BLUE: leds == {"red": 0.0, "green": 0.0, "blue": 1.0},
            Look.LCD: self.unit.lcd.lines() == ["SELFTEST 0123456789 ", *[" " * 20] * 3],
            Look.L1_LIVE: l1,
            Look.L2_L3_DEAD: not others,
            Look.L2_L3_LIVE: others,
            Look.ALL_DEAD: not l1 and not others,
        }
        return seen[look]

    # the panel

    def leds(self, red: int, green: int, blue: int) -> None:
        pins = HAT.pins
        for pin, level in ((pins.led_red, red), (pins.led_green, green), (pins.led_blue, blue)):
            self.unit.to_present().set_output(pin, bool(level))

    def pressed(self) -> frozenset[str]:
        keys, self._keys = frozenset(self._keys), set()
        return keys

    def show(self, text: str) -> None:
        try:
            lcd = kernel_lcd(bus=I2c(self.unit, self.loop))
            lcd.write([(0, 0, text)])
        except LcdError as error:
            raise PanelError(str(error)) from error

    # the meters

    def ask(self, kind: str, address: int) -> str:
        if address in self.silent_meters:
            raise LineError(f"no answer from {kind} {address}")
        return f"{kind} {address}: 0.0 A"


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A unit of the twin that is taken away at the end."""
    loop = VirtualLoop()

    def clock() -> float:
        return loop.now_s

    line = Line(loop, clock)
    unit = Unit(0, loop, line, 0, folder / "bus0", House(clock), clock)
    made = Stand(unit, loop)
    try:
        yield made
    finally:
        unit.daemon.kill()
        line.close()
        loop.close()
