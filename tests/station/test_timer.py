"""TIMER holds the car back until its time, and remembers its plan over restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.reasons import Why
from smartevse.core.schedule import DAY_S
from smartevse.settings.offered import OPEN_END
from smartevse.settings.values import Values, default_values
from smartevse.station.timer import FILE_NAME, Timer
from smartevse.station.wall_clock import WallClock

DAY_0 = 20_000 * DAY_S


def clock(text: str, day: int = 0) -> int:
    hours, minutes = text.split(":")
    return DAY_0 + day * DAY_S + int(hours) * 3600 + int(minutes) * 60


def settings(kind: str, on: str, off: str = "") -> Values:
    minutes = [(clock(text) - DAY_0) // 60 for text in (on, off) if text]
    off_min = minutes[1] if off else OPEN_END
    return default_values().changed({"timer": kind, "timer_on": minutes[0], "timer_off": off_min})


class Nights:
    """A timer under a clock that the test sets; `None`: nobody knows the time."""

    def __init__(self, directory: Path, values: Values) -> None:
        self.directory, self.values = directory, values
        self.wall_s: int | None = None
        self.timer = Timer(directory, lambda: self.wall_s)

    def at(self, text: str, day: int = 0, *, connected: bool = True) -> Why | None:
        self.wall_s = clock(text, day)
        return self.why(connected=connected)

    def why(self, *, connected: bool = True) -> Why | None:
        limits = self.timer.limits(self.values, connected=connected)
        assert all(limit.offer_da == 0 for limit in limits)
        return limits[0].why if limits else None

    def restart(self) -> None:
        if self.timer.unkept:
            assert self.timer.keep() is None
        self.timer = Timer(self.directory, lambda: self.wall_s)


@pytest.mark.parametrize("kind", ["once", "daily"])
def test_a_car_waits_for_the_window_and_stops_at_its_end(tmp_path: Path, kind: str) -> None:
    nights = Nights(tmp_path, settings(kind, "23:00", "06:30"))
    assert nights.at("20:00") is Why.SCHEDULE
    assert nights.at("22:59") is Why.SCHEDULE
    assert nights.at("23:00") is None
    assert nights.at("06:29", day=1) is None
    assert nights.at("06:30", day=1) is (Why.SCHEDULE if kind == "daily" else Why.SCHEDULE_OVER)
    assert nights.at("23:01", day=1) is (None if kind == "daily" else Why.SCHEDULE_OVER)


def test_a_window_that_is_open_when_the_timer_is_set_counts(tmp_path: Path) -> None:
    assert Nights(tmp_path, settings("daily", "23:00", "06:30")).at("02:00") is None
    assert Nights(tmp_path, settings("once", "01:00", "06:30")).at("02:00") is None


def test_once_without_an_end_goes_on_until_the_timer_is_set_anew_also_over_restarts(tmp_path: Path) -> None:
    nights = Nights(tmp_path, settings("once", "23:00"))
    assert nights.at("20:00") is Why.SCHEDULE
    nights.restart()
    assert nights.at("22:00") is Why.SCHEDULE
    assert nights.at("23:00") is None
    nights.restart()
    assert nights.at("09:00", day=1) is None
    nights.values = settings("disabled", "23:00")
    assert nights.at("09:00", day=1) is None
    nights.restart()
    assert not (tmp_path / FILE_NAME).exists()
    nights.values = settings("once", "23:00")
    assert nights.at("09:00", day=1) is Why.SCHEDULE


def test_daily_without_an_end_waits_for_the_next_start_when_another_car_comes(tmp_path: Path) -> None:
    nights = Nights(tmp_path, settings("daily", "23:00"))
    assert nights.at("20:00") is Why.SCHEDULE
    assert nights.at("23:00") is None
    assert nights.at("07:00", day=1) is None
    nights.at("07:30", day=1, connected=False)
    assert nights.at("18:00", day=1) is Why.SCHEDULE
    assert nights.at("23:00", day=1) is None


def test_a_plan_waits_until_the_time_is_known(tmp_path: Path) -> None:
    nights = Nights(tmp_path, settings("daily", "23:00", "06:30"))
    assert nights.why() is Why.NO_CLOCK
    assert nights.at("23:30") is None


def test_a_clock_that_is_set_back_does_not_postpone_a_plan_by_days(tmp_path: Path) -> None:
    for kind in ("once", "daily"):
        nights = Nights(tmp_path, settings(kind, "23:00"))
        assert nights.at("20:00", day=40) is Why.SCHEDULE
        assert nights.at("20:00") is Why.SCHEDULE
        assert nights.at("23:00") is None, kind
        (tmp_path / FILE_NAME).unlink(missing_ok=True)


@given(st.binary(max_size=80) | st.sampled_from([b"{}", b'{"wish": [1,2,3], "plan": {"start_s": 1e999}}', b"[]"]))
def test_a_damaged_file_is_a_new_plan(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("timer")
    (folder / FILE_NAME).write_bytes(content)
    assert Nights(folder, settings("once", "23:00")).at("20:00") is Why.SCHEDULE


def test_a_plan_that_cannot_be_kept_is_said_and_stays_in_force(tmp_path: Path) -> None:
    nights = Nights(tmp_path / "not there", settings("once", "23:00"))
    nights.at("20:00")
    assert "cannot be kept" in (nights.timer.keep() or "")
    assert nights.at("20:01") is Why.SCHEDULE


def test_the_clock_counts_once_it_was_right_and_is_asked_now_and_then_until_then() -> None:
    asked: list[float] = []
    now_s, right = 0.0, False

    def is_right() -> bool:
        asked.append(now_s)
        return right

    wall = WallClock(lambda: 7, is_right, lambda: now_s)
    for later_s in (0.0, 1.0, 3.0, 1.0):
        now_s += later_s
        assert wall.now_s() is None
    right = True
    now_s = 10.0
    assert wall.now_s() == 7
    right = False
    assert wall.now_s() == 7
    assert asked == [0.0, 5.0, 10.0]
