from __future__ import annotations

import threading
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from smartevse.drivers.lcd_pigpio import pigpio_lcd
from smartevse.panel.display import PIECE_S, RETRY_MOST_S, Display, Run, Screen, changes
from smartevse.panel.glyphs import DOTS, READABLE
from smartevse.panel.screens import Frame
from tests.drivers.lcd_bench import LcdPi

BLANK: Frame = (" " * 20,) * 4
FRAME: Frame = ("CHARGING       16.0A", "16.0 A: cable       ", "11.0kW 12.34kWh     ", "16.0 15.9 16.1A     ")


class Glass:
    """A display in memory that can be absent."""

    def __init__(self) -> None:
        self.lines = [" " * 20] * 4
        self.drawn: list[tuple[int, ...]] = [()] * len(DOTS)
        self.light = False
        self.there = True
        self.opened = self.written = self.resyncs = 0
        self.shown = threading.Event()

    def open(self) -> Glass:
        self._check()
        self.opened += 1
        return self

    def write(self, runs: Sequence[Run]) -> None:
        self._check()
        for row, column, text in runs:
            line = self.lines[row]
            self.lines[row] = line[:column] + text + line[column + len(text) :]
            self.written += len(text)
        if tuple(self.lines) == FRAME:
            self.shown.set()

    def glyphs(self, first: int, glyphs: Sequence[Sequence[int]]) -> None:
        self._check()
        self.drawn[first : first + len(glyphs)] = [tuple(glyph) for glyph in glyphs]

    def resync(self) -> None:
        self._check()
        self.resyncs += 1

    def backlight(self, on: bool) -> None:
        self._check()
        self.light = on

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if not self.there:
            raise OSError("I2C: I2C write failed")


def made(glass: Glass) -> tuple[Screen, list[str]]:
    said: list[str] = []
    return Screen(glass.open, said.append, rows=4), said


lines = st.text(st.sampled_from("AB "), min_size=20, max_size=20)
frames = st.tuples(lines, lines, lines, lines)


@given(frames, frames)
def test_the_changes_turn_one_frame_into_the_other(old: Frame, new: Frame) -> None:
    glass = Glass()
    glass.lines = list(old)
    runs = changes(old, new)
    glass.write(runs)
    assert tuple(glass.lines) == new
    assert all(old[row][column] != new[row][column] for row, column, _ in runs)
    assert (runs == []) == (old == new)


def test_one_unchanged_character_between_two_is_sent_along_two_are_not() -> None:
    assert changes(("aaaaaaaa",), ("babaabaa",)) == [Run(0, 0, "bab"), Run(0, 5, "b")]


def test_only_what_changed_is_sent() -> None:
    glass = Glass()
    screen, _ = made(glass)
    screen.step(FRAME, True, 0.0)
    before = glass.written
    screen.step((FRAME[0].replace("16.0A", "15.9A"), *FRAME[1:]), True, 0.1)
    assert glass.written - before == 3
    screen.step((FRAME[0].replace("16.0A", "15.9A"), *FRAME[1:]), True, 0.2)
    assert glass.written - before == 3


def test_the_backlight_follows() -> None:
    glass = Glass()
    screen, _ = made(glass)
    screen.step(FRAME, True, 0.0)
    assert glass.light
    screen.step(FRAME, False, 0.1)
    assert not glass.light


def test_garbage_is_repaired_within_ten_seconds_by_one_line_at_a_time() -> None:
    glass = Glass()
    screen, _ = made(glass)
    now_s = 0.0
    for _ in range(3):
        now_s += screen.step(FRAME, True, now_s)
    glass.lines, glass.drawn = ["garbage".ljust(20)] * 4, [(0,) * 8] * len(DOTS)
    garbled_s = now_s
    while tuple(glass.lines) != FRAME or glass.drawn != list(DOTS):
        before = glass.written
        now_s += screen.step(FRAME, True, now_s)
        assert glass.written - before <= 20
        assert now_s - garbled_s <= 10.0
    assert now_s - garbled_s <= 9 * PIECE_S


def test_the_real_driver_repairs_a_real_disturbance_within_ten_seconds() -> None:
    pi = LcdPi()
    screen = Screen(lambda: pigpio_lcd(pi), print, rows=4)
    now_s = screen.step(FRAME, True, 0.0)
    pi.lcd.glitch()
    moving = ("CHARGING       15.9A", *FRAME[1:])
    screen.step(moving, True, now_s - 0.01)  # the next change is written into the disturbed display
    while now_s <= 10.0 and tuple(pi.lcd.lines()) != moving:
        now_s += screen.step(moving, True, now_s)
    assert tuple(pi.lcd.lines()) == moving


def test_every_character_of_a_frame_is_on_the_real_drivers_glass_with_its_dots() -> None:
    pi = LcdPi()
    screen = Screen(lambda: pigpio_lcd(pi), print, rows=4)
    own = "".join(READABLE)
    drawn = (own.ljust(20), "abc xyz ABC XYZ 0123", "!#$%&'()*+,-./:;<=>?", "@[]^_`{|}            "[:20])
    screen.step(drawn, True, 0.0)
    assert tuple(pi.lcd.lines()) == drawn
    assert pi.lcd.cgram() == [list(dots) for dots in DOTS]
    assert pi.lcd.too_early == 0


def test_the_repair_draws_each_of_our_own_characters_in_its_place() -> None:
    pi = LcdPi()
    screen = Screen(lambda: pigpio_lcd(pi), print, rows=4)
    now_s = screen.step(FRAME, True, 0.0)
    pi.lcd._glyphs[:] = bytes(64)  # a disturbance that took them all
    while now_s <= 10.0 and pi.lcd.cgram() != [list(dots) for dots in DOTS]:
        now_s += screen.step(FRAME, True, now_s)
    assert pi.lcd.cgram() == [list(dots) for dots in DOTS]
    assert now_s <= 9 * PIECE_S
    assert tuple(pi.lcd.lines()) == FRAME


def test_setting_up_anew_initialises_and_paints_all_at_once_also_a_display_that_was_absent() -> None:
    glass = Glass()
    screen, _ = made(glass)
    screen.step(FRAME, True, 0.0)
    glass.lines = ["?" * 20] * 4
    screen.renew()
    screen.step(FRAME, True, 0.1)
    assert (tuple(glass.lines), glass.opened) == (FRAME, 2)
    glass.there = False
    screen.step(BLANK, True, 0.2)
    glass.there = True
    screen.renew()
    screen.step(FRAME, True, 0.3)
    assert (tuple(glass.lines), glass.opened) == (FRAME, 3)


def test_a_display_that_is_absent_is_said_once_and_tried_again_with_growing_pauses() -> None:
    glass = Glass()
    glass.there = False
    screen, said = made(glass)
    now_s, pauses = 0.0, []
    for _ in range(8):
        pauses.append(screen.step(FRAME, True, now_s))
        now_s += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert max(pauses) == RETRY_MOST_S
    (sentence,) = said
    assert "does not answer (I2C: I2C write failed)" in sentence


def test_new_frames_do_not_hurry_the_next_try() -> None:
    glass = Glass()
    glass.there = False
    screen, _ = made(glass)
    screen.step(FRAME, True, 0.0)
    glass.there = True
    assert screen.step(BLANK, True, 0.5) == 0.5
    assert glass.opened == 0


def test_a_display_that_comes_back_is_initialised_and_painted_as_a_whole() -> None:
    glass = Glass()
    screen, said = made(glass)
    screen.step(FRAME, True, 0.0)
    glass.there = False
    screen.step(BLANK, True, 0.1)
    glass.there, glass.lines = True, ["?" * 20] * 4
    screen.step(FRAME, True, 1.2)
    assert tuple(glass.lines) == FRAME
    assert glass.opened == 2
    assert [sentence.split("(")[0] for sentence in said] == ["the LCD does not answer ", "the LCD answers again"]


def test_the_thread_shows_the_newest_frame_and_stops() -> None:
    glass = Glass()
    screen, _ = made(glass)
    display = Display(screen)
    display.show(BLANK)
    display.start()
    display.show(("older               ",) * 4)
    display.show(FRAME)
    assert glass.shown.wait(10)
    display.stop(10)
    assert tuple(glass.lines) == FRAME
    assert "display" not in [thread.name for thread in threading.enumerate()]


def test_leaving_a_frame_does_not_wait_for_a_display_that_hangs() -> None:
    release, entered = threading.Event(), threading.Event()

    class Hanging(Glass):
        def write(self, runs: Sequence[Run]) -> None:
            entered.set()
            release.wait(10)
            super().write(runs)

    glass = Hanging()
    display = Display(Screen(glass.open, print, rows=4))
    display.start()
    assert entered.wait(10)
    display.show(FRAME)  # would wait here for ever
    release.set()
    assert glass.shown.wait(10)
    display.stop(10)
