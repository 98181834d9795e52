"""The virtual machine of packaging/prove-vm: what it must have in common with the product, seen without starting it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from smartevse.drivers.gpio_lines import LABELS
from smartevse.drivers.sysfs_pwm import PLACES
from smartevse.hal import hat

PACKAGING = Path(__file__).parents[2] / "packaging"
VM = PACKAGING / "proving/vm"
SOURCE = (VM / "guest/hat.c").read_text("utf-8")
NUMBERS = {name: int(value) for name, value in re.findall(r"^#define (\w+) (\d+)$", SOURCE, re.MULTILINE)}


def test_the_hat_in_the_machine_has_the_pins_and_channels_of_the_hat() -> None:
    board = hat.load()
    for name in ("c1_cmd", "heartbeat", "wd_ok", "safe", "c1_fb", "aux_fb", "rcm_trip"):
        assert NUMBERS[name.upper()] == getattr(board.pins, name), name
    for name in ("cp_high", "cp_low", "cp_raw"):
        assert NUMBERS[name.upper()] == getattr(board.channels, name), name


def test_the_hat_in_the_machine_is_found_as_on_a_raspberry_pi_4() -> None:
    assert re.findall(r'\.label = "([^"]+)"', SOURCE)[0] in LABELS
    device = re.findall(r'\.name = "([^"]+\.pwm)"', SOURCE)[0]
    ending, channel = PLACES[hat.load().pins.cp_pwmn][0]
    assert device.endswith(ending)
    assert f"hwpwm == {channel}" in SOURCE


def test_the_one_shot_in_the_machine_holds_as_long_as_the_hats() -> None:
    hold_ms = int(re.findall(r"#define HOLD_NS \((\d+) \*", SOURCE)[0])
    assert hold_ms == round(hat.load().raw["one_shot"]["hold_s"] * 1000)


def test_the_machine_and_the_twin_agree_on_the_cable() -> None:
    image = (VM / "build-image").read_text("utf-8")
    machine = (VM / "machine.py").read_text("utf-8")
    outside = (PACKAGING / "proving/outside.py").read_text("utf-8")
    address = re.findall(r"TWIN_ADDRESS=([\d.]+)", image)[0]
    assert f'OUTSIDE = "{address}"' in machine
    assert f"PORT = {re.findall(r'TWIN_PORT=([0-9]+)', image)[0]}" in outside


def test_the_scripts_are_sound_bash() -> None:
    for script in (PACKAGING / "prove-vm", VM / "build-image", VM / "guest/init"):
        result = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
