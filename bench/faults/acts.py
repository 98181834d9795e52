"""What can be done to a bay in words: the commands of the twin's control socket, and a few for the pins and the guard.

Each command has its reverse, so that a bay can be healed and go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bench.faults.bay import HAT, Bay

PILOT_HZ = 1000
_PINS = {"c1": "c1_cmd", "c2": "c2_cmd"}
"""The pins whose names differ from those of the outputs."""


def act(bay: Bay, command: str) -> None:
    """Do one command. Raises ValueError for one that is not known."""
    words = command.split()
    if words[0] not in _ACTS:
        raise ValueError(f"{command!r} cannot be done to a bay: use one of {', '.join(_ACTS)}")
    bay.disturb()
    _ACTS[words[0]][0](bay, words[1:])


def heal(bay: Bay, command: str) -> None:
    """Undo it, as far as it can be undone."""
    words = command.split()
    bay.disturb()
    _ACTS[words[0]][1](bay, words[1:])


def _ev(bay: Bay, words: list[str]) -> None:
    ev = bay.world.ev
    match words:
        case ["plug"]:
            ev.plug()
        case ["unplug"]:
            ev.unplug()
        case ["ready"]:
            ev.ready(True)
        case ["ready", "off"]:
            ev.ready(False)
        case _:
            raise ValueError(f"a car cannot {' '.join(words)}")


def _pin(bay: Bay, words: list[str]) -> None:
    bay.world.set_output(getattr(HAT.pins, _PINS.get(words[0], words[0])), words[1] == "high")


def _pin_back(bay: Bay, words: list[str]) -> None:
    name = words[0]
    bay.world.set_output(getattr(HAT.pins, _PINS.get(name, name)), bool(getattr(bay.board.outputs, name)))


def _pwm(bay: Bay, words: list[str]) -> None:
    bay.world.set_pwm(HAT.pins.cp_pwmn, 0 if words[0] == "off" else PILOT_HZ, 0)


def _pwm_back(bay: Bay, _words: list[str]) -> None:
    bay.world.set_pwm(HAT.pins.cp_pwmn, PILOT_HZ, 1_000_000 - bay.board.outputs.duty_permille * 1000)


def _channel_sticks(bay: Bay, words: list[str]) -> None:
    """A channel keeps the code that it has now."""
    channel = int(words[0])
    _STUCK[id(bay), channel] = name = f"adc-channel-{channel}-{bay.world.adc(channel)}"
    bay.world.inject(name)


def _channel_moves(bay: Bay, words: list[str]) -> None:
    name = _STUCK.pop((id(bay), int(words[0])), None)
    if name is not None:
        bay.world.inject(name, False)


def _gone(bay: Bay, _words: list[str]) -> None:
    bay.station.stop(bay.now_s)


def _offers(bay: Bay, words: list[str]) -> None:
    bay.station.wish = replace(bay.station.wish, offer_da=int(words[0]))


_STUCK: dict[tuple[int, int], str] = {}
_Act = Callable[[Bay, list[str]], object]


def _nothing(_bay: Bay, _words: list[str]) -> None:
    """Nothing is left to undo."""


_ACTS: Mapping[str, tuple[_Act, _Act]] = {
    "fault": (lambda bay, w: bay.world.inject(w[0]), lambda bay, w: bay.world.inject(w[0], False)),
    "ev": (_ev, _nothing),
    "rail": (
        lambda bay, w: setattr(bay.world, "rail_v", float(w[0])),
        lambda bay, w: setattr(bay.world, "rail_v", 12.0),
    ),
    "pin": (_pin, _pin_back),
    "pwm": (_pwm, _pwm_back),
    "channel": (_channel_sticks, _channel_moves),
    "stall": (lambda bay, w: bay.stall(int(w[0]) / 1000), _nothing),
    "station": (_gone, lambda bay, w: bay.station.go_on()),
}
"""What a command does, and its reverse."""
