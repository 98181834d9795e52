"""The whole hat with a car: levels, timings and the safety chain."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest

from smartevse.physics.ev import EvOptions
from smartevse.physics.world import World
from tests.physics.driver import HAT, Header, when

PINS = HAT.pins


@pytest.mark.parametrize(
    ("plugged", "options", "permille", "high_v", "low_v"),
    [
        (False, EvOptions(), 1000, 12.0, None),
        (False, EvOptions(), 266, 12.0, -12.05),
        (True, EvOptions(start_delay_s=9), 266, 8.98, -12.05),
        (True, EvOptions(), 266, 5.99, -12.05),
        (True, EvOptions(r3_ohm=909), 266, 5.28, -12.05),
        (True, EvOptions(ventilation=True), 266, 2.93, -12.05),
        (True, EvOptions(start_delay_s=9, diode=False), 266, 8.79, -8.83),
        (True, EvOptions(diode=False), 266, 5.62, -5.65),
        (True, EvOptions(), 0, None, -12.05),
    ],
)
def test_the_pilot_shows_what_the_car_puts_on_it(
    plugged: bool, options: EvOptions, permille: int, high_v: float | None, low_v: float | None
) -> None:
    header = Header()
    header.world.ev.options = options
    if plugged:
        header.world.ev.plug()
        header.world.ev.ready()
    header.offer(permille)
    header.run(1)
    if high_v is not None:
        assert header.high_v() == pytest.approx(high_v, abs=0.02)
    if low_v is not None:
        assert header.low_v() == pytest.approx(low_v, abs=0.02)


@pytest.mark.parametrize("permille", [50, 100, 266, 533, 850, 960])
def test_a_plateau_can_be_read_at_any_time_at_any_duty(permille: int) -> None:
    header = Header()
    header.world.ev.plug()
    header.offer(permille)
    header.run(1)
    for step in range(50):
        header.world.advance(header.world.now_s + 0.000_037 * step)
        assert header.high_v() == pytest.approx(8.98, abs=0.02)
        assert header.low_v() == pytest.approx(-12.05, abs=0.02)


@pytest.mark.parametrize(("permille", "within_s"), [(100, 0.005), (266, 0.002), (960, 0.0012)])
def test_a_step_on_the_pilot_is_seen_after_half_a_millisecond_of_gate_time(permille: int, within_s: float) -> None:
    header = Header()
    header.world.ev.options = EvOptions(s2_stuck=True)
    header.world.ev.plug()
    header.offer(permille)
    header.run(0.2)
    assert header.high_v() == pytest.approx(5.99, abs=0.02)
    header.world.ev.unplug()
    header.world.advance(header.world.now_s + within_s)
    assert header.high_v() == pytest.approx(12.0, abs=0.1)


def test_a_stale_high_half_drifts_to_a_and_a_stale_low_half_to_zero() -> None:
    header = Header()
    header.charge()
    count = header.world.trace_count
    header.offer(0)
    start_s = header.world.now_s
    header.run(0.1)
    assert header.high_v() > 10.5
    assert when(header.world, "safe", 0, count) - start_s < 0.065
    header.offer(1000)
    header.run(1)
    assert abs(header.low_v()) < 0.1


def test_without_a_watchdog_the_pilot_is_steady_12_v_whatever_the_pin_carries() -> None:
    header = Header()
    header.offer(266)
    header.run(0.1)
    assert header.world.state()["pilot"]["duty_permille"] == 266  # type: ignore[index]
    header.beats = False
    header.run(0.2)
    assert header.world.state()["pilot"]["duty_permille"] == 1000  # type: ignore[index]


def test_the_one_shot_expires_100_ms_after_the_last_edge() -> None:
    header = Header()
    last_s, count = header.world.now_s, header.world.trace_count
    header.beats = False
    header.run(0.3)
    assert when(header.world, "wd_ok", 0, count) == pytest.approx(last_s + 0.1, abs=1e-9)
    assert not header.level(PINS.wd_ok)
    header.world.set_output(PINS.heartbeat, True)
    assert header.level(PINS.wd_ok)
    header.run(0.3)
    assert not header.level(PINS.wd_ok), "a pin that is stuck high does not count"


def test_safe_is_low_in_a_and_b_and_high_in_c() -> None:
    header = Header()
    header.offer(266)
    header.run(0.1)
    assert not header.level(PINS.safe)
    header.world.ev.plug()
    header.run(0.1)
    assert not header.level(PINS.safe)
    header.world.ev.ready()
    header.run(1)
    assert header.level(PINS.safe)


def test_a_car_that_leaves_opens_the_contactor_without_any_software() -> None:
    header = Header()
    header.charge()
    assert header.world.ev.currents_da() != (0, 0, 0)
    count, left_s = header.world.trace_count, header.world.now_s
    header.world.ev.ready(False)
    header.run(0.2)
    assert 0.030 < when(header.world, "safe", 0, count) - left_s < 0.032
    assert when(header.world, "supply", 0, count) - left_s < 0.050
    assert when(header.world, "c1_contacts", 0, count) - left_s < 0.100
    assert not header.level(PINS.c1_fb) or header.world.seen(header.world.now_s - 0.04)[0] >> PINS.c1_fb & 1 == 0


def test_a_car_that_lets_go_for_less_than_the_delay_keeps_its_contactor() -> None:
    header = Header()
    header.world.ev.options = EvOptions(start_delay_s=0.0)
    header.charge()
    count = header.world.trace_count
    for _ in range(5):
        header.world.ev.ready(False)
        header.run(0.02)
        header.world.ev.ready()
        header.run(0.02)
    assert [event.name for event in header.world.trace(count)] == ["ev_s2"] * 10


def test_a_shorted_pilot_opens_within_15_ms() -> None:
    header = Header()
    header.charge()
    count, start_s = header.world.trace_count, header.world.now_s
    header.world.inject("cp-short")
    header.run(0.1)
    assert when(header.world, "safe", 0, count) - start_s < 0.015


def test_no_single_line_closes_a_contactor() -> None:
    header = Header()
    header.close()
    header.run(1)
    assert not header.world.state()["contactors"]["c1"]  # type: ignore[index]
    header.world.ev.plug()
    header.world.ev.ready()
    header.offer(266)
    header.beats = False
    header.run(2)
    assert not header.world.state()["contactors"]["c1"]  # type: ignore[index]


def test_contactor_times_are_relay_and_contactor() -> None:
    header = Header()
    header.charge()
    world = header.world
    assert when(world, "supply", 1) - when(world, "c1_cmd", 1) == pytest.approx(0.007)
    assert when(world, "c1_contacts", 1) - when(world, "supply", 1) == pytest.approx(0.025)
    count = world.trace_count
    world.set_output(PINS.c1_cmd, False)
    world.advance(world.now_s + 0.1)
    assert when(world, "c1_contacts", 0, count) - when(world, "c1_cmd", 0, count) == pytest.approx(0.027)


def test_mains_feedback_pulses_while_there_is_voltage_and_not_a_tick_longer() -> None:
    header = Header()
    header.charge()
    world = header.world
    start_s = world.now_s
    world.advance(start_s + 0.095)
    edges = [(at_s, bank >> PINS.c1_fb & 1) for at_s, bank in world.edges(start_s)]
    assert 9 <= len(edges) <= 10
    assert all(a != b for (_, a), (_, b) in pairwise(edges))
    falls = [at_s for at_s, level in edges if not level]
    assert {round(b - a, 6) for a, b in pairwise(falls)} == {0.02}
    widths = {round(b[0] - a[0], 6) for a, b in pairwise(edges)}
    assert widths == {0.0085, 0.0115}
    low, high = world.seen(start_s)
    assert low >> PINS.c1_fb & 1
    assert high >> PINS.c1_fb & 1
    world.set_output(PINS.c1_cmd, False)
    world.advance(world.now_s + 0.1)
    quiet_s = world.now_s
    world.advance(quiet_s + 1)
    assert world.edges(quiet_s) == []
    assert not world.seen(quiet_s)[0] >> PINS.c1_fb & 1


def test_seen_and_edges_agree_with_the_bank_at_every_moment() -> None:
    header = Header()
    header.charge()
    world = header.world
    for _ in range(200):
        since_s, before = world.now_s, world.bank()
        world.advance(since_s + 0.0037)
        banks = [before, *[bank for _, bank in world.edges(since_s)], world.bank()]
        low, high = world.seen(since_s)
        levels = {bank >> PINS.c1_fb & 1 for bank in banks}
        assert bool(low >> PINS.c1_fb & 1) == (0 in levels)
        assert bool(high >> PINS.c1_fb & 1) == (1 in levels)
        assert banks[-1] >> PINS.c1_fb & 1 == banks[-2] >> PINS.c1_fb & 1


def test_the_rcm_latches_and_only_an_expired_one_shot_clears_it() -> None:
    header = Header()
    header.charge()
    header.world.inject("rcm-trip")
    assert header.level(PINS.rcm_trip)
    assert not header.level(PINS.safe)
    header.world.inject("rcm-trip", False)
    header.run(1)
    assert header.level(PINS.rcm_trip)
    header.beats = False
    header.run(0.12)
    assert not header.level(PINS.rcm_trip)


def test_the_rcm_answers_its_test_unless_it_is_dead_or_not_fitted() -> None:
    for fault, fitted, trips in ((None, True, True), ("rcm-test-dead", True, False), (None, False, False)):
        header = Header()
        header.world.fit(rcm=fitted)
        if fault:
            header.world.inject(fault)
        header.world.set_output(PINS.rcm_test, True)
        header.run(0.1)
        assert header.level(PINS.rcm_trip) == trips


def test_the_lock_moves_by_a_pulse_that_is_long_enough() -> None:
    header = Header()
    world = header.world

    def feedback() -> bool:
        return HAT.lock_feedback(world.adc(HAT.channels.lock_b))

    assert feedback(), "a solenoid that is open shows high"
    world.set_output(PINS.lock_r, True)
    header.run(0.2)
    world.set_output(PINS.lock_r, False)
    header.run(1)
    assert not world.board.lock.locked
    world.set_output(PINS.lock_r, True)
    header.run(0.6)
    world.set_output(PINS.lock_r, False)
    assert world.board.lock.locked
    assert not feedback()
    world.fit(lock="motor")
    assert feedback()
    world.set_output(PINS.lock_w, True)
    header.run(0.6)
    assert not world.board.lock.locked


def test_what_is_wired_to_the_hat_can_be_chosen_and_a_wrong_word_is_refused() -> None:
    for aux, before, after in (("make", 0, 1), ("mirror", 1, 0), ("none", 0, 0)):
        header = Header()
        header.world.fit(aux=aux)
        assert header.level(PINS.aux_fb) == before
        header.charge()
        assert header.level(PINS.aux_fb) == after
    header = Header()
    header.world.fit(c2=False)
    header.charge(c2=False)
    assert header.world.ev.currents_a()[2] > 0
    for bad in ({"lock": "magnet"}, {"aux": "both"}):
        with pytest.raises(ValueError, match="cannot fit"):
            header.world.fit(**bad)  # type: ignore[arg-type]


def test_a_hot_board_loses_its_contactor() -> None:
    header = Header()
    header.charge()
    header.world.temperature_c = 83.0
    assert header.level(PINS.safe)
    header.world.temperature_c = 85.0
    assert not header.level(PINS.safe)
    assert HAT.temperature_dc(header.world.adc(HAT.channels.temperature)) == pytest.approx(850, abs=1)


@pytest.mark.parametrize("ohm", [100, 220, 680, 1500])
def test_proximity_reads_the_cable(ohm: int) -> None:
    world = World(HAT, noise=False)
    world.cable_ohm = ohm
    assert HAT.proximity_ohm(world.adc(HAT.channels.pp)) == pytest.approx(ohm, rel=0.005)
    world.cable_ohm = None
    assert HAT.proximity_ohm(world.adc(HAT.channels.pp)) >= 4500


def test_the_boot_state_is_safe_and_a_reset_of_the_pi_goes_back_to_it() -> None:
    boot = World(HAT).bank()
    header = Header()
    header.charge()
    header.world.set_output(PINS.led_green, True)
    header.beats = False
    header.world.release_pins()
    header.run(0.5)
    world = header.world
    assert world.bank() == boot
    assert not world.state()["contactors"]["c1"]  # type: ignore[index]
    assert world.board.wave.duty == 1.0


def test_keys_are_low_when_pressed_and_unknown_keys_are_named() -> None:
    world = World(HAT)
    for key, gpio in (("<", PINS.key_left), ("o", PINS.key_select), (">", PINS.key_right), ("sw", PINS.sw)):
        assert world.bank() >> gpio & 1
        world.press(key, True)
        assert not world.bank() >> gpio & 1
        world.press(key, False)
        assert world.bank() >> gpio & 1
    with pytest.raises(ValueError, match="no key 'x'"):
        world.press("x", True)


def test_noise_is_about_one_code_and_the_same_for_the_same_seed() -> None:
    def codes(seed: int) -> list[int]:
        world = World(HAT, seed=seed)
        return [world.adc(0) for _ in range(2000)]

    first = codes(1)
    assert first == codes(1)
    assert first != codes(2)
    mean = sum(first) / len(first)
    sigma = (sum((code - mean) ** 2 for code in first) / len(first)) ** 0.5
    assert 0.7 < sigma < 1.4


def test_a_pulse_on_any_pin_ends_by_itself() -> None:
    world = World(HAT)
    world.pulse(PINS.led_red, 1000)
    assert world.bank() >> PINS.led_red & 1
    world.advance(0.0011)
    assert not world.bank() >> PINS.led_red & 1
    world.pulse(PINS.heartbeat, 100)
    assert world.bank() >> PINS.heartbeat & 1
    assert world.seen(0.001)[1] >> PINS.heartbeat & 1
    world.advance(1.0)
    assert not world.bank() >> PINS.heartbeat & 1


def test_the_state_can_be_written_as_json_and_shows_the_charge() -> None:
    header = Header()
    header.charge()
    header.run(20)
    state = json.loads(json.dumps(header.world.state()))
    assert state["currents_da"] == [159, 159, 159]
    assert state["ev"]["state"] == "C"
    assert state["energy_wh"] > 0


def test_the_trace_goes_on_counting_when_old_events_are_forgotten() -> None:
    world = World(HAT)
    for number in range(30_000):
        world.cable_ohm = number
    assert world.trace_count > 30_000
    assert len(world.trace()) == 20_000
    assert [event.value for event in world.trace(world.trace_count - 2)] == [29_998, 29_999]
    assert world.trace(world.trace_count) == []


def test_in_a_steady_charge_time_can_leap_to_the_battery() -> None:
    header = Header()
    header.world.ev.options = replace(EvOptions(), battery_wh=20_000, soc=0.5)
    header.charge(533)
    world = header.world
    header.run(1)
    world.hold_heartbeat(True)
    leaps = 0
    while (next_s := world.next_event_s()) is not None:
        world.advance(next_s)
        leaps += 1
    assert leaps < 20
    assert world.ev.soc == 1.0
    assert not world.ev.s2
    assert world.next_event_s() is None
    world.hold_heartbeat(False)
    assert world.next_event_s() == pytest.approx(world.now_s + 0.1)


def test_going_back_in_time_does_nothing() -> None:
    world = World(HAT, start_s=5.0)
    world.advance(4.0)
    assert world.now_s == 5.0
    assert (world.next_event_s() or inf) > 5.0
