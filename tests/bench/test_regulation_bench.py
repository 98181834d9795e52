"""The bench's own arithmetic: what it sums and how it says it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.regulation.__main__ import RULES, compare, equal_import, line, play_all, random_cases
from bench.regulation.ceiling import ceiling_kwh
from bench.regulation.families import smart_house, solar_house
from bench.regulation.loop import Breaker, Score


def test_a_family_is_the_sum_of_its_houses_whoever_runs_them() -> None:
    makes = random_cases(partial(smart_house, seconds=120), 2)
    with ThreadPoolExecutor(2) as jobs:
        totals = compare("houses", makes, RULES[1:], jobs)
    for rule, total in totals.items():
        alone = [play_all(make, [rule])[0] for make in makes]
        assert total.car_kwh == sum(score.car_kwh for score in alone) > 0
        assert total.trips == 0
        assert line("houses", rule, total).count("|") == 18


def test_a_kwh_that_is_imported_more_counts_as_one_of_sun_less() -> None:
    totals = {rule: Score(sun_kwh=10, ceiling_kwh=12, import_kwh=1, hours=1) for rule in RULES}
    totals["ours"] = Score(sun_kwh=11, import_kwh=1.5, hours=1)
    assert "+5.0 % sun (clairvoyant +20.0 %), +0.50 kWh import" in equal_import("days", totals)


def test_nobody_gets_more_sun_than_the_clairvoyant() -> None:
    case = solar_house(3, seconds=600)
    for score in play_all(lambda: case, RULES):
        assert 0 < score.sun_kwh < score.ceiling_kwh
    assert ceiling_kwh(case, 0) <= ceiling_kwh(case, 1) <= ceiling_kwh(case, 1e6)


def test_a_breaker_trips_at_once_at_three_times_its_current_and_never_at_its_own() -> None:
    breaker = Breaker()
    assert not any(breaker.trips(0, 1.0) for _ in range(3600))
    assert breaker.trips(0, 3.0)
    assert not breaker.trips(0, 1.0), "closed again, cold"
    assert any(breaker.trips(1, 1.2) for _ in range(600))
