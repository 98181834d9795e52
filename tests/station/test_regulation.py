"""Normal mode offers MAX or what the cable carries, and says why."""

from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.signals import Permit
from smartevse.guard.wire import Flag, Status, pack_permit, unpack_permit
from smartevse.settings.meaning import permit
from smartevse.settings.rows import TABLE
from smartevse.settings.values import Values, default_values
from smartevse.station.regulation import limit_for


def settings(**changes: int | str) -> Values:
    return default_values().changed(changes)


def cable(da: int) -> Status:
    return Status(flags=Flag.CABLE_KNOWN, cable_da=da)


def test_the_offer_is_max_while_the_cable_is_not_known() -> None:
    assert limit_for(settings(max=16), Status()) == Limit(160, Why.MAX)
    assert limit_for(settings(max=16), None) == Limit(160, Why.MAX)


def test_a_thin_cable_limits_and_says_so() -> None:
    assert limit_for(settings(max=32), cable(160)) == Limit(160, Why.CABLE)
    assert limit_for(settings(max=13), cable(160)) == Limit(130, Why.MAX)


def test_a_fixed_cable_is_not_asked_for_its_size() -> None:
    assert limit_for(settings(max=32, config="fixed"), cable(130)) == Limit(320, Why.MAX)


def test_less_than_the_pilot_can_offer_offers_none() -> None:
    none = permit(settings(), 59, 0, rcm_test=True)
    assert (none.offer_da, none.charge) == (0, False)


@given(
    st.integers(6, 80),
    st.sampled_from(["socket", "fixed"]),
    st.one_of(st.none(), st.integers(0, 800).map(cable)),
    st.integers(0, 1000),
)
def test_every_permit_is_within_max_and_cable_and_understood_by_the_guard(
    most: int, config: str, status: Status | None, resets: int
) -> None:
    values = settings(max=most, config=config)
    TABLE.check(values.choices)
    given_permit = permit(values, limit_for(values, status).offer_da, resets, rcm_test=True)
    assert given_permit.offer_da <= most * 10
    if status is not None and config == "socket":
        assert given_permit.offer_da <= status.cable_da
    assert given_permit.charge == (given_permit.offer_da > 0)
    read, _, _ = unpack_permit(pack_permit(given_permit, 1, 1))
    assert isinstance(read, Permit)
    assert read == given_permit
