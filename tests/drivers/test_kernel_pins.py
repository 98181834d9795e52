"""Keys and LEDs through the real gpiozero, over its own simulated pins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from smartevse.drivers.kernel_pins import KernelPins
from smartevse.drivers.trouble import Trouble
from smartevse.hal import hat

PINS = hat.load().pins
KEYS = {"<": PINS.key_left, "o": PINS.key_select, ">": PINS.key_right}
LEDS = (PINS.led_red, PINS.led_green, PINS.led_blue)


@pytest.fixture
def factory() -> Iterator[Any]:
    made = MockFactory(revision="c03114", pin_class=MockPWMPin)
    yield made
    made.reset()


def taken(factory: Any) -> tuple[KernelPins, list[tuple[str, bool]]]:
    edges: list[tuple[str, bool]] = []
    return KernelPins(KEYS, LEDS, lambda name, down: edges.append((name, down)), factory), edges


def test_each_press_of_each_key_is_reported_once_in_both_directions(factory: Any) -> None:
    pins, edges = taken(factory)
    for pin in KEYS.values():
        factory.pin(pin).drive_low()
        factory.pin(pin).drive_high()
    assert edges == [(name, down) for name in KEYS for down in (True, False)]
    pins.close()


class Pressed(MockPWMPin):  # type: ignore[misc]
    """A pin that a key holds low whatever its pull resistor does."""

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self._change_state(False)


def test_a_key_that_is_down_at_the_start_is_reported() -> None:
    factory: Any = MockFactory(revision="c03114", pin_class=MockPWMPin)
    factory.pin(PINS.key_select, pin_class=Pressed)
    pins, edges = taken(factory)
    assert edges == [("o", True)]
    pins.close()
    factory.reset()


def test_leds_show_what_they_are_set_to_and_are_dark_at_the_end(factory: Any) -> None:
    pins, _ = taken(factory)
    pins.set_leds(255, 0, 51)
    assert [factory.pin(pin).state for pin in LEDS] == [1.0, 0.0, 0.2]
    pins.set_leds(0, 255, 51)
    assert [factory.pin(pin).state for pin in LEDS] == [0.0, 1.0, 0.2]
    held = [factory.pin(pin) for pin in LEDS]
    pins.close()
    assert not any(pin.state for pin in held)


def test_a_pin_that_cannot_be_had_is_told_and_the_others_are_free_again(factory: Any) -> None:
    with pytest.raises(Trouble, match="cannot be had"):
        KernelPins({**KEYS, "x": PINS.key_left}, LEDS, lambda *_: None, factory)
    pins, _ = taken(factory)
    pins.close()
