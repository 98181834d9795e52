"""The proof test against a one-shot of any life, with ticks that come late."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from smartevse.core.proof import EXPIRES_FROM_MS, EXPIRES_TO_MS, Failure, Proof, Step, next_proof
from smartevse.core.signals import Inputs
from tests.support.ideal_hat import IdealHat

LIVES_MS = (90, 95, 100, 105, 110)
"""The one-shot of the hat, 90 to 110 ms after the last pulse."""
DRIVE_MS = 1
"""From the readings of a tick to its pulse."""


@dataclass
class OneShot:
    """A guard that does nothing but the test, and the one-shot that it feeds."""

    life_ms: int
    proof: Proof = field(default_factory=Proof)
    now_ms: int = 5_000
    beat_ms: int = 4_991

    def tick(self, *, beats: bool = True, read_ms: int = 0) -> None:
        """One tick; its readings come after `read_ms`, and its time is that of its beginning."""
        alive = self.now_ms + read_ms - self.beat_ms < self.life_ms
        self.proof = next_proof(self.proof, readings(wd_ok=alive), self.now_ms, may_run=True, rcm=False)
        self.now_ms += read_ms
        if self.proof.beats and beats:
            self.beat_ms = self.now_ms + DRIVE_MS

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick()
            self.now_ms += 10


def readings(*, wd_ok: bool) -> Inputs:
    hat = IdealHat(override={"wd_ok": wd_ok})
    return hat.inputs()


@pytest.mark.parametrize("life_ms", LIVES_MS)
def test_a_one_shot_within_its_tolerance_passes(life_ms: int) -> None:
    hat = OneShot(life_ms)
    hat.run(60)
    assert hat.proof.passed
    assert EXPIRES_FROM_MS <= hat.proof.expired_after_ms <= EXPIRES_TO_MS + 10


@pytest.mark.parametrize("life_ms", [0, 50, 70, 130, 200, 10_000])
def test_a_one_shot_outside_it_fails(life_ms: int) -> None:
    hat = OneShot(life_ms)
    hat.run(80)
    assert hat.proof.failure is Failure.WATCHDOG
    assert not hat.proof.passed


@pytest.mark.parametrize("withheld", [False, True], ids=["after its pulse", "before its pulse"])
@pytest.mark.parametrize("stall_ms", [20, 50, 90, 130, 300, 1000])
def test_a_guard_that_was_stopped_for_a_moment_does_not_find_a_good_one_shot_broken(
    stall_ms: int, withheld: bool
) -> None:
    for life_ms in LIVES_MS:
        for at in range(60):
            hat = OneShot(life_ms)
            hat.run(at)
            hat.tick(beats=not withheld)
            hat.now_ms += stall_ms
            hat.run(80)
            assert hat.proof.passed, f"stopped in tick {at}, life {life_ms} ms: {hat.proof}"


@pytest.mark.parametrize("delay_ms", [20, 50, 90, 150])
@pytest.mark.parametrize("pulse_waits", [False, True], ids=["readings alone", "with the pulse before them"])
def test_readings_that_come_late_prove_nothing_and_fail_nothing(delay_ms: int, pulse_waits: bool) -> None:
    for life_ms in (*LIVES_MS, 70, 130, 200):
        for at in range(60):
            hat = OneShot(life_ms)
            hat.run(at)
            if pulse_waits and hat.beat_ms > hat.now_ms - 10:
                hat.beat_ms = hat.now_ms + delay_ms
            hat.tick(beats=False, read_ms=delay_ms)
            hat.run(80)
            good = life_ms in LIVES_MS
            assert hat.proof.passed is good, f"late in tick {at}, life {life_ms} ms: {hat.proof}"


def test_ticks_that_are_all_late_prove_nothing() -> None:
    hat = OneShot(100)
    for _ in range(200):
        hat.tick()
        hat.now_ms += 40
        assert hat.proof.step is not Step.IDLE
    assert not hat.proof.passed
