import pytest

from smartevse.core.limits import Limit, binding, normal_limit
from smartevse.core.reasons import TEXTS, Why, clock


def test_the_smallest_limit_binds_and_of_equals_the_first() -> None:
    assert binding([Limit(160, Why.MAX), Limit(130, Why.CABLE), Limit(130, Why.SUN)]).why == Why.CABLE
    with pytest.raises(ValueError, match="no limit given"):
        binding([])


def test_normal_mode_names_the_setting_or_the_cable() -> None:
    assert normal_limit(160, None).short == "16.0 A: MAX"
    assert normal_limit(320, 160).short == "16.0 A: cable"
    assert normal_limit(160, 320).short == "16.0 A: MAX"


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_words_that_fit_the_lcd(why: Why) -> None:
    widest = Limit(799, why, phase=2, seen_da=1253, wait_s=359_999, note="CIRCUIT 10 A" if why == Why.SETTINGS else "")
    assert widest.short.isascii()
    assert 0 < len(widest.short) <= 20
    assert widest.reason
    assert "{" not in widest.reason + widest.short
    assert TEXTS[why].sentence


def test_the_sentences_are_those_an_owner_understands() -> None:
    assert Limit(90, Why.MAINS, 2, 250).reason == "9.0 A: mains L2 at 25.0 A"
    assert Limit(0, Why.NO_SUN, seen_da=21).reason == "waiting: 2.1 A more sun needed"
    assert Limit(60, Why.HOLD_SUN, wait_s=125).short == "6.0 A: no sun 2:05"


def test_only_numbers_may_differ_within_one_cause() -> None:
    assert Limit(90, Why.MAINS, 2, 250).same_cause(Limit(88, Why.MAINS, 2, 253))
    assert not Limit(90, Why.MAINS, 2, 250).same_cause(Limit(90, Why.MAINS, 1, 250))


def test_a_time_to_wait_stays_short_however_long() -> None:
    assert [clock(s) for s in (-5, 42, 600, 3600, 10**9)] == ["0:00", "0:42", "10:00", "1h00", "99h00"]
