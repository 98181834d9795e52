"""A character LCD (HD44780 behind a PCF8574) over whatever sends bytes on I2C: RPLCD's driver, in long transactions.

RPLCD writes each change of the expander's pins as a transaction of its own; here the changes of a whole run of
characters go out as one, and pin states that bring nothing are left out: 0.36 ms a character at 100 kHz.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from RPLCD import common
from RPLCD.i2c import PCF8574_E, CharLCD

OWN_FIRST = 0xE000
"""The code point that stands for the first of the display's own characters (Unicode's private use area)."""
OWN_COUNT = 8
HOME_S = 0.002
"""How long "return home" may take at most (HD44780: 1.52 ms at 270 kHz)."""


class LcdError(OSError):
    """The display did not take what was sent; the text says what the bus reported."""


class Wire(Protocol):
    """What RPLCD takes for an SMBus: collects bytes for the expander and sends them as one transaction."""

    def write_byte(self, address: int, value: int, /) -> None:
        """Put one state of the expander's pins behind those that wait."""

    def flush(self) -> None:
        """Send all that waits; the expander takes each byte 90 us after the one before. Raises LcdError."""

    def close(self) -> None:
        """Give the bus back. Raises LcdError."""


class _Chip(CharLCD):  # type: ignore[misc]
    """RPLCD's display with our wire: the same initialisation and commands, shorter pulses."""

    def __init__(self, wire: Wire, address: int, columns: int, rows: int) -> None:
        self._wire = wire
        self._collecting = False
        self._last = -1
        super().__init__("PCF8574", address, cols=columns, rows=rows, charmap="A00", auto_linebreaks=False)
        wire.flush()

    def _init_connection(self) -> None:
        self.bus = self._wire
        common.msleep(50)  # HD44780: 40 ms after its supply came up

    def _send_instruction(self, value: int) -> None:
        self._pulse_both(common.RS_INSTRUCTION, value)
        if value < common.LCD_ENTRYMODESET and not self._collecting:
            time.sleep(HOME_S)  # clear and home take long; RPLCD does not wait for those of its initialisation

    def _send_data(self, value: int) -> None:
        self._pulse_both(common.RS_DATA, value)

    def _pulse_both(self, register: int, value: int) -> None:
        """Both halves of a byte; the display takes a half when E falls."""
        for half in (value & 0xF0, value << 4 & 0xF0):
            pins = half | register | self._backlight
            if self._last < 0 or (self._last ^ pins) & 0x0F:  # RS must stand before E rises
                self.bus.write_byte(self._address, pins)
            self.bus.write_byte(self._address, pins | PCF8574_E)
            self.bus.write_byte(self._address, pins)
            self._last = pins
        if not self._collecting:
            self._send()

    def _send(self) -> None:
        self._last = -1  # each transaction starts with E low, whatever happened to the pins since the last one
        self._wire.flush()

    def write_runs(self, runs: Iterable[tuple[int, int, str]]) -> None:
        """Write (row, column, text) each, all in one transaction, whatever was shown there before."""
        self._collecting = True
        try:
            for row, column, text in runs:
                offset = (0x00, 0x40, self.lcd.cols, 0x40 + self.lcd.cols)[row]
                self.command(common.LCD_SETDDRAMADDR | offset + column)
                for code in self._codes(text):
                    self._send_data(code)
            self._send()
        finally:
            self._collecting = False

    def _codes(self, text: str) -> Iterable[int]:
        """The display's own code of each character."""
        for char in text:
            own = ord(char) - OWN_FIRST
            if 0 <= own < OWN_COUNT:
                yield own
            else:
                yield from self.codec.encode(char)

    def write_glyphs(self, first: int, glyphs: Sequence[Sequence[int]]) -> None:
        """Draw own characters from number `first` on, all in one transaction."""
        self._collecting = True
        try:
            self.command(common.LCD_SETCGRAMADDR | first << 3)
            for row in (row for glyph in glyphs for row in glyph):
                self._send_data(row)
            self._send()
        finally:
            self._collecting = False

    def resync(self) -> None:
        """Find the halves of the bytes again after a disturbance; invisible when nothing was wrong.

        Where the display counts its half bytes right, this returns home (which also undoes a shift) and sets an
        address. Where it is half a byte off, 3 and 8 become the switch to 8 bits and 2 the one back to 4; the same
        happens to one that lost its supply and starts with 8 bits.
        """
        self.command(common.LCD_RETURNHOME | 0x01)
        self._collecting = True
        try:
            self.command(common.LCD_SETDDRAMADDR | 0x02)
            self.command(common.LCD_FUNCTIONSET | common.LCD_2LINE)
            self.command(common.LCD_DISPLAYCONTROL | self._display_mode | self._cursor_mode)
            self.command(common.LCD_ENTRYMODESET | common.LCD_ENTRYLEFT)
            self._send()
        finally:
            self._collecting = False
        self.command(common.LCD_RETURNHOME)

    def light(self, on: bool) -> None:
        """Switch the backlight."""
        self.backlight_enabled = on
        self._send()


class CharacterLcd:
    """An LCD that is there and initialised; every method raises LcdError when it is not there any more."""

    def __init__(self, wire: Wire, address: int, columns: int, rows: int) -> None:
        """Initialise the display; takes some 75 ms. Raises LcdError when it does not answer, the wire closed."""
        self._wire = wire
        try:
            self._chip = _Chip(wire, address, columns, rows)
        except LcdError:
            self.close()
            raise

    def write(self, runs: Iterable[tuple[int, int, str]]) -> None:
        """Write texts at (row, column), counted from 0; a text never goes beyond its row."""
        self._chip.write_runs(runs)

    def glyphs(self, first: int, glyphs: Sequence[Sequence[int]]) -> None:
        """Draw own characters from number `first` (0 to 7) on: eight rows each, five dots a row, the left one highest.

        A text shows number n where it has the code point `OWN_FIRST` + n.
        """
        self._chip.write_glyphs(first, glyphs)

    def resync(self) -> None:
        """Bring a disturbed display back to where the next characters are taken as they are meant."""
        self._chip.resync()

    def backlight(self, on: bool) -> None:
        """Switch the backlight."""
        self._chip.light(on)

    def close(self) -> None:
        """Give the bus back; the display keeps what it shows. Never raises: it is also called for a lost display."""
        with contextlib.suppress(LcdError):  # the wire went with whoever carried it
            self._wire.close()
