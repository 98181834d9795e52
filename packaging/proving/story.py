"""What is proved, in the order of a station's life: install, run, survive, be misconfigured, be upgraded, go."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from pathlib import Path

from proving import fresh, power, survive
from proving.machine import Machine
from proving.outside import Twin
from proving.report import Report
from proving.service import Service, until
from proving.versions import variant

GUARD, STATION, PIGPIOD = "smartevse-guard.service", "smartevse.service", "pigpiod.service"
CONFIG = "/etc/smartevse/smartevse.toml"
RUN = "/run/systemd/system"
NEW_LINE = "# A line of the newer version.\n"
"""So that dpkg meets a configuration that both the owner and the newer version have changed."""
KEEP_MINE = "apt-get install --yes --option Dpkg::Options::=--force-confold"
"""Nobody is there to answer dpkg when the owner and the newer version have both changed smartevse.toml."""


def tell(report: Report, machine: Machine, twin: Twin, package: Path) -> None:
    """Everything; each chapter leaves the station as it found it."""
    guard, station = Service(machine, GUARD), Service(machine, STATION)
    pigpiod = Service(machine, PIGPIOD)
    _install(report, machine, package, guard, station)
    _identity(report, machine, guard, station)
    _real_time(report, machine, guard)
    _boot(report, machine, guard, station)
    _charge(report, machine, twin)
    report.chapter = "What befalls them, while charging"
    survive.tell(report, twin, guard, station, [pigpiod])
    _journal(report, machine, twin)
    _clock(report, machine, station)
    power.tell(report, machine, twin, guard, station)
    _misconfigured(report, machine, guard, station)
    _upgrade(report, machine, package, guard, station)
    _go(report, machine, package)
    fresh.tell(report, machine, package, guard, station)


def _install(report: Report, machine: Machine, package: Path, guard: Service, station: Service) -> None:
    report.chapter = "Install"
    lintian = subprocess.run(["lintian", str(package)], capture_output=True, text=True, check=False)
    report.row("lintian", "no errors, no warnings", lintian.stdout or "none of both", not lintian.stdout.strip())
    machine.copy(package, "/tmp/smartevse.deb")
    network = machine.ask("cat /proc/net/route | tail -n +2; cat /proc/net/dev | tail -n +3 | cut -d: -f1")
    report.row("networks of the machine", "its loopback only", network, network.strip() == "lo")
    since_s = time.monotonic()
    machine.do("apt-get install --yes /tmp/smartevse.deb")
    report.row("apt-get install", "succeeds", f"{time.monotonic() - since_s:.1f} s", True)
    until(lambda: guard.ready and station.ready, 30)
    for service in (guard, station):
        report.row(f"{service.unit} after the installation", "active", service.show("ActiveState"), service.ready)
        enabled = machine.ask(f"systemctl is-enabled {service.unit}")
        report.row(f"{service.unit} at the next boot", "enabled", enabled, enabled == "enabled")
        score = machine.ask(f"systemd-analyze security --no-pager {service.unit} | tail -1")
        number = re.search(r"[0-9]+\.[0-9]", score)
        held = number is not None and float(number.group()) <= 2.0
        report.row(f"systemd-analyze security {service.unit}", "2.0 or less", number.group() if number else score, held)
    warnings = machine.ask(
        "systemd-analyze verify --man=no smartevse.service smartevse-guard.service 2>&1 | grep smartevse"
    )
    report.row("systemd-analyze verify", "nothing to say", warnings, not warnings)
    for service in (guard, station):
        since_s = time.monotonic()
        machine.do(f"systemctl stop {service.unit}")
        stopped_s = time.monotonic() - since_s
        since_s = time.monotonic()
        machine.do(f"systemctl start {service.unit}")
        limit_s = 2.0 if service is guard else 10.0
        more = f"stopped in {stopped_s:.2f} s"
        report.took(
            f"{service.unit}: systemctl start until it says that it is ready", time.monotonic() - since_s, limit_s, more
        )


def _identity(report: Report, machine: Machine, guard: Service, station: Service) -> None:
    report.chapter = "Who they are and what they may"
    for service in (guard, station):
        pid = service.pid
        user = machine.ask(f"ps -o user= -p {pid}")
        report.row(f"user of {service.unit}", "smartevse", user, user == "smartevse")
        rights = machine.ask(f"grep -E '^Cap(Eff|Prm|Bnd|Amb)' /proc/{pid}/status")
        report.row(
            f"capabilities of {service.unit}", "none", rights, set(re.findall(r":\s*(\w+)", rights)) == {"0" * 16}
        )
    relay = machine.ask(f"chrt --pid {Service(machine, PIGPIOD).pid}")
    report.row("scheduling of pigpiod (drop-in)", "RR 40", relay, "SCHED_RR" in relay and relay.endswith("40"))
    arguments = machine.ask(f"tr '\\0' ' ' </proc/{Service(machine, PIGPIOD).pid}/cmdline")
    report.row(
        "command line of pigpiod (drop-in)", "this machine only (-l), no pipe (-f)", arguments, " -g -l -f" in arguments
    )
    memory = machine.ask(f"grep VmRSS /proc/{guard.pid}/status /proc/{station.pid}/status | grep -o '[0-9]* kB'")
    report.row("memory of guard and station (RSS)", "25 MB and 40 MB", memory, _within(memory, (25_000, 40_000)))
    place = machine.ask("stat -c '%U:%G %a' /run/smartevse /var/lib/smartevse /run/smartevse/guard.sock")
    right = ["smartevse:smartevse 750", "smartevse:smartevse 750", "smartevse:smartevse 600"]
    report.row("folders and the socket between the two", "their user's alone", place, place.splitlines() == right)
    ports = machine.ask("cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}'")
    near = all(port.startswith("0100007F:") for port in ports.split())
    report.row("listening TCP sockets", "none that another machine reaches", ports, near)


def _real_time(report: Report, machine: Machine, guard: Service) -> None:
    """FIFO and locked memory: by the unit's limits where this host lets systemd raise limits, else by capabilities."""
    limits = machine.ask(f"systemctl show {GUARD} --property=LimitRTPRIO,LimitMEMLOCK")
    report.row(
        "limits that the guard is given (real time, locked memory)",
        "50, infinity",
        limits,
        set(limits.split()) == {"LimitRTPRIO=50", "LimitMEMLOCK=infinity"},
    )
    how = "by the limits alone"
    if machine.ask("systemd-run --quiet --wait --pipe --property=LimitRTPRIO=50 sh -c 'ulimit -Hr'") != "50":
        how = "by CAP_SYS_NICE and CAP_IPC_LOCK in a drop-in for this line, as this host lets nobody raise a limit"
        text = "[Service]\nPrivateUsers=no\nAmbientCapabilities=CAP_SYS_NICE CAP_IPC_LOCK\n"
        text += "CapabilityBoundingSet=CAP_SYS_NICE CAP_IPC_LOCK\n"
        machine.do(f"mkdir -p {RUN}/{GUARD}.d; printf '%s' {shlex.quote(text)} >{RUN}/{GUARD}.d/50-host.conf")
        machine.do(f"systemctl daemon-reload; systemctl restart {GUARD}")
    policy = machine.ask(f"chrt --pid {guard.pid} | grep -o '[A-Z_]*[0-9]*$' | xargs")
    report.row("scheduling of the guard", "SCHED_FIFO 50", f"{policy}, {how}", policy == "SCHED_FIFO 50")
    locked = machine.ask(f"grep -E '^Vm(Lck|RSS)' /proc/{guard.pid}/status")
    kb = re.findall(r"VmLck:\s*(\d+)", locked)
    report.row("locked memory of the guard", "all of it", f"{locked}, {how}", bool(kb) and int(kb[0]) > 0)
    machine.ask(f"rm -r {RUN}/{GUARD}.d && systemctl daemon-reload && systemctl restart {GUARD}")


def _boot(report: Report, machine: Machine, guard: Service, station: Service) -> None:
    report.chapter = "Boot"
    since_s = time.monotonic()
    machine.reboot()
    up_s = until(lambda: guard.ready and station.ready, 20)
    report.took("reboot of the machine, until both are ready", None if up_s is None else time.monotonic() - since_s, 30)
    for service, limit_s in ((guard, 2.0), (station, 5.0)):
        keys = ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        began_us, ready_us = (int(service.show(key)) for key in keys)
        report.took(
            f"{service.unit}: from the start of its process until it is ready", (ready_us - began_us) / 1e6, limit_s
        )
    order = [int(Service(machine, unit).show("ActiveEnterTimestampMonotonic")) for unit in (PIGPIOD, GUARD)]
    order.append(int(station.show("ExecMainStartTimestampMonotonic")))
    report.row(
        "order: pigpiod, guard, station",
        "each when the one before is there",
        "kept" if order == sorted(order) else order,
        order == sorted(order),
    )


def _within(memory: str, limits_kb: tuple[int, ...]) -> bool:
    found = [int(number) for number in re.findall(r"(\d+) kB", memory)]
    return len(found) == len(limits_kb) and all(kb <= limit for kb, limit in zip(found, limits_kb, strict=True))


def _charge(report: Report, machine: Machine, twin: Twin) -> None:
    report.chapter = "A charge"
    twin.say("ev plug")
    twin.say("ev ready")
    report.took("a car is plugged in and asks: the contactor closes", until(twin.charges, 10), 10)
    report.took(
        "systemctl status tells state C and the current",
        until(lambda: _told(machine), 5),
        5,
        machine.ask(f"systemctl show {STATION} --property=StatusText --value"),
    )
    report.show(
        "systemctl status, while charging", machine.ask(f"systemctl status --no-pager --full {GUARD} {STATION}")
    )


def _told(machine: Machine) -> bool:
    return bool(
        re.search(r"state C.* \d+(\.\d)? A", machine.ask(f"systemctl show {STATION} --property=StatusText --value"))
    )


def _journal(report: Report, machine: Machine, twin: Twin) -> None:
    report.chapter = "Journal"
    twin.say("fault cp-short")
    found = until(lambda: bool(machine.ask("journalctl -o cat -t smartevse | grep -i shorted")), 10)
    report.took("a shorted pilot is told in the journal", found, 10)
    twin.say("fault cp-short off")
    lines = [
        json.loads(line) for line in machine.ask("journalctl -o json -t smartevse EVSE_STATE=C | tail -1").splitlines()
    ]
    fields = sorted(key for key in (lines[0] if lines else {}) if key.startswith("EVSE_"))
    wanted = {"EVSE_STATE", "EVSE_OFFER_DA", "EVSE_REASON"}
    report.row(
        "fields: journalctl EVSE_STATE=C",
        "finds a line with " + ", ".join(sorted(wanted)),
        ", ".join(fields),
        wanted <= set(fields),
    )
    lines = [
        json.loads(line) for line in machine.ask("journalctl -o json -t smartevse-guard EVSE_STATE=C").splitlines()
    ]
    wanted = {"EVSE_STATE", "EVSE_OFFER_DA", "EVSE_HOLD", "MESSAGE_ID"}
    report.row(
        "fields of the guard's own lines: journalctl -t smartevse-guard EVSE_STATE=C",
        "finds lines with " + ", ".join(sorted(wanted)),
        ", ".join(sorted(key for key in (lines[-1] if lines else {}) if key.startswith(("EVSE_", "MESSAGE_ID")))),
        bool(lines) and all(wanted <= set(line) for line in lines),
    )
    catalogue = machine.ask("journalctl -x -o short -t smartevse | grep -A12 'control pilot is shorted' | tail -12")
    report.row(
        "catalogue: journalctl -x",
        "cause and remedy of the fault",
        "both" if "Remedy:" in catalogue else catalogue,
        "Remedy:" in catalogue,
    )
    report.show(
        "journalctl -x, the fault",
        machine.ask("journalctl -x --no-hostname -t smartevse -o short | grep -m1 -A22 'control pilot is shorted'"),
    )
    report.show(
        "journalctl -t smartevse, the last lines", machine.ask("journalctl --no-hostname -t smartevse | tail -25")
    )
    report.show(
        "journalctl -t smartevse-guard, the last lines",
        machine.ask("journalctl --no-hostname -t smartevse-guard | tail -12"),
    )
    twin.say("ev ready off")
    twin.say("ev unplug")


def _clock(report: Report, machine: Machine, station: Service) -> None:
    """What a program in the station's sandbox is told when it asks for the state of the clock."""
    report.chapter = "Time"
    ask = "import ctypes; print('the clock:', ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))"
    place = f"{RUN}/{station.unit}.d/clock.conf"
    text = f'[Service]\nExecStartPre=/usr/bin/python3 -c "{ask}"\n'
    machine.do(f"mkdir -p {RUN}/{station.unit}.d; printf %s {shlex.quote(text)} >{place}")
    machine.do(f"systemctl daemon-reload; systemctl restart {station.unit}")
    said = machine.ask(f"journalctl -o cat _SYSTEMD_UNIT={station.unit} | grep 'the clock:' | tail -1")
    report.row("TIMER may ask whether the clock is right", "0 to 5", said, said.rpartition(" ")[2] in set("012345"))
    machine.do(f"rm {place}; systemctl daemon-reload; systemctl restart {station.unit}")
    until(lambda: station.ready, 20)


def _misconfigured(report: Report, machine: Machine, guard: Service, station: Service) -> None:
    report.chapter = "A bad configuration"
    # From systemd 254 on a pause also runs after each of the kills before, and would find them failed.
    machine.ask("systemctl stop 'smartevse-again@*'; systemctl reset-failed")
    machine.do(f"cp -a {CONFIG} /tmp/good.toml; sed -i 's/^port = .*/port = 99999/' {CONFIG}")
    machine.ask(f"systemctl restart {GUARD} {STATION}")
    time.sleep(3)
    for service in (guard, station):
        seen = [service.show(key) for key in ("ActiveState", "ExecMainStatus", "NRestarts")]
        report.row(
            f"{service.unit} (state, exit status, restarts in 3 s)",
            "failed 78 0",
            " ".join(seen),
            seen == ["failed", "78", "0"],
        )
        sentence = machine.ask(f"journalctl -o cat _SYSTEMD_UNIT={service.unit} | tail -1")
        report.row(
            f"what {service.unit} says",
            "the file, the key, the range",
            sentence,
            "port" in sentence and "65535" in sentence,
        )
    pauses = machine.ask("systemctl list-units --no-legend --plain --state=activating 'smartevse-again@*'")
    report.row("another try after a pause", "is not planned", pauses, not pauses)
    machine.do(f"cp -a /tmp/good.toml {CONFIG}; systemctl reset-failed; systemctl start {GUARD} {STATION}")
    report.took("both are ready again with the file put right", until(lambda: guard.ready and station.ready, 20), 20)
    _stranger(report, machine, guard, station)
    _pause(report, machine, station)


def _stranger(report: Report, machine: Machine, guard: Service, station: Service) -> None:
    """A program at pigpiod's port that takes connections and says nothing: it looks like a pigpiod that hangs."""
    silent = "import socket, time; s = socket.create_server(('127.0.0.1', 8888)); time.sleep(999)"
    machine.do(f"systemctl mask --runtime --now {PIGPIOD}; systemctl reset-failed")
    machine.do(f'systemd-run --quiet --unit=stranger /usr/bin/python3 -c "{silent}"')
    machine.ask(f"systemctl --no-block restart {GUARD} {STATION}")

    def ended(service: Service) -> bool:
        return [service.show(key) for key in ("ActiveState", "ExecMainStatus")] == ["failed", "78"]

    for service in (guard, station):
        took_s = until(lambda service=service: ended(service), 60, 0.2)  # type: ignore[misc]
        restarts = f"after {service.show('NRestarts')} restarts"
        report.took(f"a silent stranger at pigpiod's port: {service.unit} ends with 78", took_s, 60, restarts)
        said = machine.ask(f"journalctl -o cat _SYSTEMD_UNIT={service.unit} | grep 'not pigpiod but' | tail -1")
        held = "'python3'" in said and "end it" in said
        report.row(f"what {service.unit} says", "the program's name, and what to do", said, held)
    machine.ask("systemctl stop stranger")
    machine.do(f"systemctl unmask --runtime {PIGPIOD}; systemctl daemon-reload; systemctl reset-failed")
    machine.do(f"systemctl start {PIGPIOD} {GUARD} {STATION}")
    report.took("it is ended: both are ready again", until(lambda: guard.ready and station.ready, 20), 20)


def _pause(report: Report, machine: Machine, station: Service) -> None:
    """A station that fails at once, again and again: restarts at once, then a pause, then another try."""
    drop_in = f"{RUN}/smartevse.service.d/50-fails.conf"
    text = "[Service]\nExecStart=\nExecStart=/bin/false\n"
    machine.do(f"mkdir -p $(dirname {drop_in}); printf {shlex.quote(text)} >{drop_in}; systemctl daemon-reload")
    machine.ask(f"systemctl restart {STATION}")
    again, pause = "smartevse-again@smartevse.service.service", ("failed", "activating")
    seen_s = until(lambda: (station.show("SubState"), machine.ask(f"systemctl is-active {again}")) == pause, 60, 0.2)
    report.took(
        "a station that always fails: until systemd pauses", seen_s, 60, f"after {station.show('NRestarts')} restarts"
    )
    machine.do(f"rm {drop_in}; systemctl daemon-reload")
    report.took("the next try, when the pause is over", until(lambda: station.ready, 90, 0.5), 75)


def _upgrade(report: Report, machine: Machine, package: Path, guard: Service, station: Service) -> None:
    report.chapter = "Upgrade"
    machine.do(f"smartevse settings set MAX 13; sed -i 's/^mirror_contact = false/mirror_contact = true/' {CONFIG}")
    owner = machine.ask("stat -c %U /var/lib/smartevse/* | sort -u")
    report.row("owner of the settings after root has set one", "smartevse", owner, owner == "smartevse")
    pids = guard.pid, station.pid
    machine.copy(variant(package, "+newer", {}, {CONFIG.lstrip("/"): NEW_LINE}), "/tmp/newer.deb")
    since_s = time.monotonic()
    machine.do(f"{KEEP_MINE} /tmp/newer.deb")
    report.row(
        "apt-get install of a newer version with another smartevse.toml",
        "succeeds",
        f"{time.monotonic() - since_s:.1f} s",
        True,
    )
    until(lambda: guard.ready and station.ready, 20)
    new = guard.pid not in pids and station.pid not in pids and guard.ready and station.ready
    report.row("both services", "new processes, ready", "new and ready" if new else "not", new)
    kept = machine.ask("smartevse settings get MAX")
    report.row("what the owner had set (MAX 13)", "kept", kept, "13" in kept)
    line = machine.ask(f"grep ^mirror_contact {CONFIG}")
    report.row("what was written in the configuration", "kept", line, line.startswith("mirror_contact = true"))
    version = machine.ask("dpkg-query -W -f '${Version} ${Status}' smartevse")
    report.row("dpkg", "the newer version, installed", version, "+newer install ok installed" in version)
    machine.do(
        "dpkg-reconfigure smartevse 2>/dev/null || dpkg --configure --pending; dpkg --force-confold -i /tmp/newer.deb"
    )
    report.row("the same version once more", "succeeds", "succeeds", True)


def _go(report: Report, machine: Machine, package: Path) -> None:
    report.chapter = "Remove and purge"
    machine.do("apt-get remove --yes smartevse")
    left = machine.ask("pgrep --euid smartevse; systemctl list-units --no-legend --plain 'smartevse*'")
    report.row("processes and units after remove", "none", left, not left)
    code = machine.ask("ls -d /usr/lib/smartevse /usr/bin/smartevse 2>/dev/null")
    report.row("program files after remove", "none", code, not code)
    data = machine.ask(f"ls /var/lib/smartevse/settings.db {CONFIG}")
    report.row("the owner's settings and configuration after remove", "kept", data, len(data.split()) == 2)
    machine.copy(package, "/tmp/smartevse.deb")
    machine.do(f"{KEEP_MINE} /tmp/smartevse.deb")
    kept = machine.ask("smartevse settings get MAX")
    report.row("installed again: what the owner had set", "still there", kept, "13" in kept)
    machine.do("apt-get purge --yes smartevse")
    left = machine.ask(
        "ls -d /var/lib/smartevse /etc/smartevse /usr/lib/smartevse /etc/systemd/system/*/smartevse* 2>/dev/null"
    )
    report.row("files after purge", "none", left, not left)
    state = machine.ask("dpkg-query -W -f '${Status}' smartevse 2>&1")
    report.row("dpkg after purge", "does not know it", state, "no packages found" in state or "not-installed" in state)
