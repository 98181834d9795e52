"""What is proved in the virtual machine, in its order; each chapter leaves a charging station behind."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from proving import power, survive
from proving.outside import PIGPIOD_UNIT
from proving.service import until
from proving.versions import variant
from proving.vm import faults, kernel
from proving.vm.machine import OUTSIDE
from proving.vm.places import CONFIG, GUARD, PIGPIOD, STATION, Place, native

FORCE_MINE = "apt-get install --yes --option Dpkg::Options::=--force-confold"
SLOW = survive.Limits(
    open_s=0.5, killed_s=20, stalled_s=25, station_killed_s=40, station_stalled_s=50, ready_s=60, untouched=False
)
"""Python runs at about a tenth of its speed here."""
VERSION = "dpkg-query -W -f '${Version} ${Status}' smartevse"
SETUP = "/opt/smartevse"
GUARD_S = 2.0
"""The guard is not as slow as other programs: it starts before all of them."""
UPGRADE_CUTS = (0.2, 0.5, 0.8)
"""At which part of an upgrade the power goes."""


def pigpiod(place: Place) -> None:
    """Before the package: a pigpiod as Raspberry Pi OS 12 has it, that passes all on to the twin."""
    machine = place.machine
    machine.do("cp /usr/lib/smartevse-vm/pigpiod /usr/bin/pigpiod")
    machine.write("/usr/lib/systemd/system/pigpiod.service", PIGPIOD_UNIT)
    machine.do("systemctl daemon-reload; systemctl enable --now pigpiod")


def install(place: Place, package: Path) -> None:
    """Without a network."""
    report, machine = place.report, place.machine
    report.chapter = "Install"
    model = machine.ask("tr -d '\\0' </proc/device-tree/model; uname -m")
    report.row("machine (device tree)", "a Raspberry Pi", model, "Raspberry Pi" in model)
    routes = machine.ask("ip -4 route; ip -6 route show default")
    report.row(
        "networks of the machine",
        "the cable to the twin only",
        routes,
        routes.startswith("10.9.0.0/24 dev eth0") and len(routes.splitlines()) == 1,
    )
    pid_1 = machine.ask("readlink /proc/1/exe; systemctl --version | head -1")
    report.row("PID 1", "systemd", pid_1, "systemd" in pid_1)
    machine.copy(package, "/srv/smartevse.deb")
    since_s = time.monotonic()
    machine.do("apt-get install --yes /srv/smartevse.deb")
    report.row("apt-get install", "succeeds", f"{time.monotonic() - since_s:.1f} s", True)


def running(place: Place) -> None:
    """After the installation: both there, with real time and locked memory by the unit's limits alone."""
    report, machine = place.report, place.machine
    report.took("both services are ready", place.ready(), 90)
    guard = place.guard
    policy = machine.ask(f"chrt --pid {guard.pid} | grep -o '[A-Z_]*[0-9]*$' | xargs")
    report.row(
        "scheduling of the guard, by the unit's limits alone", "SCHED_FIFO 50", policy, policy == "SCHED_FIFO 50"
    )
    locked = machine.ask(f"grep -E '^Vm(Lck|RSS)' /proc/{guard.pid}/status")
    kb = re.findall(r"VmLck:\s*(\d+)", locked)
    report.row(
        "locked memory of the guard, by the unit's limits alone", "all of it", locked, bool(kb) and int(kb[0]) > 0
    )
    for service in (place.guard, place.station):
        kept = machine.ask(f"cat /sys/fs/cgroup/system.slice/{service.unit}/memory.{{max,peak,current}}")
        wanted = service.show("MemoryMax")
        report.row(
            f"limit of memory of {service.unit}: in the kernel, most so far, now",
            wanted,
            kept,
            kept.split()[:1] == [wanted],
        )


def boot(place: Place, page: Path) -> None:
    """An orderly restart."""
    report, machine = place.report, place.machine
    report.chapter = "Boot"
    since_s = time.monotonic()
    machine.reboot()
    up_s = place.ready()
    report.took(
        "restart of the machine, until both are ready", None if up_s is None else time.monotonic() - since_s, 90
    )
    had_us = 0 if place.pigpiod else kernel.had_devices_us(place)
    for service, limit_s in ((place.guard, GUARD_S), (place.station, 50.0)):
        keys = ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        began_us, ready_us = (int(service.show(key)) for key in keys)
        what = f"{service.unit}: from the start of its process until it is ready"
        beside = native(page, what)
        more = f"in the container, at full speed: {beside} (2 s for the guard, 5 s for the station)" if beside else ""
        if service is place.guard and had_us > began_us:
            waits = f"{(had_us - began_us) / 1e6:.2f} s of it udev had not come to the hat's devices"
            seen = f"{(ready_us - began_us) / 1e6:.2f} s, {waits}; {more}"
            report.row(
                what, f"within {limit_s:.0f} s of when it could have them", seen, ready_us - had_us <= limit_s * 1e6
            )
        else:
            report.took(what, (ready_us - began_us) / 1e6, limit_s, more)
        report.row(f"{service.unit}: ready after the kernel's start", "told", f"{ready_us / 1e6:.1f} s", True)
    report.show(
        "systemd-analyze", machine.ask("systemd-analyze; systemd-analyze critical-chain --no-pager smartevse.service")
    )


def charge(place: Place) -> None:
    """A car comes."""
    report, machine, twin = place.report, place.machine, place.twin
    report.chapter = "A charge"
    for word in ("unplug", "plug", "ready"):
        twin.say(f"ev {word}")
    report.took("a car is plugged in and asks: the contactor closes", until(twin.charges, 20), 20)
    told = until(lambda: "state C" in machine.ask(f"systemctl show {STATION} --property=StatusText"), 10)
    report.took("systemctl status tells state C and the current", told, 10, place.station.show("StatusText"))
    place.untouched("30 s of it", lambda: time.sleep(30))


def processes(place: Place) -> None:
    """Every process killed and stalled, and pigpiod restarted."""
    report = place.report
    report.chapter = "What befalls the processes, while charging"
    others = [place.pigpiod] if place.pigpiod else []
    survive.tell(report, place.twin, place.guard, place.station, others, SLOW)
    if place.pigpiod:
        mark, since_s = place.twin.mark(), time.monotonic()
        place.machine.do(f"systemctl restart {PIGPIOD}")
        open_s = place.twin.off_after_s("c1_contacts", mark, since_s, 10)
        report.took("systemctl restart pigpiod: the contactor is open", open_s, 2)
        place.charges_again()


def cuts(place: Place, count: int) -> None:
    """Power cuts while a setting is written; what was accepted is said on the console, outside of the machine."""
    machine = place.machine

    def said() -> str:
        found: list[str] = re.findall(r"accepted (\d+)\r?\n", machine.console())
        return found[-1] if found else ""

    how = power.Cuts(said, "echo accepted $i >/dev/console", count, 4.0, 110.0, 160.0, 60.0, lambda: _gone(place))
    place.charge()
    power.cuts(place.report, machine, place.twin, place.guard, place.station, how)
    place.charge()
    checked = machine.ask("journalctl --verify 2>&1 | grep -v -c ^PASS; dmesg | grep -i 'ext4.*\\(error\\|recover\\)'")
    place.report.row("the last start: files of the journal that are damaged, and what ext4 said", "told", checked, True)


def _gone(place: Place) -> None:
    """A Raspberry Pi takes its pigpiod with it; the twin's ends all connections and starts again."""
    place.twin.say("pigpiod kill")
    place.twin.say("pigpiod start")


def upgrade(place: Place, package: Path) -> None:
    """An upgrade by the script, then three that the power cuts in the middle."""
    report, machine = place.report, place.machine
    report.chapter = "Upgrade, also cut in the middle by the power"
    here = Path(__file__).parents[3]
    for name in ("packaging/setup", "scripts/environment.sh"):
        machine.copy(here / name, f"{SETUP}/{name}")
    machine.write("/boot/firmware/config.txt", "[all]\n")
    machine.do("smartevse settings set MAX 14")
    since_s = time.monotonic()
    status, said = _setup(place, variant(package, "+n0", {}))
    whole_s = time.monotonic() - since_s
    report.row(
        "packaging/setup with a newer version",
        "status 0 or 3",
        f"status {status}: {said} ({whole_s:.0f} s)",
        status in (0, 3),
    )
    for number, part in enumerate(UPGRADE_CUTS, 1):
        place.charge()
        newer = variant(package, f"+n{number}", {})
        machine.copy(newer, "/srv/newer.deb")
        machine.do("sync")
        machine.do(f"systemd-run --quiet --unit=upgrade bash -c '{FORCE_MINE} /srv/newer.deb'")
        time.sleep(part * whole_s)
        since_s = time.monotonic()
        machine.cut()
        # seen, and not looked up in the trace: the upgrade itself may have opened and closed it before
        open_ = place.twin.opened_after_s(since_s, 2) is not None
        _gone(place)
        machine.power_on()
        machine.settle()
        state = machine.ask(VERSION + "; dpkg --audit | head -2; systemctl is-active smartevse-guard smartevse")
        report.row(
            f"power cut after {part:.0%} of the next upgrade: the contactor",
            "open",
            "open" if open_ else "closed",
            open_,
        )
        status, said = _setup(place, newer)
        ready = place.ready() is not None
        version = machine.ask(VERSION)
        value = machine.ask("smartevse settings get MAX")
        held = status in (0, 3) and ready and f"+n{number} install ok installed" in version and value == "14 A"
        seen = f"after the start: {state}; then status {status}: {said} {version}, MAX {value}"
        report.row("packaging/setup with it once more", "status 0 or 3, both ready, MAX 14 kept", seen, held)
        place.charges_again()


def _setup(place: Place, package: Path) -> tuple[int, str]:
    place.machine.copy(package, "/srv/newer.deb")
    said = place.machine.ask(f"bash {SETUP}/packaging/setup /srv/newer.deb 2>&1; echo status $?")
    text, _, status = said.rpartition("status ")
    lines = text.strip().splitlines()
    return int(status), next(
        (line for line in reversed(lines) if "installed" in line or "work" in line), lines[-1] if lines else ""
    )


def far(place: Place) -> None:
    """Debian 13 has no pigpiod: the twin's hat is reached as that of another machine, for the chapters that need it."""
    machine = place.machine
    machine.do(f"sed -i 's/^host = .*/host = \"{OUTSIDE}\"/; s/^port = .*/port = 9888/' {CONFIG}")
    for unit in (GUARD, STATION):
        machine.write(f"/etc/systemd/system/{unit}.d/far.conf", f"[Service]\nIPAddressAllow={OUTSIDE}\n")
    machine.do(f"systemctl daemon-reload; systemctl restart {GUARD} {STATION}")
    place.report.took("the hat of another machine (host, IPAddressAllow): both are ready", place.ready(), 60)


def old_library(place: Place) -> None:
    """The kernel's way beside pigpiod, and with Debian 12's library that is too old: sentences, and no restarts."""
    report, machine = place.report, place.machine
    report.chapter = "The kernel's way on Debian 12"
    machine.do(f"sed -i 's/^backend = .*/backend = \"kernel\"/' {CONFIG}")
    for what, obey, words in (
        ("pigpiod runs", "true", ("mask --now pigpiod",)),
        ("pigpiod is masked, as the sentence says", f"systemctl mask --now {PIGPIOD}", ("gpiod is older", "13")),
    ):
        machine.ask(f"{obey}; systemctl reset-failed {GUARD}; systemctl restart {GUARD}")
        time.sleep(5)
        seen = " ".join(place.guard.show(key) for key in ("ActiveState", "ExecMainStatus", "NRestarts"))
        report.row(f"{what}: {GUARD} (state, exit status, restarts)", "failed 78 0", seen, seen == "failed 78 0")
        told = machine.ask(f"journalctl -u {GUARD} -o cat -t smartevse | tail -1")
        report.row(f"{what}: what it says", "what to do", told, all(word in told for word in words))
    machine.do(f"sed -i 's/^backend = .*/backend = \"auto\"/' {CONFIG}; systemctl unmask {PIGPIOD}")
    machine.do(f"systemctl daemon-reload; systemctl reset-failed; systemctl start {PIGPIOD} {GUARD} {STATION}")
    report.took("both are ready again with the file put right", place.ready(), 60)


CHAPTERS: Mapping[str, Callable[[Place], None]] = {
    "charge": charge,
    "processes": processes,
    "memory": faults.memory,
    "disk": faults.disk,
    "clock": faults.clock,
    "adapter": faults.adapter,
    "display": faults.display,
}
"""Those that need nothing but the place."""
