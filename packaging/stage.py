"""Puts every file of the Debian package, but its libraries, where it will lie: `stage.py FOLDER`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
UNITS = "usr/lib/systemd/system"
FILES: Mapping[str, tuple[str, int]] = {
    # installed path: (path in the project, permissions)
    "usr/bin/smartevse": ("packaging/launcher", 0o755),
    "usr/lib/smartevse/pigpiod-revive": ("systemd/pigpiod-revive", 0o755),
    f"{UNITS}/smartevse-guard.service": ("systemd/smartevse-guard.service", 0o644),
    f"{UNITS}/smartevse.service": ("systemd/smartevse.service", 0o644),
    f"{UNITS}/smartevse-again@.service": ("systemd/smartevse-again@.service", 0o644),
    f"{UNITS}/pigpiod.service.d/smartevse.conf": ("systemd/pigpiod.service.d/smartevse.conf", 0o644),
    f"{UNITS}/smartevse-guard.service.d/kernel.conf": ("systemd/smartevse-guard.service.d/kernel.conf", 0o644),
    f"{UNITS}/smartevse.service.d/kernel.conf": ("systemd/smartevse.service.d/kernel.conf", 0o644),
    f"{UNITS}/smartevse.service.d/wifi.conf": ("systemd/smartevse.service.d/wifi.conf", 0o644),
    "usr/share/polkit-1/rules.d/50-smartevse-wifi.rules": ("systemd/smartevse-wifi.rules", 0o644),
    "usr/lib/udev/rules.d/60-smartevse.rules": ("systemd/smartevse.rules", 0o644),
    "usr/lib/systemd/catalog/smartevse.catalog": ("systemd/smartevse.catalog", 0o644),
    "usr/lib/sysusers.d/smartevse.conf": ("systemd/smartevse.sysusers", 0o644),
    "usr/lib/tmpfiles.d/smartevse.conf": ("systemd/smartevse.tmpfiles", 0o644),
    "etc/smartevse/smartevse.toml": ("config/smartevse.toml", 0o644),
    "usr/share/doc/smartevse/install.md": ("docs/install.md", 0o644),
    "usr/share/doc/smartevse/selftest.md": ("docs/selftest.md", 0o644),
    "usr/share/doc/smartevse/cards.md": ("docs/cards.md", 0o644),
    "usr/share/doc/smartevse/wifi.md": ("docs/wifi.md", 0o644),
    "usr/share/doc/smartevse/safety.md": ("docs/safety.md", 0o644),
    "usr/share/man/man1/smartevse.1": ("packaging/smartevse.1", 0o644),
}
PROGRAM = "usr/lib/smartevse/smartevse"
"""The folder of the program's own code; its libraries lie beside it."""


def stage(folder: Path) -> None:
    """Copy the files into `folder` as if it were the machine's root; a file that is missing raises OSError."""
    for place, (source, mode) in FILES.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / source, target)
        target.chmod(mode)
    shutil.copytree(PROJECT / "smartevse", folder / PROGRAM, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: stage.py FOLDER")
    stage(Path(sys.argv[1]))
