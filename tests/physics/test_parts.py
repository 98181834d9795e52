"""Units out of the production: every one within its tolerances, and still a working hat."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.core.pilot import Level, diode_present, level_of
from smartevse.physics.parts import Parts
from smartevse.physics.world import World
from tests.physics.driver import HAT


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_every_unit_shows_the_same_states_to_software(seed: int) -> None:
    world = World(HAT, seed=seed, parts=Parts.drawn(HAT, seed))
    pins = HAT.pins

    def high_mv() -> int:
        return HAT.pilot_mv(world.adc(HAT.channels.cp_high))

    world.pulse(pins.heartbeat, 100)
    world.hold_heartbeat(True)
    world.set_pwm(pins.cp_pwmn, 1000, 734_000)
    world.advance(0.2)
    assert level_of(high_mv()) is Level.A
    world.ev.plug()
    world.advance(0.4)
    assert level_of(high_mv()) is Level.B
    assert not world.bank() >> pins.safe & 1
    world.ev.ready()
    world.advance(1.4)
    assert level_of(high_mv()) is Level.C
    assert diode_present(HAT.pilot_mv(world.adc(HAT.channels.cp_low)))
    assert world.bank() >> pins.safe & 1
    world.hold_heartbeat(False)
    world.advance(1.4 + 0.111)
    assert not world.bank() >> pins.wd_ok & 1
    assert 0.090 <= world.parts.one_shot_s <= 0.110


def test_the_same_seed_is_the_same_unit() -> None:
    assert Parts.drawn(HAT, 3) == Parts.drawn(HAT, 3)
    assert Parts.drawn(HAT, 3) != Parts.drawn(HAT, 4)
