import pytest

from smartevse.physics.home_battery import HomeBattery
from smartevse.physics.house import House, Load, painted_da, random_house
from smartevse.physics.sun import Sky, Trace, cloudy_trace, read_trace


def test_a_house_asked_twice_gives_the_same_and_so_does_the_painted_one() -> None:
    house = random_house(5, 600, 20.0)
    assert house == random_house(5, 600, 20.0)
    lines = painted_da(house, 600)
    for second in range(0, 600, 7):
        assert house.draws_da(second) == tuple(line[second] for line in lines)


def test_a_load_cycles_and_starts_with_its_inrush() -> None:
    load = Load(10, 100, 0, 50, period_s=20, on_s=5, inrush_da=100)
    assert [load.draws_da(t) for t in (9, 10, 11, 14, 15, 29, 30, 100)] == [0, 150, 50, 50, 0, 0, 150, 0]
    assert House((1, 2, 3), (load,)).draws_da(12) == (51, 2, 3)


def test_a_trace_is_straight_between_its_points_and_constant_outside() -> None:
    trace = Trace([0, 60], [100, 400])
    assert [trace.at(t) for t in (-5, 0, 30, 60, 100)] == [100, 100, 250, 400, 400]


def test_a_recording_with_gaps_repeats_its_last_value_and_one_without_numbers_is_refused() -> None:
    assert list(read_trace(["t,w", "0,5", "1,", "2,nan", "3,7"], 1, 60).power_w) == [5, 5, 0, 7]
    with pytest.raises(ValueError, match="column 2"):
        read_trace(["t,w"], 1, 60)


def test_clouds_take_from_a_clear_sky_and_come_back_from_the_same_seed() -> None:
    clear, cloudy = Sky(5000), Sky(5000, cover=0.6, seed=3)
    assert clear.clear_w(43_200) == 5000
    assert clear.clear_w(0) == 0
    one, two = cloudy_trace(cloudy, 50_000, 10), cloudy_trace(cloudy, 50_000, 10)
    assert one == two
    assert sum(one.power_w) < 0.9 * sum(clear.clear_w(t) for t in one.times_s)


def test_a_battery_takes_surplus_until_it_is_full_and_gives_it_back_until_it_is_empty() -> None:
    battery = HomeBattery(size_wh=1000, stored_wh=900)
    for _ in range(600):
        battery = battery.after(3000, 1)
    assert battery.stored_wh == 1000
    assert battery.power_w < 1
    for _ in range(3600):
        battery = battery.after(-2500, 1)
    assert battery.stored_wh == 0
