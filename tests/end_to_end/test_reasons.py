"""The reason of the current with the unchanged programs: on the display, in the journal, in the service's status."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.harness import Program, Rig, rig
from tests.end_to_end.test_regulation import closed, screen


class Manager:
    """What systemd would show as the status."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self._status = ""

    def status(self) -> str:
        """The newest."""
        while True:
            try:
                message = self._socket.recv(4096).decode()
            except BlockingIOError:
                return self._status
            for line in message.split("\n"):
                self._status = line.removeprefix("STATUS=") if line.startswith("STATUS=") else self._status

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


@pytest.fixture(name="manager")
def _manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify.sock")
    yield manager
    manager.close()


def told(rig: Rig, station: Program, manager: Manager, short: str, sentence: str) -> None:
    """All three tell the same."""
    rig.until(lambda: short in screen(rig), f"the display shows {short!r}")
    rig.until(lambda: sentence in manager.status(), f"the status says {sentence!r}")
    cause = sentence.removeprefix("waiting: ").removeprefix("stopped: ")  # the journal's line begins in its own words
    rig.until(lambda: cause in station.text(), f"the journal says {sentence!r}")


def test_display_journal_and_status_tell_the_same_reason_at_every_change(rig: Rig, manager: Manager) -> None:
    rig.settings("set", "MAX", "16", "CONFIG", "Fixed")
    rig.twin()
    rig.do("bus sensorbox none")
    rig.guard()
    station = rig.station(NOTIFY_SOCKET=str(rig.folder / "notify.sock"))
    rig.until(lambda: "the station is ready" in station.text(), "the station is ready")
    rig.do("ev plug")
    rig.do("ev ready")
    rig.until(lambda: closed(rig), "the car charges")
    told(rig, station, manager, "16.0 A: MAX", "16.0 A: the MAX setting of this unit")
    rig.do("temp 60")
    told(rig, station, manager, "A: warm", "the charger is warm and takes it slower")
    rig.do("temp 25")
    rig.settings("set", "SWITCH", "Grid Relay")
    told(rig, station, manager, "6.0 A: grid relay", "6.0 A: the grid operator limits the chargers to 4.2 kW")
    rig.settings("set", "SWITCH", "Disabled")
    rig.tell("override", "8")
    told(rig, station, manager, "8.0 A: override", "8.0 A: set by hand for now")
    rig.tell("override", "off")
    rig.tell("access", "pause")
    told(rig, station, manager, "PAUSE", "waiting: paused by hand")
    rig.tell("access", "off")
    told(rig, station, manager, "ACCESS DENIED", "waiting: access has not been given")
    rig.tell("access", "on")
    rig.settings("set", "MODE", "Smart", "MAINSMET", "Sensorbox")
    told(rig, station, manager, "SERIAL COM", "stopped: no signal from the mains meter for 10 seconds")
    rig.do("bus sensorbox p1")
    rig.do("house 22 1 1")
    told(rig, station, manager, "mains L1 at 22 A", "waiting: mains L1 is at 22.0 A, too little is left")
    rig.do("house 5 5 5")
    rig.settings("set", "MODE", "Solar")
    told(rig, station, manager, "sun: 19 A more", "waiting: 19.1 A more sun needed")
    rig.settings("set", "MODE", "Smart", "CAPACITY", "20")
    told(rig, station, manager, "wait: CAPACITY", "waiting: the house takes all that CAPACITY allows")
    assert "Traceback" not in station.text()
