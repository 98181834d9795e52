"""What befalls a machine: no memory, a disk that is full or read-only, clocks that jump, plugs that are pulled."""

from __future__ import annotations

import time

from proving import power
from proving.outside import Twin
from proving.service import Service, until
from proving.vm.places import CHARGE_S, CONFIG, STATION, Place

HOG = """\
x = []
while True:
    x.append(bytearray(1 << 20))
"""
"""Takes memory until somebody ends it."""
CGROUP = "/sys/fs/cgroup/system.slice"
JUMPS = (
    ("one day forward", "date --set '+1 day'"),
    ("one day back", "date --set '-1 day'"),
    ("to the year 2000", "date --set '2000-01-01 00:00:00'"),
    ("to the year 2037", "date --set '2037-12-31 23:59:00'"),
)
HOLD = 'os.open("/dev/ttyUSB0", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK); time.sleep(9999)'
BY_ID = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_A1-if00-port0"
"""The adapter's name that stays the same."""


def memory(place: Place) -> None:
    """A program that takes all memory of the machine, and a leak inside each service's own limit."""
    place.report.chapter = "Out of memory"
    place.machine.write("/srv/hog.py", HOG)
    _machine_wide(place)
    for service, other in ((place.station, place.guard), (place.guard, place.station)):
        _own_limit(place, service, other)


def _machine_wide(place: Place) -> None:
    report, machine = place.report, place.machine
    killed = "journalctl -k -o cat --since '-3 min' --grep 'Out of memory: Killed process' | tail -1"

    def hog() -> None:
        machine.do("systemd-run --quiet --unit=hog /usr/bin/python3 /srv/hog.py")
        until(lambda: machine.ask("systemctl is-active hog") != "active", 120, 0.5)

    place.untouched("a program takes all memory of the machine", hog)
    said = machine.ask(killed)
    ended = machine.ask("systemctl show hog --property=Result --value")
    report.row("whom the kernel ends", "that program", f"{said} ({ended})", "python3" in said and ended == "oom-kill")
    machine.ask("systemctl reset-failed hog")


def _own_limit(place: Place, service: Service, other: Service) -> None:
    """A hog joins the service's own group of processes: its limit counts for all of them."""
    report, machine, unit = place.report, place.machine, service.unit
    place.charge()
    limit_mb = int(service.show("MemoryMax")) >> 20
    pid = other.pid
    join = f"echo $BASHPID >/sys/fs/cgroup/system.slice/{unit}/cgroup.procs"
    back_s = service.back_after(lambda: machine.ask(f"bash -c '{join}; exec /usr/bin/python3 /srv/hog.py'"), 120)
    said = machine.ask(f"journalctl -u {unit} -o cat --since '-2 min' | grep -i oom | tail -1")
    report.row(f"a leak in {unit}", f"ends at its {limit_mb} MB", said, "oom" in said.lower())
    report.took(f"{unit} is ready again", back_s, 60)
    same = other.pid == pid
    report.row(f"{other.unit} meanwhile", "the same process", "the same" if same else "another", same)
    place.charges_again()


def disk(place: Place) -> None:
    """Not a byte free; then the whole root read-only, as the kernel makes it after an error of the card."""
    report, machine, twin, station = place.report, place.machine, place.twin, place.station
    power.full(report, machine, twin, station, 30.0)
    report.chapter = "The whole disk read-only, as after an error of the card"
    place.charge()
    machine.do("smartevse settings set MAX 13")
    cycles = place.cycles()
    machine.do("sync; echo u >/proc/sysrq-trigger; sleep 2")
    mounted = machine.ask("grep ' / ' /proc/mounts")
    report.row("the disk (sysrq u)", "read-only", mounted, " ro," in mounted)
    refused = machine.ask("smartevse settings set MAX 21 2>&1; echo status $?")
    held = "status 1" in refused and "Traceback" not in refused
    report.row("smartevse settings set MAX 21", "refused with a sentence", refused, held)
    power.goes_on(report, machine, twin, cycles, "13 A")
    for service in (place.station, place.guard):
        back_s = service.back_after(lambda service=service: service.signal("KILL"), 90)  # type: ignore[misc]
        report.took(f"{service.unit} after kill -9, the disk still read-only", back_s, 30)
    place.charges_again()
    machine.do("mount -o remount,rw /")
    value = machine.ask(
        "smartevse settings set MAX 12 >/dev/null; smartevse settings get MAX; smartevse settings set MAX 13"
    )
    report.row("writable again: smartevse settings set MAX 12", "is set", value, value.startswith("12 A"))


def clock(place: Place) -> None:
    """The wall clock jumps while a car charges."""
    report, machine = place.report, place.machine
    report.chapter = "The clock jumps, while charging"
    for what, command in (*JUMPS, ("to the right time again", "")):

        def jump(command: str = command) -> None:
            machine.do(command or f"date --set @{time.time():.3f}")
            time.sleep(6)

        place.untouched(what, jump)
    told = machine.ask(f"systemctl show {STATION} --property=StatusText --value")
    report.row("systemctl status after all that", "state C and the current", told, "state C" in told)


def adapter(place: Place) -> None:
    """The RS485 adapter is pulled out of USB and put back, also under another name."""
    report, machine, twin = place.report, place.machine, place.twin
    report.chapter = "The RS485 adapter is pulled out while charging in Smart"
    machine.do(f"sed -i 's#^device = .*#device = \"{BY_ID}\"#' {CONFIG}; smartevse settings set MODE Smart")
    machine.do(f"systemctl restart {STATION}")
    place.ready()
    report.took("the station reads the Sensorbox, and the car charges", place.charge(), CHARGE_S)
    pid = place.station.pid
    for what, before, name in (
        ("put back", "time.sleep(0)", "/dev/ttyUSB0"),
        ("put back while another program holds the old name", HOLD, "/dev/ttyUSB1"),
    ):
        machine.do(f"systemd-run --quiet --unit=holder --collect /usr/bin/python3 -c 'import os, time; {before}'")
        time.sleep(3)
        place.charge()
        machine.unplug()
        open_s = until(lambda: not twin.charges(), 30)
        seen = "it did not happen" if open_s is None else f"after {open_s:.1f} s"
        held = open_s is not None and 5 <= open_s <= 20
        report.row("pulled out: the charge ends when the readings are too old (10 s)", "after 5 to 20 s", seen, held)
        told = machine.ask(f"journalctl -u {STATION} -o cat --since '-40 s' | grep -i -e rs485 -e ttyUSB | tail -1")
        report.row("what the journal says", "the line is lost", told, bool(told))
        frames = twin.state()["bus"]["frames"]

        def works(frames: int = frames) -> bool:
            return bool(twin.state()["bus"]["frames"] > frames + 4)

        machine.plug()
        report.took(f"{what}: the line works", until(works, 40), 20)
        found = machine.ask(f"readlink -f {BY_ID}")
        report.row("its name", name, found, found == name)
        place.charges_again()
        machine.ask("systemctl stop holder")
    same = place.station.pid == pid
    report.row("the station meanwhile", "the same process", "the same" if same else "another", same)
    machine.unplug()
    time.sleep(2)
    machine.plug()
    machine.do("smartevse settings set MODE Normal")


def display(place: Place) -> None:
    """The display's plug is pulled out and put back."""
    report, twin = place.report, place.twin
    report.chapter = "The display is gone, while charging"

    def gone() -> None:
        twin.say("fault lcd-off")
        time.sleep(5)

    place.untouched("nobody answers on I2C for 5 s", gone)
    twin.say("fault lcd-off off")
    shown_s = until(lambda: any(line.strip() for line in twin.state()["lcd"]["lines"]), 40)
    report.took("put back: the display shows its text again", shown_s, 20, " / ".join(_ascii(twin)))
    place.untouched("after that", lambda: time.sleep(1))


def _ascii(twin: Twin) -> list[str]:
    lines: list[str] = twin.state()["lcd"]["lines"]
    return ["".join(character if character.isascii() else "~" for character in line).strip() for line in lines]
