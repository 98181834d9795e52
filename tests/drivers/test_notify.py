"""The service manager hears READY, WATCHDOG, STATUS and STOPPING; without one nothing happens."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from smartevse.drivers.notify import Notify, watchdog_s


@pytest.mark.parametrize("name", ["notify.sock", "@smartevse-test-{}"], ids=["path", "abstract"])
def test_every_word_reaches_the_service_manager(name: str, tmp_path: Path) -> None:
    address = name.format(tmp_path.name) if name.startswith("@") else str(tmp_path / name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + address[1:] if name.startswith("@") else address)
        notify = Notify({"NOTIFY_SOCKET": address})
        notify.ready("charging\nin Normal mode")
        notify.alive()
        notify.status("state C")
        notify.stopping()
        notify.close()
        heard = [manager.recv(4096).decode() for _ in range(4)]
    assert heard == ["READY=1\nSTATUS=charging in Normal mode", "WATCHDOG=1", "STATUS=state C", "STOPPING=1"]


def test_without_a_service_manager_and_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    Notify({}).ready("alone")
    gone = Notify({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    gone.alive()
    gone.close()


def test_the_watchdog_is_fed_twice_as_often_as_it_asks() -> None:
    assert watchdog_s({"WATCHDOG_USEC": "2000000"}, 1) == 1.0
    assert watchdog_s({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"}, 7) == 1.0


@pytest.mark.parametrize(
    "environ", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "9", "WATCHDOG_PID": "8"}]
)
def test_a_watchdog_that_is_not_meant_for_us_is_not_fed(environ: dict[str, str]) -> None:
    assert watchdog_s(environ, 7) is None
