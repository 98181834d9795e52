"""The PWM through sysfs: which chip and channel, and that a channel's files may come late."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartevse.drivers.sysfs_pwm import SysfsPwm
from smartevse.drivers.trouble import Trouble


def chip(root: Path, name: str, device: str) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (root / "devices" / device).mkdir(parents=True)
    (folder / "device").symlink_to(root / "devices" / device)
    (folder / "export").touch()
    return folder


def channel(folder: Path, number: int) -> Path:
    made = folder / f"pwm{number}"
    made.mkdir()
    for name in ("period", "duty_cycle", "enable"):
        (made / name).write_text("0\n")
    return made


@pytest.mark.parametrize(
    ("device", "number"),
    [("20_20c000.pwm", 0), ("2020c000.pwm", 0), ("3f20c000.pwm", 0), ("fe20c000.pwm", 0), ("1f00098000.pwm", 2)],
)
def test_each_pi_has_its_chip_and_channel_for_gpio_18(tmp_path: Path, device: str, number: int) -> None:
    chip(tmp_path, "pwmchip0", "1f0009c000.pwm")  # the fan's
    folder = chip(tmp_path, "pwmchip7", device)
    waited: list[float] = []

    def udev(seconds: float) -> None:
        """The kernel makes the channel's files, a little later than asked."""
        waited.append(seconds)
        if len(waited) == 3:
            assert (folder / "export").read_text() == f"{number}\n"
            channel(folder, number)

    pwm = SysfsPwm(18, 1000, udev, tmp_path)
    made = folder / f"pwm{number}"
    assert (pwm.period_ns, (made / "period").read_text()) == (1_000_000, "1000000\n")
    pwm.set_duty(265_000)
    assert (made / "duty_cycle").read_text().splitlines()[0] == "265000"
    assert (made / "enable").read_text() == "1\n"
    pwm.close()
    pwm.close()


def test_files_that_never_come_are_told(tmp_path: Path) -> None:
    chip(tmp_path, "pwmchip0", "fe20c000.pwm")
    with pytest.raises(Trouble, match=r"pwmchip0/pwm0 is not there: add 'dtoverlay=pwm,pin=18,func=2'"):
        SysfsPwm(18, 1000, lambda _: None, tmp_path)


def test_another_pin_has_no_pwm(tmp_path: Path) -> None:
    chip(tmp_path, "pwmchip0", "fe20c000.pwm")
    with pytest.raises(Trouble, match="no hardware PWM for GPIO 5"):
        SysfsPwm(5, 1000, lambda _: None, tmp_path)
