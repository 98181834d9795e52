"""The LCD of the configuration, with its own way to the bus: a slow I2C must not hold up keys and LEDs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from smartevse import config
from smartevse.panel.display import Display, Screen

if TYPE_CHECKING:
    from smartevse.panel.display import Lcd

SIZES = {"i2c-20x4": (20, 4), "i2c-16x2": (16, 2)}
"""Columns and rows by the word of [panel] lcd."""

_log = logging.getLogger("smartevse.panel")


class LcdOpener:
    """Opens the display, again and again where needed; used by the display's thread alone.

    pigpiod's connection is kept. `hat.backend` is "kernel" or "pigpio": what "auto" means was found out before.
    """

    def __init__(self, hat: config.Hat, panel: config.Panel) -> None:
        self._hat = hat
        self._panel = panel
        self._pi: Any = None

    def __call__(self) -> Lcd:
        """A display that is initialised; OSError when it is not there."""
        columns, rows = SIZES[self._panel.lcd]
        if self._hat.backend == "kernel":
            from smartevse.drivers.lcd_kernel import kernel_lcd

            return kernel_lcd(columns=columns, rows=rows, address=self._panel.lcd_address, i2c_bus=self._panel.i2c_bus)
        import pigpio

        from smartevse.drivers.lcd_pigpio import pigpio_lcd

        if self._pi is None or not self._pi.connected:
            self._pi = pigpio.pi(self._hat.host, self._hat.port, show_errors=False)
        return pigpio_lcd(
            self._pi, columns=columns, rows=rows, address=self._panel.lcd_address, i2c_bus=self._panel.i2c_bus
        )


def display(hat: config.Hat, panel: config.Panel) -> Display | None:
    """The display's thread, not started yet; None when the configuration says that there is no display."""
    if panel.lcd not in SIZES:
        return None
    columns, rows = SIZES[panel.lcd]
    name = f"LCD at {panel.lcd_address:#04x}"
    screen = Screen(LcdOpener(hat, panel), lambda sentence: _log.warning("%s", sentence), rows, name)
    return Display(screen, columns, rows)
