"""The station's end of the socket, against the guard's own end."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from smartevse.core.signals import Permit
from smartevse.core.states import State
from smartevse.guard.link import ACCEPT_EVERY_TICKS, Link
from smartevse.guard.wire import Status
from smartevse.station.guard_link import GuardLink

PERMIT = Permit(offer_da=160, charge=True)


def taken(guard: Link) -> Permit | None:
    """The permit that the guard has after as many ticks as it may take to look for a newcomer."""
    for _ in range(ACCEPT_EVERY_TICKS):
        permit = guard.permit(time.monotonic_ns())
    return permit


def test_a_permit_reaches_the_guard_with_the_first_exchange(tmp_path: Path) -> None:
    guard = Link(tmp_path / "guard.sock")
    station = GuardLink(tmp_path / "guard.sock")
    station.exchange(PERMIT)
    assert taken(guard) == PERMIT
    guard.close()
    station.close()


def test_of_many_statuses_the_newest_counts_and_its_age_is_known(tmp_path: Path) -> None:
    guard = Link(tmp_path / "guard.sock")
    station = GuardLink(tmp_path / "guard.sock")
    station.exchange(PERMIT)
    taken(guard)
    for number in range(1, 20):
        guard.send(Status(sequence=number, at_ns=number * 10**7, state=State.B))
    station.exchange(PERMIT)
    assert station.status is not None
    assert (station.status.sequence, station.status.state) == (19, State.B)
    assert station.fresh(19 * 10**7 + 10**9) is station.status
    assert station.fresh(19 * 10**7 + 10**9 + 1) is None
    guard.close()
    station.close()


def test_an_absent_guard_is_said_once_and_its_return_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    station = GuardLink(tmp_path / "guard.sock")
    for _ in range(5):
        station.exchange(PERMIT)
    guard = Link(tmp_path / "guard.sock")
    for _ in range(3):
        station.exchange(PERMIT)
        taken(guard)
        guard.send(Status(at_ns=1))
    guard.close()
    for _ in range(5):
        station.exchange(PERMIT)
    said = [record.getMessage() for record in caplog.records]
    assert [line.split(" at ")[0] for line in said] == ["no guard", "the guard is back", "no guard"]
    assert "No such file or directory" in said[0]
    station.close()


def test_a_guard_that_restarts_gets_permits_again(tmp_path: Path) -> None:
    station = GuardLink(tmp_path / "guard.sock")
    for _ in range(3):
        guard = Link(tmp_path / "guard.sock")
        station.exchange(PERMIT)  # finds the old connection dead, if there was one
        station.exchange(PERMIT)
        assert taken(guard) == PERMIT
        guard.close()
    station.close()


def test_a_second_station_is_told_once_that_it_is_not_obeyed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    guard = Link(tmp_path / "guard.sock")
    first, second = GuardLink(tmp_path / "guard.sock"), GuardLink(tmp_path / "guard.sock")
    first.exchange(PERMIT)
    taken(guard)
    for _ in range(10):
        second.exchange(Permit())
        assert taken(guard) == PERMIT
        second.exchange(Permit())
    refusals = [record.getMessage() for record in caplog.records if "another station" in record.getMessage()]
    assert len(refusals) == 1
    assert len(caplog.records) <= 3
    for end in (guard, first, second):
        end.close()


def test_a_guard_that_does_not_read_never_holds_the_station_up(tmp_path: Path) -> None:
    guard = Link(tmp_path / "guard.sock")
    station = GuardLink(tmp_path / "guard.sock")
    for _ in range(2000):
        station.exchange(PERMIT)
    assert station.connected
    guard.close()
    station.close()
