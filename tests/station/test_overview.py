"""The Master's table: who was ever heard, what each car does, what it is given."""

import pytest

from smartevse.bus.master import Master
from smartevse.bus.units import BusError, BusState
from smartevse.core.decision import Grant
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.states import State
from smartevse.panel.model import UnitLine
from smartevse.panel.pages import unit_cells
from smartevse.station.overview import unit_lines

GRANTS = [Grant(da, 3, Limit(da, Why.SHARE)) for da in (160, 60, 0, 100)]


def heard(number: int, state: BusState, errors: int = 0, at_s: float = 100.0) -> Master:
    master = Master()
    master.heard(number, (state, errors, 0, 0, 0, 1, 0, 32), at_s)
    return master


def test_without_a_node_there_is_no_table() -> None:
    assert unit_lines(State.C, {}, GRANTS, 100.0) == ()
    assert unit_lines(State.C, Master().peers, GRANTS, 100.0) == ()


@pytest.mark.parametrize(
    ("state", "errors", "shown"),
    [
        (BusState.A, 0, "A"),
        (BusState.COMM_B, 0, "B"),
        (BusState.B1, BusError.LESS_6A, "B"),
        (BusState.C, 0, "C"),
        (BusState.C1, 0, "C"),
        (BusState.B1, BusError.TEMP_HIGH, "F"),
        (77, 0, "A"),
    ],
)
def test_a_node_is_shown_with_what_its_car_does(state: BusState, errors: int, shown: str) -> None:
    lines = unit_lines(State.B, heard(3, state, errors).peers, GRANTS, 101.0)
    assert lines[0] == UnitLine("Master", "B", 160)
    assert [(line.name, line.state) for line in lines[1:]] == [("Node 3", shown)]


def test_a_node_that_is_silent_is_gone_and_comes_back() -> None:
    master = heard(1, BusState.C)
    assert unit_lines(State.A, master.peers, GRANTS, 101.0)[1] == UnitLine("Node 1", "C", 60)
    assert unit_lines(State.A, master.peers, GRANTS, 120.0)[1] == UnitLine("Node 1")
    assert unit_cells(unit_lines(None, master.peers, (), 120.0)) == ("M gone", "1 gone")
