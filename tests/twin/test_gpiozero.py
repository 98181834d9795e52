"""gpiozero with its PiGPIOFactory, unchanged, against the twin."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from threading import Event

import gpiozero
import pytest
from gpiozero.pins.pigpio import PiGPIOFactory

from smartevse.hal import hat
from tests.twin.running import Twin, until

PINS = hat.load().pins


@pytest.fixture
def factory(twin: Twin) -> Iterator[PiGPIOFactory]:
    factory = PiGPIOFactory("127.0.0.1", twin.port)
    notifier = factory.connection._notify
    yield factory
    factory.close()
    notifier.join(timeout=10)


def test_the_factory_knows_which_pi_it_is_on(factory: PiGPIOFactory) -> None:
    assert factory.board_info.model == "4B"


def test_buttons_see_every_press(twin: Twin, factory: PiGPIOFactory) -> None:
    with gpiozero.Button(PINS.key_select, pin_factory=factory) as button:
        pressed, released = Event(), Event()
        button.when_pressed, button.when_released = pressed.set, released.set
        assert not button.is_pressed
        twin.tell("press o down")
        assert pressed.wait(10)
        assert button.is_pressed
        twin.tell("press o up")
        assert released.wait(10)


def test_a_button_with_bounce_time_sees_a_long_press(twin: Twin, factory: PiGPIOFactory) -> None:
    with gpiozero.Button(PINS.key_left, bounce_time=0.02, hold_time=0.05, pin_factory=factory) as button:
        held = Event()
        button.when_held = held.set
        twin.tell("press < down")
        assert held.wait(10)
        twin.tell("press < up")


def test_leds_light_and_dim(twin: Twin, factory: PiGPIOFactory) -> None:
    with gpiozero.LED(PINS.led_red, pin_factory=factory) as red:
        red.on()
        assert twin.ask("state")["leds"]["red"] == 1.0
        red.off()
        assert twin.ask("state")["leds"]["red"] == 0.0
    with gpiozero.PWMLED(PINS.led_green, pin_factory=factory) as green:
        green.value = 0.5
        assert twin.ask("state")["leds"]["green"] == pytest.approx(0.5, abs=0.01)
        green.value = 0
        assert twin.ask("state")["leds"]["green"] == 0.0


def test_its_converter_class_reads_the_hat(twin: Twin, factory: PiGPIOFactory) -> None:
    twin.tell("temp 40")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with gpiozero.MCP3208(hat.load().channels.temperature, max_voltage=2.5, pin_factory=factory) as sensor:
            assert until(lambda: sensor.voltage) == pytest.approx(0.9, abs=0.01)
