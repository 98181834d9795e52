"""What the installer answers: only a whole yes is one, and silence is nothing."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

import pytest

from smartevse.selftest.installer import Act, Consent, Look
from smartevse.selftest.terminal import LAST_LOOK_S, Terminal, Unattended


class Desk:
    """A terminal with a person at the other end of a pipe, and a clock that goes with each look."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.output = io.StringIO()
        self.now_s = 0.0
        self.looks = 0
        self.terminal = Terminal(self.reader, self.output, lambda: self.now_s)

    def type(self, text: str) -> None:
        os.write(self.writer, text.encode())

    def look(self) -> None:
        self.now_s += 0.5
        self.looks += 1
        if self.looks == 3:
            self.type("yes\n")

    def leave(self) -> None:
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.leave()
    os.close(made.reader)


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [("yes\n", True), (" YES \n", True), ("y\n", True), ("no\n", False), ("n\n", False), ("s\n", False)],
)
def test_consent_is_a_whole_yes(desk: Desk, typed: str, allowed: bool) -> None:
    desk.type(typed)
    assert desk.terminal.allows(Consent.CONTACTOR, lambda: None) is allowed
    assert "the outlet is live" in desk.output.getvalue()


def test_what_is_neither_yes_nor_no_is_asked_again(desk: Desk) -> None:
    desk.type("maybe\n\nyes please\nno\n")
    assert desk.terminal.allows(Consent.LOCK, lambda: None) is False
    assert desk.output.getvalue().count("please answer yes or no") == 3


def test_nobody_at_the_other_end_is_a_no(desk: Desk) -> None:
    desk.leave()
    assert desk.terminal.allows(Consent.CONTACTOR, lambda: None) is False
    assert desk.terminal.sees(Look.RED, lambda: None) is None
    assert desk.terminal.does(Act.PLUG, lambda: False) is None


def test_the_hat_is_looked_after_while_an_answer_is_waited_for(desk: Desk) -> None:
    assert desk.terminal.sees(Look.L1_LIVE, desk.look) is True
    assert desk.looks == 3


def test_what_the_station_sees_needs_no_answer(desk: Desk) -> None:
    assert desk.terminal.does(Act.PLUG, lambda: True) is True


def test_what_was_done_and_is_not_seen_is_a_defect(desk: Desk) -> None:
    def nothing() -> bool:
        desk.now_s += 0.1
        return False

    desk.type("\n")
    assert desk.terminal.does(Act.PLUG, nothing) is False
    assert desk.now_s == pytest.approx(LAST_LOOK_S, abs=0.3)
    desk.type("s\n")
    assert desk.terminal.does(Act.PLUG, nothing) is None


def test_an_unattended_run_allows_everything_and_sees_nothing() -> None:
    output, now_s = io.StringIO(), [0.0]

    def nothing() -> bool:
        now_s[0] += 0.1
        return False

    nobody = Unattended(output, lambda: now_s[0], 5.0)
    assert nobody.allows(Consent.CONTACTOR, lambda: None)
    assert "yes (--yes)" in output.getvalue()
    assert nobody.sees(Look.RED, lambda: None) is None
    assert nobody.does(Act.PLUG, nothing) is None
    assert now_s[0] == pytest.approx(5.0, abs=0.2)
    assert nobody.does(Act.PLUG, lambda: True) is True
