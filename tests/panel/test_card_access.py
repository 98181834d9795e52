"""Access by card: single rules, and histories of cards, plug and time against a model that looks at the whole past."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smartevse.panel.card_access import NOBODY, RELOCK_S, Answer, CardAccess

OWN, OTHER, STRANGE = b"\x04\x00\x00\x01", b"\x04\x00\x00\x02", b"\x04\x00\x00\x03"


def test_nothing_is_given_at_the_start() -> None:
    assert not CardAccess().given


def test_a_known_card_gives_access_and_the_same_card_ends_it() -> None:
    access = CardAccess()
    assert access.card(OWN, True, True, 0.0) is Answer.GRANTED
    assert access.given
    assert access.card(OWN, True, True, 3600.0) is Answer.ENDED
    assert not access.given


def test_an_unknown_card_changes_nothing() -> None:
    access = CardAccess()
    assert access.card(STRANGE, False, True, 0.0) is Answer.UNKNOWN
    assert not access.given
    access.card(OWN, True, True, 1.0)
    assert access.card(STRANGE, False, True, 2.0) is Answer.UNKNOWN
    assert access.owner == OWN


def test_another_known_card_is_refused_while_a_car_is_connected() -> None:
    access = CardAccess()
    access.card(OWN, True, True, 0.0)
    assert access.card(OTHER, True, True, 1.0) is Answer.IN_USE
    assert access.owner == OWN


def test_another_known_card_takes_over_while_no_car_is_there() -> None:
    access = CardAccess()
    access.card(OWN, True, False, 0.0)
    assert access.card(OTHER, True, False, 1.0) is Answer.GRANTED
    assert access.owner == OTHER


def test_the_next_session_is_not_left_open_after_the_cable_left() -> None:
    access = CardAccess()
    access.card(OWN, True, True, 0.0)
    access.tick(True, 7200.0)
    assert not access.tick(False, 7200.0 + RELOCK_S - 0.1)
    assert access.given
    assert access.remaining_s(False, 7200.0 + RELOCK_S - 10.0) == 10
    assert access.tick(False, 7200.0 + RELOCK_S)
    assert not access.given
    assert not access.tick(False, 7200.0 + RELOCK_S + 1)


def test_a_car_that_is_plugged_in_again_in_time_goes_on() -> None:
    access = CardAccess()
    access.card(OWN, True, True, 0.0)
    for now_s, connected in ((100.0, True), (130.0, False), (150.0, True), (5000.0, True), (5059.0, False)):
        assert not access.tick(connected, now_s)
    assert access.given


def test_the_time_to_plug_in_begins_with_the_card() -> None:
    access = CardAccess()
    access.tick(False, 1000.0)
    access.card(OWN, True, False, 2000.0)
    assert not access.tick(False, 2000.0 + RELOCK_S - 1)
    assert access.tick(False, 2000.0 + RELOCK_S)


def test_a_card_that_was_deleted_while_it_charges_can_still_end() -> None:
    access = CardAccess()
    access.card(OWN, True, True, 0.0)
    assert access.card(OWN, False, True, 10.0) is Answer.ENDED


def test_access_without_a_card_ends_with_any_known_card_or_after_the_cable_left() -> None:
    access = CardAccess()
    access.adopt(0.0)
    assert access.owner == NOBODY
    assert access.card(STRANGE, False, True, 1.0) is Answer.UNKNOWN
    assert access.card(OTHER, True, True, 2.0) is Answer.ENDED
    access.adopt(10.0)
    assert access.tick(False, 10.0 + RELOCK_S)
    assert not access.given


class Histories(RuleBasedStateMachine):
    """The model keeps all that ever happened and finds from it who has access now; it shares no state with the code."""

    @initialize()
    def begin(self) -> None:
        self.access = CardAccess()
        self.now_s = 0.0
        self.connected = False
        self.known = {OWN, OTHER}
        self.past: list[tuple[float, str, bytes]] = []

    @rule(card=st.sampled_from((OWN, OTHER, STRANGE)))
    def present(self, card: bytes) -> None:
        before = self.expected()
        self.past.append((self.now_s, "known" if card in self.known else "unknown", card))
        after = self.expected()
        answer = self.access.card(card, card in self.known, self.connected, self.now_s)
        if before == card or (before == NOBODY and card in self.known and self.connected):
            assert answer is Answer.ENDED
        elif after == card:
            assert answer is Answer.GRANTED
        elif card in self.known:
            assert answer is Answer.IN_USE
        else:
            assert answer is Answer.UNKNOWN

    @rule(seconds=st.sampled_from((59.0, 60.0, 4000.0)), card=st.sampled_from((OWN, OTHER, STRANGE)))
    def present_after_a_stall(self, seconds: float, card: bytes) -> None:
        self.now_s += seconds
        self.present(card)

    @rule()
    def plug(self) -> None:
        self.access.tick(self.connected, self.now_s)
        self.connected = not self.connected
        self.past.append((self.now_s, "plug" if self.connected else "unplug", b""))
        self.access.tick(self.connected, self.now_s)

    @rule(seconds=st.sampled_from((0.1, 1.0, 29.5, 30.5, 59.9, 60.0, 61.0, 4000.0)))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.access.tick(self.connected, self.now_s)

    @rule(card=st.sampled_from((OWN, OTHER)))
    def learn_or_delete(self, card: bytes) -> None:
        self.known ^= {card}

    @rule()
    def switch(self) -> None:
        self.past.append((self.now_s, "withdraw", b""))
        self.access.withdraw()

    @rule()
    def give_without_a_card(self) -> None:
        self.past.append((self.now_s, "adopt", b""))
        self.access.adopt(self.now_s)

    def expected(self) -> bytes | None:
        """Who has access by the whole past."""
        owner: bytes | None = None
        connected, vacant_s = False, 0.0
        for at_s, what, card in [*self.past, (self.now_s, "now", b"")]:
            if owner is not None and not connected and at_s - vacant_s >= RELOCK_S:
                owner = None
            if what in ("plug", "unplug"):
                connected, vacant_s = what == "plug", at_s
            elif what == "withdraw" or (what in ("known", "unknown") and card == owner):
                owner = None
            elif what == "adopt" and owner is None:
                owner, vacant_s = NOBODY, at_s
            elif what == "known" and owner == NOBODY and connected:
                owner = None
            elif what == "known" and (owner is None or not connected):
                owner, vacant_s = card, at_s
        return owner

    @invariant()
    def the_code_agrees_with_the_model(self) -> None:
        assert self.access.owner == self.expected()
        assert self.access.given == (self.expected() is not None)


TestHistories = Histories.TestCase
