"""What happens to the contactor when a process dies or stalls: times are the twin's own, exact whatever the load."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.harness import Rig, rig

ONE_SHOT_S = 0.110
"""The one-shot's 100 ms, a heartbeat that may just have been given, and the relay."""
WINDOW_S = 0.050


class Charging:
    """A whole station with a car in state C."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.twin, self.guard, self.station = rig.all()
        for command in ("cable 220", "ev plug", "ev ready"):
            rig.do(command)
        rig.until(lambda: rig.world()["contactors"]["c1"], "the contactor closes")
        rig.until(lambda: rig.world()["currents_da"][0] > 100, "the car draws current")
        self.index = self.trace()[0]

    def trace(self, since: int = 0) -> tuple[int, list[Any]]:
        answer = json.loads(self.rig.do(f"trace {since}"))
        return answer["next"], answer["events"]

    def when(self, name: str, value: object) -> float:
        """When that happened for the first time since the charge began, in seconds of the monotonic clock."""

        def found() -> list[float]:
            return [at_s for at_s, event, what in self.trace(self.index)[1] if event == name and what == value]

        return self.rig.until(found, f"{name} becomes {value}")[0]

    def count(self, name: str, value: object) -> int:
        return sum(1 for _, event, what in self.trace(self.index)[1] if event == name and what == value)


@pytest.fixture
def charging(tmp_path: Path) -> Iterator[Charging]:
    with rig(tmp_path) as made:
        yield Charging(made)


def _both(charging: Charging, number: int, command: str) -> None:
    os.kill(charging.guard.pid, number)
    charging.rig.do(command)


KILLS: dict[str, Callable[[Charging], object]] = {
    "guard killed": lambda c: os.kill(c.guard.pid, signal.SIGKILL),
    "guard stopped": lambda c: os.kill(c.guard.pid, signal.SIGSTOP),
    "pigpiod killed": lambda c: c.rig.do("pigpiod kill"),
    "pigpiod hung": lambda c: c.rig.do("pigpiod hang"),
    "both killed": lambda c: _both(c, signal.SIGKILL, "pigpiod kill"),
    "guard stopped and pigpiod hung": lambda c: _both(c, signal.SIGSTOP, "pigpiod hang"),
}


@pytest.mark.parametrize("how", KILLS)
def test_the_hat_takes_the_contactors_supply_away(charging: Charging, how: str) -> None:
    KILLS[how](charging)
    done_s = time.monotonic()
    assert charging.when("supply", 0) - done_s <= ONE_SHOT_S
    charging.when("c1_contacts", 0)
    charging.when("duty", 1000)  # the hat puts the pilot to steady +12 V, whatever PWM was left running


@pytest.mark.parametrize(("command", "event"), [("ev unplug", ("ev_plug", 0)), ("ev ready off", ("ev_s2", 0))])
@pytest.mark.parametrize("how", ["guard stopped", "pigpiod hung"])
def test_meanwhile_a_car_that_lets_go_is_seen_by_the_hat_alone(
    charging: Charging, how: str, command: str, event: tuple[str, int]
) -> None:
    KILLS[how](charging)
    charging.rig.do(command)
    happened_s = charging.when(*event)
    assert charging.when("supply", 0) - happened_s <= WINDOW_S


def test_a_killed_station_ends_the_charge_in_the_orderly_way_after_its_permit(charging: Charging) -> None:
    os.kill(charging.station.pid, signal.SIGKILL)
    done_s = time.monotonic()
    stopped_s = charging.when("duty", 1000)
    assert stopped_s - done_s >= 0.7  # the last permit is at most 0.2 s old when the station dies, and lives 1 s
    let_go_s = charging.when("ev_s2", 0)
    assert stopped_s < let_go_s <= charging.when("c1_cmd", 0)
    assert charging.guard.process.poll() is None


def test_a_station_that_is_silent_for_less_than_a_permits_life_changes_nothing(charging: Charging) -> None:
    began_s = time.monotonic()
    os.kill(charging.station.pid, signal.SIGSTOP)
    time.sleep(0.3)
    os.kill(charging.station.pid, signal.SIGCONT)
    silent_s = time.monotonic() - began_s
    time.sleep(1.0)
    if silent_s < 0.6:  # a loaded machine may have kept this test itself from running
        assert charging.count("duty", 1000) == 0
    assert charging.rig.world()["contactors"]["c1"] or silent_s >= 0.6


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_without_pigpiod_both_programs_end_in_one_line_and_come_back_with_it(charging: Charging, how: str) -> None:
    rig = charging.rig
    rig.do(f"pigpiod {how}")
    for program in (charging.guard, charging.station):
        assert program.wait() not in (0, 78), program.name
        said = program.text().strip().splitlines()[-1]
        assert "pigpiod" in said, said
        assert "Traceback" not in program.text()
    rig.do("ev unplug")
    rig.do("pigpiod start" if how == "kill" else "pigpiod resume")
    rig.guard()
    rig.station()
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: rig.world()["contactors"]["c1"], "the car charges again")


def test_asked_to_end_the_guard_lets_the_car_let_go_first(charging: Charging) -> None:
    assert charging.guard.stop() == 0
    assert charging.when("duty", 1000) < charging.when("ev_s2", 0) <= charging.when("c1_cmd", 0)
    assert not charging.rig.world()["contactors"]["c1"]
