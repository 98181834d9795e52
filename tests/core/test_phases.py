import pytest

from smartevse.core.phases import changed, evidence, first_phases, fixed_phases
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Contact2, Mode, Rules, Unit
from tests.core.driving import Drive

POLICIES = [
    (Contact2.NOT_PRESENT, 3, 3, 3),
    (Contact2.ALWAYS_OFF, 1, 1, 1),
    (Contact2.SOLAR_OFF, 3, 3, 1),
    (Contact2.ALWAYS_ON, 3, 3, 3),
    (Contact2.AUTO, 3, 3, None),
]


@pytest.mark.parametrize(("contact2", "normal", "smart", "solar"), POLICIES)
def test_contact_2_asks_for_its_number_of_phases_in_each_mode(
    contact2: Contact2, normal: int, smart: int, solar: int | None
) -> None:
    assert [fixed_phases(contact2, mode) for mode in Mode] == [normal, smart, solar]


def test_auto_begins_with_three_phases_from_21_a_of_surplus() -> None:
    assert (first_phases(209, 60), first_phases(210, 60)) == (1, 3)


def test_evidence_grows_with_want_of_sun_and_is_forgotten_in_gaps() -> None:
    score = 0.0
    for _ in range(199):  # 18 A of import: 0.46 kWh in 400 s
        score = evidence(3, score, 0, 60, 2)
    assert changed(3, score, 1e9) == 3
    score = evidence(3, score, 0, 60, 2)
    assert changed(3, score, 1e9) == 1
    assert changed(3, score, 30) == 3  # too soon after the last change
    for _ in range(1000):
        score = evidence(3, score, 250, 60, 2)
    assert score == 0


def _auto(sun: dict[int, int]) -> tuple[Drive, list[int]]:
    drive = Drive(
        Rules(mode=Mode.SOLAR, contact2=Contact2.AUTO),
        [Unit(car=Car.CONNECTED)],
        lambda t: [-max(da for start, da in sun.items() if t - 1000 >= start and _latest(sun, t) == start) / 3] * 3,
    )
    pattern: list[int] = []
    for _ in range(1500):
        drive.step()
        if drive.units[0].car == Car.CHARGING and (not pattern or pattern[-1] != drive.units[0].phases):
            pattern.append(drive.units[0].phases)
    return drive, pattern


def _latest(sun: dict[int, int], t: float) -> int:
    return max(start for start in sun if t - 1000 >= start)


def test_auto_goes_to_three_phases_and_back_to_one_with_the_sun() -> None:
    drive, pattern = _auto({0: 120, 900: 330, 1900: 90})
    assert pattern == [1, 3, 1]
    assert drive.offers() == [90]


def test_auto_stays_between_16_a_on_one_phase_and_18_a_on_three() -> None:
    drive, pattern = _auto({0: 170})
    assert pattern == [1]
    assert drive.offers() == [160]


def test_a_change_of_mode_with_solar_off_stops_and_starts_with_the_other_pattern() -> None:
    drive = Drive(
        Rules(mode=Mode.SMART, contact2=Contact2.SOLAR_OFF), [Unit(car=Car.CONNECTED)], lambda t: (-100, -100, -100)
    )
    drive.run(60)
    assert drive.units[0].phases == 3
    drive.rules = Rules(mode=Mode.SOLAR, contact2=Contact2.SOLAR_OFF)
    assert drive.step().grants[0].limit.why == Why.PHASES
    drive.run(60)
    assert drive.units[0].phases == 1
    assert drive.offers()[0] > 60
