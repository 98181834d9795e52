"""What the guard recorded reaches the disk, whole and to be replayed, from real processes."""

from __future__ import annotations

import signal
from pathlib import Path

from smartevse.recorder.recording import read
from smartevse.recorder.replay import replay
from tests.end_to_end.harness import rig


def test_the_minute_before_a_guard_was_killed_is_kept_and_replays_bit_by_bit(tmp_path: Path) -> None:
    with rig(tmp_path) as station:
        _, guard, _ = station.all()
        for command in ("cable 220", "ev plug", "ev ready"):
            station.do(command)
        station.until(lambda: station.world()["contactors"]["c1"], "the contactor closes")
        guard.stop(signal.SIGKILL)
        station.guard()
        folder = tmp_path / "state" / "recorder"
        [kept] = station.until(lambda: list(folder.glob("*-guard-ended.rec.gz")), "the recording is kept")
        recording = read(kept)
        result = replay(recording)
    assert result.difference == ""
    assert result.ticks + result.skipped == len(recording.ticks)
    assert any(tick.outputs.c1 for tick in recording.ticks)
