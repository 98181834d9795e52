"""The way to the hat fits the machine, and a machine that does not fit says what to do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from smartevse.drivers.machine import Machine
from smartevse.hal import backend
from smartevse.hal import hat as hat_map
from smartevse.hal.board import BoardUnfitError
from smartevse.hal.kernel_board import KernelBoard
from smartevse.hal.pigpio_board import PigpioBoard

HAT = hat_map.load()
OURS = ("SmartEVSE hat", "EV charge controller", "0x0001")
OTHER = ("Somebody", "Relay board", "0x0042")
PI_3, PI_4, PI_5 = (
    "Raspberry Pi 3 Model B Plus Rev 1.3",
    "Raspberry Pi 4 Model B Rev 1.4",
    "Raspberry Pi 5 Model B Rev 1.0",
)
CM_5, PI_1 = "Raspberry Pi Compute Module 5 Rev 1.0", "Raspberry Pi Model B Rev 2"
NOBODY = 1
"""A port where nobody listens."""


def machine(root: Path, model: str = "", hat: tuple[str, str, str] | None = OURS, *, pigpiod: bool = False) -> Machine:
    tree = root / "sys/firmware/devicetree/base"
    if model:
        tree.mkdir(parents=True)
        (tree / "model").write_bytes(model.encode() + b"\0")
        if hat is not None:
            (tree / "hat").mkdir()
            for name, text in zip(("vendor", "product", "product_id"), hat, strict=True):
                (tree / "hat" / name).write_bytes(text.encode() + b"\0")
    if pigpiod:
        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/pigpiod").touch()
    return Machine(root)


@pytest.mark.parametrize(
    ("model", "pigpiod", "word", "host", "way"),
    [
        (PI_4, True, "auto", "127.0.0.1", "pigpio"),
        (PI_4, False, "auto", "127.0.0.1", "kernel"),
        (PI_3, False, "auto", "localhost", "kernel"),
        (PI_5, True, "auto", "127.0.0.1", "kernel"),
        (CM_5, False, "auto", "127.0.0.1", "kernel"),
        (PI_4, True, "kernel", "127.0.0.1", "kernel"),
        (PI_4, False, "pigpio", "127.0.0.1", "pigpio"),
        ("", False, "auto", "127.0.0.1", "pigpio"),
        ("", False, "kernel", "127.0.0.1", "kernel"),
        (PI_5, False, "auto", "192.168.1.20", "pigpio"),
        (PI_5, False, "pigpio", "pi4.local", "pigpio"),
        ("linux,dummy-virt", False, "auto", "127.0.0.1", "pigpio"),
    ],
)
def test_the_way_fits_the_machine(tmp_path: Path, model: str, pigpiod: bool, word: str, host: str, way: str) -> None:
    here = machine(tmp_path, model, pigpiod=pigpiod)
    assert backend.choose(word, host, NOBODY, HAT, here) == way
    board = backend.board(word, host, NOBODY, HAT, here)
    assert isinstance(board, KernelBoard if way == "kernel" else PigpioBoard)


@pytest.mark.parametrize(
    ("model", "hat", "word", "sentence"),
    [
        (PI_5, OURS, "pigpio", r"pigpiod does not run on a Raspberry Pi 5 .*: set backend in \[hat\]"),
        (CM_5, OURS, "pigpio", "does not run on a Raspberry Pi Compute Module 5"),
        (PI_4, None, "auto", "no hat was found .* press the hat onto all 40 pins"),
        (PI_5, None, "kernel", "no hat was found"),
        (PI_4, OTHER, "auto", r"is 'Somebody' 'Relay board' \(0x0042\), not 'SmartEVSE hat' .* take it off"),
        (PI_4, ("SmartEVSE hat", "EV charge controller", "none"), "auto", "no hat was found"),
        (PI_1, OURS, "auto", "has 26 pins, but the hat needs 40"),
    ],
)
def test_a_machine_that_does_not_fit_is_told_in_one_sentence(
    tmp_path: Path, model: str, hat: tuple[str, str, str] | None, word: str, sentence: str
) -> None:
    with pytest.raises(BoardUnfitError, match=sentence) as caught:
        backend.board(word, "127.0.0.1", NOBODY, HAT, machine(tmp_path, model, hat))
    assert "\n" not in str(caught.value)


def test_pigpiod_and_the_kernel_do_not_drive_the_same_pins(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as pigpiod:
        port = pigpiod.getsockname()[1]
        with pytest.raises(BoardUnfitError, match=r"mask --now pigpiod"):
            backend.choose("kernel", "127.0.0.1", port, HAT, machine(tmp_path, PI_4))
