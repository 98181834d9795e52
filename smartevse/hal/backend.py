"""Which way to the hat is taken on this machine, and whether the hat is there at all."""

from __future__ import annotations

import re
import socket

from smartevse.drivers.machine import Machine
from smartevse.hal.board import Board, BoardUnfitError
from smartevse.hal.hat import HatMap

BACKENDS = ("auto", "pigpio", "kernel")
"""The words of [hat] backend."""
LOOK_S = 0.5
SETTLE_S, BOOTED_S, LONGEST_S = 5.0, 60.0, 20.0
HERE = Machine()
_LOCAL = re.compile(r"localhost|127(\.\d+){3}|::1")
_NO_PIGPIOD = re.compile(r"Raspberry Pi (5|500|Compute Module 5)")
"""The Pis whose pins pigpiod cannot drive: they hang on the RP1."""
_26_PINS = re.compile(r"Raspberry Pi Model [AB] Rev")


def choose(word: str, host: str, port: int, hat: HatMap, machine: Machine) -> str:
    """ "pigpio" or "kernel" for the word of the configuration.

    "auto" takes pigpiod where it can run and is installed, also one on another machine, else the kernel. Raises
    BoardUnfitError when this machine cannot do what the configuration asks, or has not this hat.
    """
    if not _LOCAL.fullmatch(host):
        return "pigpio" if word == "auto" else word
    pigpiod_can_run = not _NO_PIGPIOD.match(machine.model)
    if word == "auto":
        word = "pigpio" if pigpiod_can_run and (machine.has_pigpiod or not machine.is_pi) else "kernel"
    if word == "pigpio" and not pigpiod_can_run:
        raise BoardUnfitError(f'pigpiod does not run on a {machine.model}: set backend in [hat] to "auto" or "kernel"')
    if word == "kernel" and _listens(host, port):
        # mask: both services want pigpiod.service, and would start one that is only disabled
        raise BoardUnfitError(
            f'pigpiod runs at {host}:{port} and drives the pins that the back-end "kernel" is to drive: '
            f'sudo systemctl mask --now pigpiod, or set backend in [hat] to "pigpio"'
        )
    if machine.is_pi:
        _check_hat(hat, machine)
    return word


def board(word: str, host: str, port: int, hat: HatMap, machine: Machine = HERE) -> Board:
    """The board for the words of [hat]; nothing is opened yet. Raises BoardUnfitError, see `choose`."""
    if choose(word, host, port, hat, machine) == "kernel":
        from smartevse.hal.kernel_board import KernelBoard, real_kernel

        return KernelBoard(hat, real_kernel())
    from smartevse.hal.pigpio_board import PigpioBoard

    return PigpioBoard(hat, host, port)


def patience_s(now_s: float) -> float:
    """How long a program that starts at `now_s` (monotonic, which Linux counts from its boot) waits for its devices.

    A program that ends may hold a pin for SETTLE_S. In a machine's first BOOTED_S udev is still handing out devices and
    permissions, and a refusal means nothing yet; LONGEST_S is less than a unit's TimeoutStartSec.
    """
    return max(SETTLE_S, min(BOOTED_S - now_s, LONGEST_S))


def _check_hat(hat: HatMap, machine: Machine) -> None:
    """Raise BoardUnfitError unless the firmware found this hat on this Pi's header."""
    if _26_PINS.match(machine.model):
        raise BoardUnfitError(f"a {machine.model} has 26 pins, but the hat needs 40: use a newer Raspberry Pi")
    found, raw = machine.hat(), hat.raw
    if found is None:
        raise BoardUnfitError(
            "no hat was found when the Raspberry Pi started (its EEPROM did not answer): switch off, press the hat "
            "onto all 40 pins and start again; the EEPROM of a new hat is written first, see docs/hat.md"
        )
    if (found.vendor, found.product_id) != (raw["vendor"], raw["product_id"]):
        raise BoardUnfitError(
            f"the hat on this Raspberry Pi is {found.vendor!r} {found.product!r} ({found.product_id:#06x}), not "
            f"{raw['vendor']!r} ({raw['product_id']:#06x}): its pins mean something else, take it off"
        )


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), LOOK_S).close()
    except OSError:
        return False
    return True
