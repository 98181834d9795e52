"""What befalls a station in use, in real time: cars, house, sun, settings, keys, silent meters, faults; from a seed.

The benches that run the unchanged programs for hours share it. Every act is a command to the twin's control socket,
a key, or the settings command, as a person would do it; none ends a program.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from tests.end_to_end.harness import Rig

BOX = 10
"""The Sensorbox's address."""
EV_METER = 12
FAULTS = (
    "cp-short", "no-diode", "vent", "cp-noise", "adc-frozen", "rail-low", "rail-high", "temp-80", "temp-sensor-open",
    "heartbeat-cut", "one-shot-dead", "c1-drops", "c1-dead", "aux-stuck", "pwm-stuck-high", "pilot-weak", "mains-off",
)  # fmt: skip
"""Faults of hat, cable and car that are healed again; the parts that stay worn (welding) are left out."""
SILENT_S, FAULT_S = (3.0, 25.0), (2.0, 20.0)
HEALS_S = 65.0
"""The longest that a fault of the guard stays after its cause is gone."""


class Life:
    """A driver, an owner and bad luck, one act at a time; `told` takes each act in words."""

    def __init__(self, rig: Rig, random: Random, told: Callable[[str], None]) -> None:
        self._rig = rig
        self._random = random
        self._told = told
        self._plugged = False
        self._later: list[tuple[float, tuple[str, ...]]] = []
        """Commands that put right what an act has done, and when."""

    def begin(self) -> None:
        """What is there before the first car comes."""
        for command in ("bus sensorbox p1", f"bus meter {EV_METER} eastron", "house 4 3 5", "cable 220"):
            self._do(command)

    def turn(self) -> float:
        """What is due now and one more act; the result is how long to wait for the next, in s."""
        now_s = time.monotonic()
        due = [commands for at_s, commands in self._later if at_s <= now_s]
        self._later = [later for later in self._later if later[0] > now_s]
        for commands in due:
            for command in commands:
                self._do(command)
        acts = (self._car, self._car, self._car, self._house, self._sun, self._settings, self._keys, self._misfortune)
        self._random.choice(acts)()
        return self._random.uniform(2.0, 14.0)

    def _do(self, command: str) -> None:
        self._told(command)
        if command.startswith("press "):
            self._rig.press(command.split()[1])
        else:
            self._rig.do(command)

    def _after(self, seconds: tuple[float, float], *commands: str) -> None:
        self._later.append((time.monotonic() + self._random.uniform(*seconds), commands))

    def _car(self) -> None:
        random = self._random
        if not self._plugged:
            for command in (
                f"cable {random.choice((100, 220, 220, 680, 1500))}",
                f"ev set phases {random.choice((1, 2, 3))}",
                f"ev set start_delay_s {random.choice((0.1, 1.0, 4.0))}",
                "ev plug",
            ):
                self._do(command)
            self._plugged = True
        roll = random.random()
        if roll < 0.7:
            self._do("ev ready")
        elif roll < 0.8:
            self._do("ev ready off")
        else:
            self._do("ev unplug")
            self._plugged = False

    def _house(self) -> None:
        amps = " ".join(f"{self._random.uniform(0, 28):.1f}" for _ in range(3))
        self._do(f"house {amps}")

    def _sun(self) -> None:
        self._do(f"sun {self._random.uniform(0, 16):.1f}")

    def _settings(self) -> None:
        random = self._random
        name, value = random.choice(
            (
                ("MODE", random.choice(("Normal", "Smart", "Solar"))),
                ("MODE", random.choice(("Normal", "Smart", "Solar"))),
                ("MAX", str(random.choice((10, 13, 16, 25, 32)))),
                ("MAINS", str(random.choice((20, 25, 35)))),
                ("START", str(random.choice((1, 4, 8)))),
                ("STOP", str(random.choice((1, 5)))),
                ("IMPORT", str(random.choice((0, 2, 4)))),
            )
        )
        self._told(f"settings set {name} {value}")
        self._rig.settings("set", name, value)
        self._rig.programs.pop()

    def _keys(self) -> None:
        for key in self._random.choices(("<", "o", ">"), k=self._random.randint(1, 4)):
            self._do(f"press {key}")

    def _misfortune(self) -> None:
        random = self._random
        roll = random.random()
        if roll < 0.3:
            address = random.choice((BOX, EV_METER))
            self._do(f"bus silent {address} on")
            self._after(SILENT_S, f"bus silent {address} off")
        elif roll < 0.4:
            self._do("bus cut")
            self._after(SILENT_S, "bus restore")
        elif roll < 0.5:
            self._do("bus noise 0.005")
            self._after(SILENT_S, "bus noise 0")
        else:
            name = random.choice(FAULTS)
            self._do(f"fault {name} on")
            self._after(FAULT_S, f"fault {name} off", "press o")
