from itertools import pairwise

import pytest

from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Mode, Rules, Unit
from smartevse.core.trust import Trust, judged
from tests.core.driving import Drive

SMART = Rules(mode=Mode.SMART)


def test_a_frozen_meter_first_sends_the_car_to_the_minimum_and_then_stops_it() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], lambda t: (50, 50, 50))
    frozen = (110, 110, 110)
    drive.loads = lambda: list(frozen)  # type: ignore[method-assign]
    seen = set()
    for _ in range(60):
        decision = drive.step()
        seen.add(decision.grants[0].limit.why)
        if decision.grants[0].limit.why == Why.UNPROVEN:
            assert decision.grants[0].offer_da == 60
    assert Why.UNPROVEN in seen
    assert drive.offers() == [0]
    assert decision.grants[0].limit.why == Why.FROZEN


def test_a_meter_that_moves_in_the_test_is_trusted_for_an_hour() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], lambda t: (50, 50, 50))
    drive.run(600)
    assert drive.offers() == [160]
    # a car that takes 10 A of 16 A in a house that does not stir: one test, then peace
    lazy = Drive(SMART, [Unit(car=Car.CONNECTED)])
    tests = 0
    for _ in range(1000):
        offer = lazy.offers()[0] if lazy.decision else 0
        car_da = min(offer, 100)
        lazy.loads = lambda da=car_da: [50 + da] * 3  # type: ignore[method-assign,misc]
        before = lazy.decision.grants[0].limit.why if lazy.decision else None
        why = lazy.step().grants[0].limit.why
        assert why != Why.FROZEN
        tests += why == Why.UNPROVEN and before != Why.UNPROVEN
    assert tests <= 1
    assert lazy.offers() == [160]


def test_a_meter_that_counts_backwards_is_found_when_the_car_has_moved_twice() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED, max_da=320)], lambda t: (50, 50, 50))
    honest = drive.loads
    drive.loads = lambda: [-da for da in honest()]  # type: ignore[method-assign]
    why = None
    for _ in range(60):
        why = drive.step().grants[0].limit.why
        if why == Why.BACKWARDS:
            break
    assert why == Why.BACKWARDS


def test_an_honest_meter_is_never_called_reversed_by_a_busy_house() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], lambda t: (50 + 90 * (int(t) // 14 % 2), 50, 50))
    for _ in range(1500):
        assert drive.step().grants[0].limit.why not in (Why.BACKWARDS, Why.FROZEN)


NOISE_DA = (0, 2, 1, 3, 0, 1)


def noisy(t: float) -> tuple[int, int, int]:
    return 50 + NOISE_DA[int(t / 2) % 6], 50, 50


def test_a_meter_that_freezes_while_the_car_is_steady_is_found_by_moving_the_car() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], noisy)
    drive.run(600)
    assert drive.offers() == [160]
    held = drive.loads()
    drive.loads = lambda: list(held)  # type: ignore[method-assign]
    seen = [drive.step().grants[0].limit.why for _ in range(60)]
    assert Why.UNPROVEN in seen[:32], "after a minute of the same value"
    assert Why.FROZEN in seen[:50], "when the car at the minimum did not show either"
    assert drive.offers() == [0]


def test_an_honest_meter_in_a_house_that_never_stirs_is_tested_once_an_hour_for_some_seconds() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], lambda t: (50, 50, 50))
    whys = [drive.step().grants[0].limit.why for _ in range(1800)]
    assert Why.FROZEN not in whys
    assert sum(now is Why.UNPROVEN and before is not Why.UNPROVEN for before, now in pairwise(whys)) <= 2
    assert whys.count(Why.UNPROVEN) <= 10


def test_a_calm_that_the_house_is_used_to_is_no_reason_for_a_test() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], lambda t: (50 + int(t / 40) % 2, 50, 50))
    drive.run(300)
    assert all(drive.step().grants[0].limit.why is not Why.UNPROVEN for _ in range(1800))


def test_a_car_that_cannot_be_moved_proves_nothing_and_is_not_stopped() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED, max_da=60)], lambda t: (50, 50, 50))
    drive.run(60)
    assert drive.offers() == [60]
    assert all(drive.step().grants[0].offer_da == 60 for _ in range(1800))


def test_a_meter_whose_sign_flips_while_the_car_is_steady_is_found() -> None:
    drive = Drive(SMART, [Unit(car=Car.CONNECTED)], noisy)
    drive.run(600)
    assert drive.offers() == [160]
    honest = drive.loads
    drive.loads = lambda: [-da for da in honest()]  # type: ignore[method-assign]
    whys = [drive.step().grants[0].limit.why for _ in range(30)]
    assert Why.BACKWARDS in whys
    assert drive.offers() == [0]


@pytest.mark.parametrize(("reading", "frozen"), [((80, 0, 0), False), ((83, 0, 0), True)])
def test_a_meter_of_whole_amps_must_not_show_what_one_of_tenths_must(
    reading: tuple[int, int, int], frozen: bool
) -> None:
    trust = Trust()
    for k in range(120):
        car = (80 if k < 40 else 60, 0, 0)  # 2 A less in the test
        trust = judged(trust, reading, reading, (car, car), 2.0 * k, 2.0)
    assert trust.frozen is frozen
