"""Keys and LEDs through the real gpiozero and the real pigpio client, against the simulated daemon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.drivers.pigpio_pins import PigpioPins
from smartevse.hal import hat
from tests.twin.running import Twin, running, until

PINS = hat.load().pins
KEYS = {"<": PINS.key_left, "o": PINS.key_select, ">": PINS.key_right}
LEDS = (PINS.led_red, PINS.led_green, PINS.led_blue)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with running(tmp_path) as twin:
        yield twin


class Panel:
    """Keys and LEDs of the simulated hat, with the edges that were reported."""

    def __init__(self, twin: Twin) -> None:
        self.edges: list[tuple[str, bool]] = []
        self.pins = PigpioPins("127.0.0.1", twin.port, KEYS, LEDS, lambda name, down: self.edges.append((name, down)))


def test_each_press_of_each_key_is_reported_once_in_both_directions(twin: Twin) -> None:
    panel = Panel(twin)
    for key in KEYS:
        twin.tell(f"press {key} down")
        until(lambda key=key: (key, True) in panel.edges)  # type: ignore[misc]
        twin.tell(f"press {key} up")
        until(lambda key=key: (key, False) in panel.edges)  # type: ignore[misc]
    assert len(panel.edges) == 6
    panel.pins.close()


def test_a_key_that_is_down_at_the_start_is_reported(twin: Twin) -> None:
    twin.tell("press o down")
    panel = Panel(twin)
    assert panel.edges == [("o", True)]
    twin.tell("press o up")
    until(lambda: ("o", False) in panel.edges)
    panel.pins.close()


def test_looking_reports_nothing_that_is_known(twin: Twin) -> None:
    panel = Panel(twin)
    twin.tell("press o down")
    until(lambda: panel.edges)
    for _ in range(5):
        panel.pins.look()
    assert panel.edges == [("o", True)]
    panel.pins.close()


def test_the_leds_have_the_brightness_that_was_asked_for(twin: Twin) -> None:
    panel = Panel(twin)
    panel.pins.set_leds(255, 128, 0)
    leds = twin.ask("state")["leds"]
    assert (leds["red"], leds["blue"]) == (1.0, 0.0)
    assert leds["green"] == pytest.approx(0.5, abs=0.01)
    panel.pins.close()
    assert set(twin.ask("state")["leds"].values()) == {0.0}


def test_what_did_not_change_is_not_sent_again(twin: Twin) -> None:
    panel = Panel(twin)
    panel.pins.set_leds(0, 40, 0)
    twin.tell("pigpiod hang")
    again = threading.Thread(target=panel.pins.set_leds, args=(0, 40, 0), daemon=True)
    again.start()
    again.join(5)
    waits_for_an_answer = again.is_alive()
    twin.tell("pigpiod resume")
    panel.pins.close()
    assert not waits_for_an_answer


def test_where_nobody_listens_the_network_tells_why() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        PigpioPins("127.0.0.1", port, KEYS, LEDS, lambda name, down: None)
