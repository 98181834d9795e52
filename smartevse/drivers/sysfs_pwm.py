"""One hardware PWM channel through the kernel's files below /sys/class/pwm, found by its device and not by its number.

The number of a chip depends on the kernel and on what else has a PWM; the device behind it is the chip's address.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from smartevse.drivers.trouble import Trouble, trouble

ROOT = Path("/sys/class/pwm")
PLACES: Mapping[int, tuple[tuple[str, int], ...]] = {
    # GPIO: (how the name of the chip's device ends, channel)
    18: (("20c000.pwm", 0), ("1f00098000.pwm", 2)),
}
"""First the Pi up to 4 (BCM2835 to BCM2711: 2020c000, 3f20c000, fe20c000), then the Pi 5 (first PWM of its RP1)."""
READY_S = 2.0
"""How long udev may take to give the files of a new channel to their group."""
_WAIT_S = 0.02


class SysfsPwm:
    """A PWM that runs, at first with duty 0 (steady low). It goes on when the program dies, like the hardware it is.

    `set_duty` raises OSError when the kernel refuses.
    """

    def __init__(self, gpio: int, frequency_hz: int, pause: Callable[[float], None], root: Path = ROOT) -> None:
        """Take the channel that drives this GPIO (BCM number); `pause` waits for so many seconds. Raises Trouble."""
        self.period_ns = 1_000_000_000 // frequency_hz
        self._file = -1
        chip, number = _find(gpio, root)
        self._folder = chip / f"pwm{number}"
        try:
            self._export(chip, number, pause)
            self._prepare()
            self._file = os.open(self._folder / "duty_cycle", os.O_WRONLY)
            (self._folder / "enable").write_text("1\n", "ascii")
        except OSError as error:
            self.close()
            raise trouble(error, str(self._folder), _overlay(gpio), "gpio") from error

    def set_duty(self, duty_ns: int) -> None:
        """How long the pin is high in each period: 0 (steady low) to `period_ns` (steady high)."""
        os.pwrite(self._file, b"%d\n" % duty_ns, 0)

    def close(self) -> None:
        """Let the files go; the PWM stays as it was set last."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _export(self, chip: Path, number: int, pause: Callable[[float], None]) -> None:
        """Make the kernel show the channel, and wait until its files may be written."""
        duty = self._folder / "duty_cycle"
        if not self._folder.exists():
            (chip / "export").write_text(f"{number}\n", "ascii")
        waited_s = 0.0
        while not os.access(duty, os.W_OK) and waited_s < READY_S:
            pause(_WAIT_S)
            waited_s += _WAIT_S

    def _prepare(self) -> None:
        """Steady low first, then the period: the kernel refuses a duty that is longer than its period, and period 0."""
        duty, period = self._folder / "duty_cycle", self._folder / "period"
        if int(period.read_text("ascii")):
            duty.write_text("0\n", "ascii")
        period.write_text(f"{self.period_ns}\n", "ascii")
        duty.write_text("0\n", "ascii")


def _find(gpio: int, root: Path) -> tuple[Path, int]:
    """The chip's folder and the channel's number for a GPIO. Raises Trouble when no such chip is there."""
    for chip in sorted(root.glob("pwmchip*")):
        device = (chip / "device").resolve().name
        for ending, number in PLACES.get(gpio, ()):
            if device.endswith(ending):
                return chip, number
    raise Trouble(f"no hardware PWM for GPIO {gpio} below {root}: {_overlay(gpio)}")


def _overlay(gpio: int) -> str:
    # the number 2 is the right one on every Pi: the Pi 5 translates it
    return f"add 'dtoverlay=pwm,pin={gpio},func=2' to /boot/firmware/config.txt, switch audio off there, and restart"
