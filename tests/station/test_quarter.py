"""The month's highest quarter of an hour as the ceiling: counted by the meter's currents, kept over a restart."""

from __future__ import annotations

import calendar
import json
from pathlib import Path

import pytest

from smartevse.core.capacity import LEAST_PEAK_W, QUARTER_S, amps_of
from smartevse.core.measurement import Reading
from smartevse.station.quarter import FILE_NAME, MOST_A, QuarterBudget

START_S = calendar.timegm((2026, 6, 10, 12, 0, 0))
LEAST_A = amps_of(LEAST_PEAK_W)


class House:
    """A house with a car that takes all that the budget leaves; the meter is read every 2 s."""

    def __init__(self, folder: Path, wall_s: float = START_S) -> None:
        self.folder, self.wall_s, self.now_s = folder, wall_s, 1000.0
        self.right = True
        self.house_a = 2.0
        self.most_a = 48
        self.took_a = 0.0
        self.energy_wh: dict[int, float] = {}
        self.start()

    def start(self) -> None:
        self.budget = QuarterBudget(self.folder, lambda: int(self.wall_s) if self.right else None)

    def look(self) -> int:
        third_da = (self.house_a + self.took_a) * 10 / 3
        return self.budget.amps(Reading(third_da, third_da, third_da, self.now_s))

    def run(self, seconds: int) -> int:
        amps = 0
        for _ in range(seconds // 2):
            amps = self.look()
            number = int(self.wall_s) // QUARTER_S
            used_wh = (self.house_a + self.took_a) * 230 * 2 / 3600
            self.energy_wh[number] = self.energy_wh.get(number, 0.0) + used_wh
            self.took_a = max(0.0, min(self.most_a, amps - self.house_a))
            self.now_s += 2
            self.wall_s += 2
        return amps

    def averages_w(self) -> list[float]:
        return [wh * 3600 / QUARTER_S for wh in self.energy_wh.values()]


def test_a_car_that_takes_all_there_is_keeps_every_quarter_below_the_least_peak(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.run(4 * QUARTER_S)
    assert len(house.averages_w()) == 4
    assert max(house.averages_w()) <= LEAST_PEAK_W
    assert min(house.averages_w()) > 0.9 * LEAST_PEAK_W, "and uses what is left"


def test_a_quarter_that_the_house_made_higher_is_the_ceiling_until_the_month_is_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.house_a, house.most_a = 26.0, 0
    house.run(QUARTER_S)
    house.house_a, house.most_a = 2.0, 48
    house.run(2 * QUARTER_S)
    assert house.averages_w()[-1] == pytest.approx(26 * 230, rel=0.05)
    house.wall_s = calendar.timegm((2026, 7, 1, 0, 0, 0))
    assert house.run(4) <= LEAST_A + 1


def test_a_restart_in_the_middle_counts_what_nobody_saw_as_the_ceiling(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.run(600)
    house.budget.keep()
    unseen_s = 120
    number = int(house.wall_s) // QUARTER_S
    house.energy_wh[number] += 2 * 230 * unseen_s / 3600
    house.wall_s += unseen_s
    house.now_s = 5.0  # another life of the machine
    house.start()
    house.took_a = 0.0
    house.run(QUARTER_S - 600 - unseen_s - 2)
    assert house.averages_w()[0] <= LEAST_PEAK_W


def test_a_first_start_in_the_middle_of_a_quarter_takes_no_credit_from_what_was_before(tmp_path: Path) -> None:
    assert House(tmp_path, START_S + 600).look() == LEAST_A


def test_while_the_time_is_not_known_the_ceiling_itself_is_kept(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.right = False
    assert {house.look() for _ in range(5)} == {LEAST_A}
    assert not house.budget.unkept


def test_a_meter_that_is_silent_for_long_is_no_house_that_takes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.most_a = 0
    house.run(60)
    house.now_s += 600
    house.wall_s += 600
    assert house.look() <= LEAST_A + 2, "only the minute that was seen leaves some credit"


def test_it_is_written_seldom_and_whole(tmp_path: Path) -> None:
    house, written = House(tmp_path), 0
    for _ in range(QUARTER_S // 2):
        house.run(2)
        if house.budget.unkept:
            assert house.budget.keep() is None
            written += 1
    assert 3 <= written <= 5
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8"))["quarter"]["peak_w"] == LEAST_PEAK_W


@pytest.mark.parametrize("text", ["", "{}", '{"quarter": 5}', "nan", '{"quarter": {"number": 1}}'])
def test_a_damaged_file_is_a_new_beginning(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    assert 1 <= House(tmp_path).look() <= LEAST_A + 1


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    house = House(tmp_path / "missing")
    house.look()
    assert "cannot be kept" in str(house.budget.keep())


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 2e4])
def test_readings_that_cannot_be_true_are_not_counted(tmp_path: Path, bad: float) -> None:
    house = House(tmp_path)
    house.run(20)
    assert 1 <= house.budget.amps(Reading(bad, 0, 0, house.now_s)) <= MOST_A
    assert 1 <= house.run(4) <= MOST_A
