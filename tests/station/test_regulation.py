"""What the station offers and why: by itself in Normal mode, by the regulator in the others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.bus.ev_meter import EvReading
from smartevse.core.battery import Battery
from smartevse.core.faults import Fault
from smartevse.core.limits import Limit
from smartevse.core.measurement import Reading
from smartevse.core.pilot import Level
from smartevse.core.reasons import Why
from smartevse.core.signals import Permit
from smartevse.core.states import State
from smartevse.guard.wire import Flag, Status, pack_permit, unpack_permit
from smartevse.settings.meaning import permit
from smartevse.settings.rows import TABLE
from smartevse.settings.values import Values, default_values
from smartevse.station.regulation import Around, Offer, Regulation, first_offer, limit_for, warmed
from smartevse.station.wishes import Access, Wishes


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


# --- with the regulator ---------------------------------------------------------------------------------------------

SMART: dict[str, Any] = {"mode": "smart", "max": 16}
SOLAR: dict[str, Any] = {"mode": "solar", "max": 16, "stop": 1, "contact2": "always_off"}


class Garage:
    """The regulation in a house, ten looks a second; the guard and the car do at once what they are asked for.

    The meter is read every 2 s unless it is silent.
    """

    def __init__(self, *, line: bool = True, **changes: int | str) -> None:
        self.values = settings(**changes)
        self.regulation = Regulation(line=line)
        self.now_s = 1000.0
        self.house_da: tuple[float, float, float] = (50, 50, 50)
        self.silent = False
        self.mains: Reading | None = None
        self.status = Status(state=State.B1, level=Level.B)
        self.wishes = Wishes()
        self.around = Around()
        self.others_da: float | None = None
        """What others take on the circuit, with a meter there."""
        self.offer = Offer(Limit(0, Why.NO_CAR))
        self.stops = 0

    def look(self) -> Offer:
        self.offer = self.regulation.offer(
            self.now_s, self.values, self.status, EvReading(), self.mains, self.wishes, around=self.around
        )
        return self.offer

    def step(self) -> Offer:
        if not self.silent and round(self.now_s * 10) % 20 == 0:
            closed = 3 if self.status.flags & Flag.C2 else 1 if self.status.flags & Flag.C1 else 0
            a, b, c = (da + (self.offer.limit.offer_da if k < closed else 0) for k, da in enumerate(self.house_da))
            self.mains = Reading(a, b, c, self.now_s)
            if self.others_da is not None:
                taken = self.others_da + (self.offer.limit.offer_da if closed else 0)
                self.around = Around(Reading(taken, taken, taken, self.now_s))
        before = self.status.state
        if self.look().limit.offer_da >= 60:
            flags = Flag.C1 | Flag.C2 if self.offer.phases == 3 else Flag.C1
            if before is not State.C:
                self.status = Status(state=State.C, level=Level.C, flags=flags)
            self.status = self.status._replace(state_ms=self.status.state_ms + 100)
        elif before is not State.A:
            self.stops += before is State.C
            self.status = Status(state=State.B1, level=Level.B)
        self.now_s = round(self.now_s + 0.1, 1)
        return self.offer

    def run(self, seconds: float) -> Offer:
        for _ in range(round(seconds * 10)):
            self.step()
        return self.offer


def test_smart_begins_at_min_rises_and_falls_with_the_reading_that_shows_the_overload() -> None:
    garage = Garage(**SMART)
    offers = [garage.step().limit.offer_da for _ in range(300)]
    assert next(da for da in offers if da) == 60
    assert offers[-1] == 160
    garage.house_da = (50, 170, 50)
    garage.mains = Reading(210, 330, 210, garage.now_s)
    limit = garage.look().limit
    assert limit.offer_da <= 80
    assert (limit.why, limit.phase) == (Why.MAINS, 2)
    garage.run(10)
    assert 170 + garage.offer.limit.offer_da <= 250
    assert garage.stops == 0


def test_between_two_readings_the_decision_stands_and_something_new_makes_a_new_one() -> None:
    garage = Garage(**SMART)
    garage.run(30)
    garage.silent = True
    garage.step()
    stands = garage.regulation.grants
    garage.step()
    assert garage.regulation.grants is stands
    garage.wishes = Wishes(access=Access.PAUSE)
    assert garage.look().limit == Limit(0, Why.PAUSE)
    garage.wishes = Wishes()
    garage.values = garage.values.changed({"max": 10})
    garage.look()
    assert garage.offer.limit.offer_da <= 100


def test_a_silent_meter_stops_after_10_s_with_the_manuals_error_and_its_return_frees() -> None:
    garage = Garage(**SMART)
    garage.run(30)
    garage.silent = True
    garage.run(7)
    assert garage.status.state is State.C
    garage.run(4)
    assert garage.offer.faults == (Fault.NO_SERIAL_COM,)
    assert garage.offer.limit.why is Why.NO_DATA
    assert garage.offer.mains is None
    garage.silent = False
    garage.run(5)
    assert garage.offer.faults == ()
    garage.run(90)
    assert garage.status.state is State.C


def test_a_meter_that_was_never_heard_is_an_error_and_nothing_is_offered() -> None:
    garage = Garage(**SMART)
    garage.silent = True
    offers = {garage.step().limit.offer_da for _ in range(80)}
    assert offers == {0}
    assert garage.offer.faults == (Fault.NO_SERIAL_COM,)


def test_without_a_line_smart_says_that_it_needs_a_meter() -> None:
    garage = Garage(line=False, **SMART)
    assert garage.run(5).limit.why is Why.NO_METER


def test_solar_begins_with_the_sun_follows_it_and_stops_after_stop_minutes() -> None:
    garage = Garage(**SOLAR)
    garage.house_da = (20, 0, 0)
    assert garage.run(10).faults == (Fault.NO_CURRENT,)
    assert garage.offer.limit.why is Why.NO_SUN
    garage.house_da = (-100, 0, 0)
    garage.run(30)
    assert garage.offer.limit == Limit(60, Why.START)
    assert garage.offer.phases == 1
    garage.run(60)
    assert garage.offer.limit == Limit(100, Why.SUN)
    garage.house_da = (-80, 0, 0)
    garage.run(6)
    assert 76 <= garage.offer.limit.offer_da <= 86
    garage.house_da = (0, 0, 0)
    garage.run(50)
    assert garage.offer.limit.why is Why.HOLD_SUN
    assert garage.offer.stop_in_s is not None
    assert 0 < garage.offer.stop_in_s < 20
    garage.run(30)
    assert garage.offer.faults == (Fault.NO_CURRENT,)
    assert (garage.stops, garage.status.state) == (1, State.B1)


def test_a_station_that_comes_back_in_mid_charge_holds_min_until_the_meter_was_heard() -> None:
    garage = Garage(**SMART)
    garage.status = Status(state=State.C, level=Level.C, flags=Flag.C1 | Flag.C2, state_ms=60_000)
    garage.silent = True
    assert garage.run(2).limit == Limit(60, Why.HOLD_DATA)
    garage.silent = False
    garage.run(60)
    assert garage.stops == 0
    assert garage.offer.limit.offer_da == 160
    mute = Garage(**SMART)
    mute.status = garage.status
    mute.silent = True
    mute.run(10)
    assert (mute.stops, mute.offer.faults) == (1, (Fault.NO_SERIAL_COM,))


@pytest.mark.parametrize("mode", ["smart", "solar"])
def test_the_first_permit_goes_on_with_a_charge_at_min_and_begins_none(mode: str) -> None:
    values = settings(mode=mode)
    assert first_offer(values, Status(state=State.C)).limit == Limit(60, Why.HOLD_DATA)
    assert first_offer(values, Status(state=State.B)).limit.offer_da == 0
    assert first_offer(values, None).limit.offer_da == 0
    assert first_offer(settings(), None).limit == Limit(130, Why.MAX)


@pytest.mark.parametrize("guard", [{"rfid": "enabled"}, {"switch": "access_b"}, {"switch": "access_s"}])
@pytest.mark.parametrize("mode", ["normal", "smart"])
def test_the_first_permit_waits_for_whoever_gives_access_but_for_a_charge_that_runs(
    guard: dict[str, str], mode: str
) -> None:
    values = settings(mode=mode, **guard)
    for status in (None, Status(state=State.B)):
        assert first_offer(values, status).limit == Limit(0, Why.ACCESS)
    assert first_offer(values, Status(state=State.C)).limit.offer_da >= 60


def test_changing_to_smart_in_mid_charge_does_not_end_it() -> None:
    garage = Garage(mode="normal", max=16)
    garage.run(20)
    assert garage.offer.limit == Limit(160, Why.MAX)
    garage.values = settings(**SMART)
    garage.run(60)
    assert (garage.stops, garage.offer.limit.offer_da) == (0, 160)


def test_contact_2_drops_l2_and_l3_in_normal_too_when_it_is_always_off() -> None:
    assert Garage(contact2="always_off").look().phases == 1
    assert Garage(contact2="solar_off").look().phases == 3
    assert Garage(contact2="not_present").look().phases == 3


def test_wishes_and_limits_hold_in_normal_mode_too() -> None:
    garage = Garage(max=32, contact2="always_on")
    garage.wishes = Wishes(override_da=100)
    assert garage.look().limit == Limit(100, Why.OVERRIDE)
    garage.wishes = Wishes(override_da=320)
    garage.status = cable(160)
    assert garage.look().limit == Limit(160, Why.CABLE)
    garage.wishes = Wishes(access=Access.OFF, override_da=100)
    assert garage.look().limit == Limit(0, Why.ACCESS)


def test_the_open_grid_relay_limits_only_where_the_switch_is_one() -> None:
    garage = Garage(max=16, switch="grid_relay")
    garage.wishes = Wishes(grid_relay_open=True)
    assert garage.run(5).limit == Limit(60, Why.GRID_RELAY)
    garage.wishes = Wishes()
    assert garage.run(5).limit == Limit(160, Why.MAX)
    other = Garage(max=16, switch="access_b")
    other.wishes = Wishes(grid_relay_open=True)
    assert other.run(5).limit == Limit(160, Why.MAX)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 2e4])
def test_readings_that_cannot_be_true_are_silence(bad: float) -> None:
    garage = Garage(**SMART)
    garage.run(30)
    garage.house_da = (bad, 50, 50)
    garage.run(7)
    assert garage.offer.limit.offer_da == 160
    garage.run(5)
    assert garage.offer.faults == (Fault.NO_SERIAL_COM,)
    garage.house_da = (50, 50, 50)
    garage.run(90)
    assert garage.status.state is State.C


def test_one_reading_that_jumps_lowers_the_offer_and_does_not_end_the_charge() -> None:
    garage = Garage(**SMART)
    garage.run(30)
    garage.mains = Reading(450, 210, 210, garage.now_s)
    assert garage.look().limit.offer_da == 60
    garage.run(30)
    assert (garage.stops, garage.offer.limit.offer_da) == (0, 160)


@pytest.mark.parametrize(("change", "why"), [("frozen", Why.FROZEN), ("backwards", Why.BACKWARDS)])
def test_a_meter_that_does_not_tell_of_the_car_stops_it_with_the_reason(change: str, why: Why) -> None:
    garage = Garage(**{**SMART, "max": 32})
    garage.silent = True
    reasons = set()
    for _ in range(120):
        car_da = garage.offer.limit.offer_da if garage.status.state is State.C else 0
        now_da = 110.0 if change == "frozen" else 50.0 - car_da
        garage.mains = Reading(now_da, now_da, now_da, garage.now_s)
        reasons.add(garage.run(2).limit.why)
    assert why in reasons
    assert garage.stops > 0


def test_settings_that_contradict_each_other_give_no_current_and_name_both() -> None:
    garage = Garage(**{**SMART, "max": 6, "min": 10})
    limit = garage.run(30).limit
    assert (limit.offer_da, limit.why) == (0, Why.SETTINGS)
    assert "MAX 6 A is below MIN 10 A" in limit.reason
    shared = Garage(mode="normal", load_bal="master", circuit=10, min=16, max=16)
    assert "CIRCUIT 10 A is below MIN 16 A" in shared.run(5).limit.reason


CIRCUIT: dict[str, Any] = {"max": 32, "circ_met": "eastron", "circuit": 25}


def test_a_circuit_meter_keeps_circuit_in_normal_too_and_the_reason_says_so() -> None:
    garage = Garage(**CIRCUIT)
    garage.others_da = 100
    garage.run(30)
    assert garage.offer.limit == Limit(150, Why.CIRCUIT)
    garage.others_da = 0
    garage.run(90)
    assert garage.offer.limit.offer_da >= 240
    garage.others_da = 220
    garage.run(3)
    assert garage.offer.limit.why is Why.NO_CIRCUIT
    assert garage.offer.faults == (Fault.NO_CURRENT,)


def test_a_silent_circuit_meter_stops_after_10_s_with_the_manuals_error_and_its_own_name() -> None:
    garage = Garage(**CIRCUIT)
    garage.others_da = 50
    garage.run(30)
    garage.silent = True
    garage.run(7)
    assert garage.status.state is State.C
    garage.run(5)
    assert garage.offer.limit == Limit(0, Why.NO_CIRCUIT_DATA)
    assert garage.offer.faults == (Fault.NO_SERIAL_COM,)
    assert garage.offer.silent_circuit
    garage.silent = False
    garage.run(5)
    assert garage.offer.faults == ()
    assert garage.offer.limit.offer_da >= 60


def test_a_circuit_meter_that_was_never_heard_lets_nobody_begin_and_holds_a_charge_at_min() -> None:
    garage = Garage(**CIRCUIT)
    garage.silent = True
    assert garage.run(5).limit == Limit(0, Why.FIRST_CIRCUIT)
    assert garage.run(6).faults == (Fault.NO_SERIAL_COM,)
    back = Garage(**CIRCUIT)
    back.silent = True
    back.status = Status(state=State.C, level=Level.C, flags=Flag.C1 | Flag.C2, state_ms=60_000)
    assert back.run(5).limit == Limit(60, Why.HOLD_CIRCUIT)
    assert back.run(6).limit == Limit(0, Why.NO_CIRCUIT_DATA)


def test_without_a_line_a_circuit_meter_is_as_silent_as_any() -> None:
    garage = Garage(line=False, **CIRCUIT)
    assert garage.run(12).limit == Limit(0, Why.NO_CIRCUIT_DATA)


def test_solar_leaves_to_the_car_what_the_home_battery_takes_and_says_so() -> None:
    garage = Garage(**SOLAR)
    garage.house_da = (20, 0, 0)
    garage.run(10)
    assert garage.offer.limit.why is Why.NO_SUN
    garage.around = Around(battery=Battery(120, garage.now_s))
    garage.run(55)
    assert garage.offer.limit == Limit(100, Why.SUN, beside="the home battery takes 12.0 A")
    assert garage.offer.limit.reason == "10.0 A: what the sun leaves over, the home battery takes 12.0 A"
    assert garage.offer.battery_da == 120
    garage.run(20)  # 60 s after it was told it counts no more
    assert garage.offer.battery_da is None
    assert garage.offer.limit.why is Why.HOLD_SUN
    assert not garage.offer.limit.beside


def test_a_battery_that_gives_is_no_sun() -> None:
    garage = Garage(**SOLAR)
    garage.house_da = (-100, 0, 0)
    garage.around = Around(battery=Battery(-100, garage.now_s))
    garage.run(30)
    assert garage.offer.limit.why is Why.NO_SUN
    assert garage.offer.limit.reason.endswith("the home battery gives 10.0 A")


def test_in_smart_the_battery_has_no_part() -> None:
    garage = Garage(**SMART)
    garage.around = Around(battery=Battery(100, garage.now_s))
    garage.run(30)
    assert (garage.offer.limit, garage.offer.battery_da) == (Limit(160, Why.MAX), None)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 2e4])
def test_a_battery_current_that_cannot_be_true_counts_as_none(bad: float) -> None:
    garage = Garage(**SOLAR)
    garage.around = Around(battery=Battery(bad, garage.now_s))
    garage.run(20)
    assert garage.offer.limit.why is Why.NO_SUN
    assert garage.offer.battery_da is None


def test_a_current_set_by_hand_takes_the_place_of_max_in_smart() -> None:
    garage = Garage(**SMART)
    garage.wishes = Wishes(override_da=100)
    garage.run(60)
    assert garage.offer.limit == Limit(100, Why.OVERRIDE)
    assert garage.offer.limit.reason == "10.0 A: set by hand for now"


def test_the_quarter_of_an_hour_binds_with_its_own_words_and_capacity_with_its_own() -> None:
    garage = Garage(**SMART, cap_mode="quarter")
    garage.house_da = (20, 20, 20)
    garage.around = Around(quarter_a=36)
    garage.run(30)
    assert garage.offer.limit == Limit(100, Why.PEAK)
    garage.around = Around(quarter_a=20)
    assert garage.run(3).limit.why is Why.HOLD_PEAK
    assert "stops in 0:0" in garage.offer.limit.reason
    assert garage.run(12).limit == Limit(0, Why.NO_PEAK)
    fixed = Garage(**SMART, cap_mode="quarter", capacity=36)
    fixed.house_da = (20, 20, 20)
    fixed.around = Around(quarter_a=60)
    assert fixed.run(30).limit == Limit(100, Why.CAPACITY)


def test_on_a_warm_board_the_reason_is_the_warmth() -> None:
    offer = Offer(Limit(160, Why.MAX))
    assert warmed(offer, Status(state=State.C, temperature_dc=600, limit_da=114)).limit == Limit(114, Why.TEMPERATURE)
    assert warmed(offer, Status(state=State.C, temperature_dc=570, limit_da=114)) is offer
    assert warmed(offer, Status(state=State.C, temperature_dc=600, limit_da=160)) is offer


_READINGS = st.one_of(st.none(), st.builds(Reading, *(st.floats(),) * 4))
_STATUSES = st.one_of(
    st.none(),
    st.builds(
        Status,
        state=st.sampled_from(State),
        level=st.sampled_from(Level),
        flags=st.integers(0, (1 << 13) - 1),
        cable_da=st.integers(0, 800),
        state_ms=st.integers(0, 100_000),
    ),
)
_SETTINGS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["normal", "smart", "solar"]),
        "max": st.integers(6, 80),
        "min": st.integers(6, 16),
        "mains": st.integers(10, 200),
        "circuit": st.integers(10, 200),
        "load_bal": st.sampled_from(["disabled", "master", "node1"]),
        "contact2": st.sampled_from(["not_present", "always_off", "solar_off", "always_on", "auto"]),
        "circ_met": st.sampled_from(["disabled", "eastron"]),
    }
)


@given(st.lists(st.tuples(_SETTINGS, _STATUSES, _READINGS, _READINGS, st.floats()), min_size=1, max_size=12))
def test_nothing_that_comes_in_is_raised_into_the_loop_and_every_offer_can_be_sent(
    looks: list[tuple[dict[str, int | str], Status | None, Reading | None, Reading | None, float]],
) -> None:
    regulation = Regulation(line=True)
    for changes, status, mains, beside, now_s in looks:
        values = settings(**changes)
        battery = None if beside is None else Battery(beside.l1_da, beside.at_s)
        around = Around(beside, battery)
        offer = regulation.offer(now_s, values, status, EvReading(), mains, around=around)
        assert 0 <= offer.limit.offer_da <= values.max_da
        assert offer.limit.reason
        assert len(offer.limit.short) <= 20
        pack_permit(permit(values, offer.limit.offer_da, 0, phases=offer.phases), 1, 1)
