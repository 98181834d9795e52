"""A silent EV meter stops a charge in Smart and Solar after 64 s, and never one in Normal mode."""

from __future__ import annotations

import pytest

from smartevse.core.ev_silence import STOPS_AFTER_S, ev_silence
from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode

NEVER = float("-inf")


@pytest.mark.parametrize("mode", [Mode.SMART, Mode.SOLAR])
def test_it_stops_64_s_after_the_last_answer_or_after_it_was_chosen(mode: Mode) -> None:
    assert ev_silence(mode, 163.9, 0.0, 100.0) == ()
    assert ev_silence(mode, 164.0, 0.0, 100.0) == (Limit(0, Why.NO_EV_DATA),)
    assert ev_silence(mode, 163.9, 100.0, NEVER) == ()
    assert ev_silence(mode, 164.0, 100.0, NEVER) == (Limit(0, Why.NO_EV_DATA),)
    assert ev_silence(mode, 164.0, 101.0, 50.0) == ()


def test_normal_mode_needs_no_meter() -> None:
    assert ev_silence(Mode.NORMAL, 1e6, 0.0, NEVER) == ()


def test_the_reason_says_what_to_look_at() -> None:
    assert (
        Limit(0, Why.NO_EV_DATA).reason
        == f"stopped: no signal from the EV meter for {STOPS_AFTER_S:.0f} seconds, check the wiring"
    )
