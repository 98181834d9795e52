"""The wireless radio as the set-up needs it: networks, joining one, being an access point; whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class WifiError(OSError):
    """NetworkManager cannot do it; the text is a sentence: what, and what to do."""


class Security(Enum):
    """What it takes to join a network."""

    OPEN = "open"
    PASSWORD = "wpa-psk"
    WPA3 = "sae"
    OTHER = "other"
    """A user name, a certificate, or WEP: not from the portal."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network in reach; `strength` is 0 to 100."""

    name: str
    strength: int
    security: Security


class Outcome(Enum):
    """How far joining a network, or opening one, has come."""

    WAIT = "wait"
    JOINED = "joined"
    PASSWORD = "password"
    """The network did not take the password."""
    ABSENT = "absent"
    """No network of this name is in reach."""
    NO_ADDRESS = "no address"
    """The network let us in and gave us no address."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Link:
    """A connection that was asked for: NetworkManager's paths of its profile and of its activation."""

    profile: str
    active: str
    device: str


class Radio(Protocol):
    """Whoever looks after the radio (`network_manager.NetworkManager`); every method may raise WifiError."""

    def wireless(self) -> bool:
        """Whether the radio is on."""

    def switch(self, on: bool, /) -> None:
        """Radio on or off."""

    def networks(self) -> tuple[Network, ...]:
        """The networks in reach."""

    def open(self, name: str, password: str, /) -> Link:
        """Begin to be an access point."""

    def join(self, name: str, password: str, security: Security, /, *, hidden: bool) -> Link:
        """Begin to join."""

    def outcome(self, link: Link, /) -> Outcome:
        """How far it has come."""

    def address(self, link: Link, /) -> str:
        """Our address, "" while there is none."""

    def leave(self, link: Link, /) -> None:
        """Close."""

    def forget(self, link: Link, /) -> None:
        """Do not keep it."""

    def forget_others(self, link: Link, name: str, /) -> None:
        """Do not keep earlier ones of that name."""

    def close(self) -> None:
        """Leave the bus."""
