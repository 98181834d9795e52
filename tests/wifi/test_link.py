"""The thread between the station and the radio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from smartevse.wifi.link import WifiLink, credentials
from smartevse.wifi.radio import Radio, WifiError
from smartevse.wifi.setup import Phase
from smartevse.wifi.words import TURN_S
from tests.wifi.radios import FakeRadio

DEADLINE_S = 20.0


class Here(FakeRadio):
    """Its access point is on this machine."""

    def address(self, link: object, /) -> str:
        return "127.0.0.1"


def until(true: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)


@pytest.fixture
def radio() -> Here:
    return Here()


@pytest.fixture
def link(radio: Here) -> Iterator[WifiLink]:
    made = WifiLink(lambda: radio, 0)
    yield made
    made.close()


def test_the_radio_follows_the_setting(link: WifiLink, radio: Here) -> None:
    link.switch(False)
    until(lambda: not radio.on)
    link.switch(True)
    until(lambda: radio.on)
    assert radio.closed >= 1


def test_the_page_is_served_while_the_set_up_is_wanted_and_no_longer(link: WifiLink, radio: Here) -> None:
    link.want_setup(True)
    until(lambda: bool(link.where))
    pages = {link.lines(turn * TURN_S) for turn in range(4)}
    assert (link.view.name, f"pw {link.view.password}") in pages
    assert ("open in browser", link.where) in pages
    link.want_setup(False)
    until(lambda: not link.where and radio.doing is None)
    assert link.view.phase is Phase.OFF


def test_the_end_of_the_program_closes_the_access_point(radio: Here) -> None:
    link = WifiLink(lambda: radio, 0)
    link.want_setup(True)
    until(lambda: bool(link.where))
    link.close()
    assert radio.doing is None
    assert link.where == ""


def test_a_link_that_was_never_used_starts_nothing_and_asks_nobody() -> None:
    def never() -> Radio:
        raise AssertionError("nobody asked for the radio")

    link = WifiLink(never, 0)
    link.want_setup(False)
    assert link.lines(0.0) == ()
    link.close()


def test_a_machine_without_networkmanager_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    def absent() -> Radio:
        raise WifiError("NetworkManager is not running")

    link = WifiLink(absent, 0)
    link.switch(True)
    link.want_setup(True)
    until(lambda: link.view.phase is Phase.FAILED)
    link.close()
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == [
        "WIFI cannot be switched on: NetworkManager is not running",
        "WiFi set-up: NetworkManager is not running",
    ]


def test_each_access_point_has_a_name_and_a_password_of_its_own_that_fit_the_display() -> None:
    made = {credentials() for _ in range(50)}
    assert len({password for _, password in made}) == 50
    assert all(len(name) <= 16 and 8 <= len(password) <= 13 for name, password in made)
