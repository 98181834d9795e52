from pathlib import Path

import pytest

from smartevse.recorder.keep import ALIKE, WITHIN_S, collect, recordings
from smartevse.recorder.recording import read


def freeze(run: Path, name: str, data: bytes = b"ticks") -> None:
    (run / "recorder").mkdir(exist_ok=True)
    (run / "recorder" / f"{name}.rec").write_bytes(data)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "run").mkdir()
    return tmp_path / "run", tmp_path / "state"


def kept(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "recorder").iterdir())


def test_what_is_kept_reads_like_what_was_written(folders: tuple[Path, Path], shorted: Path) -> None:
    run, state = folders
    freeze(run, "20260301-120000-pilot-short", shorted.read_bytes())
    [path] = collect(run, state)
    assert read(path).ticks == read(shorted).ticks
    assert path.stat().st_size < 0.3 * shorted.stat().st_size


def test_each_recording_is_written_once(folders: tuple[Path, Path]) -> None:
    run, state = folders
    freeze(run, "20260301-120000-rail")
    assert [path.name for path in collect(run, state)] == ["20260301-120000-rail.rec.gz"]
    assert collect(run, state) == []
    freeze(run, "20260301-120100-pins")
    assert [path.name for path in collect(run, state)] == ["20260301-120100-pins.rec.gz"]
    assert len(list((run / "recorder").iterdir())) == 2, "what the guard has is only read"


def test_the_last_twenty_stay(folders: tuple[Path, Path]) -> None:
    run, state = folders
    for day in range(1, 27):
        for path in (run / "recorder").glob("*"):
            path.unlink()
        freeze(run, f"202603{day:02}-120000-rail")
        collect(run, state)
    assert kept(state) == [f"202603{day:02}-120000-rail.rec.gz" for day in range(7, 27)]


def test_a_fault_that_flutters_is_kept_a_few_times_in_some_hours_and_another_fault_all_the_same(
    folders: tuple[Path, Path],
) -> None:
    run, state = folders
    written = 0
    for minute in range(0, 24 * 60, 2):
        for path in (run / "recorder").glob("*"):
            path.unlink()
        freeze(run, f"20260301-{minute // 60:02}{minute % 60:02}00-rail")
        written += len(collect(run, state)) + len(collect(run, state))
    assert written == 24 * 3600 // WITHIN_S * ALIKE
    freeze(run, "20260301-235930-pins")
    assert [path.name for path in collect(run, state)] == ["20260301-235930-pins.rec.gz"]


def test_an_old_one_that_would_not_stay_is_not_written_again_and_again(folders: tuple[Path, Path]) -> None:
    run, state = folders
    for day in range(10, 13):
        freeze(run, f"202603{day}-120000-rail")
    collect(run, state, keep=3)
    freeze(run, "20200101-000000-pins")
    assert collect(run, state, keep=3) == []
    assert len(kept(state)) == 3


def test_without_a_guard_there_is_nothing(folders: tuple[Path, Path]) -> None:
    run, state = folders
    assert collect(run, state) == []
    assert recordings(run, state) == []
    assert not state.exists(), "nothing is made without need"


def test_one_recording_is_listed_once_wherever_it_is(folders: tuple[Path, Path]) -> None:
    run, state = folders
    freeze(run, "20260301-120000-rail")
    collect(run, state)
    freeze(run, "20260301-120100-pins")
    assert [path.name for path in recordings(run, state)] == ["20260301-120000-rail.rec.gz", "20260301-120100-pins.rec"]
