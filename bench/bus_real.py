"""Eight real chargers on one line: `python -m bench.bus --eight MINUTES --real [--damage SHARE]`.

Master and seven Nodes are the unchanged `smartevse run`, each with its `smartevse guard`, against one `smartevse twin`
with eight hats, a Sensorbox and four EV meters. Cars come and go, the house's load changes. With damage adapters are
pulled out and put back, and the Master is restarted. A listener at a further end of the line notes when the mains were
read and when the shares were told; the twin's own trace tells when pilots and contactors changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import serial

from bench.bus_eight import CIRCUIT_A, EV_METER, MAINS_A, METERED, OVER_S, UNITS
from bench.referee import LATE_S, Referee
from bench.rigs import quantile
from smartevse.bus.listener import BROADCAST_UNIT, Kind, Listener
from smartevse.bus.sensorbox import ADDRESS
from smartevse.bus.units import CURRENTS
from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import Fault
from tests.end_to_end.several import Several, several

LOOK_S = 0.25
STATION_PRIORITY, TWIN_PRIORITY = 46, 48
"""SCHED_RR, where it may be had: other work on the machine is no part of what is measured."""
FRAME_BYTES = 18
"""The mean length of a frame with seven Nodes, to damage a share of the frames by damaging bytes."""
SETTLE_S = 0.6
"""So long after the shares were told a Node's pilot belongs to them."""
AGAIN_S = 2.0
"""What ended is started again no sooner: thirty starts a minute are the limit of the units, too."""
LOST_S = 13.0
"""A station that was cut off until so long ago may say that it hears nothing: 10 s, and the time to write it."""
RESTART_EVERY_S = 240.0
STANDSTILL = (TEXTS[Fault.WATCHDOG_EXPIRED].sentence, "charging is stopped by a fault", "no guard at")
"""What the machine's own standstills make the stations say; the number of guards that ended tells of them."""
SAID = TEXTS[Fault.NO_SERIAL_COM].sentence


@dataclass
class Talk:
    """What a listener on the line notes."""

    read_s: list[float] = field(default_factory=list)
    """When the Sensorbox answered."""
    told_s: list[float] = field(default_factory=list)
    """When all were told their shares."""
    frames: int = 0
    damaged: int = 0

    def listen(self, device: str, end: threading.Event) -> None:
        """Until the end; to be run in a thread."""
        listener = Listener()
        with serial.Serial(device, 9600, timeout=0.02) as line:
            while not end.is_set():
                data = line.read(1)
                now_s = time.monotonic()
                data += line.read(line.in_waiting)
                for heard in listener.feed(data, now_s) if data else listener.idle(now_s):
                    self._note(heard.kind, heard.data, heard.at_s)

    def _note(self, kind: Kind, data: bytes, at_s: float) -> None:
        self.frames += 1
        self.damaged += kind is Kind.JUNK
        if kind is Kind.ANSWER and data[0] == ADDRESS:
            self.read_s.append(at_s)
        elif kind is Kind.REQUEST and data[0] == BROADCAST_UNIT and data[1:4] == bytes((16, 0, CURRENTS)):
            self.told_s.append(at_s)


@dataclass
class Pilots:
    """What the pilots of all units offered when, from the twin's trace."""

    seen: list[int] = field(default_factory=lambda: [0] * UNITS)
    events: list[tuple[float, int, str, float]] = field(default_factory=list)
    """Time, unit, "duty" or "c1_contacts", value."""

    def look(self, all_: Several) -> None:
        """Fetch what is new."""
        for unit in range(UNITS):
            answer = json.loads(all_.do(unit, f"trace {self.seen[unit]}"))
            self.seen[unit] = answer["next"]
            for at_s, name, value in answer["events"]:
                if name in ("duty", "c1_contacts"):
                    self.events.append((at_s, unit, name, float(value)))

    def over_circuit_s(self) -> tuple[float, float, int]:
        """The longest time above CIRCUIT, the highest sum (A), and the most cars at once."""
        duty, closed = [1000.0] * UNITS, [False] * UNITS
        longest_s, since_s, highest_a, most = 0.0, None, 0.0, 0
        for at_s, unit, name, value in sorted(self.events):
            if name == "duty":
                duty[unit] = value
            else:
                closed[unit] = bool(value)
            charging = [duty[n] * 0.06 for n in range(UNITS) if closed[n] and duty[n] < 970]
            most = max(most, len(charging))
            highest_a = max(highest_a, sum(charging))
            if sum(charging) > CIRCUIT_A + 0.5:
                since_s = at_s if since_s is None else since_s
            elif since_s is not None:
                longest_s, since_s = max(longest_s, at_s - since_s), None
        return longest_s, highest_a, most

    def after_reading_s(self, talk: Talk) -> list[float]:
        """From each reading of the mains that moved a Node's pilot to the last Node's."""
        changes = sorted(at_s for at_s, unit, name, value in self.events if unit and name == "duty" and value < 970)
        found = []
        for read_s in talk.read_s:
            told_s = next((at_s for at_s in talk.told_s if at_s > read_s), None)
            if told_s is None:
                continue
            moved = [at_s for at_s in changes if told_s < at_s <= told_s + SETTLE_S]
            if moved:
                found.append(moved[-1] - read_s)
        return sorted(found)


@dataclass
class Story:
    """What is done to the eight, and what was seen of it."""

    all_: Several
    referee: Referee
    rough: bool
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    pilots: Pilots = field(default_factory=Pilots)
    gone: list[tuple[int, float, float]] = field(default_factory=list)
    """Unit, and from when until when (wall clock) it was cut off or not running."""
    over_mains_s: float = 0.0
    worst_mains_s: float = 0.0
    charged_s: float = 0.0
    restarts: int = 0
    ended: dict[str, int] = field(default_factory=lambda: {"guard": 0, "station": 0})
    """How often one that had ended was started again, as systemd does: the simulated pigpiod was silent to it."""
    house_a: float = 6.0
    _cut: tuple[int, float] | None = None
    _stopped: tuple[int, str] | None = None
    _not_before_s: dict[tuple[int, str], float] = field(default_factory=dict)
    _plugged: set[int] = field(default_factory=set)

    def run(self, seconds: float) -> None:
        """Do and look, for so long."""
        start_s = last_s = time.monotonic()
        due = {"car": start_s, "house": start_s, "fault": start_s + 30, "restart": start_s + RESTART_EVERY_S}
        while (now_s := time.monotonic()) - start_s < seconds:
            self._look(now_s - last_s)
            last_s = now_s
            for what, act in (("car", self._car), ("house", self._house), ("fault", self._fault)):
                if now_s >= due[what] and (self.rough or what != "fault"):
                    due[what] = now_s + act()
            if self.rough and now_s >= due["restart"]:
                due["restart"] = now_s + RESTART_EVERY_S
                self._restart()
            time.sleep(max(0.0, now_s + LOOK_S - time.monotonic()))
        self._restore()

    def _look(self, step_s: float) -> None:
        self._again()
        self.pilots.look(self.all_)
        house = self.all_.world(0)["house"]
        mains_a = max(house["mains_a"])
        self.over_mains_s = self.over_mains_s + step_s if mains_a > MAINS_A + 0.5 else 0.0
        self.worst_mains_s = max(self.worst_mains_s, self.over_mains_s)
        self.charged_s += step_s if mains_a > self.house_a + 1 else 0.0

    def _again(self) -> None:
        """Start what has ended by itself, and note who was away for it."""
        for unit, made in enumerate(self.all_.rigs):
            latest = {program.name: program for program in made.programs}
            for name, begin in (("guard", made.guard), ("station", made.station)):
                if latest[name].process.poll() is None or (unit, name) == self._stopped:
                    continue
                if time.monotonic() < self._not_before_s.get((unit, name), 0.0):
                    continue
                self._not_before_s[unit, name] = time.monotonic() + AGAIN_S
                if "refused command" in latest[name].text()[-200:]:  # its pigpiod has no free handle left
                    self.all_.do(unit, "pigpiod kill")
                    self.all_.do(unit, "pigpiod start")
                again = begin()
                self.ended[name] += 1
                if name == "station":
                    self.all_.stations[unit] = again
                    self.gone.append((unit, time.time() - LOST_S, time.time() + 3))

    def _car(self) -> float:
        unit = self.dice.randrange(UNITS)
        if unit not in self._plugged:
            self._plugged.add(unit)
            self.all_.do(unit, "ev plug")
            self.all_.do(unit, "ev ready")
        elif self.dice.random() < 0.5:
            self._plugged.discard(unit)
            self.all_.do(unit, "ev unplug")
        return self.dice.uniform(5, 15)

    def _house(self) -> float:
        self.house_a = round(self.dice.uniform(2, 20), 1)
        self.all_.do(0, f"house {self.house_a} {self.house_a} {self.house_a}")
        return self.dice.uniform(10, 30)

    def _fault(self) -> float:
        self._restore()
        unit = self.dice.choice((None, None, *range(UNITS)))
        if unit is not None:
            self._cut = unit, time.time()
            self.all_.do(unit, "bus cut")
        return self.dice.uniform(20, 40)

    def _restore(self) -> None:
        if self._cut is not None:
            unit, since_s = self._cut
            self.all_.do(unit, "bus restore")
            self.gone.append((unit, since_s, time.time()))
            self._cut = None

    def _restart(self) -> None:
        since_s = time.time()
        self._stopped = 0, "station"
        self.all_.stations[0].stop()
        end_s = time.monotonic() + self.dice.uniform(1, 15)
        while time.monotonic() < end_s:
            self._look(LOOK_S)
            time.sleep(LOOK_S)
        self.all_.stations[0] = self.all_.rigs[0].station()
        self._stopped = None
        self.restarts += 1
        self.gone.append((0, since_s, time.time() + 3))

    def errors(self) -> dict[int, tuple[int, int, int]]:
        """By unit: how often it said that it hears nothing; of these neither it nor the Master had been cut off; of
        these the machine had kept no bytes waiting.
        """
        found = {}
        for unit, made in enumerate(self.all_.rigs):
            at_s = [_clock_s(line) for line in _log(made.folder) if SAID in line and "over:" not in line]
            alone = [moment for moment in at_s if not self._was_gone(unit, moment)]
            ours = [moment for moment in alone if not self.referee.late_within(moment - LOST_S, moment + 1)]
            if at_s:
                found[unit] = len(at_s), len(alone), len(ours)
        return found

    def _was_gone(self, unit: int, at_s: float) -> bool:
        return any(who in (0, unit) and begin <= at_s and end >= at_s - LOST_S for who, begin, end in self.gone)


def _log(folder: Path) -> list[str]:
    return (folder / "station.log").read_text("utf-8", "replace").splitlines()


def _clock_s(line: str) -> float:
    """The time of a line of the log ("13:36:23 INFO ..."), today or yesterday, on the wall clock."""
    now = time.localtime()
    hours, minutes, seconds = (int(part) for part in line[:8].split(":"))
    at_s = time.mktime((now.tm_year, now.tm_mon, now.tm_mday, hours, minutes, seconds, 0, 0, -1))
    return at_s if at_s <= time.time() + 1 else at_s - 86_400


def _processor_s(all_: Several) -> float:
    """What all programs have used so far."""
    ticks = 0
    for made in all_.rigs:
        for program in made.programs:
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{program.pid}/stat").read_text("ascii").rpartition(")")[2].split()
                ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _system(folder: Path) -> Iterator[tuple[Several, Talk, Referee]]:
    with several(folder, UNITS) as all_:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(STATION_PRIORITY))  # what is started inherits it
        all_.twin("--watch")
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(all_.rigs[0].programs[0].pid, os.SCHED_RR, os.sched_param(TWIN_PRIORITY))
        for unit, made in enumerate(all_.rigs):
            made.settings("set", "LOAD BAL", "Master" if unit == 0 else f"Node {unit}")
            if unit < METERED:
                made.settings("set", "EV METER", "Eastron")
                made.settings("set", "EV ADR", str(EV_METER + unit))
        for name, value in (("MODE", "Smart"), ("CIRCUIT", str(CIRCUIT_A)), ("MAINS", str(MAINS_A))):
            all_.rigs[0].settings("set", name, value)
        all_.start()
        talk, referee, end = Talk(), Referee(), threading.Event()
        threads = [
            threading.Thread(target=talk.listen, args=(str(folder / "watch"), end)),
            threading.Thread(target=referee.watch, args=(end,)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield all_, talk, referee
        finally:
            end.set()
            for thread in threads:
                thread.join()


def eight_real(minutes: float, damage: float) -> int:
    """Run and print; the exit status."""
    with (
        tempfile.TemporaryDirectory(prefix="smartevse-real-") as folder,
        _system(Path(folder)) as (all_, talk, referee),
    ):
        if damage:
            all_.do(0, f"bus noise {damage / FRAME_BYTES:.6f}")
        before, busy_s, began_s = all_.world(0)["bus"], _processor_s(all_), time.monotonic()
        story = Story(all_, referee, rough=damage > 0)
        story.run(minutes * 60)
        took_s = time.monotonic() - began_s
        after, busy_s = all_.world(0)["bus"], _processor_s(all_) - busy_s
        over_s, highest_a, most = story.pilots.over_circuit_s()
        delays = story.pilots.after_reading_s(talk) or [float("inf")]
        errors = story.errors()
        sent = after["bytes"] - before["bytes"]
        print(
            f"8 real chargers, {minutes:g} min, {damage:.1%} of the frames damaged (process {os.getpid()}, "
            f"load {os.getloadavg()[1]:.1f}):\n"
            f"  {sent:,} bytes, {sent / 960 / took_s:.0%} of the wire, {after['collisions'] - before['collisions']} "
            f"collisions; {talk.damaged} of {talk.frames} pieces heard were no frame\n"
            f"  {len(story.gone)} times a charger was cut off or the Master restarted ({story.restarts})\n"
            f"  ended as the machine stood still, and started again: {story.ended['guard']} guards, "
            f"{story.ended['station']} stations\n"
            f"  at most {most} cars at once, somebody charged for {story.charged_s / 60:.0f} min, "
            f"offers of {highest_a:.1f} A at most of {CIRCUIT_A} A\n"
            f"  longest above CIRCUIT {over_s:.1f} s, above MAINS {story.worst_mains_s:.1f} s\n"
            f"  mains reading to the last Node's new duty: median {quantile(delays, 0.5):.2f} s, "
            f"p99 {quantile(delays, 0.99):.2f} s, longest {delays[-1]:.2f} s of {len(delays)}\n"
            f"  the machine kept {len(referee.late)} of {referee.sent} bytes of a referee's pty waiting for over "
            f"{LATE_S * 1000:.0f} ms, the longest {max((late for _, late in referee.late), default=0.0):.2f} s\n"
            f"  NO SERIAL COM by unit (not cut off; of these without such a delay before): {errors or 'none'}\n"
            f"  all programs together used {busy_s / took_s:.0%} of one processor"
        )
        _keep(all_, story)
        ours = sum(count for _, _, count in errors.values())
        tracebacks = sum("Traceback" in program.text() for made in all_.rigs for program in made.programs)
        print(f"  tracebacks: {tracebacks}")
    return 0 if not ours and not tracebacks and (over_s <= OVER_S or damage) and story.charged_s else 1


def _keep(all_: Several, story: Story) -> None:
    """The lines that tell of trouble, with the times at which somebody was cut off, for whoever looks for a cause."""
    for unit, begin, end in story.gone:
        print(f"  gone: unit {unit} {time.strftime('%H:%M:%S', time.localtime(begin))} to {end - begin:.0f} s later")
    for unit, made in enumerate(all_.rigs):
        for line in _log(made.folder):
            if (" WARNING " in line or " ERROR " in line) and not any(word in line for word in STANDSTILL):
                print(f"  unit {unit}: {line.replace(str(all_.folder), '')}")
