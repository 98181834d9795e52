import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.proximity import cable_da


@pytest.mark.parametrize(
    ("ohm", "da"),
    [
        (1500, 130),
        (1100, 130),
        (2460, 130),
        (680, 160),
        (400, 160),
        (936, 160),
        (220, 320),
        (164, 320),
        (308, 320),
        (100, 630),
        (80, 630),
        (140, 630),
        (1_000_000, 130),
        (4501, 130),
    ],
)
def test_each_resistor_of_the_manual_gives_its_current(ohm: int, da: int) -> None:
    assert cable_da(ohm) == da


@pytest.mark.parametrize(("ohm", "da"), [(150, 320), (350, 160), (1000, 130), (3000, 130), (70, 630)])
def test_between_two_windows_the_smaller_current_holds(ohm: int, da: int) -> None:
    assert cable_da(ohm) == da


@given(st.integers(0, 59))
def test_a_shorted_contact_is_no_cable(ohm: int) -> None:
    assert cable_da(ohm) is None


@given(st.integers(60, 2_000_000), st.integers(0, 1000))
def test_more_resistance_never_means_more_current(ohm: int, more_ohm: int) -> None:
    higher, lower = cable_da(ohm), cable_da(ohm + more_ohm)
    assert higher is not None
    assert lower is not None
    assert lower <= higher
