from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.balancer import NO_LIMIT, OWN, SUM, Want, _alike, share

ALL = (0, 1, 2)


def _shares(caps: list[int], limit: int, least: int = 60) -> list[int]:
    wants = [Want(least, cap, ALL) for cap in caps]
    return [one.da for one in share(wants, (limit, limit, limit, NO_LIMIT))]


def test_the_examples_of_equal_sharing_with_caps_hold() -> None:
    assert _shares([160, 320], 320) == [160, 160]
    assert _shares([160] * 3, 200) == [66, 67, 67]
    assert _shares([100, 80, 320], 400) == [100, 80, 220]
    assert _shares([160] * 8, 500) == [62, 62, 62, 62, 63, 63, 63, 63]
    assert _shares([320, 100, 320], 330) == [115, 100, 115]
    assert _shares([160, 160], 200, 80) == [100, 100]


def test_on_shortage_the_last_waits_and_the_others_charge() -> None:
    assert _shares([160] * 3, 160) == [80, 80, 0]
    assert _shares([160] * 2, 150, 80) == [150, 0]
    assert _shares([160], 59) == [0]


def test_cars_on_different_phases_do_not_take_from_each_other() -> None:
    wants = [Want(60, 160, (0,)), Want(60, 160, (1,)), Want(60, 160, (0,))]
    assert [one.da for one in share(wants, (160, 160, 160, NO_LIMIT))] == [80, 160, 80]


def test_the_cause_names_the_limit_that_stopped_the_share() -> None:
    wants = [Want(60, 160, (0,)), Want(60, 100, (1,))]
    assert [one.cause for one in share(wants, (120, 300, 300, NO_LIMIT))] == [0, OWN]
    assert [one.cause for one in share(wants, (300, 300, 300, 150))] == [SUM, SUM]


def test_what_a_car_does_not_take_goes_to_the_others_first() -> None:
    wants = [Want(60, 160, ALL, takes_da=80), Want(60, 160, ALL)]
    assert [one.da for one in share(wants, (220, 220, 220, NO_LIMIT))] == [80, 140]
    assert [one.da for one in share(wants, (400, 400, 400, NO_LIMIT))] == [160, 160]


PHASES = st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2), (2, 0), (0, 1, 2)])
WANTS = st.lists(
    st.builds(
        lambda least, more, phases, takes: Want(least, least + more, phases, takes),
        st.integers(60, 160),
        st.integers(0, 640),
        PHASES,
        st.one_of(st.just(NO_LIMIT), st.integers(60, 400)),
    ),
    max_size=32,
)
LIMIT = st.integers(0, 2500)
LIMITS = st.tuples(LIMIT, LIMIT, LIMIT, st.one_of(st.just(NO_LIMIT), st.integers(0, 6000)))


def _used(wants: list[Want], shares: list[int]) -> list[int]:
    used = [0, 0, 0, 0]
    for want, da in zip(wants, shares, strict=True):
        for p in want.phases:
            used[p] += da
        used[SUM] += da * len(want.phases)
    return used


@given(WANTS, LIMITS)
def test_no_limit_is_ever_exceeded_and_each_share_is_zero_or_within_its_bounds(
    wants: list[Want], limits: tuple[int, int, int, int]
) -> None:
    shares = [one.da for one in share(wants, limits)]
    assert all(used <= limit for used, limit in zip(_used(wants, shares), limits, strict=True))
    assert all(da == 0 or want.min_da <= da <= want.cap_da for want, da in zip(wants, shares, strict=True))


@given(WANTS, LIMITS)
def test_nothing_is_left_that_a_charging_car_could_use(wants: list[Want], limits: tuple[int, int, int, int]) -> None:
    shares = [one.da for one in share(wants, limits)]
    used = _used(wants, shares)
    for want, da in zip(wants, shares, strict=True):
        if 0 < da < want.cap_da:
            full = any(used[p] >= limits[p] for p in want.phases)
            assert full or used[SUM] + len(want.phases) > limits[SUM]


@given(WANTS, LIMITS)
def test_the_first_in_the_order_is_never_left_out_for_a_later_one(
    wants: list[Want], limits: tuple[int, int, int, int]
) -> None:
    if wants and share(wants, limits)[0].da == 0:
        assert share(wants[:1], limits)[0].da == 0


@given(st.integers(1, 32), st.integers(60, 160), st.integers(0, 400), PHASES, LIMITS)
def test_the_quick_way_for_equal_cars_gives_the_same_shares(
    count: int, least: int, more: int, phases: tuple[int, ...], limits: tuple[int, int, int, int]
) -> None:
    wants = [Want(least, least + more, phases) for _ in range(count)]
    quick = _alike(wants, limits)
    if quick is not None:
        odd = [*wants, Want(1, 0, (0,))]  # one that gets nothing makes it take the long way
        assert [one.da for one in share(odd, limits)][:-1] == [one.da for one in quick]
