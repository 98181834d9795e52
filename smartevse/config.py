"""The machine's configuration: wiring, ports and back-end, from one TOML file, checked as a whole at start.

What the owner sets in the menu is not here but in the state directory (`settings.store`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXIT_CONFIG = 78
"""The exit status for a bad configuration (EX_CONFIG of sysexits.h): systemd does not restart on it."""
DEFAULT_PATH = Path("/etc/smartevse/smartevse.toml")
DEFAULT_STATE_DIRECTORY = Path("/var/lib/smartevse")


class ConfigError(ValueError):
    """The configuration cannot be used; the text is one sentence: what, where, the allowed range, what to do."""


@dataclass(frozen=True, slots=True)
class Hat:
    """Section [hat]: how the hat is reached."""

    backend: str = "auto"
    """"pigpio": through pigpiod's socket; "kernel": through the kernel's own interfaces; "auto": what can run here."""
    host: str = "127.0.0.1"
    port: int = 8888
    mirror_contact: bool = False
    """The contactor's mirror contact is wired to AUX: it is required from the start, else once it was seen."""
    rcm_test: bool = True
    """The residual current monitor has a test input (the RCM14-03 has): it is used before each session."""


@dataclass(frozen=True, slots=True)
class Bus:
    """Section [bus]: the RS485 line; without a device there is none."""

    device: str | None = None
    baud: int = 9600


@dataclass(frozen=True, slots=True)
class Panel:
    """Section [panel]: the display on the hat's I2C connector."""

    lcd: str = "i2c-20x4"
    """"i2c-20x4", "i2c-16x2" or "none"."""
    lcd_address: int = 0x27
    i2c_bus: int = 1
    rfid: str = "pn532"
    """The card reader: "pn532" on the same I2C bus, "w1" on the kernel's 1-wire bus, "evdev" types like a keyboard, or
    "none". It is used while RFID is Enabled."""
    rfid_device: str = ""
    """For "evdev" where there are several keyboards: which one."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Section [guard]: where guard and station meet."""

    socket: Path = Path("/run/smartevse/guard.sock")


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file; every part has the defaults of an installed station."""

    hat: Hat = field(default_factory=Hat)
    bus: Bus = field(default_factory=Bus)
    panel: Panel = field(default_factory=Panel)
    guard: Guard = field(default_factory=Guard)
    state_directory: Path = DEFAULT_STATE_DIRECTORY


@dataclass(frozen=True, slots=True)
class _Key:
    """One row of the table of keys: its type, what is allowed in words, the check, and how the value is kept."""

    type: type
    allowed: str
    check: Callable[[Any], bool]
    convert: Callable[[Any], Any] | None = None


def _one_of(*names: str) -> _Key:
    allowed = ", ".join(f'"{name}"' for name in names)
    return _Key(str, allowed if len(names) == 1 else f"one of {allowed}", lambda value: value in names)


def _number(low: int, high: int) -> _Key:
    return _Key(int, f"a whole number from {low} to {high}", lambda value: low <= value <= high)


def _path(example: str) -> _Key:
    return _Key(str, f'an absolute path such as "{example}"', lambda value: value.startswith("/"), Path)


_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400)
_KEYS: Mapping[str, Mapping[str, _Key]] = {
    "hat": {
        "backend": _one_of("auto", "pigpio", "kernel"),
        "host": _Key(str, "the name or address of the machine where pigpiod runs", lambda value: bool(value.strip())),
        "port": _number(1, 65535),
        "mirror_contact": _Key(bool, "true or false", lambda value: True),
        "rcm_test": _Key(bool, "true or false", lambda value: True),
    },
    "bus": {
        "device": _Key(str, 'a serial device such as "/dev/ttyUSB0"', lambda value: value.startswith("/")),
        "baud": _Key(int, "one of " + ", ".join(map(str, _BAUDS)), lambda value: value in _BAUDS),
    },
    "panel": {
        "lcd": _one_of("i2c-20x4", "i2c-16x2", "none"),
        "lcd_address": _Key(int, "an I2C address from 0x08 to 0x77", lambda value: 0x08 <= value <= 0x77),
        "i2c_bus": _number(0, 10),
        "rfid": _one_of("pn532", "w1", "evdev", "none"),
        "rfid_device": _Key(
            str,
            'a path such as "/dev/input/by-id/usb-Reader-event-kbd", or "" for the only keyboard',
            lambda value: not value or value.startswith("/"),
        ),
    },
    "guard": {"socket": _path("/run/smartevse/guard.sock")},
}


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the file; `PIGPIO_ADDR`, `PIGPIO_PORT` and `STATE_DIRECTORY` of the environment override it.

    Raises ConfigError with one whole sentence for a missing or unreadable file, an unknown section or key, a value
    of the wrong type or outside its range.
    """
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {path} ({error.strerror}): create it or name another with --config"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML ({error}): correct that line") from error
    for section, values in tree.items():
        if section not in _KEYS:
            raise ConfigError(f"{path} has an unknown section [{section}]: only {_names(_KEYS, '[{}]')} are known")
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {section} must be a section [{section}] with keys below it, not a value")
    _environment(tree, environ)
    state = environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Config(
        hat=Hat(**_section(path, "hat", tree.get("hat", {}))),
        bus=Bus(**_section(path, "bus", tree.get("bus", {}))),
        panel=Panel(**_section(path, "panel", tree.get("panel", {}))),
        guard=Guard(**_section(path, "guard", tree.get("guard", {}))),
        state_directory=Path(state) if state else DEFAULT_STATE_DIRECTORY,
    )


def check_state_directory(directory: Path) -> None:
    """Raise ConfigError when this user may not use the directory; one that is missing or read-only has its own way."""
    try:
        denied = directory.is_dir() and not os.access(directory, os.R_OK | os.W_OK | os.X_OK)
        denied = denied and not os.statvfs(directory).f_flag & os.ST_RDONLY
    except PermissionError:
        denied = True
    if denied:
        raise ConfigError(
            f"this user may not read and write the owner's settings in {directory}: "
            f"sudo chown -R smartevse: {directory}, or name another folder in STATE_DIRECTORY"
        )


def _environment(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Put what the environment overrides into the tree, so that it is checked like the file."""
    if environ.get("PIGPIO_ADDR"):
        tree.setdefault("hat", {})["host"] = environ["PIGPIO_ADDR"]
    if environ.get("PIGPIO_PORT"):
        text = environ["PIGPIO_PORT"]
        tree.setdefault("hat", {})["port"] = int(text) if text.isdecimal() else text


def _section(path: Path, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The checked values of one section."""
    checked = {}
    for key, value in values.items():
        row = _KEYS[name].get(key)
        if row is None:
            raise ConfigError(f"{path} has an unknown key {key} in [{name}]: only {_names(_KEYS[name])} are known")
        if type(value) is not row.type or not row.check(value):
            raise ConfigError(f"{path}: {key} in [{name}] is {value!r}, but it must be {row.allowed}")
        checked[key] = row.convert(value) if row.convert else value
    return checked


def _names(names: Mapping[str, object], form: str = "{}") -> str:
    return ", ".join(form.format(name) for name in names)
