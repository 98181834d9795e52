from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smartevse.core.charger import step
from smartevse.core.pilot import Level
from smartevse.core.record import TICKS
from smartevse.core.signals import Inputs, Outputs, Permit
from smartevse.core.states import Hold, State
from smartevse.core.tick import Memory, Report
from smartevse.physics.world import World
from smartevse.recorder.recording import Recording, RecordingError, read
from smartevse.recorder.replay import replay
from tests.recorder.recorded import record


def welds_and_the_car_lets_go(world: World) -> None:
    world.inject("weld-c1")
    world.ev.ready(False)


HAPPENINGS: tuple[Callable[[World], None], ...] = (
    lambda world: world.inject("no-diode"),
    lambda world: world.inject("cp-noise"),
    lambda world: world.inject("rail-low"),
    welds_and_the_car_lets_go,
    lambda world: world.inject("pwm-stuck-low"),
    lambda world: world.inject("adc-frozen"),
    lambda world: world.inject("heartbeat-cut"),
)


@pytest.mark.parametrize("happens", HAPPENINGS)
def test_every_decision_of_the_guard_comes_out_again_bit_by_bit(
    happens: Callable[[World], None], tmp_path: Path
) -> None:
    recording = read(record(tmp_path / "recorder", happens))
    assert recording.new_faults()
    assert replay(recording) == (len(recording.ticks), 0, "", None)


def test_a_ring_that_went_round_is_replayed_from_its_oldest_memory(tmp_path: Path) -> None:
    recording = read(record(tmp_path / "recorder", lambda world: world.inject("cp-short"), before_s=60))
    result = replay(recording)
    assert len(recording.ticks) == TICKS
    assert 0 < result.skipped < 100
    assert result == (TICKS - result.skipped, result.skipped, "", None)


def changed(recording: Recording, number: int, **parts: Any) -> Recording:
    ticks = tuple(replace(tick, **parts) if tick.number == number else tick for tick in recording.ticks)
    return replace(recording, ticks=ticks)


def test_one_flipped_sample_is_found(shorted: Path) -> None:
    recording = read(shorted)
    charging = next(tick for tick in recording.ticks if tick.report.state is State.C)
    flipped = replace(charging.sample, levels=charging.sample.levels ^ 1 << 23)
    result = replay(changed(recording, charging.number + 50, sample=flipped))
    assert result.at is not None
    assert result.at.number == charging.number + 50


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"outputs": Outputs(c1=True)}, "outputs: "),
        ({"permit": None}, "state: "),
        ({"report": Report(State.A, Level.A, Hold.NO_CAR, 1 << 21, 0, 0, None)}, "state: faults was 2097152, now 0"),
    ],
)
def test_one_changed_decision_or_permit_is_found(shorted: Path, parts: dict[str, Any], says: str) -> None:
    recording = read(shorted)
    number = 90 if "report" in parts else 300
    result = replay(changed(recording, number, **parts))
    assert result.at is not None
    assert result.at.number == number
    assert result.difference.startswith(says)


def test_a_core_that_decides_otherwise_is_found(shorted: Path) -> None:
    def hasty(memory: Memory, inputs: Inputs, permit: Permit | None, now_ms: int) -> tuple[Memory, Outputs, Report]:
        """Does not believe in shorts."""
        return step(memory, replace(inputs, cp_high_mv=max(inputs.cp_high_mv, 6000)), permit, now_ms)

    recording = read(shorted)
    result = replay(recording, hasty)
    [(tick, _)] = recording.new_faults()
    assert result.at is not None
    assert tick.number - 3 <= result.at.number <= tick.number


def test_a_memory_that_drifts_is_found_at_the_next_snapshot(shorted: Path) -> None:
    def counting(memory: Memory, inputs: Inputs, permit: Permit | None, now_ms: int) -> tuple[Memory, Outputs, Report]:
        """Counts the cycles of the contactor twice: nothing else depends on them."""
        after, outputs, report = step(memory, inputs, permit, now_ms)
        cycles = after.contactor.cycles + (after.contactor.cycles - memory.contactor.cycles)
        return after._replace(contactor=after.contactor._replace(cycles=cycles)), outputs, report

    result = replay(read(shorted), counting)
    assert result.difference == "memory: contactor.cycles was 1, now 2"


def test_without_a_memory_it_says_why_it_cannot_start(shorted: Path) -> None:
    with pytest.raises(RecordingError, match="holds no memory that this version can start from"):
        replay(replace(read(shorted), memories={}))


def test_an_unknown_hat_is_refused(shorted: Path) -> None:
    with pytest.raises(RecordingError, match="hat revision 9, but only 1 is known"):
        replay(replace(read(shorted), hat_revision=9))
