"""One simulated station's hardware: a hat with its car, the daemon in front of it, its display and its EV meter."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from smartevse.hal import hat
from smartevse.physics.faults import FAULTS, PATTERNS
from smartevse.physics.world import World
from smartevse.twin.house_line import House
from smartevse.twin.lcd import Lcd
from smartevse.twin.line import Device, Line
from smartevse.twin.line_rival import Rival
from smartevse.twin.loop import Loop
from smartevse.twin.meters import EV_METER_UNIT, Flow, meter_device
from smartevse.twin.pigpiod import Pigpiod
from smartevse.twin.pn532 import Pn532
from smartevse.twin.sensorbox import Sensorbox
from smartevse.twin.spi import mcp3208

LCD_PLACE = (1, 0x27)
"""I2C bus and address of the display's port expander."""
READER_PLACE = (1, 0x24)
"""I2C bus and address of the card reader."""
LCD_FAULTS: Mapping[str, str] = {
    "lcd-off": "the display's plug is out: nobody answers on I2C",
    "lcd-glitch": "a disturbance garbles the display once",
}
READER_FAULTS: Mapping[str, str] = {"reader-off": "the card reader's plug is out: nobody answers on I2C"}

MOST_LATE_MS = 1000
"""An adapter that keeps its bytes for longer is broken."""

_SHARE = re.compile(r"\d{1,3}(\.\d{1,9})?")


class Unit:
    """Unit `number` of the twin, 0 to 7; its EV meter has the number 12 + `number` on the line.

    Raises OSError when the port is taken or the end of the line cannot be made.
    """

    def __init__(
        self,
        number: int,
        loop: Loop,
        line: Line,
        port: int,
        link: Path,
        house: House,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number = number
        self._loop = loop
        self._clock = clock
        self._line = line
        self._rival = Rival(loop, line, clock)
        self.house = house
        self.world = World(hat.load(), seed=number, start_s=clock())
        self.lcd = Lcd(clock, seed=number)
        self.reader = Pn532(clock)
        spi = {self.world.hat.raw["adc"]["spi_channel"]: mcp3208(self.world)}
        self.daemon = Pigpiod(loop, self.world, port, spi, {LCD_PLACE: self.lcd, READER_PLACE: self.reader}, clock)
        try:
            self.end = line.add_pty(link)
        except OSError:
            self.daemon.kill()
            raise
        line.add_device(meter_device("eastron", EV_METER_UNIT + number, self._measure))
        house.add_car(self._car_a)

    def _car_a(self) -> tuple[float, float, float]:
        """What the car takes now."""
        self.world.advance(self._clock())
        return self.world.ev.currents_a()

    def _measure(self) -> Flow:
        """What the EV meter sees: it sits before the contactor and has voltage as long as the house has."""
        currents_a = self._car_a()
        voltage_v = 0.0 if "mains-off" in self.world.faults else 230.0
        return Flow(currents_a, voltage_v, self.world.ev.energy_wh)

    def to_present(self) -> World:
        """The hat and its car, run until now."""
        self.world.advance(self._clock())
        return self.world

    def changed(self) -> None:
        """Something was done to the hat from outside: tell who listens."""
        self.daemon.attend_if_watched()

    def inject(self, fault: str, on: bool) -> None:
        """Inject or heal a fault of the hat, the car, display or reader. Raises ValueError for an unknown name."""
        if fault == "lcd-off":
            self.lcd.power(not on)
        elif fault == "reader-off":
            self.reader.power(not on)
        elif fault == "lcd-glitch":
            if on:
                self.lcd.glitch()
        else:
            try:
                self.to_present().inject(fault, on)
            except ValueError as error:
                raise ValueError(f"{error}, {', '.join((*LCD_FAULTS, *READER_FAULTS))}") from error

    def faults(self) -> dict[str, object]:
        """The injected faults and all that can be injected, with what each means."""
        known = {name: fault.means for name, fault in FAULTS.items()} | dict(LCD_FAULTS) | dict(READER_FAULTS)
        return {"active": self.active_faults(), "known": known, "numbered": list(PATTERNS)}

    def active_faults(self) -> list[str]:
        """The names of the faults that are injected now."""
        unplugged = {"lcd-off": not self.lcd.powered, "reader-off": not self.reader.powered}
        return [*self.world.faults, *(name for name, out in unplugged.items() if out)]

    def press(self, key: str, length_s: float) -> None:
        """Press a key for so many seconds. Raises ValueError for a key that is not there."""
        self.to_present().press(key, True)
        self._loop.call_at(self._clock() + length_s, lambda: self.hold(key, False))

    def hold(self, key: str, down: bool) -> None:
        """Press a key for good, or let it go. Raises ValueError for a key that is not there."""
        self.to_present().press(key, down)
        self.changed()

    def card(self, number: bytes | None, length_s: float | None = None) -> None:
        """Put a card in front of the reader, for good or for so many seconds, or take it away with None.

        Raises ValueError for a number that no card has.
        """
        self.reader.put(number)
        if length_s is not None:
            self._loop.call_at(self._clock() + length_s, lambda: self._take_away(number))

    def _take_away(self, number: bytes | None) -> None:
        if self.reader.card == number:
            self.reader.put(None)

    def bus(self, words: list[str]) -> str:
        """What a person does to the line: meters, silence, cuts, noise, bytes lost or late, a rival. Or ValueError."""
        match words:
            case ["silent", unit, ("on" | "off") as switch] if unit.isdecimal():
                self._line.silence(int(unit), switch == "on")
            case ["meter", unit, kind] if unit.isdecimal():
                self._put(meter_device(kind, int(unit), self._measure))
            case ["meter", unit, kind, ("mains" | "circuit" | "battery") as place] if unit.isdecimal():
                house = self.house
                measured = {"circuit": house.measure_circuit, "battery": house.measure_battery}
                self._put(meter_device(kind, int(unit), measured.get(place, house.measure)))
            case ["sensorbox", feed]:
                self._put(Sensorbox(self.house.measure, self._clock, feed))
            case ["cut"]:
                self._line.unplug(self.end)
            case ["restore"]:
                self._line.plug(self.end)
            case ["noise", share] if _SHARE.fullmatch(share) and float(share) <= 1:
                self._line.noise = float(share)
            case ["lost", share] if _SHARE.fullmatch(share) and float(share) <= 1:
                self._line.lost = float(share)
            case ["late", delay_ms] if delay_ms.isdecimal() and int(delay_ms) <= MOST_LATE_MS:
                self._line.late_s = int(delay_ms) / 1000
            case ["rival", ("on" | "off") as switch]:
                self._rival.switch(switch == "on")
            case _:
                raise ValueError(
                    "use bus meter ADDR TYPE [mains|circuit|battery], bus sensorbox FEED, "
                    f"bus silent ADDR on|off, bus cut, bus restore, bus rival on|off, "
                    f"bus late MS with MS from 0 to {MOST_LATE_MS}, "
                    "or bus noise P or bus lost P with P from 0 to 1"
                )
        return "ok"

    def _put(self, device: Device) -> None:
        """Connect a device to the line, in the place of the one that has its number."""
        self._line.remove_device(device.unit)
        self._line.add_device(device)

    def state(self) -> dict[str, object]:
        """All of it for a person or a panel; plain values that can be written as JSON."""
        return {
            **self.to_present().state(),
            "faults": self.active_faults(),
            "lcd": self.lcd.report(),
            "reader": self.reader.report(),
            "pigpiod": self.daemon.condition,
            "clients": self.daemon.clients,
            "house": self.house.report(),
            "bus": {**self._line.report(), "plugged": self.end.plugged},
        }
