"""Every fault does something that can be noticed, and healing it restores the world."""

from __future__ import annotations

from typing import Any

import pytest

from smartevse.physics.ev import EvOptions
from smartevse.physics.faults import FAULTS, PARTS, PATTERNS, fault
from tests.physics.driver import HAT, Header, when

PINS = HAT.pins
CHANNELS = range(8)

# faults that only show when something else happens, and what that is
NEEDS: dict[str, str] = {
    "one-shot-stuck": "silence",
    "k1-stuck": "open",
    "k2-stuck": "open",
    "k3-stuck": "silence",
    "weld-c1": "open",
    "weld-c2": "open",
    "aux-stuck": "open",
    "window-dead": "release",
    "safe-stuck-high": "release",
    "rcm-test-dead": "test",
    "lock-jammed": "lock",
    "lock-opens": "locked",
    "c1-slow-300": "open",
    "c1-drops": "wait",
    "pwm-stuck-low": "wait",
    "lock-wire-b-cut": "wait",
}
NUMBERED = ("cp-short-120", "pp-1500", "temp-90", "c1-slow-300", "adc-channel-3-1600")


def _observe(name: str | None, provoke: str) -> dict[str, Any]:
    header = Header()
    header.charge()
    world = header.world
    if provoke == "locked":
        world.set_output(PINS.lock_r, True)
        header.run(0.6)
        world.set_output(PINS.lock_r, False)
    count = world.trace_count
    if name:
        world.inject(name)
    if provoke == "silence":
        header.beats = False
    elif provoke == "open":
        world.set_output(PINS.c1_cmd, False)
        world.set_output(PINS.c2_cmd, False)
    elif provoke == "release":
        world.ev.ready(False)
    elif provoke == "test":
        world.set_output(PINS.rcm_test, True)
    elif provoke == "lock":
        world.set_output(PINS.lock_r, True)
    codes = [HAT.pilot_mv(world.adc(channel)) for channel in CHANNELS for _ in range(20)]
    header.run(0.06)
    soon = world.state()
    header.run(0.6)
    low, high = world.seen(world.now_s - 0.5)
    events = [(event.name, event.value, round(event.at_s, 6)) for event in world.trace(count) if event.name != "fault"]
    late = world.state()
    del soon["faults"], late["faults"]
    return {"codes": codes, "after": [world.adc(c) for c in CHANNELS], "low": low, "high": high, "events": events}


@pytest.mark.parametrize("name", sorted({*FAULTS, *NUMBERED} - {"adc-frozen"}))
def test_every_fault_can_be_noticed_at_the_header(name: str) -> None:
    provoke = NEEDS.get(name, "wait")
    assert _observe(name, provoke) != _observe(None, provoke)


def test_a_frozen_converter_does_not_see_the_car_leave() -> None:
    header = Header(noise=True)
    header.charge()
    header.world.inject("adc-frozen")
    first = [header.world.adc(channel) for channel in CHANNELS]
    header.world.ev.unplug()
    header.run(0.5)
    assert [header.world.adc(channel) for channel in CHANNELS] == first
    header.world.inject("adc-frozen", False)
    assert header.high_v() > 11


@pytest.mark.parametrize("name", sorted({*FAULTS, *NUMBERED}))
def test_a_healed_fault_leaves_a_hat_that_charges(name: str) -> None:
    header = Header()
    world = header.world
    header.charge()
    world.inject(name)
    header.run(0.3)
    world.inject(name, False)
    assert world.faults == ()
    header.beats = False
    header.run(0.2)  # clears the latch of the monitor
    header.beats = True
    for gpio in (PINS.c1_cmd, PINS.c2_cmd):
        world.set_output(gpio, False)
    header.run(2.0)
    header.close()
    world.ev.options = EvOptions(lag_s=0.2)
    header.run(2.0)
    assert world.ev.currents_da() == (159, 159, 159)
    assert header.high_v() == pytest.approx(5.99, abs=0.02)


def test_every_breakable_part_has_a_fault_and_every_fault_a_part() -> None:
    rows = [*FAULTS.values(), *(fault(name) for name in NUMBERED)]
    assert {row.part for row in rows} == PARTS
    assert all(row.means for row in rows)
    assert len(NUMBERED) == len(PATTERNS)


@pytest.mark.parametrize("name", ["", "cp_short", "adc-channel-8-0", "adc-channel-1-4096", "temp-", "pp--1"])
def test_an_unknown_fault_is_refused_in_one_sentence(name: str) -> None:
    header = Header()
    with pytest.raises(ValueError, match=r"there is no fault .* use one of|codes are 0 to 4095"):
        header.world.inject(name)
    assert header.world.faults == ()


def test_two_faults_of_one_part_are_healed_one_by_one() -> None:
    world = Header().world
    world.inject("adc-channel-0-1")
    world.inject("adc-channel-1-2")
    assert (world.adc(0), world.adc(1)) == (1, 2)
    world.inject("adc-channel-0-1", False)
    assert world.adc(0) > 1
    assert world.adc(1) == 2


def test_a_welded_contactor_keeps_voltage_and_current_until_the_car_lets_go() -> None:
    header = Header()
    header.charge()
    header.world.weld("c1")
    header.world.weld("c2")
    header.world.set_output(PINS.c1_cmd, False)
    header.world.set_output(PINS.c2_cmd, False)
    header.run(0.5)
    assert header.world.ev.currents_da() > (0, 0, 0)
    assert not header.level(PINS.aux_fb), "the mirror contact cannot close over a welded main contact"
    header.world.ev.ready(False)
    assert header.world.ev.currents_da() == (0, 0, 0)


def test_a_slow_contactor_takes_its_time_to_open() -> None:
    header = Header()
    header.charge()
    header.world.inject("c1-slow-300")
    count = header.world.trace_count
    header.world.set_output(PINS.c1_cmd, False)
    header.run(0.5)
    world = header.world
    assert when(world, "c1_contacts", 0, count) - when(world, "supply", 0, count) == pytest.approx(0.3)
