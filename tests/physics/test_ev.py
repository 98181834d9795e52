"""The car: when it asks, how it follows the duty, how its battery fills."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from smartevse.physics.charge_curve import Battery, Curve, full_s, taper, taper_begins_s
from smartevse.physics.ev import EvOptions
from smartevse.physics.world import World
from tests.physics.driver import HAT, Header, when


def with_car(**options: object) -> Header:
    header = Header()
    header.world.ev.options = replace(EvOptions(), **options)  # type: ignore[arg-type]
    return header


@pytest.mark.parametrize(("permille", "asks"), [(0, False), (50, False), (80, True), (970, True), (1000, False)])
def test_it_asks_only_when_the_duty_offers_current(permille: int, asks: bool) -> None:
    header = with_car()
    header.world.ev.plug()
    header.world.ev.ready()
    header.offer(permille)
    header.run(2)
    assert header.world.ev.s2 == asks


def test_it_does_not_take_another_frequency_for_a_pilot() -> None:
    header = with_car()
    header.world.ev.plug()
    header.world.ev.ready()
    header.world.set_pwm(18, 500, 734_000)
    header.run(2)
    assert not header.world.ev.s2


def test_it_lets_go_within_its_time_when_the_pwm_stops() -> None:
    header = with_car(releases_s=3.0)
    header.charge()
    header.run(5)
    count, start_s = header.world.trace_count, header.world.now_s
    header.offer(1000)
    header.run(1)
    assert header.world.ev.currents_da() > (0, 0, 0)
    header.run(1)
    assert header.world.ev.currents_da() == (0, 0, 0)
    header.run(2)
    assert when(header.world, "ev_s2", 0, count) - start_s == pytest.approx(3.0)


def test_a_car_that_does_not_obey_neither_lets_go_nor_follows() -> None:
    header = with_car(obeys_pwm=False)
    header.charge(100)
    header.run(20)
    assert header.world.ev.currents_da() == (320, 320, 320)
    header.offer(1000)
    header.run(20)
    assert header.world.ev.s2


def test_a_car_that_never_lets_go_stays_at_6_v_without_current() -> None:
    header = with_car(releases_s=inf)
    header.charge()
    header.offer(1000)
    header.run(20)
    assert header.world.ev.s2
    assert header.world.ev.currents_da() == (0, 0, 0)


def test_a_sleeping_car_wakes_by_a_pulse_that_is_long_enough() -> None:
    header = with_car(sleeps_s=4.0)
    header.world.ev.plug()
    header.world.ev.ready()
    for pulse_s, wakes in ((3.0, False), (4.5, True)):
        header.offer(266)
        header.run(5)
        header.offer(0)
        header.run(pulse_s)
        header.offer(266)
        header.run(1)
        assert header.world.ev.s2 == wakes


def test_a_sleeper_that_was_woken_falls_asleep_again_when_it_is_kept_waiting() -> None:
    header = with_car(sleeps_s=1.0, dozes_s=60.0)
    ev = header.world.ev
    ev.plug()
    header.offer(0)
    header.run(2)
    assert ev.awake
    header.offer(1000)
    header.run(50)
    header.offer(266)
    header.run(100)
    header.offer(1000)
    header.run(59)
    assert ev.awake
    header.run(2)
    assert not ev.awake
    ev.ready()
    header.offer(266)
    header.run(5)
    assert not ev.s2


def test_the_current_rises_with_its_lag_and_falls_at_once() -> None:
    header = with_car(lag_s=2.0)
    header.charge(266)
    world = header.world
    start_s = when(world, "c1_contacts", 1)
    header.run(round((start_s + 2.0 - world.now_s), 2))
    risen = 1 - 2.718281828 ** (-(world.now_s - start_s) / 2)
    assert world.ev.amps() == pytest.approx(15.9 * risen, rel=1e-6)
    header.run(20)
    header.offer(100)
    assert world.ev.currents_da() == (60, 60, 60)
    header.offer(266)
    header.run(1)
    assert 60 < world.ev.currents_da()[0] < 110


@pytest.mark.parametrize(
    ("phases", "c2", "expected"),
    [(3, True, (159, 159, 159)), (3, False, (159, 0, 0)), (1, True, (159, 0, 0)), (2, True, (159, 159, 0))],
)
def test_it_draws_on_the_phases_that_it_has_and_that_are_switched(
    phases: int, c2: bool, expected: tuple[int, int, int]
) -> None:
    header = with_car(phases=phases)
    header.charge(c2=c2)
    header.run(20)
    assert header.world.ev.currents_da() == expected


def test_less_than_its_minimum_is_no_current_but_s2_stays() -> None:
    header = with_car(min_da=80)
    header.charge(266)
    header.run(2)
    header.offer(100)
    header.run(2)
    assert header.world.ev.currents_da() == (0, 0, 0)
    assert header.world.ev.s2


def test_the_battery_takes_less_above_80_percent_and_ends_the_charge_when_full() -> None:
    header = with_car(battery_wh=5_000.0, soc=0.75)
    header.charge(533)
    world = header.world
    drawn: list[tuple[float, float]] = []
    while world.ev.s2:
        header.run(2)
        drawn.append((world.ev.soc, world.ev.amps()))
    below = [amps for soc, amps in drawn if 0.78 < soc < 0.8]
    above = [amps for soc, amps in drawn if soc > 0.8][:-1]
    assert min(below) > 31
    assert above == sorted(above, reverse=True)
    assert 3.2 <= above[-1] < 6
    assert world.ev.soc == 1.0
    assert world.ev.session_wh * 0.9 == pytest.approx(5_000 * 0.25, rel=1e-6)
    header.run(20)
    assert world.ev.currents_da() == (0, 0, 0)


@pytest.mark.parametrize("start_s", [0.0, 86_400.123, 3e7])
@pytest.mark.parametrize("permille", [100, 217, 266, 411, 533, 850])
def test_a_charge_to_full_is_a_handful_of_events(permille: int, start_s: float) -> None:
    for soc in (0.0, 0.123, 0.5, 0.777, 0.8, 0.81, 0.9, 0.99, 0.9999):
        for battery_wh in (20.0, 5_000.0, 77_000.0):
            world = World(HAT, noise=False, start_s=start_s)
            world.ev.options = EvOptions(soc=soc, battery_wh=battery_wh)
            world.ev.plug()
            world.ev.ready()
            world.pulse(HAT.pins.heartbeat, 100)
            world.hold_heartbeat(True)
            world.set_pwm(HAT.pins.cp_pwmn, 1000, 1_000_000 - permille * 1000)
            world.advance(start_s + 1)
            world.set_output(HAT.pins.c1_cmd, True)
            events = 0
            while (next_s := world.next_event_s()) is not None:
                events += 1
                assert events < 20, world.trace()[-5:]
                world.step()
                assert world.now_s >= next_s
            assert world.ev.soc == 1.0


def test_a_lower_offer_in_the_taper_holds_until_the_battery_takes_even_less() -> None:
    header = with_car(battery_wh=5_000.0, soc=0.85)
    header.charge(533)
    world = header.world
    header.run(30)
    assert world.ev.amps() < 31.9
    header.offer(160)
    header.run(5)
    assert world.ev.currents_da() == (96, 96, 96)
    header.run(600)
    assert world.ev.soc == 1.0


def test_the_energy_counts_on_and_the_session_begins_anew() -> None:
    header = with_car()
    header.charge()
    header.run(60)
    first_wh = header.world.ev.energy_wh
    assert header.world.ev.session_wh == first_wh
    header.world.ev.unplug()
    header.run(1)
    header.world.ev.plug()
    header.run(10)
    assert header.world.ev.session_wh > 0
    assert header.world.ev.energy_wh == pytest.approx(first_wh + header.world.ev.session_wh)


@pytest.mark.parametrize(("field", "value"), [("phases", 4), ("soc", 1.5), ("battery_wh", 0.0), ("lag_s", -1.0)])
def test_a_car_that_cannot_be_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        replace(EvOptions(), **{field: value})  # type: ignore[arg-type]


def test_the_curves_charge_is_the_integral_of_its_current() -> None:
    curve = Curve(5.0, 2.0, 16.0, 3.0)
    steps = 20_000
    summed = sum(curve.amps(5 + (n + 0.5) * 10 / steps) for n in range(steps)) * 10 / steps
    assert curve.charge_as(15.0) == pytest.approx(summed, rel=1e-8)


@pytest.mark.parametrize("soc", [0.3, 0.5, 0.79, 0.8, 0.85])
@pytest.mark.parametrize("per_as", [1e-7, 1e-5, 2e-3])
def test_the_taper_begins_where_the_battery_takes_what_the_curve_gives(soc: float, per_as: float) -> None:
    battery = Battery(full_a=32.0, taper_from=0.8, end=0.1, per_as=per_as)
    for from_a, target_a in ((0.0, 20.0), (6.0, 25.0), (25.0, 25.0), (20.0, 10.0)):
        if from_a > battery.limit_a(soc):
            continue  # then the taper is there already
        curve = Curve(3.0, from_a, target_a, 2.0)
        begins_s = taper_begins_s(curve, soc, battery)
        then = soc + per_as * curve.charge_as(begins_s)
        assert then >= 0.8 - 1e-9
        assert battery.limit_a(then) == pytest.approx(curve.amps(begins_s), abs=1e-5)


def test_the_taper_ends_at_full_and_meets_the_curve_where_it_begins() -> None:
    battery = Battery(full_a=32.0, taper_from=0.8, end=0.1, per_as=1e-5)
    curve = Curve(0.0, 0.0, 20.0, 2.0)
    begins_s = taper_begins_s(curve, 0.5, battery)
    soc = 0.5 + battery.per_as * curve.charge_as(begins_s)
    assert battery.limit_a(soc) == pytest.approx(curve.amps(begins_s), abs=1e-6)
    tail = taper(begins_s, soc, battery)
    end_s = full_s(tail, battery)
    assert soc + battery.per_as * tail.charge_as(end_s) == pytest.approx(1.0)
    assert tail.amps(end_s) == pytest.approx(3.2)
