"""The station's way to the wireless network: a thread that may wait for NetworkManager, and the page while it is open.

Charging depends on nothing here. The thread begins with the first thing that is wanted.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from smartevse.wifi import words
from smartevse.wifi.radio import Radio, WifiError
from smartevse.wifi.setup import Phase, Setup, View

if TYPE_CHECKING:
    from smartevse.wifi.portal import Portal

TICK_S = 0.5
REST_S = 60.0
END_S = 3.0
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without l, o, 0 and 1: it is read from a display and typed."""
_PASSWORD_LETTERS = 10

_log = logging.getLogger("smartevse.wifi")


def credentials() -> tuple[str, str]:
    """Name and password of a new access point: 50 random bits."""
    import secrets  # brings OpenSSL's 3 MB, and few ever open an access point

    return (
        "smartevse-" + "".join(secrets.choice(_LETTERS) for _ in range(4)),
        "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LETTERS)),
    )


def system_radio() -> Radio:
    """NetworkManager of this machine. Raises WifiError."""
    try:
        from smartevse.wifi.network_manager import NetworkManager
    except ImportError:
        raise WifiError("the library jeepney is not installed: sudo apt install python3-jeepney") from None
    return NetworkManager()


class WifiLink:
    """What is wanted of the wireless network goes in, what is to be shown comes out; no method waits but `close`."""

    def __init__(self, radio: Callable[[], Radio] = system_radio, port: int | None = None) -> None:
        """`port` is where the page is served, None for the usual one."""
        self._radio, self._port = radio, port
        self._setup = Setup(radio, credentials)
        self._jobs: queue.SimpleQueue[Callable[[float], None] | None] = queue.SimpleQueue()
        self._wanted = False
        self._portal: Portal | None = None
        self._where = ""
        self._told = View()
        self._thread = threading.Thread(target=self._run, name="wifi", daemon=True)

    @property
    def view(self) -> View:
        """How far the set-up is."""
        return self._setup.view

    @property
    def where(self) -> str:
        """Address and port of the page, "" while it is not served."""
        return self._where

    def lines(self, now_s: float) -> tuple[str, ...]:
        """What the display shows of it."""
        return words.lines(self._setup.view, self._where, now_s)

    def switch(self, on: bool) -> None:
        """The owner changed WIFI: radio on or off."""
        self._do(lambda _: self._switch(on))

    def want_setup(self, wanted: bool) -> None:
        """Whether the menu is at SetupWifi now; call it as often as you like."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._do(self._setup.start if wanted else lambda _: self._setup.stop())

    def close(self) -> None:
        """Close the access point and end; a NetworkManager that hangs is left."""
        if self._thread.ident is not None:
            self._do(lambda _: self._setup.stop())
            self._jobs.put(None)
            self._thread.join(END_S)

    def _do(self, job: Callable[[float], None]) -> None:
        self._jobs.put(job)
        if self._thread.ident is None:
            self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=TICK_S if self._setup.busy else REST_S)
            except queue.Empty:
                job = self._setup.tick
            if job is None:
                self._serve(View())
                return
            job(time.monotonic())
            self._serve(self._setup.view)

    def _switch(self, on: bool) -> None:
        try:
            radio = self._radio()
            try:
                radio.switch(on)
            finally:
                radio.close()
        except WifiError as error:
            _log.warning("WIFI cannot be switched %s: %s", "on" if on else "off", error)
        else:
            _log.info("the wireless network is switched %s", "on" if on else "off")

    def _serve(self, view: View) -> None:
        """The page is there while the access point is, and what changed is told."""
        open_ = view.phase is Phase.OPEN or (view.phase is Phase.JOINING and self._portal is not None and view.address)
        if open_ and self._portal is None:
            # a web server is a tenth of all that the station imports, and few ever open the page
            from smartevse.wifi.portal import PORT, Portal

            port = PORT if self._port is None else self._port
            try:
                self._portal = Portal(view.address, lambda: self._setup.view, self._submit, port)
                self._where = self._portal.url.removeprefix("http://").rstrip("/")
            except OSError as error:
                _log.warning("the set-up page cannot be served at %s (%s)", view.address, error)
        if not open_ and self._portal is not None:
            self._portal.close()
            self._portal, self._where = None, ""
        if view.phase is not self._told.phase or view.error != self._told.error:
            self._tell(view)
        self._told = view

    def _submit(self, name: str, password: str) -> None:
        """From a thread of the page."""
        self._jobs.put(lambda now_s: self._setup.submit(name, password, now_s))

    def _tell(self, view: View) -> None:
        if view.error and view.error != self._told.error:
            _log.warning("WiFi set-up: %s", view.error)
        if view.phase is Phase.OPEN:
            _log.info("WiFi set-up: the network %s is open, its page is at http://%s", view.name, self._where)
        elif view.phase is Phase.JOINING:
            _log.info("WiFi set-up: joining %s", view.chosen)
        elif view.phase is Phase.DONE:
            _log.info("WiFi set-up: connected to %s, the address is %s", view.chosen, view.address)
        elif view.phase in (Phase.OFF, Phase.FAILED):
            _log.info("WiFi set-up: closed")
