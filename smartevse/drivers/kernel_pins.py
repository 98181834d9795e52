"""Keys and LEDs on the pins of a Raspberry Pi, through gpiozero and the kernel's GPIO (lgpio)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from gpiozero import PWMLED, DigitalInputDevice
from gpiozero.exc import GPIOZeroError

from smartevse.drivers.gpio_lines import header_chip, library
from smartevse.drivers.trouble import Trouble, missing_library

BOUNCE_S = 0.005
"""A key's level must stand this long before its edge is reported."""
LED_HZ = 200


class KernelPins:
    """The keys and LEDs; whoever has the kernel's GPIO needs no sign of life from it."""

    def __init__(
        self,
        keys: Mapping[str, int],
        leds: Sequence[int],
        on_edge: Callable[[str, bool], None],
        factory: Any = None,
    ) -> None:
        """Take the pins: `keys` by name and `leds` in the order of `set_leds`, BCM numbers.

        `on_edge(name, pressed)` is called from a thread of the library, and from here for a key that is down already.
        `factory` stands in for gpiozero's way to the pins. Raises Trouble.
        """
        self._factory = factory if factory is not None else _factory()
        self._keys: dict[str, DigitalInputDevice] = {}
        self._leds: list[PWMLED] = []
        try:
            for name, pin in keys.items():
                key = DigitalInputDevice(pin, pull_up=True, bounce_time=BOUNCE_S, pin_factory=self._factory)
                key.when_activated = partial(on_edge, name, True)
                key.when_deactivated = partial(on_edge, name, False)
                self._keys[name] = key
            self._leds += [PWMLED(pin, frequency=LED_HZ, pin_factory=self._factory) for pin in leds]
        except (GPIOZeroError, *_refusals()) as error:
            self.close()
            raise Trouble(
                f"the pins of the keys and LEDs cannot be had ({error}): end the program that uses them (gpioinfo "
                f"names it), and put the user of this program into the group gpio"
            ) from error
        self._shown = [0.0] * len(self._leds)
        for name, key in self._keys.items():
            if key.is_active:
                on_edge(name, True)

    def set_leds(self, *levels: int) -> None:
        """Brightness of each LED, 0 to 255; only what changed is set."""
        for index, level in enumerate(levels):
            value = level / 255
            if value != self._shown[index]:
                self._leds[index].value = value
                self._shown[index] = value

    def close(self) -> None:
        """LEDs off, pins back to inputs."""
        for device in (*self._leds, *self._keys.values()):
            device.close()
        self._factory.close()


def _factory() -> Any:
    """gpiozero's way over lgpio, on the chip behind the header whatever its number. Raises Trouble."""
    # lgpio keeps a file in its working folder, which is read-only for a service
    os.environ.setdefault("LG_WD", tempfile.gettempdir())
    try:
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise missing_library("lgpio", "python3-lgpio") from error
    path = header_chip(library())
    try:
        return LGPIOFactory(chip=int(path.rpartition("gpiochip")[2]))
    except _refusals() as error:
        raise Trouble(f"{path} cannot be opened ({error}): put the user of this program into the group gpio") from error


def _refusals() -> tuple[type[Exception], ...]:
    """How lgpio tells that the kernel refused: its own exception, where it is installed."""
    try:
        import lgpio
    except ImportError:
        return (OSError,)
    return (OSError, lgpio.error)
