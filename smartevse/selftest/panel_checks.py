"""What people look at and press, and the meters on the RS485 line."""

from __future__ import annotations

from collections.abc import Callable

from smartevse.selftest.check import Check, Found, Kit, LineError, Outcome, PanelError, done, good, seen
from smartevse.selftest.installer import Act, Look

TEXT = "SELFTEST 0123456789"
_FULL = 255


def _led(look: Look, red: int, green: int, blue: int) -> Callable[[Kit], Found]:
    def work(kit: Kit) -> Found:
        try:
            kit.panel.leds(red, green, blue)
            found = seen(kit.installer.sees(look, kit.bench.wait))
            kit.panel.leds(0, 0, 0)
        except PanelError as error:
            return Found(Outcome.FAILED, str(error))
        return found

    return work


def _key(act: Act, name: str) -> Callable[[Kit], Found]:
    def work(kit: Kit) -> Found:
        pressed: set[str] = set()

        def came() -> bool:
            kit.bench.wait()
            pressed.update(kit.panel.pressed())
            return bool(pressed)

        try:
            kit.panel.pressed()
            answer = kit.installer.does(act, came)
        except PanelError as error:
            return Found(Outcome.FAILED, str(error))
        if pressed - {name}:
            return Found(Outcome.FAILED, f"the station saw {' and '.join(sorted(pressed))}")
        return done(answer, "pressed", "the station sees nothing")

    return work


def _lcd_answers(kit: Kit) -> Found:
    try:
        kit.panel.show(TEXT)
    except PanelError as error:
        return Found(Outcome.FAILED, str(error))
    return good(True, "takes what is sent", "")


def _lcd_shows(kit: Kit) -> Found:
    return seen(kit.installer.sees(Look.LCD, kit.bench.wait))


def _meter(which: str) -> Callable[[Kit], Found]:
    def work(kit: Kit) -> Found:
        kind, address = getattr(kit.setup, which)
        try:
            return good(True, kit.meters.ask(kind, address), "")
        except LineError as error:
            return Found(Outcome.FAILED, str(error))

    return work


_LED_REMEDY = "Check the LED's plug: common wire to 12 V, each colour at its terminal."
_METER_REMEDY = "smartevse bus scan finds who is there: check A, B and GND, the meter's address, kind and 9600 8N1."

PANEL_CHECKS: tuple[Check, ...] = (
    Check("led-red", "lights the red LED", "red, seen by a person", _LED_REMEDY, _led(Look.RED, _FULL, 0, 0)),
    Check("led-green", "lights the green LED", "green, seen by a person", _LED_REMEDY, _led(Look.GREEN, 0, _FULL, 0)),
    Check("led-blue", "lights the blue LED", "blue, seen by a person", _LED_REMEDY, _led(Look.BLUE, 0, 0, _FULL)),
    Check("button-left", "waits for the button <", "this one alone", "Check the wire of <.", _key(Act.PRESS_LEFT, "<")),
    Check(
        "button-select", "waits for the button o", "this one alone", "Check the wire of o.", _key(Act.PRESS_SELECT, "o")
    ),
    Check(
        "button-right", "waits for the button >", "this one alone", "Check the wire of >.", _key(Act.PRESS_RIGHT, ">")
    ),
    Check(
        "lcd-answers",
        "writes a line on the display",
        "the display answers on I2C",
        "Check the display's plug and lcd_address in [panel] (0x27 or 0x3F), and that I2C is switched on.",
        _lcd_answers,
        fitted=lambda setup: setup.lcd,
    ),
    Check(
        "lcd-shows",
        "asks what the display shows",
        f'"{TEXT}", read by a person',
        "Turn the contrast screw on the back; wrong characters come from a long cable or a missing 5 V.",
        _lcd_shows,
        needs=("lcd-answers",),
        fitted=lambda setup: setup.lcd,
    ),
    Check(
        "ev-meter",
        "asks the EV meter for its currents",
        "an answer of its kind",
        _METER_REMEDY,
        _meter("ev_meter"),
        fitted=lambda setup: setup.ev_meter is not None,
    ),
    Check(
        "mains-meter",
        "asks the mains meter for its currents",
        "an answer of its kind",
        _METER_REMEDY,
        _meter("mains_meter"),
        fitted=lambda setup: setup.mains_meter is not None,
    ),
)
