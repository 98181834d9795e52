from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Mode, Rules, Unit
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
