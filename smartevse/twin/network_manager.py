"""A simulated NetworkManager: a template for python-dbusmock, which runs it on a bus of its own.

One radio, networks with their passwords, an access point, joining with every ending there is. It shows the API as
NetworkManager 1.42 has it where a set-up needs it. Beside it stands `org.freedesktop.DBus.Mock` of dbusmock and
`SetNetworks` here, to change what is in reach.
"""

from __future__ import annotations

from typing import Any

import dbus
import dbus.service
import dbusmock
from gi.repository import GLib

BUS_NAME = "org.freedesktop.NetworkManager"
MAIN_OBJ = "/org/freedesktop/NetworkManager"
MAIN_IFACE = BUS_NAME
SYSTEM_BUS = False

DEVICE = f"{MAIN_OBJ}/Devices/1"
SETTINGS = f"{MAIN_OBJ}/Settings"
_DEVICE_IFACE = f"{BUS_NAME}.Device"
_WIRELESS_IFACE = f"{BUS_NAME}.Device.Wireless"
_POINT_IFACE = f"{BUS_NAME}.AccessPoint"
_ACTIVE_IFACE = f"{BUS_NAME}.Connection.Active"
_PROFILE_IFACE = f"{BUS_NAME}.Settings.Connection"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_WORKS_MS = 150
"""How long an activation takes."""
_DISCONNECTED, _ACTIVATED, _FAILED = 30, 100, 120
_NO_SECRETS, _SSID_NOT_FOUND, _DHCP_FAILED = 7, 53, 17
NO_ADDRESS = "gives no address"
"""A network with this password has no DHCP server."""


def load(mock: Any, parameters: dict[str, Any]) -> None:
    """Make the manager, its radio and the networks of `parameters["networks"]`, names with their passwords."""
    mock.AddProperties(MAIN_IFACE, {"WirelessEnabled": True, "WirelessHardwareEnabled": True, "Version": "1.42.4"})
    mock.AddMethods(MAIN_IFACE, [("GetDevices", "", "ao", f"ret = [dbus.ObjectPath('{DEVICE}')]")])
    mock.AddObject(
        DEVICE,
        _DEVICE_IFACE,
        {
            "DeviceType": dbus.UInt32(2),
            "Interface": "wlan0",
            "State": dbus.UInt32(_DISCONNECTED),
            "StateReason": _reason(_DISCONNECTED, 0),
        },
        [],
    )
    device = dbusmock.get_object(DEVICE)
    device.AddProperties(_WIRELESS_IFACE, {"LastScan": dbus.Int64(1), "AccessPoints": dbus.Array([], signature="o")})
    device.AddMethods(
        _WIRELESS_IFACE,
        [
            ("GetAllAccessPoints", "", "ao", f"ret = self.Get('{_WIRELESS_IFACE}', 'AccessPoints')"),
            ("RequestScan", "a{sv}", "", ""),
        ],
    )
    mock.AddObject(
        SETTINGS,
        f"{BUS_NAME}.Settings",
        {"Connections": dbus.Array([], signature="o")},
        [("ListConnections", "", "ao", f"ret = self.Get('{BUS_NAME}.Settings', 'Connections')")],
    )
    mock.number = 0
    mock.running = None
    mock.address = parameters.get("address", "127.0.0.1")
    mock.SetNetworks(parameters.get("networks", {}))


def _reason(state: int, reason: int) -> Any:
    return dbus.Struct((dbus.UInt32(state), dbus.UInt32(reason)), signature="uu")


@dbus.service.method("org.freedesktop.DBus.Mock", in_signature="a{ss}", out_signature="")  # type: ignore[untyped-decorator]
def SetNetworks(self: Any, networks: dict[str, str]) -> None:
    """These networks are in reach, with their passwords: "" for an open one."""
    device = dbusmock.get_object(DEVICE)
    for path in device.Get(_WIRELESS_IFACE, "AccessPoints"):
        self.RemoveObject(path)
    self.networks = {str(name): str(password) for name, password in networks.items()}
    paths = []
    for number, (name, password) in enumerate(self.networks.items()):
        path = f"{MAIN_OBJ}/AccessPoint/{number}"
        self.AddObject(
            path,
            _POINT_IFACE,
            {
                "Ssid": dbus.Array(name.encode(), signature="y"),
                "Strength": dbus.Byte(max(1, 90 - 12 * number)),
                "Flags": dbus.UInt32(1 if password else 0),
                "WpaFlags": dbus.UInt32(0),
                "RsnFlags": dbus.UInt32(0x188 if password else 0),  # CCMP, PSK
            },
            [],
        )
        paths.append(dbus.ObjectPath(path))
    device.Set(_WIRELESS_IFACE, "AccessPoints", dbus.Array(paths, signature="o"))


@dbus.service.method(MAIN_IFACE, in_signature="a{sa{sv}}ooa{sv}", out_signature="ooa{sv}", sender_keyword="sender")  # type: ignore[untyped-decorator]
def AddAndActivateConnection2(
    self: Any, settings: Any, device: str, _point: str, options: Any, sender: str = ""
) -> Any:
    """A profile and its activation; the radio does one thing at a time."""
    if not self.Get(MAIN_IFACE, "WirelessEnabled"):
        raise dbus.exceptions.DBusException("wireless is off", name=f"{BUS_NAME}.UnknownDevice")
    _end(self)
    self.number += 1
    profile, active = f"{SETTINGS}/{self.number}", f"{MAIN_OBJ}/ActiveConnection/{self.number}"
    self.AddObject(profile, _PROFILE_IFACE, {}, [])
    dbusmock.get_object(profile).kept = settings
    _list(profile, add=True)
    self.AddObject(
        active,
        _ACTIVE_IFACE,
        {"State": dbus.UInt32(1), "Connection": dbus.ObjectPath(profile), "Ip4Config": dbus.ObjectPath("/")},
        [],
    )
    self.running = (profile, active, str(options.get("persist", "disk")) == "volatile")
    if str(options.get("bind-activation", "")) == "dbus-client":
        self.connection.watch_name_owner(sender, lambda owner: None if owner else _end_this(self, active))
    GLib.timeout_add(_WORKS_MS, _activated, self, active, settings)
    return dbus.ObjectPath(profile), dbus.ObjectPath(active), dbus.Dictionary({}, signature="sv")


@dbus.service.method(MAIN_IFACE, in_signature="o", out_signature="")  # type: ignore[untyped-decorator]
def DeactivateConnection(self: Any, active: str) -> None:
    """Close a network."""
    if self.running is None or self.running[1] != active:
        raise dbus.exceptions.DBusException("the connection was not active", name=f"{BUS_NAME}.ConnectionNotActive")
    _end(self)


@dbus.service.method(_PROFILE_IFACE, in_signature="", out_signature="a{sa{sv}}")  # type: ignore[untyped-decorator]
def GetSettings(self: Any) -> Any:
    """A profile without its secrets."""
    return {section: values for section, values in self.kept.items() if section != "802-11-wireless-security"}


@dbus.service.method(_PROFILE_IFACE, in_signature="", out_signature="")  # type: ignore[untyped-decorator]
def Delete(self: Any) -> None:
    """Forget a profile."""
    _list(self.path, add=False)
    dbusmock.get_object(MAIN_OBJ).RemoveObject(self.path)


def _activated(self: Any, active: str, settings: Any) -> bool:
    """The time of an activation is over: it works or it does not."""
    if self.running is None or self.running[1] != active:
        return False
    wireless = settings["802-11-wireless"]
    name = bytes(bytearray(wireless["ssid"])).decode()
    typed = str(settings.get("802-11-wireless-security", {}).get("psk", ""))
    ap = wireless["mode"] == "ap"
    reason = 0
    if not ap and name not in self.networks:
        reason = _SSID_NOT_FOUND
    elif not ap and self.networks[name] == NO_ADDRESS:
        reason = _DHCP_FAILED
    elif not ap and self.networks[name] != typed:
        reason = _NO_SECRETS
    if reason:
        _end(self, reason)
        return False
    config = f"{MAIN_OBJ}/IP4Config/{self.number}"
    address = dbus.Dictionary(
        {"address": self.address if ap else "192.168.1.23", "prefix": dbus.UInt32(24)}, signature="sv"
    )
    self.AddObject(config, f"{BUS_NAME}.IP4Config", {"AddressData": dbus.Array([address], signature="a{sv}")}, [])
    object_ = dbusmock.get_object(active)
    object_.Set(_ACTIVE_IFACE, "Ip4Config", dbus.ObjectPath(config))
    object_.Set(_ACTIVE_IFACE, "State", dbus.UInt32(2))
    _show(_ACTIVATED, 0)
    return False


def _end_this(self: Any, active: str) -> None:
    if self.running is not None and self.running[1] == active:
        _end(self)


def _end(self: Any, reason: int = 0) -> None:
    """Whatever the radio does ends; a volatile profile goes with it."""
    if self.running is None:
        return
    (profile, active, volatile), self.running = self.running, None
    self.RemoveObject(active)
    if volatile:
        _list(profile, add=False)
        self.RemoveObject(profile)
    if reason:
        _show(_FAILED, reason)  # for a moment: only the signal tells it
    _show(_DISCONNECTED, 0)


def _show(state: int, reason: int) -> None:
    """The radio's state."""
    device = dbusmock.get_object(DEVICE)
    before = device.Get(_DEVICE_IFACE, "State")
    device.Set(_DEVICE_IFACE, "State", dbus.UInt32(state))
    device.Set(_DEVICE_IFACE, "StateReason", _reason(state, reason))
    told = [dbus.UInt32(state), before, dbus.UInt32(reason)]
    device.EmitSignal(_DEVICE_IFACE, "StateChanged", "uuu", told)


def _list(profile: str, *, add: bool) -> None:
    settings = dbusmock.get_object(SETTINGS)
    paths = [path for path in settings.Get(f"{BUS_NAME}.Settings", "Connections") if path != profile]
    if add:
        paths.append(dbus.ObjectPath(profile))
    settings.Set(f"{BUS_NAME}.Settings", "Connections", dbus.Array(paths, signature="o"))
