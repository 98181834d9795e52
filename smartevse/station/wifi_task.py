"""The wireless network in the running station: WIFI of the menu on one side, NetworkManager's thread on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartevse.panel.menu import Action
from smartevse.settings.table import Value
from smartevse.station.front import Front
from smartevse.wifi.link import WifiLink
from smartevse.wifi.setup import Phase

KEY = "wifi"
"""The setting whose values and action these are."""
SETUP = Action(KEY, "setup")
_ON = "enabled"


class WifiTask:
    """Called from the event loop; nothing here waits but `close`."""

    def __init__(self, front: Front, keep: Callable[[Mapping[str, Value]], None], link: WifiLink | None = None) -> None:
        """`keep` stores settings: a network that was joined means that WIFI is Enabled."""
        self._front, self._keep = front, keep
        self._link = link or WifiLink()
        self._word = front.settled[KEY]
        self._phase = Phase.OFF

    def beat(self, now_s: float) -> None:
        """Ten times a second: follow the menu, tell in it how the set-up goes.

        The radio is switched when the setting changes, not at the start: NetworkManager remembers its switch itself,
        and a charger that was just installed must not cut the network through which that was done.
        """
        word = self._front.settled[KEY]
        if word != self._word:
            self._word = word
            self._link.switch(word == _ON)
        at_setup = self._front.action == SETUP
        self._link.want_setup(at_setup)
        phase = self._link.view.phase
        if phase is Phase.DONE and self._phase is not Phase.DONE and word != _ON:
            self._keep({KEY: _ON})
        self._phase = phase
        if at_setup:
            self._front.say(*self._link.lines(now_s))

    def close(self) -> None:
        """Close an access point; waits a moment for NetworkManager."""
        self._link.close()
