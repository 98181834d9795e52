from pathlib import Path

import pytest

from smartevse.core.wear import REMEMBERED, Wear
from smartevse.guard.wire import Flag, Status
from smartevse.station.wear_watch import FILE_NAME, KEEP_EVERY_S, WearWatch, read, write

WEAR = Wear(1234, 5, (30, 40), (40, 50))


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path) == (Wear(), None)
    assert write(tmp_path, WEAR) is None
    assert read(tmp_path) == (WEAR, None)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cycles": "x"}', '{"cycles": 1, "loaded": 2, "new_ms": 3}', "\x00"]
)
def test_a_damaged_file_is_told_and_the_count_starts_again(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    wear, sentence = read(tmp_path)
    assert wear == Wear()
    assert sentence is not None
    assert "start again from nought" in sentence


def test_a_folder_that_is_not_there_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    sentence = write(tmp_path / "missing", WEAR)
    assert sentence is not None
    assert "count on in memory" in sentence


def closing_and_opening(watch: WearWatch, number: int, time_ms: int) -> str | None:
    watch.look(Status(c1_cycles=number, flags=Flag.C1))
    return watch.look(Status(c1_cycles=number, opening_ms=time_ms))


def test_a_contactor_that_becomes_slow_is_told_once_and_kept_for_the_next_start(tmp_path: Path) -> None:
    watch = WearWatch(tmp_path)
    watch.look(Status())
    said = [closing_and_opening(watch, number, 30 if number <= REMEMBERED else 90) for number in range(1, 60)]
    (sentence,) = [text for text in said if text]
    assert "ms more slowly than when it was new" in sentence
    assert "have it replaced" in sentence
    assert watch.keep(0) is None
    assert WearWatch(tmp_path).wear == watch.wear
    assert watch.wear.cycles == 59


def test_a_restarted_station_does_not_count_again_what_the_guard_has_counted(tmp_path: Path) -> None:
    watch = WearWatch(tmp_path)
    watch.look(Status(c1_cycles=7))
    watch.look(Status(c1_cycles=8))
    assert watch.wear.cycles == 1


def test_the_file_is_written_while_open_and_not_all_the_time(tmp_path: Path) -> None:
    watch = WearWatch(tmp_path)
    watch.look(Status())
    closed, opened = Status(c1_cycles=1, flags=Flag.C1), Status(c1_cycles=1, opening_ms=30)
    assert not watch.due(Status(), 0)
    watch.look(closed)
    assert not watch.due(closed, 0)
    watch.look(opened)
    assert watch.due(opened, 0)
    watch.keep(0)
    closing_and_opening(watch, 2, 40)
    assert not watch.due(opened, KEEP_EVERY_S - 1)
    assert watch.due(opened, KEEP_EVERY_S)
