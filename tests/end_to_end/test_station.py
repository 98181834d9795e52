"""The unchanged programs, as processes, over the real socket, the real pty and the real libraries."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.harness import Rig, rig


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def charging(rig: Rig) -> None:
    """Plug a car in that wants to charge, and wait until it does."""
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: rig.world()["contactors"]["c1"], "the contactor is closed")


def line_at_rest(rig: Rig) -> Callable[[], bool]:
    """Whether nothing was said on the RS485 line at twenty looks in a row."""
    counts: list[int] = []

    def rests() -> bool:
        counts.append(rig.world()["bus"]["bytes"])
        return len(counts) > 20 and counts[-1] == counts[-21]

    return rests


def headline(rig: Rig) -> str:
    """The first word on the display."""
    return rig.lcd()[0].split(" ")[0]


def choose(rig: Rig, item: str) -> None:
    """Go to an item of the open menu."""
    rig.until(lambda: rig.lcd()[0].startswith("<"), "an item can be chosen")
    while item not in rig.lcd()[0].split():
        before = rig.lcd()[0]
        rig.press(">")
        rig.until(lambda before=before: rig.lcd()[0] != before, "the next item is shown")  # type: ignore[misc]


def test_a_car_charges_and_the_panel_and_the_journal_tell_it(rig: Rig) -> None:
    rig.settings("set", "EV METER", "Eastron")
    _, _, station = rig.all()
    rig.until(lambda: headline(rig) == "READY", "the display says READY")
    charging(rig)
    rig.until(lambda: headline(rig) == "CHARGING", "the display says CHARGING")
    assert rig.lcd()[0].endswith("13.0A")
    rig.until(lambda: re.search(r"[1-9]\.\dkW", " ".join(rig.lcd())), "the display shows the EV meter's power")
    rig.until(line_at_rest(rig), "all that the meter is asked was answered: its counter comes after the power")
    rig.do("ev unplug")
    rig.until(lambda: headline(rig) == "READY", "the display says READY again")
    assert not rig.world()["contactors"]["c1"]
    told = [line.split(maxsplit=2)[2] for line in station.text().splitlines()]
    for line in ("car connected", "charging at 13.0 A: the MAX setting of this unit"):
        assert told.count(line) == 1
    assert re.fullmatch(r"car disconnected, charge ended: 0\.0\d kWh in 0:00", told[-1])
    assert station.stop() == 0
    assert "STATION STOPPED" in rig.lcd()[0]
    assert "Traceback" not in station.text()


def test_the_menu_changes_the_offer_at_once_and_keeps_it(rig: Rig) -> None:
    _, _, station = rig.all()
    rig.do("cable 220")
    charging(rig)
    rig.press("o", 2.2)
    choose(rig, "MAX")
    rig.press("o")
    rig.until(lambda: rig.lcd()[1].startswith("<"), "MAX is being changed")
    rig.press(">")
    rig.until(lambda: rig.world()["pilot"]["duty_permille"] == 233, "the pilot offers 14 A")
    rig.press("o")
    rig.until(lambda: rig.lcd()[0].startswith("<"), "an item is chosen again")
    choose(rig, "EXIT")
    rig.press("o")
    rig.until(lambda: "MAX is now 14 A (was 13 A)" in station.text(), "the journal tells the change")
    assert "14 A" in rig.settings("get", "MAX")


def test_a_setting_from_the_command_line_is_taken_at_once(rig: Rig) -> None:
    _, _, station = rig.all()
    charging(rig)
    rig.settings("set", "MAX", "10")
    rig.until(lambda: rig.world()["pilot"]["duty_permille"] == 166, "the pilot offers 10 A")
    rig.until(lambda: "MAX is now 10 A (was 13 A)" in station.text(), "the journal tells the change")


def test_a_station_that_takes_over_in_time_does_not_end_the_charge(rig: Rig) -> None:
    _, _, station = rig.all()
    charging(rig)
    # The next one is up already and looks for the guard where it is not yet, so that a slow machine is in time too.
    rig.configure(socket="next.sock")
    rig.config.write_text(
        rig.config.read_text("utf-8").replace("/bus0", "/bus-next"), "utf-8"
    )  # one line has one owner
    again = rig.station()
    rig.until(lambda: again.text().count("the station is ready") == 2, "the next station is ready")
    station.stop(signal.SIGKILL)
    (rig.folder / "bus-next").symlink_to(rig.folder / "bus0")
    (rig.folder / "next.sock").symlink_to(rig.guard_socket)
    rig.until(lambda: "the guard is back" in again.text().split("next.sock")[-2], "the next station has the guard")
    rig.until(lambda: headline(rig) == "CHARGING", "the display says CHARGING")
    contactors = rig.world()["contactors"]
    assert (contactors["c1"], contactors["c1_cycles"]) == (True, 1)


def test_a_station_that_does_not_come_back_has_the_charge_ended_in_order(rig: Rig) -> None:
    _, guard, station = rig.all()
    charging(rig)
    station.stop(signal.SIGKILL)
    rig.until(lambda: not rig.world()["contactors"]["c1"], "the contactor is open")
    assert rig.world()["pilot"]["duty_permille"] == 1000
    assert guard.process.poll() is None


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_without_pigpiod_station_and_guard_end_with_one_clear_line(rig: Rig, how: str) -> None:
    _, guard, station = rig.all()
    rig.do(f"pigpiod {how}")
    assert station.wait() == 1
    assert guard.wait() == 1
    for program in (guard, station):
        last = program.text().splitlines()[-1]
        assert f"pigpiod at 127.0.0.1:{rig.port}" in last
        assert "Traceback" not in program.text()


def test_without_pigpiod_at_the_start_the_station_says_so_and_ends(rig: Rig) -> None:
    station = rig.station()
    assert station.wait() == 1
    last = station.text().splitlines()[-1]
    assert f"no pigpiod at 127.0.0.1:{rig.port} (Connection refused)" in last
    assert "start it with 'systemctl start pigpiod' or correct [hat] host and port" in last


def test_a_car_charges_without_lcd_meter_line_or_sound_settings(rig: Rig) -> None:
    rig.state.mkdir()
    (rig.state / "settings.db").write_bytes(b"no database" * 100)
    rig.configure(lcd_address=0x3F)
    rig.config.write_text(rig.config.read_text("utf-8").replace("bus0", "no-such-line"), "utf-8")
    _, _, station = rig.all()
    charging(rig)
    for sentence in (
        "were damaged",
        "the LCD at 0x3f does not answer",
        "no-such-line is not there: plug the adapter in",
    ):
        rig.until(lambda sentence=sentence: station.text().count(sentence) == 1, sentence)  # type: ignore[misc]


def test_an_adapter_that_is_pulled_out_in_mid_charge_changes_nothing(rig: Rig) -> None:
    rig.settings("set", "EV METER", "Eastron")
    _, _, station = rig.all()
    charging(rig)
    rig.until(lambda: "kW" in " ".join(rig.lcd()), "the display shows the EV meter's power")
    rig.do("bus cut")
    rig.until(lambda: "bus0 is not there" in station.text(), "the journal says that the line is gone")
    rig.do("bus restore")
    rig.until(lambda: station.text().count("bus0 is open") == 2, "the journal says that the line is back")
    assert rig.world()["contactors"]["c1_cycles"] == 1
    assert rig.world()["contactors"]["c1"]


def test_the_service_manager_hears_ready_and_signs_of_life(rig: Rig) -> None:
    rig.twin()
    rig.guard()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(rig.folder / "notify.sock"))
        manager.settimeout(20)
        station = rig.station(NOTIFY_SOCKET=str(rig.folder / "notify.sock"), WATCHDOG_USEC="200000")
        heard = {manager.recv(4096).decode().split("\n")[0] for _ in range(20)}
        assert {"READY=1", "WATCHDOG=1"} <= heard
        assert station.stop() == 0
