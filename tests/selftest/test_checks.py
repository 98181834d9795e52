"""The table of checks against the twin: a good station passes, and each defect is found by the check that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from smartevse.core.signals import Lock
from smartevse.physics.faults import FAULTS
from smartevse.selftest.check import Outcome, Setup
from smartevse.selftest.installer import Act, Consent, Look
from smartevse.selftest.run import CHECKS, EXIT_FAILED, EXIT_NOT_DONE, EXIT_PASSED, Result, exit_status
from smartevse.twin.unit import LCD_FAULTS
from tests.selftest.stand import ALL, stand

FINDS: Mapping[str, tuple[str, str]] = {
    # defect: (the first check that fails, what its text or its remedy must name)
    "cp-short": ("pilot-alive", "CP is shorted to PE"),
    "cp-short-500": ("outlet-empty", "load on the pilot"),
    "cp-open": ("car-connected", "wire of CP between hat and outlet is broken"),
    "no-diode": ("diode", "No diode"),
    "vent": ("car-asks", "asks for ventilation"),
    "cp-noise": ("pilot-noise", "Noise on the pilot"),
    "pp-short": ("proximity-open", "PP is shorted"),
    "pp-150": ("proximity-open", "has a resistor without a plug"),
    "pp-open": ("proximity", "wire of PP is broken"),
    "adc-frozen": ("converter", "converter U501"),
    "adc-dead": ("converter", "converter U501"),
    "adc-dead-ones": ("converter", "converter U501"),
    "spi-dead": ("converter", "SPI"),
    "vref-drift": ("reference", "reference of 2.500 V is off"),
    "rail-low": ("rail", "9.5 V"),
    "rail-high": ("rail", "15.5 V"),
    "rail-off": ("rail", "Measure the supply"),
    "temp-sensor-open": ("temperature", "open or shorted"),
    "temp-sensor-short": ("temperature", "open or shorted"),
    "temp-80": ("temperature", "Too hot"),
    "pwm-stuck-high": ("pilot-moves", "stuck at one level"),
    "pwm-stuck-low": ("pilot-alive", "the pilot driver is stuck"),
    "pilot-weak": ("pilot-high", "level is wrong"),
    "heartbeat-cut": ("watchdog-alive", "heartbeat (GPIO 25) does not reach the one-shot"),
    "one-shot-stuck": ("watchdog-idle", "stuck alive"),
    "one-shot-dead": ("watchdog-alive", "one-shot is dead"),
    "safe-stuck-high": ("safe-off", "SAFE is shorted to 3.3 V"),
    "safe-stuck-low": ("safe-on", "SAFE is shorted to earth"),
    "window-dead": ("window", "window comparators do not open"),
    "k1-stuck": ("relay-off", "relay K1 is welded"),
    "k1-dead": ("contactor-fed", "relay K1"),
    "k2-stuck": ("second-dead", "Relay K2 or contactor 2 is welded"),
    "k2-dead": ("second-live", "relay K2"),
    "k3-dead": ("contactor-fed", "K3"),
    "weld-c1": ("mirror-open", "A contactor is welded"),
    "weld-c2": ("mirror-open", "A contactor is welded"),
    "c1-dead": ("contactor-moves", "coil open"),
    "c2-dead": ("second-live", "Contactor 2 does not close"),
    "c1-drops": ("contactor-stays", "contactor drops"),
    "c1-slow-300": ("contactor-opens", "opens too slowly"),
    "fb-stuck-low": ("feedback-off", "C1_FB (GPIO 20) is stuck low"),
    "fb-stuck-high": ("contactor-fed", "C1_FB is broken"),
    "aux-stuck": ("contactor-moves", "mirror contact (AUX) is stuck"),
    "rcm-trip": ("rcm-quiet", "look for a fault current"),
    "rcm-unplugged": ("rcm-quiet", "Plug the monitor in"),
    "rcm-test-dead": ("rcm-test", "does not answer its test"),
    "lock-jammed": ("lock-locks", "jammed"),
    "lock-wire-b-cut": ("lock-unlocks", "Wire B of the lock is broken"),
    "mains-off": ("contactor-fed", "no mains"),
    "lcd-off": ("lcd-answers", "display's plug"),
    "adc-channel-0-4095": ("pilot-high", "channel 0 of the converter"),
    "adc-channel-1-2000": ("pilot-low", "channel 1 of the converter"),
    "adc-channel-6-3455": ("pilot-moves", "channel 6 of the converter"),
}
LATER: Mapping[str, tuple[str, float, str, str]] = {
    # defects of a moment: (check, seconds after its start, and as above)
    "lock-opens": ("lock-locks", 2.0, "lock-locks", "springs open"),
    "lcd-glitch": ("lcd-shows", 0.0, "lcd-shows", "wrong characters"),
    "weld-c1": ("contactor-opens", 0.0, "contactor-opens", "welded"),
    "c1-drops": ("voltage", 1.0, "voltage", "main contact"),
}
CANNOT = {"k3-stuck": "K1 opens in every case; both relays see SAFE, so no test can close one alone"}


def failed(results: list[Result]) -> list[str]:
    return [result.check.name for result in results if result.outcome is Outcome.FAILED]


def named(results: list[Result]) -> tuple[str, str]:
    """The first check that failed, and what a person reads of it."""
    for result in results:
        if result.outcome is Outcome.FAILED:
            return result.check.name, f"{result.text} {result.check.remedy}"
    return "", ""


def test_a_good_station_passes_every_check(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        results = made.run()
    assert [result.check for result in results] == list(CHECKS)
    assert {result.outcome for result in results} == {Outcome.PASSED}, [
        (result.check.name, result.text) for result in results if result.outcome is not Outcome.PASSED
    ]
    assert exit_status(results) == EXIT_PASSED
    assert made.told == results


@pytest.mark.parametrize("defect", FINDS)
def test_each_defect_is_found_and_named(defect: str, tmp_path: Path) -> None:
    check, words = FINDS[defect]
    with stand(tmp_path) as made:
        made.do(f"fault {defect}")
        results = made.run()
        assert made.unit.active_faults() == [defect]
    name, text = named(results)
    assert name == check, failed(results)
    assert words in text
    assert exit_status(results) == EXIT_FAILED
    assert not made.closed_without_yes or defect == "weld-c1"


@pytest.mark.parametrize("defect", LATER)
def test_a_defect_that_comes_in_the_middle_is_found_too(defect: str, tmp_path: Path) -> None:
    before, after_s, check, words = LATER[defect]
    with stand(tmp_path) as made:
        made.at = {before: (after_s, f"fault {defect}")}
        name, text = named(made.run())
    assert name == check
    assert words in text


def test_every_defect_of_the_twin_has_its_check() -> None:
    assert {*FAULTS, *LCD_FAULTS} <= {*FINDS, *LATER, *CANNOT}


def test_a_motor_lock_is_found_broken_like_a_solenoid(tmp_path: Path) -> None:
    for number, (defect, check) in enumerate(
        (("", ""), ("lock-jammed", "lock-locks"), ("lock-wire-b-cut", "lock-locks"))
    ):
        (folder := tmp_path / str(number)).mkdir()
        with stand(folder) as made:
            made.unit.world.fit(lock="motor")
            made.setup = replace(ALL, lock=Lock.MOTOR)
            if defect:
                made.do(f"fault {defect}")
            assert named(made.run())[0] == check


def test_a_lock_of_the_other_kind_is_told(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.setup = replace(ALL, lock=Lock.MOTOR)
        name, text = named(made.run())
    assert name == "lock-unlocks"
    assert "set to the other kind" in text


@pytest.mark.parametrize(("which", "address"), [("ev-meter", 12), ("mains-meter", 10)])
def test_a_silent_meter_is_found(which: str, address: int, tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.silent_meters = {address}
        assert failed(made.run()) == [which]


def test_without_a_yes_nothing_can_close_even_when_a_relay_is_welded(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.refuses = {Consent.CONTACTOR}
        made.do("fault k1-stuck")
        made.do("ev ready")
        results = made.run()
    assert not made.closed_without_yes
    assert failed(results) == []
    assert exit_status(results) == EXIT_NOT_DONE


def test_a_car_that_asks_from_the_start_has_no_voltage_before_the_yes(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.do("fault k1-stuck")
        made.do("ev set s2_stuck on")
        made.do("ev plug")
        made.do("ev ready")
        made.idle = {Act.UNPLUG}
        results = made.run()
    assert not made.closed_without_yes
    assert failed(results) == ["outlet-empty"]


def test_without_a_person_what_only_a_person_sees_is_not_done_and_that_is_told(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.idle = {*Look, *Act}
        results = made.run()
    assert failed(results) == []
    assert exit_status(results) == EXIT_NOT_DONE
    left = {result.check.name for result in results if result.outcome is Outcome.NOT_DONE}
    assert {"led-red", "button-left", "lcd-shows", "car-connected", "contactor-fed"} <= left
    assert "pilot-pwm" not in left


def test_the_contactor_opens_at_once_when_the_car_lets_go_meanwhile(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.at = {"voltage": (1.0, "ev unplug")}
        name, text = named(made.run())
        assert name == "voltage"
        assert "opened again" in text
        assert not made.unit.world.installation.c1.closed


def test_what_a_station_does_not_have_is_not_asked_for(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.setup = Setup(fixed_cable=True, lcd=False)
        made.unit.world.fit(aux="none", c2=False, rcm=False)
        results = made.run()
    assert {result.outcome for result in results} == {Outcome.PASSED}
    names = {result.check.name for result in results}
    assert not names & {"lock-locks", "rcm-test", "mirror-open", "second-live", "lcd-shows", "ev-meter", "proximity"}


def test_a_lost_car_leaves_the_board_at_rest_after_every_check(tmp_path: Path) -> None:
    with stand(tmp_path) as made:
        made.run()
        world = made.unit.world
        pins = world.hat.pins
        assert not any(world.pins.level(pin) for pin in (pins.c1_cmd, pins.c2_cmd, pins.lock_r, pins.lock_w))


def test_every_row_says_what_it_does_what_is_allowed_and_what_to_do() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for at, check in enumerate(CHECKS):
        assert check.does
        assert str(check.allowed)
        assert check.remedy.endswith(".")
        assert set(check.needs) <= set(names[:at]), f"{check.name} needs what comes after it"


def test_nothing_that_makes_the_outlet_live_is_done_before_the_yes() -> None:
    needs = {check.name: set(check.needs) for check in CHECKS}

    def behind(name: str) -> set[str]:
        return needs[name].union(*(behind(other) for other in needs[name]))

    for name in ("car-asks", "safe-on", "contactor-fed", "contactor-stays", "voltage", "second-live", "chain-opens"):
        assert "yes" in behind(name)
        assert {"window", "rcm-quiet", "watchdog-time", "temperature", "rail"} <= behind(name)


def test_parts_of_the_hat_are_called_as_on_the_board() -> None:
    parts = (Path(__file__).parents[2] / "hat-pcb/fab/bom.csv").read_text("utf-8").splitlines()
    for name, value in (("U501", "MCP3208"), ("U502", "MCP9700A"), ("U503", "LM4040C-2.5")):
        assert any(f",{name},{value}," in part for part in parts)
        assert any(name in check.remedy for check in CHECKS)
    assert not any(re.search(r"\bU\d{1,2}\b", check.remedy) for check in CHECKS)
