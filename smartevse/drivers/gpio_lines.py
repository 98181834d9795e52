"""The pins of the Raspberry Pi's header through the kernel's GPIO character device, with the library gpiod.

One request holds all lines, so one call reads all of them. Changes of inputs are kept by the kernel from the interrupt
on, so that a pulse between two looks is not missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from smartevse.drivers.trouble import Trouble, missing_library, trouble

LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""What the kernel calls the chip behind the header: Pi up to 3, Pi 4, Pi 5. Its number is different on each."""
CONSUMER = "smartevse"
KEPT_EVENTS = 1024
"""The most that the kernel keeps for one request: 50 Hz of mains feedback for 10 s."""
_ON = 'this back-end is for a Raspberry Pi; on another machine set backend = "pigpio" in [hat]'


class GpioLines:
    """Outputs and inputs by their BCM numbers. After opening, errors of the kernel are OSErrors."""

    def __init__(
        self, outputs: Iterable[int], inputs: Iterable[int], api: Any = None, folder: Path = Path("/dev")
    ) -> None:
        """Take the lines, outputs low, inputs without pull; `api` stands in for the module gpiod. Raises Trouble."""
        self._api = api = api if api is not None else library()
        line = api.line
        self._high, self._low = line.Value.ACTIVE, line.Value.INACTIVE
        output = api.LineSettings(direction=line.Direction.OUTPUT, output_value=self._low)
        input_ = api.LineSettings(
            direction=line.Direction.INPUT, bias=line.Bias.DISABLED, edge_detection=line.Edge.BOTH
        )
        outputs, inputs = tuple(outputs), tuple(inputs)
        path = header_chip(api, folder)
        try:
            self._request = api.request_lines(
                path, consumer=CONSUMER, config={outputs: output, inputs: input_}, event_buffer_size=KEPT_EVENTS
            )
        except OSError as error:
            raise trouble(error, f"the GPIO of {path}", _ON, "gpio", _owner(api, path, (*outputs, *inputs))) from error
        self._bits = [(pin, 1 << pin) for pin in (*outputs, *inputs)]
        self._pins = [pin for pin, _ in self._bits]
        self._last_event: int | None = None

    def levels(self) -> int:
        """The levels at all pins now, one bit for each BCM number; outputs read what is really at the pin."""
        values = self._request.get_values(self._pins)
        high = self._high
        return sum([bit for (_, bit), value in zip(self._bits, values, strict=True) if value is high])

    def changed(self) -> tuple[int, bool]:
        """Which inputs changed since the last call, one bit each, and whether the kernel had to forget some changes."""
        bits, forgot, request = 0, False, self._request
        for _ in range(KEPT_EVENTS):  # a line that chatters must not hold the caller for ever
            if not request.wait_edge_events(0):
                break
            for event in request.read_edge_events():
                bits |= 1 << event.line_offset
                forgot |= self._last_event is not None and event.global_seqno != self._last_event + 1
                self._last_event = event.global_seqno
        return bits, forgot

    def write(self, levels: Mapping[int, bool]) -> None:
        """Set outputs, all in one call."""
        self._request.set_values({pin: self._high if level else self._low for pin, level in levels.items()})

    def close(self) -> None:
        """Let the lines go; Raspberry Pi's kernels leave outputs as they are then."""
        self._request.release()


def header_chip(api: Any, folder: Path = Path("/dev")) -> str:
    """The path of the chip behind the header. Raises Trouble when there is none or it may not be opened."""
    denied: OSError | None = None
    for path in sorted(map(str, folder.glob("gpiochip*"))):
        try:
            with api.Chip(path) as chip:
                if chip.get_info().label in LABELS:
                    return path
        except OSError as error:
            denied = error
    if denied is not None:
        raise trouble(denied, f"{folder}/gpiochip*", _ON, "gpio") from denied
    raise Trouble(f"the GPIO of the header is not there: {_ON}")


def _owner(api: Any, path: str, pins: Iterable[int]) -> str:
    """Who has one of these lines already; empty when that cannot be told."""
    try:
        with api.Chip(path) as chip:
            found = (chip.get_line_info(pin) for pin in pins)
            return next((info.consumer for info in found if info.used), "")
    except OSError:
        return ""


def library() -> Any:
    """The module gpiod. Raises Trouble when it is missing or too old."""
    try:
        import gpiod
    except ImportError as error:
        raise missing_library("gpiod", "python3-libgpiod") from error
    if not hasattr(gpiod, "request_lines"):
        raise Trouble("the library gpiod is older than 2.0: use Raspberry Pi OS 13, which has a newer python3-libgpiod")
    return gpiod
