from __future__ import annotations

from smartevse.panel.presence import AWAY_S, Presence

ONE, TWO = b"\x04\xa1\xb2\xc3", b"\x04\xa1\xb2\xc4"


def test_a_card_that_stays_is_presented_once() -> None:
    presence = Presence()
    seen = [presence.see(ONE, at * 0.25) for at in range(40)]
    assert seen == [ONE] + [None] * 39


def test_a_card_that_is_lost_for_a_moment_is_not_presented_again() -> None:
    presence = Presence()
    assert presence.see(ONE, 0.0) == ONE
    assert presence.see(None, 0.3) is None
    assert presence.see(None, 0.6) is None
    assert presence.see(ONE, 0.9) is None


def test_a_card_that_was_away_acts_again() -> None:
    presence = Presence()
    assert presence.see(ONE, 0.0) == ONE
    assert presence.see(None, AWAY_S) is None
    assert presence.see(ONE, AWAY_S + 0.1) == ONE


def test_another_card_acts_at_once() -> None:
    presence = Presence()
    assert presence.see(ONE, 0.0) == ONE
    assert presence.see(TWO, 0.25) == TWO
    assert presence.see(TWO, 0.5) is None


def test_a_reader_that_was_silent_for_long_does_not_keep_the_card() -> None:
    presence = Presence()
    assert presence.see(ONE, 0.0) == ONE
    assert presence.see(ONE, 100.0) == ONE
