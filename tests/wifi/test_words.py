from __future__ import annotations

import pytest

from smartevse.wifi.radio import Outcome
from smartevse.wifi.setup import _REASONS, Phase, View
from smartevse.wifi.words import TURN_S, lines

NAME, PASSWORD, WHERE = "smartevse-ab23", "abcdefghij", "10.42.0.1:8080"


def shown(view: View) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for turn in range(4):
        at = lines(view, WHERE, turn * TURN_S)
        if at not in found:
            found.append(at)
    return found


def test_name_password_and_address_take_turns_while_it_is_open() -> None:
    assert shown(View(Phase.OPEN, NAME, PASSWORD)) == [(NAME, f"pw {PASSWORD}"), ("open in browser", WHERE)]


def test_the_reason_of_a_failure_is_shown_too() -> None:
    view = View(Phase.OPEN, NAME, PASSWORD, short=("wrong password", "try again"))
    assert ("wrong password", "try again") in shown(view)
    assert (NAME, f"pw {PASSWORD}") in shown(view)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("outcome", [None, *(outcome for outcome in Outcome if outcome is not Outcome.JOINED)])
def test_every_line_fits_the_display(phase: Phase, outcome: Outcome | None) -> None:
    short = _REASONS[outcome][1] if outcome else ()
    view = View(phase, NAME, PASSWORD, "192.168.100.200", chosen="Ünïcödé " * 4, short=short)
    for page in shown(view):
        assert len(page) <= 2
        assert all(len(line) <= 16 and line.isascii() for line in page)
