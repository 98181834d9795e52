import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.pilot import (
    DIODE_PRESENT_BELOW_MV,
    HYSTERESIS_MV,
    LOWER_EDGE_MV,
    Level,
    diode_present,
    duty_permille,
    level_of,
    offer_da,
)

OFFERS = st.integers(60, 800)


@pytest.mark.parametrize(
    ("amps", "permille"),
    [
        (6, 100),
        (7, 116),
        (8, 133),
        (10, 166),
        (13, 216),
        (16, 266),
        (20, 333),
        (25, 416),
        (32, 533),
        (40, 666),
        (48, 800),
        (51, 850),
        (51.1, 844),
        (52.5, 850),
        (63, 892),
        (70, 920),
        (80, 960),
    ],
)
def test_the_duty_cycle_is_the_one_of_the_standard(amps: float, permille: int) -> None:
    assert duty_permille(round(amps * 10)) == permille


@given(OFFERS)
def test_a_car_never_reads_more_than_was_offered_and_only_a_little_less(offer: int) -> None:
    read = offer_da(duty_permille(offer))
    assert read <= offer
    assert offer - read <= (1 if offer <= 510 else 17 if offer <= 527 else 3)


@given(st.integers(60, 509))
def test_more_current_never_gives_less_duty_within_a_range(offer: int) -> None:
    assert duty_permille(offer) <= duty_permille(offer + 1)


@given(st.one_of(st.integers(max_value=59), st.integers(min_value=801)))
def test_a_current_without_a_duty_cycle_is_refused_with_the_range(offer: int) -> None:
    with pytest.raises(ValueError, match="only 6 to 80 A"):
        duty_permille(offer)


@pytest.mark.parametrize(
    ("permille", "da"),
    [
        (0, 0),
        (50, 0),
        (79, 0),
        (80, 60),
        (100, 60),
        (266, 159),
        (850, 510),
        (851, 527),
        (960, 800),
        (970, 800),
        (971, 0),
        (1000, 0),
    ],
)
def test_what_a_car_may_draw_is_the_table_of_the_standard(permille: int, da: int) -> None:
    assert offer_da(permille) == da


@pytest.mark.parametrize(
    ("high_mv", "level"),
    [
        (12_080, "A"),
        (10_600, "A"),
        (9_000, "B"),
        (7_810, "B"),
        (6_670, "C"),
        (5_090, "C"),
        (3_000, "D"),
        (1_360, "E"),
        (0, "E"),
        (-1_300, "E"),
    ],
)
def test_each_level_of_the_standard_is_recognised(high_mv: int, level: str) -> None:
    assert level_of(high_mv).name == level


@given(st.integers(-14_000, 16_000), st.sampled_from(Level))
def test_the_level_only_holds_on_to_a_neighbour_and_only_near_the_edge(high_mv: int, last: Level) -> None:
    level, raw = level_of(high_mv, last), level_of(high_mv)
    assert level in (raw, last)
    if level is not raw:
        assert abs(level - raw) == 1
        assert abs(high_mv - LOWER_EDGE_MV[min(level, raw)]) <= HYSTERESIS_MV


@given(st.sampled_from(LOWER_EDGE_MV), st.lists(st.integers(-HYSTERESIS_MV, HYSTERESIS_MV), min_size=2))
def test_noise_around_an_edge_never_toggles_the_level(edge_mv: int, noise_mv: list[int]) -> None:
    level = level_of(edge_mv + noise_mv[0])
    for noise in noise_mv:
        assert level_of(edge_mv + noise, level) is level


def test_the_diode_is_told_from_its_absence() -> None:
    assert diode_present(-11_640)
    assert not diode_present(-8_700)
    assert not diode_present(-5_600)
    assert not diode_present(DIODE_PRESENT_BELOW_MV)
