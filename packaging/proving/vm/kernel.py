"""The kernel's way to the hat under a real systemd: a hat as a kernel module, and no pigpiod anywhere.

Here the hat is inside the machine, and judges by itself: its one-shot, its window, its contactor, each change with the
time of its clock (guest/hat.c). The twin is not asked.
"""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from typing import Any

from proving.service import Service, until
from proving.vm.places import Place
from smartevse.hal import hat

FILES = "/sys/kernel/debug/hat"
CABLE_OHM = 220
"""The resistor of a cable for 32 A."""
PILOT_V = {"pilot_a": 12.0, "pilot_b": 9.0, "pilot_c": 6.0, "low": -12.0, "zero": 0.0}
NONE, PLUGGED, ASKS = 0, 1, 2
DUTY_13_A = 217


def codes() -> dict[str, int]:
    """What the hat's converter reads, by the names of the module's files."""
    board = hat.load()
    scale, channels = board.raw["scale"], board.channels
    pin_v = {
        channels.pp: 2.5 * CABLE_OHM / (CABLE_OHM + scale["pp_pullup_ohm"]),
        channels.temperature: scale["temperature_offset_v"] + 25 * scale["temperature_v_per_k"],
        channels.lock_b: 0.0,
        channels.rail_12v: 12 / scale["rail_divider"],
        channels.ntc: board.reference_v / 2,
    }
    found = {f"ch{channel}": board.code(volts) for channel, volts in pin_v.items()}
    return found | {
        name: board.code(volts * scale["cp_gain"] + scale["cp_offset_v"]) for name, volts in PILOT_V.items()
    }


def fit(place: Place) -> None:
    """Put the hat on, now and at every start."""
    machine = place.machine
    lines = "\n".join(f"echo {code} >{FILES}/{name}" for name, code in codes().items())
    machine.write("/usr/lib/smartevse-vm/hat", f"#!/bin/sh -e\nmodprobe -a i2c-dev hat\n{lines}\n", "755")
    machine.write(
        "/etc/systemd/system/proof-hat.service",
        # where udev loads the drivers of a Raspberry Pi's buses
        "[Unit]\nDefaultDependencies=no\nAfter=systemd-udevd.service systemd-remount-fs.service\n"
        "After=sys-kernel-debug.mount\n"
        "Wants=sys-kernel-debug.mount\nBefore=sysinit.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
        "ExecStart=/usr/lib/smartevse-vm/hat\n[Install]\nWantedBy=sysinit.target\n",
    )
    machine.do("systemctl daemon-reload; systemctl enable --now proof-hat")


def had_devices_us(place: Place) -> int:
    """When udev had given the last of the hat's devices to their groups, in us since the start of the machine."""
    said = place.machine.ask("stat -c %.Z /dev/gpiochip* /dev/spidev*; date +%s.%N; cut -d' ' -f1 /proc/uptime")
    *given_s, now_s, up_s = map(float, said.split())
    return round((max(given_s) - now_s + up_s) * 1e6)


def tell(place: Place) -> None:
    """From a start to every kind of end."""
    report, machine = place.report, place.machine
    report.chapter = "The kernel's way: GPIO lines, SPI, I2C and PWM, and no pigpiod"
    none = machine.ask(
        "ls /usr/bin/pigpiod; dpkg-query -W -f '${Package} ${Status}' pigpio pigpiod | grep 'ok installed'"
    )
    report.row("pigpiod in this machine", "none", none, not none)
    used = machine.ask(
        f"ls -l /proc/{place.guard.pid}/fd | grep -o 'anon_inode:gpio.*\\|/dev/spi.*\\|/sys/.*' | sort -u | xargs"
    )
    held = all(word in used for word in ("gpio-line", "spidev0.0", "pwm"))
    report.row('what the guard has open (backend = "auto")', "GPIO, SPI and PWM of the kernel", used, held)
    used = machine.ask(f"ls -l /proc/{place.station.pid}/fd | grep -o '/dev/gpio.*\\|/dev/i2c.*' | sort -u | xargs")
    report.row("what the station has open", "GPIO and I2C of the kernel", used, "gpiochip" in used and "i2c-1" in used)
    first = _state(place)
    time.sleep(5)
    second = _state(place)
    rate = (second["beats"] - first["beats"]) * 1e9 / (second["now_ns"] - first["now_ns"])
    report.row("heartbeats a second (100 at full speed)", "50 to 101", f"{rate:.1f}", 50 <= rate <= 101)
    duty = second["duty_permille"]
    report.row("the pilot without a car", "steady +12 V (1000 permille)", f"{duty} permille", duty == 1000)
    shown = _shown(place)
    report.row("the display (bytes on I2C as characters)", "READY TO CHARGE", shown, "READY TO CHARGE" in shown)
    _charge(place)
    _faults(place)
    _car(place, NONE)
    report.took("the car is unplugged: the contactor is open", until(lambda: not _state(place)["c1"], 10), 2)


def _charge(place: Place) -> None:
    report = place.report
    _car(place, PLUGGED)
    offered = until(lambda: abs(_state(place)["duty_permille"] - DUTY_13_A) <= 1, 30)
    report.took(
        "a car is plugged in: the PWM offers it 13 A (21.7 %)",
        offered,
        20,
        f"{_state(place)['duty_permille']} permille",
    )
    _car(place, ASKS)
    report.took("it asks: the contactor is closed", until(lambda: _state(place)["c1"], 20), 10)


def _faults(place: Place) -> None:
    report, machine = place.report, place.machine
    for service, name, what in (
        (place.guard, "KILL", "kill -9"),
        (place.guard, "STOP", "SIGSTOP"),
    ):
        _struck(place, service, name, what)
    again = until(lambda: _state(place)["c1"], 60)
    report.took("the car charges again by itself", again, 60)
    before = _log(place)
    back_s = place.station.back_after(lambda: place.station.signal("KILL"), 60)
    report.took("smartevse: kill -9, until it is ready again", back_s, 20)
    report.took("the car charges again by itself", until(lambda: _state(place)["c1"], 60), 60)
    ended = len([line for line in _log(place)[len(before) :] if line[1:] == ("contact", 0)])
    report.row("how often the contactor opened meanwhile", "told", f"{ended} times", True)
    pids, count = place.processes(), len(_log(place))
    machine.do(f"echo 1 >{FILES}/lcd_fault; sleep 5; echo 0 >{FILES}/lcd_fault")
    opened = [line for line in _log(place)[count:] if line[1:] == ("contact", 0)]
    held = not opened and place.processes() == pids
    report.row(
        "nobody answers on I2C for 5 s", "no process and no contactor notices", "none did" if held else opened, held
    )
    sent = _state(place)["lcd_bytes"]
    report.took("the display is written again", until(lambda: _state(place)["lcd_bytes"] > sent + 200, 30), 20)
    machine.do("systemctl stop smartevse-guard")
    state = _state(place)
    held = not state["c1"] and not state["c1_cmd"] and state["duty_permille"] == 1000
    report.row("systemctl stop smartevse-guard", "contactor open, its command off, pilot +12 V", state, held)
    machine.do("systemctl start smartevse-guard smartevse")
    report.took("and start: the car charges again by itself", until(lambda: _state(place)["c1"], 60), 60)


def _struck(place: Place, service: Service, name: str, what: str) -> None:
    report = place.report
    again = until(lambda: _state(place)["c1"], 90)
    report.took("the car charges", again, 90)
    count = len(_log(place))
    back_s = service.back_after(lambda: service.signal(name), 60)
    news = _log(place)[count:]
    beats = [value for _, event, value in news if event == "last_beat"]
    seen: dict[str, float] = {}
    for at_ns, event, value in news:
        if not value and event in ("coil", "contact") and event not in seen and beats:
            seen[event] = (at_ns - beats[0]) / 1e6
    times = ", ".join(f"{event} {ms:.0f} ms" for event, ms in seen.items())
    held = seen.get("coil", 1e9) <= 110 and seen.get("contact", 1e9) <= 160
    short = service.unit.removesuffix(".service")
    must = "within 110 and 160 ms"
    report.row(f"{short}: {what}, from the last heartbeat until coil and contactor are off", must, times, held)
    report.took(f"{short}: {what}, until it is ready again", back_s, 25)
    duty = [line for line in _log(place) if line[1] == "pwm_low_ns"][-1]
    report.row(f"{short}: {what}, the last duty that the PWM was given", "told", f"{duty[2]} ns of 1,000,000 low", True)


def _car(place: Place, kind: int) -> None:
    place.machine.do(f"echo {kind} >{FILES}/car")


def _state(place: Place) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(place.machine.do(f"cat {FILES}/state"))
    return state


def _log(place: Place) -> list[tuple[int, str, int]]:
    lines = (line.split() for line in place.machine.do(f"cat {FILES}/log").splitlines())
    return [(int(at_ns), event, int(value)) for at_ns, event, value in lines]


def _shown(place: Place) -> str:
    """The characters among what the display was sent: four bits at each falling edge of E, high ones first."""
    data = bytes.fromhex(place.machine.do(f"cat {FILES}/shown"))
    halves = [(before >> 4, before & 1) for before, after in pairwise(data) if before & 4 and not after & 4]
    found = (
        chr(high << 4 | low) for (high, register), (low, _) in zip(halves[::2], halves[1::2], strict=False) if register
    )
    return re.sub(r"\s+", " ", "".join(found))[-300:]
