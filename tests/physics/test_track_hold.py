"""The closed forms of the track-and-hold stage against a plain integration in small steps."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.physics.track_hold import NEVER, Gate, TrackHold, gates

TAU_S = 103.4e-6
DELAY_S = 10e-6


def stage(volts: float = 0.0) -> TrackHold:
    return TrackHold(0.0, TAU_S, volts, drift_v_per_s=180.0, end_v=16.9, decay_s=0.0)


@pytest.mark.parametrize("duty", [0.05, 0.1, 0.266, 0.5, 0.96])
def test_the_closed_form_agrees_with_an_integration_through_every_gate(duty: float) -> None:
    high, low = gates(duty, 0.001, 0.0, 0.0, DELAY_S)
    for gate, starts_us, ends_us in (
        (high, round(1000 * (1 - duty)) + 10, 1000),
        (low, 10, round(1000 * (1 - duty))),
    ):
        exact, volts = stage(), 0.0
        exact.follow(0.0, gate, 9.0)
        for step in range(5000):
            if starts_us <= step % 1000 < ends_us:
                volts += (9.0 - volts) * (1 - 2.718281828459045 ** (-1e-6 / TAU_S))
            if step % 97 == 0:
                assert exact.volts((step + 1) * 1e-6) == pytest.approx(volts, abs=1e-6)


@given(
    st.floats(0.03, 0.97),
    st.floats(0.0, 0.01),
    st.sampled_from([0.0, 6.0, 9.0, 12.0]),
    st.sampled_from([0.0, 3.0, 6.0, 12.0]),
    st.sampled_from([1.8, 7.3]),
)
def test_a_threshold_is_crossed_when_the_stage_says_so(
    duty: float, at_s: float, from_v: float, to_v: float, level_v: float
) -> None:
    exact = stage(from_v)
    exact.follow(at_s, gates(duty, 0.001, 0.0, 0.0, DELAY_S)[0], to_v)
    crossed_s = exact.reaches_s(level_v)
    if crossed_s == inf:
        assert (exact.volts(at_s) - level_v) * (to_v - level_v) > 0 or from_v == to_v
        return
    assert crossed_s >= at_s
    assert exact.volts(crossed_s) == pytest.approx(level_v, abs=1e-6)
    before = exact.volts(max(at_s, crossed_s - 1e-5))
    after = exact.volts(crossed_s + 1e-3)
    assert (before - level_v) * (after - level_v) <= 1e-9


@given(st.floats(0.03, 0.97), st.floats(0.0, 100.0))
def test_the_gates_two_times_are_inverse(duty: float, tracked_s: float) -> None:
    gate = gates(duty, 0.001, 0.0, 0.0, DELAY_S)[0]
    assert gate.tracked_s(gate.when_s(tracked_s)) == pytest.approx(tracked_s, abs=1e-9)


def test_a_stale_high_stage_rises_to_a_in_25_ms_and_stays_there() -> None:
    stale = stage(3.0)
    stale.follow(0.0, Gate(0.0, 0.0, 0.0, inf), 3.0)
    stale.follow(1.0, NEVER, 3.0)
    assert stale.reaches_s(7.5) == pytest.approx(1.025)
    assert stale.volts(1.025) == pytest.approx(7.5)
    assert stale.volts(10.0) == 16.9
    assert stale.reaches_s(2.0) == inf
