"""The chargers' own circuit with a meter: CIRCUIT is kept with what others take there."""

from dataclasses import replace

import pytest

from smartevse.core.circuit import circuit_limit
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.memory import State
from smartevse.core.reasons import Why
from smartevse.core.regulator import decide
from smartevse.core.rules import Car, Inputs, Mode, Rules, Unit, check

RULES = Rules(mode=Mode.NORMAL, circuit_a=32, circuit_meter=True, meter=False)
LAG_S = 3


class Garage:
    """Cars that follow an offer 3 s late on one circuit with others; the meter there is read every 2 s."""

    def __init__(self, rules: Rules = RULES, cars: int = 1) -> None:
        self.rules, self.now_s, self.state = rules, 1000.0, State()
        self.units = [Unit(max_da=320, car=Car.CONNECTED)] * cars
        self.others = 0
        self.offers: list[list[int]] = [[0] * cars]
        self.why = Why.NO_CAR
        self.over_s = self.longest_over_s = 0
        self.mute = False
        self._reading: Reading | None = None

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            took = self.offers[max(0, len(self.offers) - 1 - LAG_S)]
            drawn = [da for unit, da in zip(self.units, took, strict=True) if unit.car is Car.CHARGING]
            flow = self.others + sum(drawn)
            self.over_s = self.over_s + 1 if flow > self.rules.circuit_a * 10 else 0
            self.longest_over_s = max(self.longest_over_s, self.over_s)
            if int(self.now_s) % 2 == 0 and not self.mute:
                self._reading = Reading(flow, flow, flow, self.now_s)
            inputs = Inputs(self.now_s, self.rules, tuple(self.units), None, circuit=self._reading)
            self.state, decision = decide(self.state, inputs)
            self.offers.append([grant.offer_da for grant in decision.grants])
            self.why = decision.grants[0].limit.why
            for i, grant in enumerate(decision.grants):
                if self.units[i].car is Car.AWAY:
                    continue
                self.units[i] = replace(self.units[i], car=Car.CHARGING if grant.charge else Car.CONNECTED)
            self.now_s += 1


@pytest.mark.parametrize("cars", [1, 2])
def test_others_and_cars_together_stay_within_circuit_although_cars_are_slow(cars: int) -> None:
    garage = Garage(cars=cars, rules=replace(RULES, master=cars > 1))
    garage.others = 150
    garage.units[1:] = [Unit(max_da=320)] * (cars - 1)  # the second car comes later
    garage.run(30)
    garage.units[1:] = [Unit(max_da=320, car=Car.CONNECTED)] * (cars - 1)
    garage.run(60)
    assert garage.longest_over_s <= (0 if cars == 1 else LAG_S + 1), "a second car joins while the first lets go"
    assert sum(garage.offers[-1]) == 170
    garage.others = 100
    garage.run(90)
    assert garage.longest_over_s <= (0 if cars == 1 else LAG_S + 1), "a second car joins while the first lets go"
    assert 210 <= sum(garage.offers[-1]) <= 220
    assert garage.why is Why.CIRCUIT


def test_a_load_that_comes_is_answered_with_its_first_reading_and_once() -> None:
    garage = Garage()
    garage.run(60)
    assert garage.offers[-1] == [320]
    garage.others = 90
    garage.run(2)
    assert garage.offers[-1] == [230]
    garage.run(30)
    assert {offer for [offer] in garage.offers[-30:]} == {230}


def test_a_load_that_switches_every_few_seconds_does_not_make_the_offer_swing() -> None:
    garage = Garage()
    garage.run(60)
    for _ in range(20):
        garage.others = 60
        garage.run(4)
        garage.others = 0
        garage.run(4)
    offers = [offer for [offer] in garage.offers[-100:]]
    assert min(offers) >= 250
    assert max(offers) <= 300


def test_when_the_minimum_does_not_fit_the_car_waits_and_says_so() -> None:
    garage = Garage()
    garage.others = 300
    garage.run(20)
    assert garage.offers[-1] == [0]
    assert garage.why is Why.NO_CIRCUIT


def test_in_smart_the_smaller_of_mains_and_circuit_binds() -> None:
    rules = replace(RULES, mode=Mode.SMART, meter=True)
    for circuit_a, why, limit_da in ((32, Why.MAINS, 250), (16, Why.CIRCUIT, 160)):
        state, now_s, offer_da = State(), 1000.0, 0
        unit = Unit(car=Car.CHARGING, max_da=320)
        for _ in range(60):
            mains, circuit = [Reading(da, da, da, now_s) for da in (100 + offer_da, 40 + offer_da)]
            inputs = Inputs(now_s, replace(rules, circuit_a=circuit_a), (unit,), mains, circuit=circuit)
            state, decision = decide(state, inputs)
            offer_da = decision.grants[0].offer_da
            now_s += 2
        assert decision.grants[0].limit.why is why
        assert offer_da + (100 if why is Why.MAINS else 40) in range(240 if why is Why.MAINS else 155, limit_da + 1)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 2e4])
def test_a_reading_that_cannot_be_true_does_not_make_others_disappear(bad: float) -> None:
    garage = Garage()
    garage.others = 150
    garage.run(60)
    state, decision = decide(
        garage.state,
        Inputs(garage.now_s, RULES, tuple(garage.units), circuit=Reading(bad, bad, bad, garage.now_s)),
    )
    assert decision.grants[0].offer_da == 170
    assert state.site.circuit == garage.state.site.circuit


def test_a_circuit_meter_that_says_nothing_first_holds_then_stops() -> None:
    heard = Reading(100, 100, 100, 1000.0)
    assert circuit_limit(heard, 1009.0, 0.0, 10, least_da=60) is None
    assert circuit_limit(heard, 1011.0, 0.0, 10, least_da=60) == Limit(0, Why.NO_CIRCUIT_DATA)
    assert circuit_limit(None, 1003.0, 1000.0, 10, least_da=60) == Limit(60, Why.HOLD_CIRCUIT)
    assert circuit_limit(None, 1003.0, 1000.0, 10, least_da=None) == Limit(0, Why.FIRST_CIRCUIT)
    assert circuit_limit(None, 1011.0, 1000.0, 10, least_da=60) == Limit(0, Why.NO_CIRCUIT_DATA)
    assert circuit_limit(heard._replace(l2_da=float("nan")), 1001.0, 0.0, 10, least_da=60) == Limit(
        0, Why.NO_CIRCUIT_DATA
    )


def test_circuit_below_min_is_a_contradiction_with_a_meter_too() -> None:
    assert check(replace(RULES, circuit_a=10, min_a=16))[1] == "CIRCUIT 10 A is below MIN 16 A"
