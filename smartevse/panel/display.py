"""Keeps the LCD showing the newest frame: sends only what changed, repairs what a disturbance did, never blocks.

`Screen` decides and is called with the time; `Display` is the thread around it. A display that is absent or lost is
said once and tried again with growing pauses; nothing else depends on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from smartevse.panel.glyphs import DOTS
from smartevse.panel.screens import Frame

PIECE_S = 1.0
"""So often one line and one own character are sent again together with a resynchronisation: all is as new after 9 s."""
RETRY_FIRST_S = 1.0
RETRY_MOST_S = 30.0


class Run(NamedTuple):
    """Characters that stand side by side, counted from 0."""

    row: int
    column: int
    text: str


class Lcd(Protocol):
    """What a display driver can do (`drivers.lcd_hd44780.CharacterLcd`); everything may raise OSError."""

    def write(self, runs: Sequence[Run], /) -> None:
        """Write each run, whatever was shown there."""

    def glyphs(self, first: int, glyphs: Sequence[Sequence[int]], /) -> None:
        """Draw own characters (`panel.glyphs`) from number `first` on."""

    def resync(self) -> None:
        """Make sure that the next characters are taken as they are meant."""

    def backlight(self, on: bool, /) -> None:
        """Switch the backlight."""

    def close(self) -> None:
        """Give the display back; does not raise."""


def changes(shown: Sequence[str | None], frame: Frame) -> list[Run]:
    """The runs that turn what is shown into the frame; None is a line of which nothing is known.

    One unchanged character between two runs is sent again: that is cheaper than moving the cursor over it.
    """
    runs: list[Run] = []
    for row, (old, new) in enumerate(zip(shown, frame, strict=True)):
        if old is None:
            runs.append(Run(row, 0, new))
            continue
        start = end = -1
        for column in range(len(new)):
            if old[column] == new[column]:
                continue
            if start >= 0 and column - end > 1:
                runs.append(Run(row, start, new[start:end]))
                start = column
            elif start < 0:
                start = column
            end = column + 1
        if start >= 0:
            runs.append(Run(row, start, new[start:end]))
    return runs


class Screen:
    """The display without its thread: `step` does what is due and says when it wants to be called again."""

    def __init__(self, open_lcd: Callable[[], Lcd], say: Callable[[str], None], rows: int, name: str = "LCD") -> None:
        """`open_lcd` initialises the display or raises OSError; `say` gets the sentences for the journal."""
        self._open_lcd = open_lcd
        self._say = say
        self._name = name
        self._lcd: Lcd | None = None
        self._shown: list[str | None] = [None] * rows
        self._light: bool | None = None
        self._piece = 0
        self._piece_at_s = 0.0
        self._retry_at_s = float("-inf")
        self._pause_s = RETRY_FIRST_S
        self._lost = False

    def step(self, frame: Frame, light: bool, now_s: float) -> float:
        """Bring the display to this frame; the result is the time until the next call in seconds, at most."""
        if self._lcd is None and now_s < self._retry_at_s:
            return self._retry_at_s - now_s
        try:
            lcd = self._lcd if self._lcd is not None else self._opened(now_s)
            self._paint(lcd, frame, light, now_s)
        except OSError as error:
            self._fail(error, now_s)
            return self._retry_at_s - now_s
        self._pause_s = RETRY_FIRST_S
        if self._lost:
            self._lost = False
            self._say(f"the {self._name} answers again")
        return max(self._piece_at_s - now_s, 0.0)

    def renew(self) -> None:
        """Initialise the display anew at the next step, as after a disturbance that nothing else repairs."""
        self.close()
        self._retry_at_s = float("-inf")

    def close(self) -> None:
        """Give the display back."""
        if self._lcd is not None:
            self._lcd.close()
            self._lcd = None

    def _opened(self, now_s: float) -> Lcd:
        self._lcd = self._open_lcd()
        self._lcd.glyphs(0, DOTS)
        self._shown, self._light, self._piece = [None] * len(self._shown), None, 0
        self._piece_at_s = now_s + PIECE_S
        return self._lcd

    def _paint(self, lcd: Lcd, frame: Frame, light: bool, now_s: float) -> None:
        if light != self._light:
            lcd.backlight(light)
            self._light = light
        runs = changes(self._shown, frame)
        if runs:
            lcd.write(runs)
            self._shown = list(frame)
        if now_s >= self._piece_at_s:
            lcd.resync()
            row, glyph = self._piece % len(frame), self._piece % len(DOTS)
            lcd.glyphs(glyph, DOTS[glyph : glyph + 1])
            lcd.write([Run(row, 0, frame[row])])
            self._piece += 1
            self._piece_at_s = now_s + PIECE_S

    def _fail(self, error: OSError, now_s: float) -> None:
        self.close()
        self._retry_at_s = now_s + self._pause_s
        self._pause_s = min(self._pause_s * 2, RETRY_MOST_S)
        if not self._lost:
            self._lost = True
            self._say(
                f"the {self._name} does not answer ({error.strerror or error}): charging goes on without it, it is"
                f" tried again every {RETRY_MOST_S:.0f} s at least; check its cable and address"
            )


class Display:
    """The thread that owns the display; `show` only leaves the newest frame and never waits."""

    def __init__(self, screen: Screen, columns: int = 20, rows: int = 4) -> None:
        self._screen = screen
        self._changed = threading.Condition()
        self._frame: Frame = (" " * columns,) * rows
        self._light = True
        self._painted: tuple[Frame, bool] | None = None
        self._stop = self._renew = False
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)

    @property
    def started(self) -> bool:
        """Whether it has begun to show frames."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Begin to show frames."""
        self._thread.start()

    def show(self, frame: Frame, light: bool = True) -> None:
        """Show this frame as soon as the display is free; a frame that was not shown yet is dropped."""
        with self._changed:
            if (frame, light) != (self._frame, self._light):
                self._frame, self._light = frame, light
                self._changed.notify()

    def renew(self) -> None:
        """Initialise the display anew; also one that is absent is tried at once."""
        with self._changed:
            self._renew = True
            self._changed.notify()

    def stop(self, wait_s: float = 1.0) -> None:
        """Show what was left last and end the thread; gives up on a display that takes longer than `wait_s`."""
        with self._changed:
            self._stop = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._painted = frame, light = self._frame, self._light
                stop, renew, self._renew = self._stop, self._renew, False
            if renew:
                self._screen.renew()
            wait_s = self._screen.step(frame, light, time.monotonic())
            if stop:
                self._screen.close()
                return
            with self._changed:
                self._changed.wait_for(self._news, wait_s)

    def _news(self) -> bool:
        return self._stop or self._renew or (self._frame, self._light) != self._painted
