"""SetupWifi in the menu of the unchanged station, with the simulated NetworkManager behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from smartevse.twin.wireless import SimulatedNetworkManager, missing
from tests.end_to_end.harness import Rig, rig
from tests.end_to_end.test_station import charging

WHY_NOT = missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def lcd(rig: Rig, pattern: str) -> re.Match[str]:
    """What the display shows, once it shows this."""
    return rig.until(lambda: re.search(pattern, " ".join(rig.lcd())), f"the display shows {pattern}")


def page(port: int, body: str | None = None) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", "/", body)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def send(port: int, name: str, password: str) -> str:
    token = re.search(r'name="token" value="([^"]+)"', page(port))
    assert token
    return page(port, urlencode({"token": token[1], "network": name, "other": "", "password": password}))


def to_wifi(rig: Rig) -> None:
    """Open the menu at WIFI, its last item, and go to SetupWifi."""
    rig.press("o", 2.2)
    rig.until(lambda: rig.lcd()[0].startswith("<"), "an item can be chosen")
    while "WIFI" not in rig.lcd()[0].split():
        before = rig.lcd()[0]
        rig.press("<")
        rig.until(lambda before=before: rig.lcd()[0] != before, "the item before is shown")  # type: ignore[misc]
    rig.press("o")
    rig.until(lambda: rig.lcd()[1].startswith("<"), "WIFI is being changed")
    rig.press("<")


def test_a_network_is_set_up_with_a_phone_while_a_car_charges(rig: Rig) -> None:
    with SimulatedNetworkManager() as simulated:
        rig.twin()
        rig.guard()
        station = rig.station(DBUS_SYSTEM_BUS_ADDRESS=simulated.address)
        rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
        charging(rig)
        to_wifi(rig)
        lcd(rig, "SetupWifi")
        own = lcd(rig, r"(smartevse-\w{4})\s+pw (\w{10})")
        port = int(lcd(rig, r"127\.0\.0\.1:(\d+)")[1])
        assert "Connecting to Home" in send(port, "Home", "wrong horse")
        lcd(rig, "wrong password")
        assert lcd(rig, r"(smartevse-\w{4})\s+pw (\w{10})").groups() == own.groups()
        port = int(lcd(rig, r"127\.0\.0\.1:(\d+)")[1])
        assert "The password is not the one of Home" in page(port)
        send(port, "Home", "correct horse")
        lcd(rig, r"connected\s+Home")
        lcd(rig, r"192\.168\.1\.23")
        rig.until(lambda: "WIFI is now Enabled" in station.text(), "WIFI is kept as Enabled")
        with pytest.raises(OSError, match="refused"):
            page(port)
        assert rig.world()["contactors"]["c1"]
        assert "horse" not in station.text()
        assert own[2] not in station.text()
        assert station.stop() == 0


def test_without_networkmanager_the_menu_says_so_and_the_station_goes_on(rig: Rig) -> None:
    rig.twin()
    rig.guard()
    station = rig.station(DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={rig.folder}/none")
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    to_wifi(rig)
    lcd(rig, r"WiFi set-up\s+is not possible")
    rig.until(lambda: "WiFi set-up: no D-Bus" in station.text(), "the journal says why")
    charging(rig)
