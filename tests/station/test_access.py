"""Access: given and taken back by people, denied at the start where a switch or a card has to give it."""

import pytest

from smartevse.settings.values import default_values
from smartevse.station.access import UNPLUG_S, Gate, changed, first, given_by
from smartevse.station.wishes import Access

OPEN = default_values()


@pytest.mark.parametrize(
    ("change", "access"),
    [
        ({}, Access.ON),
        ({"switch": "smasol_b"}, Access.ON),
        ({"switch": "access_b"}, Access.OFF),
        ({"switch": "access_s"}, Access.OFF),
        ({"rfid": "enabled"}, Access.OFF),
    ],
)
def test_at_the_start_access_is_denied_where_somebody_has_to_give_it(change: dict[str, str], access: Access) -> None:
    assert first(OPEN.changed(change)).access is access


def test_a_stop_for_a_moment_is_a_pause_that_ends_by_itself_or_by_unplugging() -> None:
    gate = Gate().stopped(100.0)
    assert gate.now(100.0 + UNPLUG_S - 0.1) is Access.PAUSE
    assert gate.now(100.0 + UNPLUG_S) is Access.ON
    assert gate.unplugged().now(100.1) is Access.ON


def test_a_denied_access_stays_denied_through_a_stop() -> None:
    assert Gate(Access.OFF).stopped(0.0).now(1.0) is Access.OFF


@pytest.mark.parametrize(("before", "after"), [("on", "off"), ("off", "on"), ("pause", "on")])
def test_toggling_takes_away_what_was_given_and_gives_what_was_not(before: str, after: str) -> None:
    assert Gate(Access(before)).toggled().access is Access(after)


def test_naming_a_guard_ends_no_charge_and_taking_it_away_gives_access_to_everybody() -> None:
    guarded = OPEN.changed({"rfid": "enabled"})
    assert changed(Gate(Access.ON), OPEN, guarded).access is Access.ON
    assert changed(Gate(Access.OFF), guarded, OPEN).access is Access.ON
    assert changed(Gate(Access.OFF), OPEN, OPEN.changed({"max": 16})).access is Access.OFF


def test_a_card_gives_access_before_a_switch_and_the_keys_where_neither_does() -> None:
    assert given_by(OPEN) == "keys"
    assert given_by(OPEN.changed({"switch": "access_s"})) == "switch"
    assert given_by(OPEN.changed({"switch": "access_s", "rfid": "enabled"})) == "card"
