"""What is asked of NetworkManager over D-Bus: the radio's switch, the networks in reach, an access point, joining.

Names of interfaces, numbers of states and reasons: NetworkManager's D-Bus API (nm-dbus-types). The library is jeepney,
which is pure Python. Every call answers within `ANSWER_S` or raises WifiError.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, MatchRule, Message, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from smartevse.wifi.radio import Link, Network, Outcome, Security, WifiError

ANSWER_S = 10.0
ACCESS_POINT_ID = "smartevse setup"
"""The name of our access point among NetworkManager's connections; it is never kept on the card."""
ADDRESS, PREFIX = "10.42.0.1", 24
"""Ours in the network of the access point."""

_BUS = "org.freedesktop.NetworkManager"
_ROOT = "/org/freedesktop/NetworkManager"
_WIRELESS = f"{_BUS}.Device.Wireless"
_WIFI_DEVICE = 2
_ACTIVATED, _DEACTIVATED = 2, 4
_FAILED = 120
"""Of a device: for a moment only, but its signal tells the reason."""
_NO_PATH = "/"
_PRIVACY, _PSK, _SAE = 0x1, 0x100, 0x400
_PASSWORD_REASONS = frozenset({7, 8, 9, 10, 11})
"""No secrets; the supplicant was sent away, failed in its configuration, failed, or had no answer."""
_ADDRESS_REASONS = frozenset({5, 6, 15, 16, 17})
_ABSENT_REASON = 53

Settings = Mapping[str, Mapping[str, tuple[str, Any]]]


class NetworkManager:
    """One connection to the system's bus. Used by one thread; every method raises WifiError."""

    def __init__(self, bus: str = "SYSTEM") -> None:
        """`bus` is an address of D-Bus, or a word for one that every machine has."""
        try:
            self._bus: DBusConnection = open_dbus_connection(bus)
        except (OSError, ValueError, RuntimeError, DBusErrorResponse) as error:
            raise WifiError(f"no D-Bus to reach NetworkManager by ({error}): is the package dbus installed?") from error
        self._changes: deque[Message] = deque(maxlen=32)
        self._watched: set[str] = set()

    def close(self) -> None:
        """Leave the bus; an access point that is open closes by that."""
        self._bus.close()

    def wireless(self) -> bool:
        """Whether the radio is on."""
        return bool(self._get(_ROOT, _BUS, "WirelessEnabled"))

    def switch(self, on: bool) -> None:
        """Radio on or off; NetworkManager remembers it over a restart."""
        self._send(Properties(DBusAddress(_ROOT, _BUS, _BUS)).set("WirelessEnabled", "b", on))

    def networks(self) -> tuple[Network, ...]:
        """The networks that were last seen, strongest first, each name once; a new search begins."""
        device = self._device()
        found: dict[str, Network] = {}
        for path in self._call(device, _WIRELESS, "GetAllAccessPoints")[0]:
            about = self._all(path, f"{_BUS}.AccessPoint")
            name = bytes(about["Ssid"]).decode("utf-8", "replace")
            network = Network(name, int(about["Strength"]), _security(about))
            if name.strip("\0") and (name not in found or found[name].strength < network.strength):
                found[name] = network
        with contextlib.suppress(WifiError):  # it searched a moment ago: the next look has more
            self._call(device, _WIRELESS, "RequestScan", "a{sv}", ({},))
        return tuple(sorted(found.values(), key=lambda network: (-network.strength, network.name)))

    def open(self, name: str, password: str) -> Link:
        """Begin to be an access point, which ends with this connection to the bus at the latest."""
        options = {"persist": ("s", "volatile"), "bind-activation": ("s", "dbus-client")}
        return self._activate(_access_point(name, password), options)

    def join(self, name: str, password: str, security: Security, *, hidden: bool) -> Link:
        """Begin to join a network; it is kept, also over a restart, until `forget`."""
        return self._activate(_client(name, password, security, hidden=hidden), {"persist": ("s", "disk")})

    def outcome(self, link: Link) -> Outcome:
        """How far it has come."""
        try:
            state = int(self._get(link.active, f"{_BUS}.Connection.Active", "State"))
        except WifiError:
            state = _DEACTIVATED  # NetworkManager removes an activation that has ended
        if state == _ACTIVATED:
            return Outcome.JOINED
        if state != _DEACTIVATED:
            return Outcome.WAIT
        reason = self._reason()
        if reason in _PASSWORD_REASONS:
            return Outcome.PASSWORD
        if reason == _ABSENT_REASON:
            return Outcome.ABSENT
        return Outcome.NO_ADDRESS if reason in _ADDRESS_REASONS else Outcome.FAILED

    def address(self, link: Link) -> str:
        """Our IPv4 address in a network that was joined or opened; "" while there is none."""
        config = self._get(link.active, f"{_BUS}.Connection.Active", "Ip4Config")
        if config == _NO_PATH:
            return ""
        addresses = self._get(config, f"{_BUS}.IP4Config", "AddressData")
        return str(addresses[0]["address"][1]) if addresses else ""

    def leave(self, link: Link) -> None:
        """Close an access point; one that is closed already stays so."""
        try:
            self._call(_ROOT, _BUS, "DeactivateConnection", "o", (link.active,))
        except WifiError as error:
            if "not active" not in str(error).lower():
                raise

    def forget(self, link: Link) -> None:
        """Do not keep a network that could not be joined."""
        self._call(link.profile, f"{_BUS}.Settings.Connection", "Delete")

    def forget_others(self, link: Link, name: str) -> None:
        """Do not keep earlier entries of this network: they may have another password."""
        for path in self._call(f"{_ROOT}/Settings", f"{_BUS}.Settings", "ListConnections")[0]:
            if path == link.profile:
                continue
            settings = self._call(path, f"{_BUS}.Settings.Connection", "GetSettings")[0]
            if bytes(settings.get("802-11-wireless", {}).get("ssid", ("ay", b""))[1]) == name.encode():
                self._call(path, f"{_BUS}.Settings.Connection", "Delete")

    def _device(self) -> str:
        for path in self._call(_ROOT, _BUS, "GetDevices")[0]:
            if self._get(path, f"{_BUS}.Device", "DeviceType") == _WIFI_DEVICE:
                return str(path)
        raise WifiError("this Raspberry Pi has no wireless network that NetworkManager looks after: use a cable")

    def _activate(self, settings: Settings, options: Mapping[str, tuple[str, Any]]) -> Link:
        device = self._device()
        self._watch(device)
        body = (settings, device, _NO_PATH, options)
        profile, active, _ = self._call(_ROOT, _BUS, "AddAndActivateConnection2", "a{sa{sv}}ooa{sv}", body)
        return Link(str(profile), str(active), device)

    def _watch(self, device: str) -> None:
        """Keep what the device tells of its changes; a new activation begins with nothing told."""
        self._changes.clear()
        if device in self._watched:
            return
        self._watched.add(device)
        rule = MatchRule(type="signal", interface=f"{_BUS}.Device", member="StateChanged", path=device)
        self._bus.filter(rule, queue=self._changes)
        self._send(message_bus.AddMatch(rule))

    def _reason(self) -> int:
        """Why the device failed last, 0 when it told nothing; its signals came before the answer we just had."""
        failed = [change.body[2] for change in self._changes if change.body[0] == _FAILED]
        return int(failed[-1]) if failed else 0

    def _get(self, path: str, interface: str, name: str) -> Any:
        return self._send(Properties(DBusAddress(path, _BUS, interface)).get(name))[0][1]

    def _all(self, path: str, interface: str) -> dict[str, Any]:
        found = self._send(Properties(DBusAddress(path, _BUS, interface)).get_all())[0]
        return {name: value for name, (_, value) in found.items()}

    def _call(self, path: str, interface: str, method: str, signature: str | None = None, body: Any = ()) -> Any:
        return self._send(new_method_call(DBusAddress(path, _BUS, interface), method, signature, body))

    def _send(self, message: Any) -> Any:
        try:
            return unwrap_msg(self._bus.send_and_get_reply(message, timeout=ANSWER_S))
        except DBusErrorResponse as error:
            raise WifiError(_sentence(error)) from error
        except (OSError, EOFError) as error:  # a timeout is an OSError too
            raise WifiError(f"NetworkManager does not answer ({error}): see systemctl status NetworkManager") from error


def _sentence(error: DBusErrorResponse) -> str:
    name = str(error.name)
    if name.endswith((".ServiceUnknown", ".NameHasNoOwner")):
        return "NetworkManager is not running: sudo systemctl enable --now NetworkManager"
    if name.endswith((".PermissionDenied", ".AccessDenied", ".NotAuthorized")):
        return "NetworkManager does not let this user change networks: install polkit and the package's rule for it"
    words = error.data[0] if isinstance(error.data, tuple) and error.data else name
    return f"NetworkManager refuses: {words}"


def _security(about: Mapping[str, Any]) -> Security:
    """By the flags of an access point."""
    flags = int(about["WpaFlags"]) | int(about["RsnFlags"])
    if flags & _PSK:
        return Security.PASSWORD
    if flags & _SAE:
        return Security.WPA3
    return Security.OTHER if flags or int(about["Flags"]) & _PRIVACY else Security.OPEN


def _access_point(name: str, password: str) -> Settings:
    return {
        "connection": {
            "id": ("s", ACCESS_POINT_ID),
            "type": ("s", "802-11-wireless"),
            "autoconnect": ("b", False),
        },
        "802-11-wireless": {"ssid": ("ay", name.encode()), "mode": ("s", "ap"), "band": ("s", "bg")},
        "802-11-wireless-security": {
            "key-mgmt": ("s", "wpa-psk"),
            "psk": ("s", password),
            "proto": ("as", ["rsn"]),
            "pairwise": ("as", ["ccmp"]),
            "group": ("as", ["ccmp"]),
            "pmf": ("i", 1),  # off: the radio of a Raspberry Pi is no access point for phones with it
        },
        "ipv4": {
            "method": ("s", "shared"),
            "address-data": ("aa{sv}", [{"address": ("s", ADDRESS), "prefix": ("u", PREFIX)}]),
        },
        "ipv6": {"method": ("s", "ignore")},
    }


def _client(name: str, password: str, security: Security, *, hidden: bool) -> Settings:
    settings: dict[str, Mapping[str, tuple[str, Any]]] = {
        "connection": {"id": ("s", name), "type": ("s", "802-11-wireless"), "autoconnect": ("b", True)},
        "802-11-wireless": {
            "ssid": ("ay", name.encode()),
            "mode": ("s", "infrastructure"),
            "hidden": ("b", hidden),
        },
        "ipv4": {"method": ("s", "auto")},
        "ipv6": {"method": ("s", "auto")},
    }
    if security is not Security.OPEN:
        settings["802-11-wireless-security"] = {"key-mgmt": ("s", security.value), "psk": ("s", password)}
    return settings
