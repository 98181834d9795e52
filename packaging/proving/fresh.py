"""What `packaging/setup` promises on a fresh machine: all in one go, twice the same, back after a bad version, away."""

from __future__ import annotations

import shlex
from pathlib import Path

from proving.machine import Machine
from proving.report import Report
from proving.service import Service, until
from proving.versions import variant

PLACE = "/opt/smartevse"
BOOT = "/boot/firmware"
CONFIG_TXT = "[all]\ndtparam=audio=on\ndtoverlay=vc4-kms-v3d\n"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1 rootwait\n"
BROKEN = "import sys\n\nsys.exit('this version cannot run')\n"


def tell(report: Report, machine: Machine, package: Path, guard: Service, station: Service) -> None:
    """From nothing to nothing."""
    report.chapter = "One script for a fresh machine (packaging/setup)"
    machine.do(f"mkdir -p {PLACE}/packaging {PLACE}/scripts {BOOT}")
    here = Path(__file__).parents[2]
    for name in ("packaging/setup", "scripts/environment.sh"):
        machine.copy(here / name, f"{PLACE}/{name}")
    for name, text in (("config.txt", CONFIG_TXT), ("cmdline.txt", CMDLINE)):
        machine.do(f"printf %s {shlex.quote(text)} >{BOOT}/{name}")
    machine.copy(package, "/tmp/smartevse.deb")

    def setup(words: str) -> tuple[int, str]:
        said = machine.ask(f"bash {PLACE}/packaging/setup --any-machine {words} 2>&1; echo status $?")
        text, _, status = said.rpartition("status ")
        return int(status), text.strip().splitlines()[-1] if text.strip() else ""

    status, said = setup("/tmp/smartevse.deb")
    report.row("the first time", "installs, asks for a reboot (status 3)", f"status {status}: {said}", status == 3)
    running = until(lambda: guard.ready and station.ready, 30)
    report.took("both services ready", running, 30)
    before = machine.ask(f"cat {BOOT}/config.txt {BOOT}/cmdline.txt")
    pins = "dtparam=spi=on" in before and "console=serial0" not in before and "cgroup_enable=memory" in before
    report.row("config.txt and cmdline.txt", "the hat has its pins", "it has" if pins else before, pins)

    status, said = setup("/tmp/smartevse.deb")
    same = machine.ask(f"cat {BOOT}/config.txt {BOOT}/cmdline.txt") == before
    report.row("once more", "status 0, nothing in them changed", f"status {status}: {said}", status == 0 and same)

    machine.do("smartevse settings set MAX 14")
    machine.copy(variant(package, "+bad", {"usr/lib/smartevse/smartevse/cli.py": BROKEN}), "/tmp/bad.deb")
    status, said = setup("/tmp/bad.deb")
    runs = until(lambda: guard.ready and station.ready, 30) is not None
    version = machine.ask("dpkg-query -W -f '${Version}' smartevse")
    report.row(
        "a newer version that cannot run",
        "status 1, the older one runs again",
        f"status {status}: {said}",
        status == 1 and runs and "+bad" not in version,
    )
    kept = machine.ask("smartevse settings get MAX")
    report.row("the settings after going back", "kept (MAX 14)", kept, "14" in kept)

    machine.copy(variant(package, "+cut", {}), "/tmp/cut.deb")
    machine.ask("dpkg --unpack --force-confold /tmp/cut.deb")
    status, said = setup("/tmp/cut.deb")
    runs = until(lambda: guard.ready and station.ready, 30) is not None
    report.row(
        "an upgrade that was cut between unpacking and configuring, then setup again",
        "status 0, both run",
        f"status {status}: {said}",
        status == 0 and runs,
    )

    status, said = setup("--uninstall")
    texts = machine.ask(f"cat {BOOT}/config.txt {BOOT}/cmdline.txt; ls {BOOT}")
    back = texts == (CONFIG_TXT + CMDLINE + "cmdline.txt\nconfig.txt").strip()
    report.row("--uninstall: config.txt and cmdline.txt", "as they were", "as they were" if back else texts, back)
    data = machine.ask("ls /var/lib/smartevse/settings.db; pgrep --euid smartevse")
    report.row("--uninstall: settings, processes", "kept; none", data, data == "/var/lib/smartevse/settings.db")
    machine.do("apt-get purge --yes smartevse")
