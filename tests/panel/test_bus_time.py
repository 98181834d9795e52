"""How long the I2C bus is busy for the display, counted byte by byte as at 100 kHz: no clock is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from smartevse.core.states import State
from smartevse.drivers.lcd_pigpio import pigpio_lcd
from smartevse.panel.display import Screen
from smartevse.panel.fault_screens import FAULT_SCREENS
from smartevse.panel.model import EvReading, PanelStatus
from smartevse.panel.screens import Frame, frame
from tests.drivers.lcd_bench import LcdPi
from tests.panel.test_screens import SCREENS

REFRESH_MS = 25
KEY_MS = 100


def charge(mode: str) -> Iterator[tuple[float, Frame]]:
    """Three minutes of a charge with a meter, drawn four times a second: currents and energy always move."""
    status = PanelStatus(
        state=State.C, offer_da=160, reason="16.0 A: cable", cable_da=160, temperature_dc=231, version="3.0.0"
    )
    for quarter in range(4 * 180):
        second, ripple = quarter // 4, quarter % 7
        power_w = 11_000 + 17 * ripple
        meter = EvReading(power_w, power_w * second // 3600, (160 - ripple, 159 + ripple, 161 - ripple % 3))
        clock = f"21:{second // 60:02d}"
        status = replace(status, now_s=quarter / 4, ev_meter=meter, session_s=second, clock=clock, mode=mode)
        if mode != "NORMAL":
            house = (37 * ripple - 80, 12 * ripple, 9 - ripple)
            status = replace(status, mains_da=house, offer_da=60 + ripple, reason=f"{6 + ripple / 10:.1f} A: sun")
        yield quarter / 4, frame(status)


def busy_ms(mode: str) -> list[float]:
    """The bus time of each refresh that sent something."""
    pi = LcdPi()
    screen = Screen(lambda: pigpio_lcd(pi), print, rows=4)
    times, before_us = list[float](), 0
    for now_s, lines in charge(mode):
        screen.step(lines, True, now_s)
        if now_s >= 1 and pi.bus_us > before_us:
            times.append((pi.bus_us - before_us) / 1000)
        before_us = pi.bus_us
    return times


@pytest.mark.parametrize("mode", ["NORMAL", "SMART", "SOLAR"])
def test_a_refresh_of_the_status_is_25_ms_of_the_bus_on_average_at_most(mode: str) -> None:
    times = busy_ms(mode)
    assert len(times) > 300
    assert sum(times) / len(times) <= REFRESH_MS


def test_any_screen_after_any_other_is_on_the_display_within_the_time_from_key_to_screen() -> None:
    pi = LcdPi()
    screen = Screen(lambda: pigpio_lcd(pi), print, rows=4)
    frames = [frame(status) for status in SCREENS.values()] + [("#" * 20,) * 4, ("%" * 20,) * 4]
    screen.step(frames[0], True, 0.0)
    for now_s, lines in enumerate(frames, 1):  # each one together with a repair, which is the worst case
        before_us = pi.bus_us
        screen.step(lines, True, float(now_s))
        assert tuple(pi.lcd.lines()) == lines
        assert (pi.bus_us - before_us) / 1000 <= KEY_MS / 2  # the rest is for the keys, the station and pigpiod
    assert len(frames) > len(FAULT_SCREENS)
