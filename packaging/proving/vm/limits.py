"""What the two services may not: shown by another program that runs with exactly their settings, as root."""

from __future__ import annotations

import json

from proving.service import Service
from proving.vm.places import Place

RUN = "/run/systemd/system"
PROBE = """\
import json, os, socket, sys
def attempt(work):
    try:
        work()
    except OSError as error:
        return type(error).__name__ + ": " + (error.strerror or "timed out")
    return "done"
def connect(host, port):
    socket.create_connection((host, port), 3).close()
def threads():
    import threading, time
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
def open_(path):
    os.close(os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
seen = {path: attempt(lambda: open_(path)) for path in sys.argv[2].split(",")}
seen["outside"] = attempt(lambda: connect("10.9.0.1", 9888))
seen["here"] = attempt(lambda: connect("127.0.0.1", 22))
try:
    threads()
    seen["threads"] = "done"
except RuntimeError as error:
    seen["threads"] = str(error)
open(sys.argv[1], "w").write(json.dumps(seen))
"""
ATTEMPTS = {
    # what is tried: (in words, the services that may)
    "/dev/vda": ("open the disk", ()),
    "/dev/mem": ("open the machine's memory", ()),
    "/dev/ttyUSB0": ("open the RS485 adapter", ("smartevse.service",)),
    "/dev/null": ("open /dev/null", ("smartevse.service", "smartevse-guard.service")),
}


def tell(place: Place) -> None:
    """Devices, network, number of tasks: the probe with the unit's settings, and for comparison without them."""
    report, machine = place.report, place.machine
    report.chapter = "Limits that the kernel keeps (a probe in the place of each program, as root)"
    machine.write("/srv/probe.py", PROBE)
    machine.write("/usr/lib/smartevse-vm/probe.py", PROBE)
    free = _probe(place, "free", "systemd-run --quiet --wait --collect")
    for service in (place.station, place.guard):
        seen = _in_place_of(place, service)
        for path, (what, allowed) in ATTEMPTS.items():
            may = service.unit in allowed
            held = (seen.get(path) == "done") == may
            report.row(f"{service.unit}: {what} ({path})", "may" if may else "may not", _both(seen, free, path), held)
        held = seen.get("outside", "done") != "done" and free["outside"] == "done"
        report.row(
            f"{service.unit}: reach another machine (IPAddressDeny)", "may not", _both(seen, free, "outside"), held
        )
        held = "refused" in seen.get("here", "").lower()
        report.row(f"{service.unit}: reach this machine", "may (nobody listens at this port)", seen.get("here"), held)
        held = seen.get("threads", "done") != "done" and free["threads"] == "done"
        report.row(
            f"{service.unit}: start 100 threads (TasksMax {service.show('TasksMax')})",
            "may not",
            _both(seen, free, "threads"),
            held,
        )
    place.ready()


def _both(seen: dict[str, str], free: dict[str, str], key: str) -> str:
    return f"{seen.get(key)}; without the unit's settings: {free.get(key)}"


def _probe(place: Place, name: str, runner: str) -> dict[str, str]:
    machine = place.machine
    machine.ask(f"{runner} /usr/bin/python3 /usr/lib/smartevse-vm/probe.py /tmp/{name}.json {','.join(ATTEMPTS)}")
    seen: dict[str, str] = json.loads(machine.ask(f"cat /tmp/{name}.json") or "{}")
    return seen


def _in_place_of(place: Place, service: Service) -> dict[str, str]:
    """Run the probe as the unit: only its program, its kind and its user are others."""
    machine, unit = place.machine, service.unit
    where = f"/run/{unit}.probe/seen.json"
    machine.write(
        f"{RUN}/{unit}.d/90-probe.conf",
        "[Service]\nType=oneshot\nRestart=no\nExecStopPost=\nWatchdogSec=0\nUser=root\nGroup=root\nExecStart=\n"
        f"ExecStart=/usr/bin/python3 /usr/lib/smartevse-vm/probe.py {where} {','.join(ATTEMPTS)}\n"
        f"ReadWritePaths=/run/{unit}.probe\n",
    )
    machine.do(f"mkdir -p /run/{unit}.probe; systemctl daemon-reload")
    machine.ask(f"systemctl stop {unit}; systemctl start {unit}")
    seen: dict[str, str] = json.loads(machine.ask(f"cat {where}") or "{}")
    machine.do(f"rm -r {RUN}/{unit}.d/90-probe.conf; systemctl daemon-reload")
    machine.ask(f"systemctl reset-failed {unit}; systemctl restart {unit}")
    return seen
