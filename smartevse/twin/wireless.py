"""Starts the simulated NetworkManager on a bus of its own: `python -m smartevse.twin.wireless` for a person.

It needs the programs dbus-daemon and python-dbusmock (Debian: dbus-daemon, python3-dbusmock), the latter in the
machine's own Python.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

PYTHON = "/usr/bin/python3"
TEMPLATE = Path(__file__).with_name("network_manager.py")
NETWORKS: Mapping[str, str] = {"Home": "correct horse", "Café": "gives no address", "Guests": ""}
"""What is in reach when nothing is said: names with their passwords."""
START_S = 20.0

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""


def missing() -> str:
    """Why it cannot run here, "" where it can."""
    if shutil.which("dbus-daemon") is None:
        return "no dbus-daemon: sudo apt install dbus-daemon"
    found = Path(PYTHON).exists() and subprocess.run(
        [PYTHON, "-c", "import dbusmock, gi"], check=False, capture_output=True
    )
    return "" if found and found.returncode == 0 else "no python-dbusmock: sudo apt install python3-dbusmock"


class SimulatedNetworkManager:
    """A bus with a NetworkManager on it, until the end of the `with`; `address` is what clients connect to."""

    def __init__(
        self, networks: Mapping[str, str] = NETWORKS, address: str = "127.0.0.1", *, manager: bool = True
    ) -> None:
        """`networks`: names with their passwords; `address`: what its access point has; `manager`: not only a bus."""
        self._folder = tempfile.TemporaryDirectory(prefix="smartevse-bus-")
        folder = Path(self._folder.name)
        path = folder / "bus"
        self.address = f"unix:path={path}"
        config = folder / "bus.conf"
        config.write_text(_CONFIG.format(path=path), "utf-8")
        self._programs = [
            subprocess.Popen(["dbus-daemon", "--nofork", f"--config-file={config}"], stderr=subprocess.DEVNULL)
        ]
        try:
            self._until(path.is_socket)
            if manager:
                self._programs.append(self._mock(networks, address))
                self._until(self._is_there)
        except TimeoutError:
            self.close()
            raise

    def close(self) -> None:
        """End both programs."""
        for program in reversed(self._programs):
            program.terminate()
            program.wait()
        self._folder.cleanup()

    def _mock(self, networks: Mapping[str, str], address: str) -> subprocess.Popen[bytes]:
        parameters = json.dumps({"networks": dict(networks), "address": address})
        return subprocess.Popen(
            [PYTHON, "-m", "dbusmock", "--session", "--template", str(TEMPLATE), "--parameters", parameters],
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address},
            stdout=subprocess.DEVNULL,
        )

    def _is_there(self) -> bool:
        """Whether NetworkManager's name has an owner."""
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus = open_dbus_connection(self.address)
        try:
            ask = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
            name = ("org.freedesktop.NetworkManager",)
            return bool(bus.send_and_get_reply(new_method_call(ask, "NameHasOwner", "s", name), timeout=5).body[0])
        finally:
            bus.close()

    def _until(self, true: Callable[[], bool]) -> None:
        give_up_s = time.monotonic() + START_S
        while not true():
            if time.monotonic() > give_up_s or any(program.poll() is not None for program in self._programs):
                raise TimeoutError("the simulated NetworkManager does not start")
            time.sleep(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def main() -> int:
    """Run it until the standard input ends."""
    why = missing()
    if why:
        sys.stderr.write(f"The simulated NetworkManager cannot run: {why}\n")
        return 1
    with SimulatedNetworkManager() as simulated:
        sys.stdout.write(f"export DBUS_SYSTEM_BUS_ADDRESS={simulated.address}\nEnd with Ctrl-D.\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
