"""NetworkManager's D-Bus, simulated by python-dbusmock on a bus of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from smartevse.twin.wireless import NETWORKS, SimulatedNetworkManager, missing
from smartevse.wifi.network_manager import NetworkManager
from smartevse.wifi.radio import Link, Outcome, Security, WifiError

WHY_NOT = missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
DEADLINE_S = 20.0


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedNetworkManager]:
    with SimulatedNetworkManager() as made:
        yield made


@pytest.fixture
def manager(simulated: SimulatedNetworkManager) -> Iterator[NetworkManager]:
    made = NetworkManager(simulated.address)
    yield made
    made.close()


def ended(manager: NetworkManager, link: Link) -> Outcome:
    """What became of it."""
    give_up_s = time.monotonic() + DEADLINE_S
    while (outcome := manager.outcome(link)) is Outcome.WAIT:
        assert time.monotonic() < give_up_s
    return outcome


def test_networks_are_seen_with_what_they_want_strongest_first(manager: NetworkManager) -> None:
    found = manager.networks()
    assert [network.name for network in found] == list(NETWORKS)
    assert [network.security for network in found] == [Security.PASSWORD, Security.PASSWORD, Security.OPEN]
    assert [network.strength for network in found] == sorted((network.strength for network in found), reverse=True)


def test_the_radio_is_switched(manager: NetworkManager) -> None:
    manager.switch(False)
    assert not manager.wireless()
    with pytest.raises(WifiError, match="wireless is off"):
        manager.open("smartevse-ab23", "abcdefghij")
    manager.switch(True)
    assert manager.wireless()


@pytest.mark.parametrize(
    ("name", "password", "outcome"),
    [
        ("Home", "correct horse", Outcome.JOINED),
        ("Home", "wrong horse", Outcome.PASSWORD),
        ("Nowhere", "correct horse", Outcome.ABSENT),
        ("Café", "gives no address", Outcome.NO_ADDRESS),
    ],
)
def test_joining_ends_as_the_network_has_it(
    manager: NetworkManager, name: str, password: str, outcome: Outcome
) -> None:
    link = manager.join(name, password, Security.PASSWORD, hidden=False)
    assert ended(manager, link) is outcome
    if outcome is Outcome.JOINED:
        assert manager.address(link) == "192.168.1.23"
    manager.forget(link)


def test_an_open_network_is_joined_without_a_password(manager: NetworkManager) -> None:
    link = manager.join("Guests", "", Security.OPEN, hidden=False)
    assert ended(manager, link) is Outcome.JOINED
    manager.forget(link)


def test_earlier_entries_of_a_network_are_dropped(manager: NetworkManager) -> None:
    links = [manager.join("Home", "correct horse", Security.PASSWORD, hidden=False) for _ in range(2)]
    other = manager.join("Guests", "", Security.OPEN, hidden=False)
    manager.forget_others(links[1], "Home")
    with pytest.raises(WifiError):
        manager.forget(links[0])
    manager.forget(links[1])
    manager.forget(other)


def test_the_access_point_has_an_address_and_closes_twice_without_harm(manager: NetworkManager) -> None:
    link = manager.open("smartevse-ab23", "abcdefghij")
    assert ended(manager, link) is Outcome.JOINED
    assert manager.address(link) == "127.0.0.1"
    manager.leave(link)
    manager.leave(link)
    assert manager.outcome(link) is not Outcome.JOINED


def test_an_access_point_ends_with_the_program_that_opened_it(
    manager: NetworkManager, simulated: SimulatedNetworkManager
) -> None:
    other = NetworkManager(simulated.address)
    link = other.open("smartevse-ab23", "abcdefghij")
    assert ended(other, link) is Outcome.JOINED
    other.close()
    give_up_s = time.monotonic() + DEADLINE_S
    while manager.outcome(link) is Outcome.JOINED:
        assert time.monotonic() < give_up_s


def test_without_a_bus_or_without_networkmanager_a_sentence_says_so(tmp_path: object) -> None:
    with pytest.raises(WifiError, match="no D-Bus to reach NetworkManager by"):
        NetworkManager(f"unix:path={tmp_path}/none")
    with SimulatedNetworkManager(manager=False) as empty:
        alone = NetworkManager(empty.address)
        with pytest.raises(WifiError, match="NetworkManager is not running"):
            alone.wireless()
        alone.close()
