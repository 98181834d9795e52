"""CAL: what the Sensorbox's CT sees, and why it cannot be corrected."""

from dataclasses import replace

import pytest

from smartevse.bus.sensorbox import Box
from smartevse.settings.values import Values, default_values
from smartevse.station.clamp import BoxClamp

CT = Box(
    version=1,
    p1_fresh=False,
    ct_fresh=True,
    dsmr=0,
    wiring=None,
    p1_ma=(0, 0, 0),
    ct_ma=(-10_000, 3000, 0),
    wifi=None,
)


def clamp(box: Box | None, **changes: int) -> BoxClamp:
    values: Values = default_values().changed(changes)
    return BoxClamp(lambda: box, lambda: values)


def test_what_is_seen_is_the_corrected_current_without_its_sign() -> None:
    assert clamp(CT).seen_da() == 100
    assert clamp(CT, cal=2048).seen_da() == 200
    assert clamp(CT, mains=120).seen_da() == 200


def test_the_factor_is_reckoned_from_what_the_ct_sees_uncorrected() -> None:
    assert clamp(CT, cal=2048).factor(105) == (105 * 10 + 5) * 1024 // 1000


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (None, "a Sensorbox that answers"),
        (replace(CT, ct_fresh=False), "fresh data"),
        (replace(CT, p1_fresh=True), "smart meter"),
        (replace(CT, ct_ma=(5900, 50_000, 50_000)), "at least 6 A through CT1, and it sees 5.9 A"),
    ],
)
def test_why_it_cannot_be_done_is_a_sentence(box: Box | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        clamp(box).seen_da()


@pytest.mark.parametrize("flowing_da", [60 // 2, 201, 1000])
def test_a_factor_that_cannot_be_is_refused(flowing_da: int) -> None:
    with pytest.raises(ValueError, match="CAL cannot"):
        clamp(CT).factor(flowing_da)
