"""A radio for tests, without NetworkManager."""

from __future__ import annotations

from smartevse.wifi.radio import Link, Network, Outcome, Security, WifiError

NETWORKS = (
    Network("Home", 90, Security.PASSWORD),
    Network("Café <b>&", 60, Security.WPA3),
    Network("Guests", 40, Security.OPEN),
    Network("Office", 30, Security.OTHER),
)
PASSWORDS = {"Home": "correct horse", "Café <b>&": "correct horse", "Guests": ""}


class FakeRadio:
    """Does one thing at a time; `tries` of an outcome answer WAIT first."""

    def __init__(self, *, on: bool = True) -> None:
        self.on = on
        self.waits = 0
        self.doing: tuple[str, str, str] | None = None
        self.kept: list[str] = []
        self.done: list[str] = []
        self.broken = ""
        self.silent = False
        self.closed = 0

    def _work(self, what: str) -> None:
        self.done.append(what)
        if self.broken and what.startswith(self.broken):
            raise WifiError(f"{what} is not possible")

    def wireless(self) -> bool:
        self._work("wireless")
        return self.on

    def switch(self, on: bool, /) -> None:
        self._work(f"switch {on}")
        self.on = on

    def networks(self) -> tuple[Network, ...]:
        self._work("networks")
        return NETWORKS

    def open(self, name: str, password: str, /) -> Link:
        self._work("open")
        return self._begin("ap", name, password)

    def join(self, name: str, password: str, security: Security, /, *, hidden: bool) -> Link:
        self._work(f"join {name} {security.value}{' hidden' if hidden else ''}")
        self.kept.append(name)
        return self._begin("client", name, password)

    def _begin(self, kind: str, name: str, password: str) -> Link:
        self.doing, self.waits = (kind, name, password), 2
        return Link(f"profile {name}", f"active {len(self.done)}", "wlan0")

    def outcome(self, link: Link, /) -> Outcome:
        self._work("outcome")
        if self.doing is None:
            return Outcome.FAILED
        self.waits -= 1
        if self.waits >= 0 or self.silent:
            return Outcome.WAIT
        kind, name, password = self.doing
        if kind == "ap":
            return Outcome.JOINED
        if name not in PASSWORDS:
            return Outcome.ABSENT
        return Outcome.JOINED if PASSWORDS[name] == password else Outcome.PASSWORD

    def address(self, link: Link, /) -> str:
        return "10.42.0.1" if self.doing and self.doing[0] == "ap" else "192.168.1.23"

    def leave(self, link: Link, /) -> None:
        self._work("leave")
        self.doing = None

    def forget(self, link: Link, /) -> None:
        self._work("forget")
        self.kept.remove(link.profile.removeprefix("profile "))
        self.doing = None

    def forget_others(self, link: Link, name: str, /) -> None:
        self._work(f"forget others {name}")

    def close(self) -> None:
        self.closed += 1
