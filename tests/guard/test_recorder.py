from pathlib import Path

import pytest

from smartevse.core.faults import Fault
from smartevse.core.pilot import Level
from smartevse.core.record import HEADER_BYTES, TABLES, TICKS
from smartevse.core.signals import Permit
from smartevse.core.states import Hold, State
from smartevse.core.tick import Memory, Report
from smartevse.drivers.ring_file import CRC_BYTES, RING, SPARE
from smartevse.guard import recorder
from smartevse.guard.recorder import AFTER_MS, KEEP, FlightRecorder
from smartevse.hal.board import Sample
from smartevse.recorder.recording import Recording, read

NOON_MS = 1_772_366_400_000
"""2026-03-01 12:00:00 UTC."""
FILE_BYTES = HEADER_BYTES + sum(count * (size + CRC_BYTES) for count, size in TABLES)
SAMPLE = Sample((2000,) * 8, 1, 2, 4)
QUIET = Report(State.A, Level.A, Hold.NO_CAR, 0, 0, 0, None)


class Days:
    """A recorder that is fed tick after tick; `wall_ms` is the time of day."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_ms = folder, 0
        self.recorder = FlightRecorder(folder, 1, lambda: NOON_MS + self.now_ms)

    def ticks(self, count: int, *faults: Fault) -> None:
        report = QUIET._replace(faults=sum(1 << fault for fault in faults))
        for _ in range(count):
            self.now_ms += 10
            self.recorder.append(self.now_ms, SAMPLE, None, Memory(), report)

    def frozen(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.rec"))

    def only(self) -> Recording:
        [name] = self.frozen()
        return read(self.folder / name)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "recorder")


def test_without_a_fault_nothing_is_kept_and_nothing_grows(days: Days) -> None:
    days.ticks(3 * TICKS)
    assert sorted(path.name for path in days.folder.iterdir()) == [RING, SPARE]
    assert {path.stat().st_size for path in days.folder.iterdir()} == {FILE_BYTES}
    days.recorder.close(asked=True)
    assert list(days.folder.iterdir()) == []


def test_a_fault_keeps_the_minute_around_it_under_its_name(days: Days) -> None:
    days.ticks(2 * TICKS)
    days.ticks(1, Fault.WELDED)
    days.ticks(AFTER_MS // 10 - 1, Fault.WELDED)
    assert days.frozen() == []
    days.ticks(1)
    recording = days.only()
    assert days.frozen() == ["20260301-120210-welded.rec"]
    assert len(recording.ticks) == TICKS
    assert [tick.number for tick in recording.ticks] == list(range(2 * TICKS - 4998, 2 * TICKS + 1002))
    [(tick, bits)] = recording.new_faults()
    assert (tick.number, bits) == (2 * TICKS + 1, 1 << Fault.WELDED)
    assert f"{recording.at(tick):%Y-%m-%d %H:%M:%S.%f}" == "2026-03-01 12:02:00.010000"


def test_no_tick_is_in_two_files_and_none_is_lost_between_faults(days: Days) -> None:
    days.ticks(100)
    for _ in range(20):
        days.ticks(1, Fault.RAIL)
        days.ticks(700)
    first, *others = (read(days.folder / name) for name in days.frozen())
    assert len(others) == 2
    for other in others:
        assert other.ticks[0].number == first.ticks[-1].number + 1
        first = other


def test_a_fault_that_goes_on_keeps_one_file(days: Days) -> None:
    days.ticks(100)
    days.ticks(3 * TICKS, Fault.RAIL)
    assert days.frozen() == ["20260301-120011-rail.rec"]


def test_of_many_faults_the_newest_stay_in_memory(days: Days) -> None:
    for _ in range(KEEP + 3):
        days.ticks(1, Fault.PINS)
        days.ticks(TICKS)
    assert len(days.frozen()) == KEEP
    assert read(days.folder / days.frozen()[-1]).ticks[-1].number > (KEEP + 2) * TICKS


def test_what_a_killed_guard_left_is_kept_by_the_next_one(days: Days) -> None:
    days.ticks(250)
    Days(days.folder)
    recording = days.only()
    assert days.frozen() == ["20260301-120000-guard-ended.rec"]
    assert [tick.number for tick in recording.ticks] == list(range(1, 251))
    Days(days.folder)
    assert len(days.frozen()) == 1, "a guard that never ticked has left nothing"


@pytest.mark.parametrize(("asked", "fault", "name"), [(False, 0, "guard-ended"), (True, 1 << Fault.PINS, "pins")])
def test_the_end_keeps_what_would_be_missed(days: Days, asked: bool, fault: int, name: str) -> None:
    days.ticks(50, *(Fault(fault.bit_length() - 1),) if fault else ())
    days.recorder.close(asked=asked)
    assert [path.name for path in days.folder.iterdir()] == [f"20260301-120000-{name}.rec"]


def test_a_record_holds_every_bit_that_was_decided(days: Days) -> None:
    outputs = Memory().outputs
    permit = Permit(offer_da=800, charge=True, phases=1, hold_ms=30, resets=255, wake=True)
    report = Report(State.C, Level.E, Hold.DELAY, 1 << Fault.PINS | 1, 320, 130, None)
    for duty, on in ((0, True), (1000, False), (640, True)):
        changed = type(outputs)(duty, on, not on, on, not on, on, not on)
        days.now_ms += 10
        days.recorder.append(days.now_ms, SAMPLE, permit, Memory(outputs=changed), report)
        days.recorder.append(days.now_ms, SAMPLE, None, Memory(outputs=changed), report)
    days.recorder.close(asked=False)
    ticks = days.only().ticks
    assert [tick.permit for tick in ticks] == [permit, None] * 3
    assert {tick.report for tick in ticks} == {report}
    assert {tick.sample for tick in ticks} == {SAMPLE}
    assert [(t.outputs.duty_permille, t.outputs.c1, t.outputs.heartbeat) for t in ticks[::2]] == [
        (0, True, False),
        (1000, False, True),
        (640, True, False),
    ]


def test_a_folder_that_vanishes_ends_nothing(days: Days) -> None:
    for path in days.folder.iterdir():
        path.unlink()
    days.folder.rmdir()
    days.ticks(10)
    days.ticks(2 * TICKS, Fault.PINS)
    days.recorder.close(asked=False)


def test_a_guard_that_cannot_record_says_so_and_guards_on(tmp_path: Path) -> None:
    (tmp_path / "recorder").write_text("in the way")
    said: list[str] = []
    assert recorder.beside(tmp_path / "guard.sock", 1, said.append) is None
    [sentence] = said
    assert sentence.startswith("no flight recorder (")
    assert str(tmp_path / "recorder") in sentence
