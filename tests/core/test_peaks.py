"""The house's peaks: held, forgotten, and of a load that switches to and fro waited for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.measurement import Phases
from smartevse.core.peaks import ALONE, SHARED, Patience, highs, peaks
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Mode, Rules, Unit
from tests.core.driving import Drive

CYCLE_S = 2.0


def played(loads_da: Sequence[int], patience: Patience) -> Iterator[tuple[float, float]]:
    """The ordinary peak and the learned one after each reading of a load on L1."""
    peak = peak_t = (0.0, 0.0, 0.0)
    high = None
    for index, load_da in enumerate(loads_da):
        house: Phases = (load_da, 0, 0)
        t = index * CYCLE_S
        peak, peak_t = peaks(peak, peak_t, house, t, CYCLE_S)
        high = highs(high, house, t, CYCLE_S, patience)
        yield peak[0], high[0].level


def hob(on_s: int, off_s: int, times: int) -> list[int]:
    """A load of 10 A that switches, one value every 2 s."""
    return ([100] * (on_s // 2) + [0] * (off_s // 2)) * times


@pytest.mark.parametrize(("patience", "off_s"), [(ALONE, 6), (SHARED, 10), (SHARED, 40)])
def test_a_load_that_came_back_once_is_waited_for_from_then_on(patience: Patience, off_s: int) -> None:
    loads = hob(6, off_s, 6)
    seen = list(played(loads, patience))
    first_two = 2 * (6 + off_s) // 2
    assert min(high for _, high in seen[:first_two]) < 50, "the first time nobody can know"
    assert all(high == 100 for _, high in seen[first_two:])
    assert any(peak < 50 for peak, _ in seen[first_two:]), "the ordinary peak is forgotten each time"


def test_a_load_that_stays_away_longer_than_the_patience_has_ended() -> None:
    loads = [*hob(6, 6, 3), *([0] * 20)]
    assert list(played(loads, ALONE))[-1][1] < 5
    slow = list(played(hob(6, 20, 4), ALONE))
    assert min(high for _, high in slow[-9:]) < 5, "an alone car does not wait 20 s"


def test_a_load_that_is_back_a_little_lower_is_the_same_one() -> None:
    loads = [100, 100, 100, *([0] * 5), *([97, 96, 98] + [0] * 5) * 5]
    assert all(high > 90 for _, high in list(played(loads, SHARED))[16:])


@given(st.lists(st.integers(-300, 300), min_size=2, max_size=80), st.sampled_from([ALONE, SHARED]))
def test_neither_peak_is_ever_below_what_the_house_takes_by_more_than_the_same_load(
    loads: list[int], patience: Patience
) -> None:
    for (peak, high), now_da in zip(played([max(0, load) for load in loads], patience), loads, strict=True):
        assert peak >= now_da
        assert high >= now_da
        assert high <= max(0, *loads)


def test_two_cars_are_cut_once_for_a_hob_and_not_at_each_of_its_turns() -> None:
    rules = Rules(mode=Mode.SMART, mains_a=32, circuit_a=32, master=True)
    units = [Unit(car=Car.CONNECTED, max_da=160), Unit(car=Car.CONNECTED, max_da=160)]
    drive = Drive(rules, units, lambda t: (100 if t >= 1100 and (t - 1100) % 30 < 10 else 0, 0, 0))
    cuts, before, reasons = [], 0, set()
    while drive.now_s < 1400:
        drive.step()
        total = sum(drive.offers())
        if total < before:
            cuts.append(drive.now_s)
        before = total
        assert drive.decision is not None
        reasons |= {grant.limit.why for grant in drive.decision.grants}
    assert len([at_s for at_s in cuts if at_s >= 1100]) == 2, "at its first and its second coming"
    assert Why.SWITCHING in reasons
