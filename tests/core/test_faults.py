from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.checks import _CHECKS
from smartevse.core.faults import COUNT, RULES, Clear, Effect, Fault, Standing, names, update

GUARD_FAULTS = list(RULES)


def test_the_rules_stand_in_the_order_of_their_bits_and_each_has_a_check() -> None:
    assert [int(fault) for fault in RULES] == list(range(COUNT))
    assert [fault for fault, _ in _CHECKS] == GUARD_FAULTS


def test_every_fault_that_opens_has_a_limit_or_says_that_it_is_found_while_open() -> None:
    for fault, rule in RULES.items():
        assert rule.limit_ms >= 0
        if rule.effect is Effect.OPEN and rule.limit_ms:
            assert rule.limit_ms <= 1200, fault
        assert rule.ticks * 10 <= max(rule.limit_ms, 100), fault


@given(st.sampled_from(GUARD_FAULTS))
def test_a_fault_counts_after_its_agreeing_ticks_and_not_before(fault: Fault) -> None:
    standing = Standing()
    for tick in range(RULES[fault].ticks):
        assert not standing.bits, tick
        standing = update(standing, 1 << fault, 1000 + tick * 10, unplugged=False, reset=False)
    assert standing.bits == 1 << fault
    assert standing.raised == 1


@given(st.sampled_from(GUARD_FAULTS), st.booleans(), st.booleans())
def test_a_fault_ends_as_its_row_says_and_never_while_it_is_seen(fault: Fault, unplugged: bool, reset: bool) -> None:
    rule = RULES[fault]
    standing = Standing()
    for tick in range(rule.ticks):
        standing = update(standing, 1 << fault, tick * 10, unplugged=False, reset=False)
    raised_ms = (rule.ticks - 1) * 10
    seen = update(standing, 1 << fault, raised_ms, unplugged=True, reset=True)
    assert seen.bits
    after = update(seen, 0, raised_ms + rule.gone_ms - 1, unplugged=unplugged, reset=reset)
    expected = {Clear.GONE: False, Clear.UNPLUG: unplugged or reset, Clear.KEY: reset}[rule.clear]
    assert (not after.bits) == expected
    if rule.clear is Clear.GONE:
        assert not update(after, 0, raised_ms + rule.gone_ms, unplugged=False, reset=False).bits


def test_a_healthy_tick_keeps_the_memory_as_it_is() -> None:
    standing = Standing()
    assert update(standing, 0, 10, unplugged=True, reset=True) is standing


def test_faults_are_named_most_severe_first() -> None:
    bits = 1 << Fault.NOT_UNLOCKED | 1 << Fault.DIODE | 1 << Fault.NO_CURRENT
    assert names(bits) == [Fault.DIODE, Fault.NOT_UNLOCKED, Fault.NO_CURRENT]
