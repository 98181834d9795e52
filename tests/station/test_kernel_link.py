"""The station's keys and LEDs without pigpiod: what comes through, and what ends the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from smartevse import config
from smartevse.drivers.kernel_pins import KernelPins
from smartevse.drivers.trouble import Trouble
from smartevse.hal import hat
from smartevse.station.kernel_link import KernelLink, link_for
from smartevse.station.pigpio_link import PigpioLink, key_pins

HAT = hat.load()
WAIT_S = 10.0


class Header:
    """Simulated pins that can be had after so many refusals."""

    def __init__(self, refusals: int = 0) -> None:
        self.factory: Any = MockFactory(revision="c03114", pin_class=MockPWMPin)
        self.refusals = refusals
        self.edges: list[tuple[str, bool]] = []
        self.ready = threading.Event()
        self.ended: list[tuple[str, int]] = []
        self.given_up = threading.Event()

    def take(self, keys: Mapping[str, int], leds: Sequence[int], on_edge: Callable[[str, bool], None]) -> KernelPins:
        if self.refusals:
            self.refusals -= 1
            raise Trouble("the pins are used by the program 'blink.py': end that one")
        return KernelPins(keys, leds, on_edge, self.factory)

    def give_up(self, sentence: str, status: int) -> None:
        self.ended.append((sentence, status))
        self.given_up.set()

    def link(self) -> KernelLink:
        link = KernelLink(
            HAT,
            lambda name, down: self.edges.append((name, down)),
            self.ready.set,
            self.take,
            self.give_up,
            lambda _: None,
        )
        link.start()
        return link


def test_keys_come_leds_go_and_the_end_is_dark() -> None:
    header = Header(refusals=3)
    link = header.link()
    assert header.ready.wait(WAIT_S)
    header.factory.pin(HAT.pins.key_select).drive_low()
    assert header.edges == [("o", True)]
    red = header.factory.pin(HAT.pins.led_red)
    link.show(255, 0, 0)
    assert link.problem(float("inf")) is None
    assert link.close()
    assert red.state == 0
    header.factory.reset()


def test_pins_that_cannot_be_had_end_the_program_with_status_78() -> None:
    header = Header(refusals=1000)
    link = header.link()
    assert header.given_up.wait(WAIT_S)
    assert header.ended == [("the pins are used by the program 'blink.py': end that one", config.EXIT_CONFIG)]
    assert link.close()


def test_pins_that_do_not_come_in_time_are_told() -> None:
    header, hold = Header(), threading.Event()

    def slow(keys: Mapping[str, int], leds: Sequence[int], on_edge: Callable[[str, bool], None]) -> KernelPins:
        hold.wait(WAIT_S)
        return header.take(keys, leds, on_edge)

    link = KernelLink(HAT, lambda *_: None, header.ready.set, slow)
    link.start()
    assert link.problem(float("-inf")) is None
    assert link.problem(float("inf")) is not None
    hold.set()
    assert link.close()
    header.factory.reset()


@pytest.mark.parametrize(("backend", "kind"), [("kernel", KernelLink), ("pigpio", PigpioLink)])
def test_the_back_end_chooses_the_link(backend: str, kind: type) -> None:
    link = link_for(config.Hat(backend=backend), HAT, lambda *_: None, lambda: None)
    assert isinstance(link, kind)
    assert link.close()


def test_the_switch_at_sw_is_taken_unless_a_card_reader_sits_on_it() -> None:
    assert key_pins(HAT.pins, switch=True)["sw"] == HAT.pins.sw
    assert set(key_pins(HAT.pins, switch=False)) == {"<", "o", ">"}
    header = Header()
    link = header.link()
    assert header.ready.wait(WAIT_S)
    header.factory.pin(HAT.pins.sw).drive_low()
    assert header.edges == [("sw", True)]
    link.close()
    header.factory.reset()
