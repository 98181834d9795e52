"""The set-up: what happens after a choice, a wrong one, none at all; nothing of it stays open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.wifi.radio import Security
from smartevse.wifi.setup import JOINING_S, OPEN_S, OPENING_S, Phase, Setup, View, problem
from tests.wifi.radios import FakeRadio


class Rig:
    """A set-up with a clock that ticks twice a second."""

    def __init__(self, radio: FakeRadio | None = None) -> None:
        self.radio = radio or FakeRadio()
        self.setup = Setup(lambda: self.radio, lambda: ("smartevse-ab23", "abcdefghij"))
        self.now_s = 1000.0

    def run(self, seconds: float) -> View:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 0.5
            self.setup.tick(self.now_s)
        return self.setup.view

    def opened(self) -> Rig:
        self.setup.start(self.now_s)
        assert self.run(2).phase is Phase.OPEN
        return self

    def choose(self, name: str, password: str, seconds: float = 5) -> View:
        self.setup.submit(name, password, self.now_s)
        return self.run(seconds)


def test_the_access_point_opens_with_the_networks_that_were_in_reach() -> None:
    view = Rig().opened().setup.view
    assert (view.name, view.password, view.address) == ("smartevse-ab23", "abcdefghij", "10.42.0.1")
    assert [network.name for network in view.networks] == ["Home", "Café <b>&", "Guests", "Office"]


def test_a_network_that_is_joined_closes_the_access_point_and_drops_earlier_entries() -> None:
    rig = Rig().opened()
    view = rig.choose("Home", "correct horse")
    assert (view.phase, view.address, view.chosen) == (Phase.DONE, "192.168.1.23", "Home")
    assert view.password == view.name == ""
    assert rig.radio.kept == ["Home"]
    assert rig.radio.doing == ("client", "Home", "correct horse")
    assert "forget others Home" in rig.radio.done
    assert rig.radio.closed == 1


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("Home", "wrong horse", "The password is not the one of Home: type it again."),
        ("Nowhere", "correct horse", "No network Nowhere is in reach: check its name."),
    ],
)
def test_a_network_that_is_not_joined_brings_the_access_point_back_with_the_reason(
    name: str, password: str, sentence: str
) -> None:
    rig = Rig().opened()
    view = rig.choose(name, password)
    assert (view.phase, view.error, view.chosen) == (Phase.OPEN, sentence, name)
    assert view.password == "abcdefghij"
    assert len(view.short) == 2
    assert all(len(line) <= 16 for line in view.short)
    assert rig.radio.kept == []
    assert rig.choose("Home", "correct horse").phase is Phase.DONE


def test_how_a_network_is_joined_follows_from_what_was_seen() -> None:
    for name, password, joined in (
        ("Home", "correct horse", "join Home wpa-psk"),
        ("Café <b>&", "correct horse", "join Café <b>& sae"),
        ("Guests", "", "join Guests open"),
        ("Hidden", "correct horse", "join Hidden wpa-psk hidden"),
        ("Hidden", "", "join Hidden open hidden"),
    ):
        rig = Rig().opened()
        rig.choose(name, password)
        assert joined in rig.radio.done


def test_a_network_that_never_answers_is_given_up() -> None:
    rig = Rig().opened()
    rig.setup.submit("Home", "correct horse", rig.now_s)
    rig.run(2)
    rig.radio.silent = True
    assert rig.run(JOINING_S - 1).phase is Phase.JOINING
    rig.run(2)
    rig.radio.silent = False
    view = rig.run(3)
    assert (view.phase, view.error) == (Phase.OPEN, "Home did not answer in time: try again nearer to it.")


def test_it_closes_after_ten_minutes() -> None:
    rig = Rig().opened()
    assert rig.run(OPEN_S - 5).phase is Phase.OPEN
    view = rig.run(5)
    assert (view.phase, view.short) == (Phase.FAILED, ("closed after", "10 minutes"))
    assert rig.radio.doing is None
    assert rig.radio.closed == 1


def test_a_radio_that_was_off_is_off_again_unless_a_network_was_joined() -> None:
    rig = Rig(FakeRadio(on=False)).opened()
    assert rig.radio.on
    rig.setup.stop()
    assert not rig.radio.on
    assert rig.radio.doing is None
    rig.opened().choose("Home", "correct horse")
    assert rig.radio.on


def test_the_owner_who_leaves_the_menu_closes_it_and_a_network_being_joined_is_waited_for() -> None:
    rig = Rig().opened()
    rig.setup.stop()
    assert rig.setup.view == View()
    rig.opened()
    rig.setup.submit("Home", "correct horse", rig.now_s)
    rig.run(2)
    rig.setup.stop()
    assert rig.setup.view.phase is Phase.JOINING
    assert rig.run(3) == View()
    assert rig.radio.doing == ("client", "Home", "correct horse")


@pytest.mark.parametrize("broken", ["wireless", "networks", "open", "outcome"])
def test_without_a_working_radio_it_says_so_and_nothing_stays(broken: str) -> None:
    rig = Rig()
    rig.radio.broken = broken
    rig.setup.start(rig.now_s)
    view = rig.run(OPENING_S + 2)
    assert view.phase is Phase.FAILED
    assert view.error == f"{broken} is not possible"
    assert rig.radio.closed == 1
    rig.radio.broken = ""
    rig.opened()


def test_an_access_point_that_another_program_closes_is_an_error() -> None:
    rig = Rig().opened()
    rig.radio.doing = None
    view = rig.run(1)
    assert (view.phase, view.error) == (Phase.FAILED, "the access point was closed by another program")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(("start", "stop", "wait", "long", "break", "mend", "lost")),
            st.tuples(st.sampled_from(("Home", "Guests", "Nowhere")), st.sampled_from(("correct horse", "bad", ""))),
        ),
        max_size=30,
    )
)
def test_whatever_happens_no_access_point_stays_longer_than_it_is_shown(steps: list[str | tuple[str, str]]) -> None:
    rig = Rig()
    for step in steps:
        if step == "start":
            rig.setup.start(rig.now_s)
        elif step == "stop":
            rig.setup.stop()
        elif step == "wait":
            rig.run(3)
        elif step == "long":
            rig.run(OPEN_S + JOINING_S)
        elif step == "break":
            rig.radio.broken = "outcome"
        elif step == "mend":
            rig.radio.broken = ""
        elif step == "lost":
            rig.radio.doing = None
        else:
            rig.setup.submit(step[0], step[1], rig.now_s)
        view = rig.setup.view
        if rig.radio.doing and rig.radio.doing[0] == "ap":
            assert view.phase in (Phase.OPENING, Phase.OPEN, Phase.JOINING)
        if view.phase in (Phase.OPENING, Phase.OPEN):
            assert view.password
        if view.phase in (Phase.OFF, Phase.DONE, Phase.FAILED):
            assert not view.password
    rig.radio.broken = ""
    assert rig.run(OPEN_S + 2 * JOINING_S).phase in (Phase.OFF, Phase.DONE, Phase.FAILED)


@pytest.mark.parametrize(
    ("name", "password", "security", "wrong"),
    [
        ("Home", "12345678", Security.PASSWORD, ""),
        ("Home", "p" * 63, Security.PASSWORD, ""),
        ("Home", "0123456789abcdefABCDEF" * 2 + "0" * 20, Security.PASSWORD, ""),
        ("Home", "x" * 64, Security.PASSWORD, "8 to 63"),
        ("Home", "1234567", Security.PASSWORD, "8 to 63"),
        ("Home", "", Security.PASSWORD, "8 to 63"),
        ("Home", "pässword", Security.WPA3, "8 to 63"),
        ("Guests", "", Security.OPEN, ""),
        ("Hidden", "", None, ""),
        ("Hidden", "short", None, "8 to 63"),
        ("", "12345678", None, "Choose a network"),
        ("  ", "12345678", None, "Choose a network"),
        ("é" * 17, "12345678", None, "at most 32"),
        ("Office", "12345678", Security.OTHER, "more than a password"),
    ],
)
def test_what_cannot_be_joined_is_refused_before_it_is_tried(
    name: str, password: str, security: Security | None, wrong: str
) -> None:
    found = problem(name, password, security)
    assert wrong in found if wrong else found == ""
    assert password == "" or password not in found
