"""What home automation tells the station: in range, with an age, gone when it is over, refused in whole sentences."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.core.battery import Battery
from smartevse.settings.table import Value
from smartevse.settings.values import Values, default_values
from smartevse.station.told import OLD_NOTE, WORDS, Told, ToldError
from smartevse.station.wishes import Access


def settings(**changes: Value) -> Values:
    return default_values().changed(changes)


def told(**changes: Value) -> Told:
    return Told(settings(**changes), lambda access: None)


def refusal(one: Told, line: str) -> str:
    with pytest.raises(ToldError) as refused:
        one.hear(line, 100.0)
    sentence = str(refused.value)
    assert len(sentence) > 30
    return sentence


def test_the_battery_is_kept_with_its_sign_and_its_age() -> None:
    one = told(mode="solar")
    assert one.hear("battery -12.5", 100.0) == "the home battery gives 12.5 A"
    assert one.battery == Battery(-125, 100.0)
    assert one.hear("battery 8", 105.0) == "the home battery takes 8.0 A"
    assert one.report(115.0) == "override off; battery +8.0 A, told 10 s ago"
    assert one.hear("battery off", 120.0) == "the home battery is not looked at"
    assert one.battery is None


def test_a_battery_that_nobody_tells_of_any_more_is_said_once_and_its_return_too() -> None:
    one = told(mode="solar")
    assert one.notes(1000.0) == (), "it was never told"
    one.hear("battery 5", 100.0)
    assert one.notes(160.0) == ()
    assert [one.notes(160.1 + k) for k in range(3)] == [(OLD_NOTE,)] * 3
    (line,) = one.take_lines()
    assert line.startswith("home battery: nothing told for 60 s, it counts as 0 A")
    assert "too old, it counts as 0 A" in one.report(170.0)
    one.hear("battery 6", 200.0)
    assert one.notes(200.0) == ()
    assert one.take_lines() == ("home battery: it is told again",)


def test_outside_solar_the_battery_is_taken_with_a_word_that_it_has_no_effect() -> None:
    assert "only in Solar" in told(mode="smart").hear("battery 5", 1.0)
    meter = {"batt_met": "eastron", "mainsmet": "eastron"}
    assert "BATT MET" in told(mode="solar", **meter).hear("battery 5", 1.0)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1001", "-1000.1", "five", "1e9", "0x10", ""])
def test_a_battery_current_that_cannot_be_is_refused_and_changes_nothing(text: str) -> None:
    one = told(mode="solar")
    one.hear("battery 5", 1.0)
    refusal(one, f"battery {text}")
    assert one.battery == Battery(50, 1.0)


def test_an_override_is_from_min_to_max_and_zero_takes_it_back() -> None:
    one = told(mode="smart", max=16, min=8)
    assert one.hear("override 10", 1.0) == "10.0 A in the place of MAX, until override off"
    assert one.override_for(settings(mode="smart", max=16)) == 100
    assert "give 8 A to 16 A (MAX), or off" in refusal(one, "override 7.9")
    assert "give 8 A to 16 A (MAX), or off" in refusal(one, "override 16.1")
    assert one.override_da == 100
    one.hear("override 0", 2.0)
    assert one.override_da == 0
    assert one.take_lines() == (
        "a current was set by hand: 10.0 A in the place of MAX 16.0 A",
        "the current set by hand is taken back",
    )


def test_in_normal_alone_min_has_no_part() -> None:
    one = told(max=16, min=10)
    one.hear("override 6", 1.0)
    assert one.override_da == 60


def test_solar_ends_an_override_and_it_does_not_come_back() -> None:
    one = told(mode="smart", max=16)
    one.hear("override 10", 1.0)
    one.use(settings(mode="solar", max=16))
    one.use(settings(mode="smart", max=16))
    assert one.override_da == 0
    assert one.take_lines()[-1] == "the current set by hand (10.0 A) is over: Solar was chosen"
    assert "MODE is Solar" in refusal(told(mode="solar"), "override 10")


def test_a_lower_max_bounds_an_override_that_stands() -> None:
    one = told(mode="smart", max=16)
    one.hear("override 14", 1.0)
    assert one.override_for(settings(mode="smart", max=12)) == 120


def test_a_node_is_told_nothing_that_its_master_decides() -> None:
    node = told(load_bal="node1")
    assert "Master" in refusal(node, "override 10")
    assert "Master" in refusal(node, "battery 5")
    one = told(max=16)
    one.hear("override 10", 1.0)
    one.use(settings(load_bal="node2"))
    assert one.override_da == 0


def test_access_is_handed_on_but_not_past_a_card_or_a_key() -> None:
    given: list[Access] = []
    one = Told(settings(), given.append)
    for word in ("off", "pause", "on"):
        one.hear(f"access {word}", 1.0)
    assert given == [Access.OFF, Access.PAUSE, Access.ON]
    locked = Told(settings(rfid="enabled"), given.append)
    assert "given by the card" in refusal(locked, "access on")
    locked.hear("access off", 1.0)
    assert given[-1] is Access.OFF
    assert len(given) == 4


@pytest.mark.parametrize(
    "line", ["batery 5", "battery", "battery 5 6", "override", "access perhaps", "limit 5", "a" * 300]
)
def test_a_wrong_word_is_answered_with_how_it_is_written(line: str) -> None:
    sentence = refusal(told(), line)
    known = WORDS.get(line.split(maxsplit=1)[0])
    assert (known.usage if known else "battery AMPS|off") in sentence
    assert len(sentence) < 250


@given(st.text(max_size=300))
def test_no_text_is_answered_otherwise_than_with_a_sentence(text: str) -> None:
    one = told(mode="solar")
    with suppress(ToldError):
        assert "\n" not in one.hear(text, 1.0)
