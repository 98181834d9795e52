import itertools
from dataclasses import replace

import pytest

from smartevse.core.charger import C1_LIMIT_MS, F_SHOWN_MS, REST_MS
from smartevse.core.faults import Fault
from smartevse.core.pilot import duty_permille
from smartevse.core.signals import Lock, LockPolicy, Outputs, Permit
from smartevse.core.states import Hold, State
from tests.support.ideal_hat import PERMIT, IdealHat


def has(hat: IdealHat, fault: Fault) -> bool:
    assert hat.report is not None
    return bool(hat.report.faults >> fault & 1)


def test_a_car_comes_asks_charges_lets_go_and_leaves() -> None:
    hat = IdealHat()
    states = []
    for car in "ABCBA":
        hat.car = car
        states.append(hat.run(3).state)
    assert states == [State.A, State.B, State.C, State.B, State.A]
    assert hat.outputs == Outputs(heartbeat=True)


def test_the_offer_is_on_the_pilot_before_the_contactor_closes() -> None:
    hat = IdealHat(permit=replace(PERMIT, offer_da=130))
    hat.charging()
    first_closed = next(outputs for _, outputs in hat.history if outputs.c1)
    assert first_closed.duty_permille == duty_permille(130)


def test_a_new_offer_is_on_the_pilot_in_the_same_tick() -> None:
    hat = IdealHat().charging()
    hat.permit = replace(PERMIT, offer_da=60)
    hat.tick()
    assert hat.outputs.duty_permille == duty_permille(60)
    assert hat.outputs.c1


@pytest.mark.parametrize(("car", "state"), [("B", State.B), ("A", State.A), ("D", State.B), ("E", State.B)])
def test_whatever_the_car_shows_instead_of_6v_opens_in_the_same_tick(car: str, state: State) -> None:
    hat = IdealHat().charging()
    hat.car = car
    assert hat.tick().state is state
    assert not hat.outputs.c1
    assert not hat.outputs.c2


def test_a_shorted_pilot_is_state_e_and_clears_by_itself() -> None:
    hat = IdealHat().charging()
    hat.car = "E"
    assert hat.tick(5).state is State.E
    assert has(hat, Fault.PILOT_SHORT)
    hat.car = "C"
    assert hat.tick(50).state is State.E
    hat.run(1)
    assert not has(hat, Fault.PILOT_SHORT)
    assert not hat.outputs.c1, "a car that comes back with 6 V has to show 9 V first"
    hat.car = "B"
    hat.run(1)
    hat.car = "C"
    hat.run(2)
    assert hat.outputs.c1


def test_a_lost_diode_opens_at_once_and_is_a_fault_until_the_car_is_gone() -> None:
    hat = IdealHat().charging()
    hat.diode = False
    hat.tick()
    assert not hat.outputs.c1
    assert hat.tick(2).state is State.F
    assert has(hat, Fault.DIODE)
    hat.diode = True
    hat.run(30)
    assert has(hat, Fault.DIODE)
    hat.car = "A"
    hat.run(1)
    assert not has(hat, Fault.DIODE)


def test_without_a_diode_current_is_never_switched_on() -> None:
    hat = IdealHat(diode=False)
    for car in "ABCBCBC":
        hat.car = car
        hat.run(4)
        assert not hat.outputs.c1


def test_ventilation_is_refused_with_its_reason() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.car = "B"
    hat.run(1)
    hat.car = "D"
    report = hat.run(5)
    assert report.hold is Hold.VENTILATION
    assert not hat.outputs.c1
    assert hat.outputs.duty_permille == 1000


def test_a_car_must_ask_for_half_a_second_without_a_break() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.car = "B"
    hat.run(2)
    for _ in range(5):
        hat.car = "C"
        hat.tick(49)
        hat.car = "B"
        hat.tick(2)
        assert not hat.outputs.c1
    hat.car = "C"
    hat.tick(60)
    assert hat.outputs.c1


def test_a_car_that_starts_at_6v_is_offered_nothing_until_it_shows_9v() -> None:
    hat = IdealHat(obeys=False)
    hat.run(1)
    hat.car = "C"
    report = hat.run(20)
    assert (report.state, report.hold) == (State.B1, Hold.CAR_STAYS_AT_6V)
    assert hat.outputs.duty_permille == 1000


def test_an_expired_permit_stops_in_the_orderly_way() -> None:
    hat = IdealHat().charging()
    hat.permit = None
    assert hat.tick().state is State.C1
    assert hat.outputs.c1
    assert hat.outputs.duty_permille == 1000
    hat.car = "B"
    assert hat.tick().state is State.B1
    assert not hat.outputs.c1


def test_a_car_that_does_not_let_go_is_switched_off_after_six_seconds_and_counted() -> None:
    hat = IdealHat(obeys=False).charging()
    hat.permit = replace(PERMIT, charge=False)
    stopped_ms = hat.now_ms
    hat.tick()
    while hat.outputs.c1:
        hat.tick()
    assert C1_LIMIT_MS <= hat.now_ms - stopped_ms <= C1_LIMIT_MS + 20
    assert hat.memory.contactor.loaded == 1
    hat.permit = PERMIT
    report = hat.run(30)
    assert (report.state, report.hold) == (State.B1, Hold.CAR_STAYS_AT_6V)
    hat.car = "B"
    hat.run(4)
    hat.car = "C"
    hat.run(2)
    assert hat.outputs.c1


def test_after_a_stop_nothing_is_offered_for_three_seconds() -> None:
    hat = IdealHat().charging()
    hat.permit = None
    hat.tick()
    stopped_ms = hat.now_ms
    hat.permit = PERMIT
    hat.car = "B"
    while hat.outputs.duty_permille == 1000:
        hat.tick()
    assert hat.now_ms - stopped_ms >= REST_MS


def test_the_contactor_rests_a_second_between_two_closings() -> None:
    hat = IdealHat().charging()
    hat.car = "B"
    hat.tick()
    opened_ms = hat.now_ms
    hat.car = "C"
    while not hat.outputs.c1:
        hat.tick()
    assert hat.now_ms - opened_ms >= 1000


@pytest.mark.parametrize(("ohm", "offer"), [(1500, 130), (680, 160), (220, 320), (100, 400), (1_000_000, 130)])
def test_the_cable_limits_the_offer_of_a_socket(ohm: int, offer: int) -> None:
    hat = IdealHat(cable_ohm=ohm, permit=replace(PERMIT, offer_da=400)).charging()
    assert hat.report is not None
    assert hat.report.offer_da == offer
    assert hat.outputs.duty_permille == duty_permille(offer)


def test_a_fixed_cable_has_no_proximity_resistor_to_read() -> None:
    hat = IdealHat(cable_ohm=0, permit=replace(PERMIT, offer_da=400, fixed_cable=True)).charging()
    assert hat.outputs.duty_permille == duty_permille(400)


def test_a_cable_that_shrinks_while_connected_lowers_the_offer_and_never_raises_it() -> None:
    hat = IdealHat(permit=replace(PERMIT, offer_da=400)).charging()
    hat.cable_ohm = 680
    hat.tick(10)
    assert hat.outputs.duty_permille == duty_permille(160)
    hat.cable_ohm = 100
    hat.tick(10)
    assert hat.outputs.duty_permille == duty_permille(160)


def test_a_shorted_proximity_pin_stops_in_the_orderly_way() -> None:
    hat = IdealHat().charging()
    hat.cable_ohm = 10
    assert hat.tick(10).state is State.C1
    assert has(hat, Fault.PROXIMITY_SHORT)


def test_no_station_means_no_offer_and_says_so() -> None:
    hat = IdealHat(permit=None)
    hat.run(1)
    hat.car = "B"
    report = hat.run(5)
    assert (report.state, report.hold) == (State.B1, Hold.NO_STATION)


def test_nothing_closes_before_the_one_shot_was_seen_to_expire() -> None:
    hat = IdealHat(one_shot_stuck=True)
    for car in "ABC":
        hat.car = car
        hat.run(4)
    assert has(hat, Fault.WATCHDOG_TEST)
    assert not any(outputs.c1 for _, outputs in hat.history)
    assert not hat.outputs.heartbeat


def test_a_failed_proof_test_is_repeated_at_the_owners_key() -> None:
    hat = IdealHat(one_shot_dead=True)
    hat.run(2)
    assert has(hat, Fault.WATCHDOG_TEST)
    hat.one_shot_dead = False
    hat.run(5)
    assert has(hat, Fault.WATCHDOG_TEST)
    hat.permit = replace(PERMIT, resets=1)
    hat.run(2)
    assert not has(hat, Fault.WATCHDOG_TEST)
    hat.charging()


def test_the_chain_is_tested_again_for_each_car() -> None:
    hat = IdealHat().charging()
    hat.car = "A"
    hat.run(1)
    tests = hat.memory.proof.passed_ms
    hat.charging()
    assert hat.memory.proof.passed_ms > tests


def test_a_safe_line_that_is_on_without_a_car_is_a_fault() -> None:
    hat = IdealHat(safe_stuck=True)
    hat.run(1)
    assert has(hat, Fault.SAFE_STUCK)
    assert not hat.outputs.heartbeat


def test_an_expired_one_shot_while_charging_opens_and_is_proven_again_before_it_goes_on() -> None:
    hat = IdealHat().charging()
    hat.one_shot_dead = True
    hat.tick()
    assert not hat.outputs.c1
    assert has(hat, Fault.WATCHDOG_EXPIRED)
    hat.one_shot_dead = False
    hat.car = "B"
    hat.run(5)
    assert hat.memory.proof.passed
    hat.car = "C"
    hat.run(4)
    assert hat.outputs.c1


def test_a_welded_contactor_is_found_and_nothing_is_offered_again() -> None:
    hat = IdealHat().charging()
    hat.weld = True
    hat.car = "B"
    hat.tick(30)
    assert has(hat, Fault.WELDED)
    hat.car = "C"
    hat.run(10)
    assert not hat.outputs.c1
    hat.weld = False
    hat.car = "A"
    hat.run(10)
    assert has(hat, Fault.WELDED), "only a person who looked may say that it is well again"
    hat.permit = replace(PERMIT, resets=1)
    hat.run(2)
    assert not has(hat, Fault.WELDED)


def test_a_contactor_that_does_not_close_is_named() -> None:
    hat = IdealHat(coil_dead=True)
    for car in "ABC":
        hat.car = car
        hat.run(3)
    assert has(hat, Fault.NOT_CLOSED)
    assert not hat.outputs.c1


def test_a_contactor_that_opens_by_itself_is_named() -> None:
    hat = IdealHat().charging()
    hat.coil_dead = True
    hat.tick(10)
    assert has(hat, Fault.OPENED_ITSELF)
    assert not hat.outputs.c1


def test_a_contactor_that_the_hats_watchdog_opened_did_not_open_by_itself() -> None:
    hat = IdealHat().charging()
    hat.coil_dead = True
    hat.override = {"wd_dipped": True}
    hat.tick(10)
    assert has(hat, Fault.WATCHDOG_EXPIRED)
    assert not has(hat, Fault.OPENED_ITSELF)
    assert not hat.outputs.c1


def test_a_mirror_contact_once_seen_is_required_from_then_on() -> None:
    hat = IdealHat().charging()
    hat.mirror = False
    hat.car = "B"
    hat.run(1)
    assert has(hat, Fault.WELDED), "a mirror contact that does not come back says that a main contact is closed"


def test_a_relay_that_feeds_the_coil_without_a_command_is_a_weld_too() -> None:
    hat = IdealHat(mirror=False).charging()
    hat.car = "B"
    hat.override = {"mains": True}
    hat.run(1)
    assert has(hat, Fault.WELDED)


def test_without_a_mirror_contact_the_voltage_alone_confirms() -> None:
    hat = IdealHat(mirror=False).charging()
    hat.run(2)
    assert hat.outputs.c1
    assert hat.memory.contactor.confirmed


def test_one_phase_keeps_the_second_contactor_open_and_the_number_is_only_changed_while_open() -> None:
    hat = IdealHat(permit=replace(PERMIT, phases=1)).charging()
    assert hat.outputs.c1
    assert not hat.outputs.c2
    hat.permit = PERMIT
    hat.run(3)
    assert not hat.outputs.c2
    hat.car = "B"
    hat.run(1)
    hat.car = "C"
    hat.run(3)
    assert hat.outputs.c2


def test_the_second_contactor_closes_after_the_first() -> None:
    hat = IdealHat().charging()
    first = next(ms for ms, outputs in hat.history if outputs.c1)
    second = next(ms for ms, outputs in hat.history if outputs.c2)
    assert second > first
    assert all(outputs.c1 for _, outputs in hat.history if outputs.c2)


@pytest.mark.parametrize("charging", [True, False])
def test_a_residual_current_opens_and_only_a_key_lets_it_go_on(charging: bool) -> None:
    hat = IdealHat(permit=replace(PERMIT, rcm=True))
    if charging:
        hat.charging()
    hat.run(1)
    hat.rcm_trips = True
    assert hat.tick().state is State.F
    hat.rcm_trips = False
    hat.car = "A"
    hat.run(20)
    assert has(hat, Fault.RCM_TRIP)
    hat.permit = replace(hat.permit or PERMIT, resets=1)
    hat.run(3)
    assert not has(hat, Fault.RCM_TRIP)
    hat.charging()


def test_a_monitor_that_still_trips_is_not_reset() -> None:
    hat = IdealHat(permit=replace(PERMIT, rcm=True), rcm_trips=True)
    hat.run(1)
    hat.permit = replace(hat.permit or PERMIT, resets=1)
    for _ in range(200):
        assert has(hat, Fault.RCM_TRIP)
        hat.tick()


def test_a_monitor_with_a_test_input_is_tested_before_each_session() -> None:
    hat = IdealHat(permit=replace(PERMIT, rcm=True, rcm_test=True)).charging()
    assert any(outputs.rcm_test for _, outputs in hat.history)
    deaf = IdealHat(permit=replace(PERMIT, rcm=True, rcm_test=True), rcm_deaf=True)
    for car in "ABC":
        deaf.car = car
        deaf.run(5)
    assert has(deaf, Fault.RCM_TEST)
    assert not any(outputs.c1 for _, outputs in deaf.history)


def test_a_hot_board_stops_at_65_and_goes_on_below_55() -> None:
    hat = IdealHat().charging()
    hat.temperature_dc = 650
    hat.car = "B"
    hat.tick(20)
    assert has(hat, Fault.HIGH_TEMP)
    hat.temperature_dc = 560
    hat.run(5)
    assert hat.outputs.duty_permille == 1000
    hat.temperature_dc = 549
    hat.run(5)
    assert not has(hat, Fault.HIGH_TEMP)
    assert hat.outputs.duty_permille == duty_permille(160)


@pytest.mark.parametrize(("temperature_dc", "offer"), [(580, 320), (600, 228), (615, 160), (640, 60), (649, 60)])
def test_a_warm_board_offers_less_in_a_straight_line(temperature_dc: int, offer: int) -> None:
    hat = IdealHat(permit=replace(PERMIT, offer_da=320)).charging()
    hat.temperature_dc = temperature_dc
    assert hat.tick().offer_da == offer


@pytest.mark.parametrize(
    ("reading", "value", "fault"),
    [
        ("rail_mv", 9_000, Fault.RAIL),
        ("rail_mv", 15_000, Fault.RAIL),
        ("temperature_dc", -500, Fault.TEMP_SENSOR),
        ("cp_high_mv", 16_900, Fault.PILOT_RANGE),
        ("cp_low_mv", -14_400, Fault.PILOT_RANGE),
        ("cp_low_mv", 0, Fault.PWM_DEAD),
        ("fingerprint", 4, Fault.ADC),
        ("pins_agree", False, Fault.PINS),
        ("safe", False, Fault.CHAIN_OPENED),
    ],
)
def test_what_is_wrong_with_ourselves_stops_the_charge(reading: str, value: object, fault: Fault) -> None:
    hat = IdealHat().charging()
    hat.override = {reading: value}
    hat.run(1.2)
    assert has(hat, fault)
    assert not hat.outputs.c1 or hat.report.state is State.C1  # type: ignore[union-attr]
    assert hat.outputs.duty_permille in (0, 1000)


def test_the_last_bit_of_a_warm_boards_temperature_does_not_move_the_offer() -> None:
    hat = IdealHat(permit=replace(PERMIT, offer_da=320)).charging()
    hat.temperature_dc = 600
    hat.tick()
    duty = hat.outputs.duty_permille
    for temperature_dc in (603, 599, 606, 595, 609, 591):
        hat.temperature_dc = temperature_dc
        hat.tick()
        assert hat.outputs.duty_permille == duty
    hat.temperature_dc = 610
    hat.tick()
    assert hat.outputs.duty_permille < duty


def test_a_fault_is_shown_to_the_car_and_then_the_pilot_can_be_read_again() -> None:
    hat = IdealHat().charging()
    hat.diode = False
    hat.tick(3)
    shown = [ms for ms, outputs in hat.history if outputs.duty_permille == 0]
    hat.run(2)
    ended = [ms for ms, outputs in hat.history if outputs.duty_permille == 1000 and ms > shown[0]]
    assert ended[0] - shown[0] >= max(300, F_SHOWN_MS)


def test_a_sleeping_car_is_woken_twice_and_never_again() -> None:
    hat = IdealHat(permit=replace(PERMIT, wake=True))
    hat.run(1)
    hat.car = "B"
    hat.run(200)
    changes = [(ms, outputs.duty_permille) for ms, outputs in hat.history if ms > 1500]
    pulses = [
        (ms, after[0] - ms)
        for (ms, duty), after in zip(changes, [*changes[1:], (hat.now_ms, 0)], strict=True)
        if duty == 0
    ]
    assert [round(length, -2) for _, length in pulses] == [4_000, 30_000]
    hat.car = "C"
    hat.run(2)
    assert hat.outputs.c1


@pytest.mark.parametrize("permit", [replace(PERMIT, wake=True, user_stop=True), PERMIT])
def test_a_car_is_not_woken_when_the_owner_stopped_it_or_waking_is_off(permit: Permit) -> None:
    hat = IdealHat(permit=permit)
    hat.run(1)
    hat.car = "B"
    hat.run(60)
    assert all(outputs.duty_permille for _, outputs in hat.history)


def test_the_contactor_may_stay_closed_for_a_moment_after_the_car_let_go() -> None:
    hat = IdealHat(permit=replace(PERMIT, hold_ms=30)).charging()
    hat.car = "B"
    assert [hat.tick() and hat.outputs.c1 for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.parametrize("actuator", [Lock.SOLENOID, Lock.MOTOR])
def test_the_plug_is_held_before_the_contactor_closes_and_let_go_after_it_opened(actuator: Lock) -> None:
    hat = IdealHat(actuator=actuator, permit=replace(PERMIT, lock=actuator)).charging()
    locked = next(ms for ms, outputs in hat.history if outputs.lock_r)
    closed = next(ms for ms, outputs in hat.history if outputs.c1)
    assert hat.locked
    assert locked + 600 <= closed <= locked + 3000
    hat.car = "B"
    hat.tick()
    opened_ms = hat.now_ms
    hat.run(3)
    assert not hat.locked
    assert all(ms >= opened_ms for ms, outputs in hat.history if outputs.lock_w and ms > closed)
    assert not any(outputs.lock_r and outputs.lock_w for _, outputs in hat.history)


def test_a_jammed_lock_is_tried_five_times_and_no_current_flows() -> None:
    hat = IdealHat(actuator=Lock.MOTOR, jammed=True, permit=replace(PERMIT, lock=Lock.MOTOR))
    hat.run(1)
    hat.car = "B"
    hat.run(2)
    hat.car = "C"
    hat.run(40)
    pulses = [ms for (_, before), (ms, outputs) in itertools.pairwise(hat.history) if outputs.lock_r > before.lock_r]
    assert len(pulses) == 5
    assert has(hat, Fault.NOT_LOCKED)
    assert not any(outputs.c1 for _, outputs in hat.history)


@pytest.mark.parametrize(
    ("policy", "in_b", "in_a"),
    [(LockPolicy.CHARGING, False, False), (LockPolicy.CONNECTED, True, False), (LockPolicy.KEEP, True, True)],
)
def test_the_owner_chooses_when_the_plug_is_held(policy: LockPolicy, in_b: bool, in_a: bool) -> None:
    permit = replace(PERMIT, lock=Lock.SOLENOID, lock_policy=policy)
    hat = IdealHat(actuator=Lock.SOLENOID, permit=permit)
    hat.run(2)
    hat.car = "B"
    hat.run(3)
    assert hat.locked == in_b
    hat.car = "A"
    hat.run(3)
    assert hat.locked == in_a


def test_the_plug_stays_held_while_the_contactor_is_welded() -> None:
    hat = IdealHat(actuator=Lock.MOTOR, permit=replace(PERMIT, lock=Lock.MOTOR)).charging()
    hat.weld = True
    hat.car = "B"
    hat.run(10)
    assert hat.locked


def test_a_relay_that_closes_the_contactor_untold_keeps_the_chain_off() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.car = "B"
    hat.run(1)
    hat.car = "C"
    hat.override = {"mains": True, "mirror": False}
    hat.tick(30)
    assert has(hat, Fault.WELDED)
    assert hat.outputs.heartbeat, "the car is shown state F first"
    hat.tick(F_SHOWN_MS // 10)
    assert not hat.outputs.heartbeat
    hat.override = {}
    hat.run(5)
    assert not hat.outputs.heartbeat, "open now only because the chain is off"
    hat.car = "A"
    hat.permit = replace(PERMIT, resets=1)
    hat.run(3)
    assert not has(hat, Fault.WELDED)
    hat.charging()


def test_an_untouched_reading_from_before_the_pwm_ended_does_not_open_under_load() -> None:
    hat = IdealHat(obeys=False).charging()
    hat.permit = replace(PERMIT, charge=False)
    hat.tick()
    hat.override = {"cp_raw_mv": -12_000}
    assert hat.tick(6).state is State.C1
    hat.override = {}
    hat.run(1)
    assert hat.outputs.c1


def test_an_untouched_reading_that_differs_for_long_is_a_dead_pilot() -> None:
    hat = IdealHat()
    hat.override = {"cp_raw_mv": -12_000}
    hat.run(1)
    assert has(hat, Fault.PWM_DEAD)


def test_a_low_half_that_stays_after_the_pwm_is_not_measured() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.override = {"cp_low_mv": -12_000}
    hat.run(1)
    assert has(hat, Fault.PWM_DEAD)


@pytest.mark.parametrize(("high_mv", "wrong"), [(9_590, False), (10_000, True), (11_300, True), (11_400, False)])
def test_between_9v_and_12v_nothing_reads(high_mv: int, wrong: bool) -> None:
    hat = IdealHat()
    hat.run(1)
    hat.override = {"cp_high_mv": high_mv}
    hat.run(0.5)
    assert has(hat, Fault.PILOT_RANGE) is wrong


def test_a_proof_test_that_a_plug_interrupts_is_no_residual_current() -> None:
    hat = IdealHat(permit=replace(PERMIT, rcm=True, rcm_test=True))
    hat.run(2)
    hat.car = "B"
    hat.tick(8)
    assert hat.outputs.rcm_test or hat.memory.proof.asked
    hat.car = "A"
    hat.run(1)
    hat.car = "B"
    hat.run(2)
    assert not has(hat, Fault.RCM_TRIP)
    hat.rcm_trips = True
    hat.tick(2)
    assert has(hat, Fault.RCM_TRIP), "a real one still counts"


def test_contactor_2_waits_until_contactor_1_is_seen_closed() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.car = "B"
    hat.run(1)
    hat.car, hat.coil_dead = "C", True
    hat.run(2)
    assert has(hat, Fault.NOT_CLOSED)
    assert not any(outputs.c2 for _, outputs in hat.history)


def test_an_output_that_another_program_takes_back_is_named() -> None:
    hat = IdealHat().charging()
    hat.override = {"pins_agree": False}
    hat.tick()
    assert has(hat, Fault.PINS)
    assert not hat.outputs.c1


def test_a_pilot_caught_half_way_from_9v_to_6v_is_no_stuck_chain() -> None:
    hat = IdealHat()
    hat.run(1)
    hat.car = "B"
    hat.run(1)
    hat.override = {"safe": True}  # the hat's threshold may lie above ours
    hat.tick(2)
    assert not has(hat, Fault.SAFE_STUCK)
    hat.tick(2)
    assert has(hat, Fault.SAFE_STUCK)


def test_reports_from_before_a_stall_are_no_weld() -> None:
    hat = IdealHat().charging()
    hat.override = {"wd_ok": False, "wd_dipped": True}
    hat.tick()
    hat.now_ms += 500  # stopped within that tick: its time is that of its beginning
    hat.override = {"mains": True}
    hat.tick()
    hat.override = {}
    hat.run(1)
    assert not has(hat, Fault.WELDED)
