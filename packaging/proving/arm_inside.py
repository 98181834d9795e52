"""What a Python on any processor tells of the installed program: a JSON value on standard output; run as a script."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zlib import crc32

INSTALLED = Path("/usr/lib/smartevse")
EXTRAS = frozenset({"textual", "rich", "matplotlib", "evdev", "lgpio", "gpiod", "jeepney", "spidev", "dbus"})
"""What the program can do without; a module that only lacks one of these is no failure."""
LIBRARIES = (
    "serial",
    "pigpio",
    "gpiozero",
    "pymodbus",
    "RPLCD",
    "smbus2",
    "colorzero",
    "spidev",
    "gpiod",
    "jeepney",
)
NAMES = {"serial": "pyserial"}


def modules() -> tuple[int, list[str], dict[str, str]]:
    """How many of our modules load, which lack an extra, and which fail and why."""
    import smartevse

    loaded, lacking, failed = 0, [], {}
    for found in pkgutil.walk_packages(smartevse.__path__, "smartevse."):
        if found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            if (error.name or "").split(".")[0] in EXTRAS:
                lacking.append(found.name)
            else:
                failed[found.name] = repr(error)
        else:
            loaded += 1
    return loaded, lacking, failed


def libraries() -> dict[str, str]:
    """The version of each library that loads, "no" for others."""
    found = {}
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
            found[name] = version(NAMES.get(name, name))
        except PackageNotFoundError:
            found[name] = "yes"
        except ImportError:
            found[name] = "no"
    return found


def frames() -> str:
    """A checksum over frames and records whose bytes must be the same on every processor."""
    from smartevse.core import record
    from smartevse.core.pilot import duty_permille
    from smartevse.core.signals import Permit
    from smartevse.core.tick import Memory
    from smartevse.guard.wire import Status, pack_permit, pack_status
    from smartevse.hal import hat

    wiring = hat.load()
    parts = [
        pack_permit(Permit(offer_da=160, charge=True), 7, 2**40 + 1),
        pack_status(Status(sequence=9, at_ns=2**50, cp_low_mv=-11_900, cable_da=320)),
        record.pack_memory(3, Memory(since_ms=2**33)),
        repr([duty_permille(offer_da) for offer_da in range(60, 801)]).encode(),
        repr([wiring.pilot_mv(code) for code in range(wiring.full_code)]).encode(),
        repr([wiring.temperature_dc(code) for code in range(wiring.full_code)]).encode(),
    ]
    return f"{crc32(b''.join(parts)):08x}"


if __name__ == "__main__":
    if INSTALLED.is_dir():
        sys.path.insert(0, str(INSTALLED))
    loaded, lacking, failed = modules()
    print(
        json.dumps(
            {"loaded": loaded, "lacking": lacking, "failed": failed, "libraries": libraries(), "frames": frames()}
        )
    )
