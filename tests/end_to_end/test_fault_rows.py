"""A dozen rows of the fault matrix, once each in virtual time; `python -m bench.faults` plays all, many times."""

import pytest

from bench.faults import real
from bench.faults.rows import ROWS
from bench.faults.table import Row, moments, opens
from bench.faults.trial import play
from smartevse.core.faults import Fault
from smartevse.physics.faults import FAULTS

SHORT = (
    "the car opens S2",
    "pilot shorted to earth",
    "diode of the car lost",
    "pilot driver stuck at -12 V",
    "proximity shorted",
    "converter repeats its last codes",
    "12 V supply at 8 V",
    "heartbeat does not reach the hat",
    "relay K1 welded",
    "contactor 1 welded",
    "fault current",
    "another program opens contactor 1",
    "guard stalled for 130 ms",
)


@pytest.mark.parametrize("row", [row for row in ROWS if row.fault in SHORT], ids=lambda row: row.fault)
def test_a_fault_has_its_reaction_in_time_and_the_next_car_is_charged(row: Row) -> None:
    assert [f"{one.moment}: {one.wrong}" for one in play(row, f"ci/{row.fault}") if one.wrong] == []


def test_every_fault_of_the_twin_has_a_row() -> None:
    made = {command.removeprefix("fault ") for row in ROWS for command in row.does}
    assert set(FAULTS) <= made


def test_no_two_rows_have_one_name_and_there_are_enough() -> None:
    named = [(row.group, row.fault) for row in ROWS] + [(row.group, row.fault) for row in real.ROWS]
    assert len(set(named)) == len(named) >= 60


def test_every_fault_that_the_guard_can_name_comes_up_in_a_row() -> None:
    expected: set[Fault] = set()
    for row in ROWS:
        for expect in row.expect.values():
            expected |= expect.bits | expect.then_bits | expect.also
    named_by_station = {Fault.NO_SERIAL_COM, Fault.NO_CURRENT, Fault.EV_METER}
    assert expected | named_by_station == set(Fault)


def test_a_row_that_expects_too_much_is_found_out() -> None:
    row = next(row for row in ROWS if row.fault == "relay K3 welded")
    wrong = Row(row.group, row.fault, row.does, row.by, moments(c=opens(Fault.WELDED)))
    assert [one.wrong for one in play(wrong, "ci/wrong")] != [""], "nobody can see a welded relay K3"
