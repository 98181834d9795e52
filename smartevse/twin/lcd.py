"""The display: an HD44780 of 20 x 4 characters behind a PCF8574 on I2C, decoded to what a person reads.

PCF8574: P0 RS, P1 RW, P2 E, P3 backlight, P4..P7 the controller's D4..D7. A nibble is taken at each falling edge of E.
Source: HD44780U data sheet (instructions, 4-bit start, DDRAM of two lines of 40), ROM A00 for the characters.
"""

from __future__ import annotations

import random
from collections.abc import Callable

COLUMNS = 20
ROWS = 4
ROW_START = (0x00, 0x40, 0x14, 0x54)
"""Where each row of a 20 x 4 glass begins in the controller's memory."""
LINE_CELLS = 40
SLOW_S = 0.00152
"""How long the controller needs for clear and home; 37 µs for all else, less than a byte takes on the bus."""
CUSTOM = 0xE000
"""Custom character n (0 to 7) stands in the text as this code point + n; its pixels are in `cgram`."""

_RS, _RW, _E, _BACKLIGHT = 1, 2, 4, 8
_ROM = {0x5C: "¥", 0x7E: "→", 0x7F: "←", 0xDF: "°", 0xE4: "µ", 0xFF: "█", 0xA5: "·"} | {0xE0: "α", 0xE2: "β", 0xF4: "Ω"}


class NackError(Exception):
    """Nobody answered on the I2C bus, or the device broke off."""


class Lcd:
    """A display on the bus. `clock` gives the time in seconds, to notice instructions that come too early."""

    def __init__(self, clock: Callable[[], float], seed: int = 0) -> None:
        self._clock = clock
        self._random = random.Random(seed)
        self.powered = True
        self.bytes_written = 0
        self.transfers = 0
        self.too_early = 0
        """Instructions that came before a clear or home was done; a real controller garbles them."""
        self._reset()

    def _reset(self) -> None:
        self._port = 0xFF
        self._cells = bytearray(b" " * (2 * LINE_CELLS))
        self._glyphs = bytearray(64)
        self._address = 0
        self._in_glyphs = False
        self._eight_bit = True
        self._high: int | None = None
        self._step = 1
        self._shifts = False
        self._shift = 0
        self.display_on = False
        self.cursor_on = False
        self.blink_on = False
        self._busy_until_s = 0.0

    @property
    def backlight(self) -> bool:
        """Whether the light behind the glass is on."""
        return self.powered and bool(self._port & _BACKLIGHT)

    def power(self, on: bool) -> None:
        """Unplug the display or plug it in; it forgets everything and starts in 8-bit mode, as after a power cut."""
        if on != self.powered:
            self.powered = on
            self._reset()

    def glitch(self) -> None:
        """A disturbance: some characters become others and the 4-bit halves are out of step."""
        for _ in range(12):
            self._cells[self._random.randrange(len(self._cells))] = self._random.randrange(0x21, 0xFF)
        if not self._eight_bit:
            self._high = self._random.randrange(16) if self._high is None else None

    def write(self, data: bytes) -> None:
        """Bytes for the port expander, one level change after the other. Raises NackError when unplugged."""
        if not self.powered:
            raise NackError
        self.transfers += 1
        self.bytes_written += len(data)
        for byte in data:
            falling = self._port & _E and not byte & _E
            self._port = byte
            if falling and not byte & _RW:
                self._nibble(byte >> 4, bool(byte & _RS))

    def read(self, count: int) -> bytes:
        """The levels at the port expander's pins. Raises NackError when unplugged."""
        if not self.powered:
            raise NackError
        self.transfers += 1
        return bytes((self._port,)) * count

    def _nibble(self, nibble: int, is_data: bool) -> None:
        if self._eight_bit:
            self._take(nibble << 4, is_data)
        elif self._high is None:
            self._high = nibble
        else:
            value, self._high = self._high << 4 | nibble, None
            self._take(value, is_data)

    def _take(self, value: int, is_data: bool) -> None:
        now_s = self._clock()
        if now_s < self._busy_until_s:
            self.too_early += 1
        if is_data:
            self._data(value)
        else:
            self._instruction(value, now_s)

    def _data(self, value: int) -> None:
        if self._in_glyphs:
            self._glyphs[self._address & 0x3F] = value & 0x1F
            self._address = (self._address + self._step) & 0x3F
            return
        self._cells[_cell(self._address)] = value
        self._address = _moved(self._address, self._step)
        if self._shifts:
            self._shift = (self._shift + self._step) % LINE_CELLS

    def _instruction(self, value: int, now_s: float) -> None:
        """One instruction; the highest bit that is set says which."""
        match value.bit_length():
            case 8:
                self._address, self._in_glyphs = _valid(value & 0x7F), False
            case 7:
                self._address, self._in_glyphs = value & 0x3F, True
            case 6:
                self._eight_bit = bool(value & 0x10)
            case 5:
                step = 1 if value & 4 else -1
                if value & 8:
                    self._shift = (self._shift - step) % LINE_CELLS
                else:
                    self._address = _moved(self._address, step)
            case 4:
                self.display_on, self.cursor_on, self.blink_on = bool(value & 4), bool(value & 2), bool(value & 1)
            case 3:
                self._step, self._shifts = (1 if value & 2 else -1), bool(value & 1)
            case 1 | 2:
                if value == 1:
                    self._cells[:] = b" " * len(self._cells)
                    self._step = 1
                self._address, self._in_glyphs, self._shift = 0, False, 0
                self._busy_until_s = now_s + SLOW_S
            case _:
                pass

    def lines(self) -> list[str]:
        """What a person reads: four lines of 20 characters, blank while the display is off or unplugged."""
        if not (self.powered and self.display_on):
            return [" " * COLUMNS] * ROWS
        return ["".join(self._shown(start, i) for i in range(COLUMNS)) for start in ROW_START]

    def _shown(self, start: int, column: int) -> str:
        line, first = start & 0x40, start & 0x3F
        return _glyph(self._cells[_cell(line | (first + column + self._shift) % LINE_CELLS)])

    def cursor(self) -> tuple[int, int] | None:
        """Row and column of the cursor where it is on the glass and shown; None elsewhere."""
        if not (self.powered and self.display_on and (self.cursor_on or self.blink_on)) or self._in_glyphs:
            return None
        for row, start in enumerate(ROW_START):
            column = ((self._address & 0x3F) - (start & 0x3F) - self._shift) % LINE_CELLS
            if self._address & 0x40 == start & 0x40 and column < COLUMNS:
                return row, column
        return None

    def cgram(self) -> list[list[int]]:
        """The pixels of the eight custom characters: 8 rows each, 5 bits a row, highest bit left."""
        return [list(self._glyphs[8 * n : 8 * n + 8]) for n in range(8)]

    def report(self) -> dict[str, object]:
        """All of it, for JSON."""
        return {
            "lines": self.lines(),
            "backlight": self.backlight,
            "on": self.powered and self.display_on,
            "cursor": self.cursor(),
            "cgram": self.cgram(),
            "bytes": self.bytes_written,
            "transfers": self.transfers,
            "too_early": self.too_early,
        }


def _valid(address: int) -> int:
    """An address of the two-line memory; the gaps behind each line are not there."""
    return address & 0x40 | min(address & 0x3F, LINE_CELLS - 1)


def _moved(address: int, step: int) -> int:
    """The next (or previous) address: from the end of one line to the start of the other."""
    return _address((_cell(address) + step) % (2 * LINE_CELLS))


def _cell(address: int) -> int:
    return (address & 0x3F) + (LINE_CELLS if address & 0x40 else 0)


def _address(cell: int) -> int:
    return cell if cell < LINE_CELLS else 0x40 | (cell - LINE_CELLS)


def _glyph(code: int) -> str:
    if code < 0x10:
        return chr(CUSTOM + (code & 7))
    if code in _ROM:
        return _ROM[code]
    return chr(code) if 0x20 <= code < 0x7E else "�"
