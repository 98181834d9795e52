"""Setting up the wireless network: a state machine over the radio and time; it is ticked by a thread of its own.

An access point opens, its owner chooses a network on a page, the access point closes and the network is joined. When
that fails the access point comes back with the reason. After ten minutes, or success, it closes for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from smartevse.wifi.radio import Link, Network, Outcome, Radio, Security, WifiError

OPEN_S = 600.0
"""The access point closes after this time."""
OPENING_S = 30.0
JOINING_S = 45.0
SETTLE_S = 1.5
"""Between the form and the end of the access point: the page that answers must reach the phone."""
SHORTEST, LONGEST = 8, 63
"""Characters of a WPA password; 64 are the key itself in hexadecimal."""
NAME_BYTES = 32


class Phase(Enum):
    """How far the set-up is."""

    OFF = "off"
    OPENING = "opening"
    OPEN = "open"
    JOINING = "joining"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class View:
    """What page and display show; replaced as a whole."""

    phase: Phase = Phase.OFF
    name: str = ""
    """Of our access point."""
    password: str = ""
    """Of our access point, to be shown on the display alone."""
    address: str = ""
    """Ours: of the access point, or in the network that was joined."""
    networks: tuple[Network, ...] = ()
    chosen: str = ""
    """The network that is or was to be joined."""
    error: str = ""
    """Why it was not joined or the access point is not open: one sentence."""
    short: tuple[str, ...] = ()
    """The error in at most two lines of 16 characters."""


_REASONS: Mapping[Outcome, tuple[str, tuple[str, str]]] = {
    Outcome.PASSWORD: ("The password is not the one of {name}: type it again.", ("wrong password", "try again")),
    Outcome.ABSENT: ("No network {name} is in reach: check its name.", ("network is not", "in reach")),
    Outcome.NO_ADDRESS: (
        "{name} gave this charger no address: restart the router.",
        ("no address from", "the network"),
    ),
    Outcome.FAILED: ("{name} could not be joined: try again.", ("could not join", "try again")),
    Outcome.WAIT: ("{name} did not answer in time: try again nearer to it.", ("no answer from", "the network")),
}


def problem(name: str, password: str, security: Security | None) -> str:
    """Why a network cannot be joined with this password, in one sentence; "" when it can be tried.

    `security` None: a network that is not in the list.
    """
    if not name.strip():
        return "Choose a network, or type the name of a hidden one."
    if len(name.encode()) > NAME_BYTES:
        return f"A network's name has at most {NAME_BYTES} characters: check it."
    if security is Security.OTHER:
        return "This network wants more than a password: choose another one."
    if security is Security.OPEN or (security is None and not password):
        return ""
    if len(password) == LONGEST + 1 and all(letter in "0123456789abcdefABCDEF" for letter in password):
        return ""
    if not SHORTEST <= len(password) <= LONGEST or not (password.isascii() and password.isprintable()):
        return f"A wireless password has {SHORTEST} to {LONGEST} letters, digits or signs: type it again."
    return ""


class Setup:
    """One set-up after the other; every method is called by the same thread."""

    def __init__(self, radio: Callable[[], Radio], credentials: Callable[[], tuple[str, str]]) -> None:
        """`radio` connects to NetworkManager, `credentials` makes name and password of a new access point."""
        self._connect, self._credentials = radio, credentials
        self._radio: Radio | None = None
        self._link: Link | None = None
        self._was_on = True
        self._began_s = self._since_s = 0.0
        self._asked: tuple[str, str] | None = None
        self._stopping = False
        self.view = View()

    @property
    def busy(self) -> bool:
        """Whether `tick` has something to do."""
        return self.view.phase in (Phase.OPENING, Phase.OPEN, Phase.JOINING)

    def start(self, now_s: float) -> None:
        """Open the access point; nothing happens while one is open."""
        self._stopping = False
        if self.busy:
            return
        name, password = self._credentials()
        self.view = View(Phase.OPENING, name, password)
        self._began_s = now_s
        try:
            self._radio = self._connect()
            self._was_on = self._radio.wireless()
            if not self._was_on:
                self._radio.switch(True)
            self._open(now_s)
        except WifiError as error:
            self._fail(error)

    def stop(self) -> None:
        """Close the access point; a network that is just being joined is waited for."""
        if self.view.phase is Phase.JOINING and self._asked is None:
            self._stopping = True
            return
        if self.busy:
            self._end(View())
        elif self.view.phase is not Phase.OFF:
            self.view = View()

    def submit(self, name: str, password: str, now_s: float) -> None:
        """The owner chose a network, already checked with `problem`; only while the access point is open."""
        if self.view.phase is Phase.OPEN:
            self._asked, self._since_s = (name, password), now_s
            self.view = replace(self.view, phase=Phase.JOINING, chosen=name, error="", short=())

    def tick(self, now_s: float) -> None:
        """Go on; call it a few times a second."""
        step = {Phase.OPENING: self._opening, Phase.OPEN: self._opened, Phase.JOINING: self._joining}
        if self.view.phase in step:
            try:
                step[self.view.phase](now_s)
            except WifiError as error:
                self._fail(error)

    def _open(self, now_s: float) -> None:
        radio = self._own_radio()
        seen = radio.networks()
        self._link, self._since_s = radio.open(self.view.name, self.view.password), now_s
        self.view = replace(self.view, phase=Phase.OPENING, networks=seen or self.view.networks)

    def _opening(self, now_s: float) -> None:
        radio, link = self._own_radio(), self._own_link()
        outcome = radio.outcome(link)
        address = radio.address(link) if outcome is Outcome.JOINED else ""
        if address:
            self.view = replace(self.view, phase=Phase.OPEN, address=address)
        elif outcome not in (Outcome.JOINED, Outcome.WAIT) or now_s - self._since_s > OPENING_S:
            raise WifiError("the access point cannot be opened: see journalctl -u NetworkManager")

    def _opened(self, now_s: float) -> None:
        if now_s - self._began_s >= OPEN_S:
            self._end(View(Phase.FAILED, error="The time to set up is over.", short=("closed after", "10 minutes")))
        elif self._own_radio().outcome(self._own_link()) is not Outcome.JOINED:
            raise WifiError("the access point was closed by another program")

    def _joining(self, now_s: float) -> None:
        radio = self._own_radio()
        if self._asked is not None:
            if now_s - self._since_s < SETTLE_S:
                return
            (name, password), self._asked = self._asked, None
            known = next((network for network in self.view.networks if network.name == name), None)
            security = known.security if known else (Security.PASSWORD if password else Security.OPEN)
            radio.leave(self._own_link())
            self._link, self._since_s = radio.join(name, password, security, hidden=known is None), now_s
            return
        link = self._own_link()
        outcome = radio.outcome(link)
        if outcome is Outcome.WAIT and now_s - self._since_s < JOINING_S:
            return
        if outcome is Outcome.JOINED:
            radio.forget_others(link, self.view.chosen)
            done = View(Phase.DONE, address=radio.address(link), chosen=self.view.chosen)
            self._link, self._was_on = None, True
            self._end(View() if self._stopping else done)
            return
        radio.forget(link)
        sentence, short = _REASONS[outcome]
        self.view = replace(self.view, error=sentence.format(name=self.view.chosen), short=short)
        self._link = None
        if self._stopping or now_s - self._began_s >= OPEN_S:
            self._end(replace(self.view, phase=Phase.FAILED, name="", password=""))
        else:
            self._open(now_s)

    def _fail(self, error: WifiError) -> None:
        self._end(View(Phase.FAILED, error=str(error), short=("WiFi set-up", "is not possible")))

    def _end(self, view: View) -> None:
        """Nothing of ours stays: the access point goes, the radio is as it was."""
        self.view, self._asked = view, None
        radio, self._radio = self._radio, None
        link, self._link = self._link, None
        if radio is None:
            return
        try:
            if link is not None:
                radio.leave(link)
            if not self._was_on:
                radio.switch(False)
        except WifiError as error:
            if not view.error:
                self.view = replace(view, error=str(error))
        finally:
            radio.close()

    def _own_radio(self) -> Radio:
        if self._radio is None:
            raise WifiError("the connection to NetworkManager is gone")
        return self._radio

    def _own_link(self) -> Link:
        if self._link is None:
            raise WifiError("the access point is gone")
        return self._link
