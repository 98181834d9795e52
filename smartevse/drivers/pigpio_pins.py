"""Keys and LEDs on the pins of a Raspberry Pi, through gpiozero and pigpiod.

Everything here waits for pigpiod and may wait for ever when that hangs: use it from a thread that somebody watches.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pigpio
from gpiozero import PWMLED, DigitalInputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins.pigpio import PiGPIOFactory

BOUNCE_S = 0.005
"""A key's level must stand this long before its edge is reported."""
LED_HZ = 200
CONNECT_S = 1.0

GONE = (OSError, struct.error, AttributeError, pigpio.error, GPIOZeroError)
"""Whatever the client raises when the daemon went away, in all its ways of dying."""


class PigpioPins:
    """One connection to pigpiod with the keys and LEDs on it. Methods raise one of `GONE` when it is lost."""

    def __init__(
        self,
        host: str,
        port: int,
        keys: Mapping[str, int],
        leds: Sequence[int],
        on_edge: Callable[[str, bool], None],
    ) -> None:
        """Connect and take the pins: `keys` by name and `leds` in the order of `set_leds`, BCM numbers.

        `on_edge(name, pressed)` is called from the client's own thread, and from here for a key that is down already.
        Raises OSError with what the network says when nobody listens.
        """
        # The client prints a banner instead of raising when there is no daemon: ask the network first.
        socket.create_connection((host, port), timeout=CONNECT_S).close()
        self._factory = PiGPIOFactory(host, port)
        self._on_edge = on_edge
        self._pins = dict(keys)
        self._told = dict.fromkeys(keys, False)
        self._edges = dict.fromkeys(keys, 0)
        self._doubts: dict[str, int] = {}
        self._keys: dict[str, DigitalInputDevice] = {}
        for name, pin in keys.items():
            key = DigitalInputDevice(pin, pull_up=True, bounce_time=BOUNCE_S, pin_factory=self._factory)
            key.when_activated = partial(self._edge, name, True)
            key.when_deactivated = partial(self._edge, name, False)
            self._keys[name] = key
        self._leds = [PWMLED(pin, frequency=LED_HZ, pin_factory=self._factory) for pin in leds]
        self._shown = [0.0] * len(self._leds)
        self.look()
        self.look()

    def look(self) -> None:
        """Ask pigpiod for the level of every key: proves that it lives, and heals a lost edge.

        The client loses the first edge of a pin whose level changed between connecting and registering. A level is
        believed when two looks agree on it and no edge came between them: what one look sees may be older than an edge
        that is being reported at this moment.
        """
        levels = self._factory.connection.read_bank_1()
        doubts, self._doubts = self._doubts, {}
        for name, pin in self._pins.items():
            pressed = not levels >> pin & 1
            if pressed == self._told[name]:
                continue
            if doubts.get(name) == self._edges[name]:
                self._edge(name, pressed)
            else:
                self._doubts[name] = self._edges[name]

    def _edge(self, name: str, pressed: bool) -> None:
        self._edges[name] += 1
        self._told[name] = pressed
        self._on_edge(name, pressed)

    def set_leds(self, *levels: int) -> None:
        """Brightness of each LED, 0 to 255; only what changed is sent."""
        for index, level in enumerate(levels):
            value = level / 255
            if value != self._shown[index]:
                self._leds[index].value = value
                self._shown[index] = value

    def close(self) -> None:
        """LEDs off, pins back to inputs, connection closed."""
        for device in (*self._leds, *self._keys.values()):
            device.close()
        self._factory.close()
