"""The old rule of the bench gives the results it is known for; without that the comparison would be worth nothing."""

import pytest

from bench.regulation.old import OldRule, OldUnit
from smartevse.core.rules import Car, Mode, Rules

N, SM, SO = Mode.NORMAL, Mode.SMART, Mode.SOLAR


def _rule(late: bool, mode: Mode, shares: list[int], caps: list[int], **settings: int | bool) -> OldRule:
    circuit = settings.pop("circuit_a", 16)
    rules = Rules(mode=mode, mains_a=25, circuit_a=int(circuit), master=len(shares) > 1, **settings)  # type: ignore[arg-type]
    units = [OldUnit(cap, Car.CHARGING, share) for cap, share in zip(caps, shares, strict=True)]
    return OldRule(rules, units, late, sum(shares))


@pytest.mark.parametrize(
    ("mode", "shares", "caps", "circuit", "new", "mains", "early", "late"),
    [
        (N, [0], [160], 16, False, 0, [160], [160]),
        (N, [0, 0, 0], [160] * 3, 20, False, 0, [66, 67, 67], [66, 67, 67]),
        (N, [0, 0, 0], [160] * 3, 16, False, 0, [60, 60, 60], [60, 60, 60]),
        (N, [0, 0, 0], [100, 80, 320], 40, False, 0, [100, 80, 220], [100, 80, 220]),
        (N, [0] * 8, [160] * 8, 50, False, 0, [62] * 4 + [63] * 4, [62] * 4 + [63] * 4),
        (N, [0, 0, 0], [320, 100, 320], 33, False, 0, [115, 100, 115], [115, 100, 115]),
        (N, [160, 0], [160, 160], 30, True, 0, [125, 125], [150, 150]),
        (SM, [0], [320], 16, True, 80, [170], [160]),
        (SM, [100], [160], 16, False, 200, [112], [112]),
        (SM, [100], [160], 16, False, 247, [100], [100]),
        (SM, [160], [160], 16, False, 290, [120], [120]),
        (SM, [100], [160], 16, False, 280, [70], [70]),
        (SM, [160, 0], [160, 160], 32, True, 200, [105, 105], [105, 105]),
        (SM, [120, 120], [160, 160], 40, False, 300, [95, 95], [95, 95]),
        (SM, [70, 70], [160, 160], 40, False, 280, [60, 60], [60, 60]),
    ],
)
def test_the_old_rule_shares_as_it_is_known_to(
    mode: Mode, shares: list[int], caps: list[int], circuit: int, new: bool, mains: int, early: list[int],
    late: list[int],
) -> None:  # fmt: skip
    for form, expected in ((False, early), (True, late)):
        rule = _rule(form, mode, shares, caps, circuit_a=circuit)
        rule.mains = (mains, 0, 0)
        rule.calculate(new)
        assert [unit.share_da for unit in rule.units] == expected


@pytest.mark.parametrize(
    ("before", "total", "after"),
    [(60, -50, 65), (60, -11, 65), (60, -10, 61), (100, -1, 101), (100, 0, 100), (100, 3, 100), (100, 4, 99),
     (100, 10, 99), (100, 11, 95), (100, 20, 95), (100, 21, 90), (100, 60, 70)],
)  # fmt: skip
@pytest.mark.parametrize("late", [False, True])
def test_the_old_rule_follows_the_sun_in_its_known_steps(before: int, total: int, after: int, late: bool) -> None:
    rule = _rule(late, SO, [before], [160])
    rule.mains = (total, 0, 0)
    rule.calculate(False)
    assert rule.units[0].share_da == after


def test_the_old_rule_stops_after_three_shortages_or_twice_mains() -> None:
    rule = _rule(True, SM, [100], [160])
    for _ in range(3):
        rule.cycle((320, 0, 0))
    assert rule.stopped == ["mains"]
    rule = _rule(True, SM, [160], [160])
    rule.cycle((501, 0, 0))
    assert rule.stopped == ["mains"]


@pytest.mark.parametrize(
    ("mode", "mains", "early", "late"),
    [(SM, 190, True, True), (SM, 191, False, False), (SO, -40, False, False), (SO, -41, True, True)],
)
def test_the_old_rule_admits_a_first_car_as_it_is_known_to(mode: Mode, mains: int, early: bool, late: bool) -> None:
    for form, expected in ((False, early), (True, late)):
        rule = _rule(form, mode, [0], [160])
        rule.units[0].car = Car.CONNECTED
        rule.mains = (mains, 0, 0)
        assert rule.available() == expected
