"""A day of a station in virtual time: every line for the journal and every file that is kept, with its second.

What decides and what is written is the product's: regulation, session, journal lines with their ration, the guard's
diary, contactor's counters, recordings. House, sun and car are the simulator's; guard and car between them are the
few lines of `bench.bus_eight`. A step is a second, a decision is due every two.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.bus_eight import Guard
from bench.regulation.families import under_sun
from smartevse.bus.ev_meter import EvReading
from smartevse.core.diary import Diary
from smartevse.core.faults import Fault
from smartevse.core.measurement import Reading
from smartevse.core.pilot import Level
from smartevse.core.states import Event, Hold, State
from smartevse.core.tick import Report
from smartevse.drivers.journal_log import priority
from smartevse.guard.wire import Flag, Status
from smartevse.physics.sun import Sky, cloudy_trace
from smartevse.recorder.keep import collect
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station.changes import Changes, Seen
from smartevse.station.journal import IDENTIFIER as STATION
from smartevse.station.journal import Rationed, event
from smartevse.station.regulation import Offer, Regulation
from smartevse.station.session import Session, after
from smartevse.station.station import KEPT
from smartevse.station.wear_watch import WearWatch
from tests.recorder.recorded import NOON_MS

DAY_S = 24 * 3600
VOLTS = 230
HOUR = 3600
RING_S = 60
"""The guard puts a recording aside at most once in this time."""


@dataclass(frozen=True, slots=True)
class Written:
    """One thing that is written: an entry of the journal (its fields), or a file of the state directory (its kind)."""

    at_s: int
    fields: tuple[tuple[str, str], ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A kind of day: what it is, the owner's settings, sky, house, when a car is there, what breaks."""

    name: str
    means: str
    settings: tuple[tuple[str, Value], ...] = ()
    cover: float = 0.0
    peak_w: float = 7000.0
    sun: bool = False
    there: tuple[tuple[int, int], ...] = ()
    """From and to the hour in which a car is plugged in."""
    wants_wh: float = 1e9
    """What each car takes."""
    flutters_s: int = 0
    """A wire of the pilot that has contact and none, changing after so many seconds; 0: sound."""
    shorted_s: int = 0
    """A wire of the pilot that is shorted once in so many seconds; 0: sound."""
    settings_set: int = 0
    """How often the owner changes a setting."""


Settings = tuple[tuple[str, Value], ...]
SOLAR: Settings = (("mode", "solar"), ("max", 16), ("start", 4), ("mains", 25), ("ev_meter", "eastron"))
SMART: Settings = (("mode", "smart"), ("max", 32), ("mains", 20), ("ev_meter", "eastron"))
NORMAL: Settings = (("mode", "normal"), ("max", 16))
DAYS = (
    Day("at rest", "no car comes", SOLAR, sun=True),
    Day(
        "ordinary", "Solar under a sky with some clouds; a car from 8 to 12 and one from 14 to 19",
        SOLAR, cover=0.25, sun=True, there=((8, 12), (14, 19)), settings_set=2, wants_wh=14_000.0,
    ),
    Day(
        "broken clouds", "Solar, half the sky is clouds that pass; the car is there all day and never full",
        SOLAR, cover=0.5, sun=True, there=((0, 24),),
    ),
    Day(
        "restless house", "Smart, a house that switches all the time at a small connection; the car is never full",
        SMART, there=((0, 24),),
    ),
    Day("loose wire", "a car's pilot has no contact for 7 s of every 14", NORMAL, there=((0, 24),), flutters_s=7),
    Day("shorted wire", "a car's pilot is shorted for 2 s of every 30", NORMAL, there=((0, 24),), shorted_s=30),
)  # fmt: skip


@dataclass
class _Book:
    """Collects what is written."""

    written: list[Written] = field(default_factory=list)
    now_s: int = 0
    left_out: int = 0

    def __post_init__(self) -> None:
        self._ration = Rationed(lambda: float(self.now_s))

    def line(self, level: int, text: str, fields: dict[str, str]) -> None:
        """A line of the station, if its ration allows it."""
        record = logging.LogRecord("smartevse.station", level, "", 0, text, (), None)
        vars(record).update(fields)
        if not self._ration.filter(record):
            self.left_out += 1
            return
        entry = {
            "MESSAGE": record.getMessage(),
            "PRIORITY": str(priority(level)),
            "SYSLOG_IDENTIFIER": STATION,
            **fields,
        }
        self.written.append(Written(self.now_s, tuple(entry.items())))

    def file(self, kind: str) -> None:
        """A file of the state directory."""
        self.written.append(Written(self.now_s, file=kind))


def play(day: Day, folder: Path, seed: int = 1) -> tuple[list[Written], int]:
    """The whole day: what is written, and how many lines of the station the ration left out.

    `folder` is where the contactor's counters are kept meanwhile.
    """
    dice, book = random.Random(seed), _Book()
    values = default_values().changed(dict(day.settings))
    house = _house(day, seed)
    regulation, guard, changes, diary = Regulation(line=True), Guard(), Changes(), Diary()
    session, reading, wear = Session(), None, WearWatch(folder)
    counter_wh, taken_wh, cycles = 0.0, 0.0, 0
    faults, raised, seen_fault_s = 0, 0, -10
    recorded_s, closed = -DAY_S, 3
    sets = sorted(dice.randrange(7 * HOUR, 22 * HOUR) for _ in range(day.settings_set))
    for now_s in range(DAY_S):
        book.now_s = now_s
        there = any(since * HOUR <= now_s < until * HOUR for since, until in day.there)
        shorted = bool(day.shorted_s) and there and now_s % day.shorted_s < 2
        cut = day.flutters_s > 0 and now_s // day.flutters_s % 2 == 1
        if there and not guard.plugged and not cut:
            taken_wh = 0.0
        guard.plugged = there and not cut
        if now_s % 2 == 0:
            takes_da = round(guard.takes_a * 10)
            one = values["mode"] == "solar"
            base = house(now_s)
            reading = Reading(base[0] + takes_da, base[1] + takes_da * (not one), base[2] + takes_da * (not one), now_s)
        counter_wh += guard.takes_a * VOLTS / HOUR
        taken_wh += guard.takes_a * VOLTS / HOUR
        ev = EvReading((round(guard.takes_a * 10), 0, 0), round(guard.takes_a * VOLTS), now_s, int(counter_wh), now_s)
        before = guard.state
        if shorted:
            guard.state, guard.since_s = State.E, float(now_s)
            faults, raised, seen_fault_s = 1 << Fault.PILOT_SHORT, raised + (not faults), now_s
        elif guard.state is State.E:
            guard.state = State.A
        if faults and now_s - seen_fault_s > 1:
            faults = 0
        status = _status(guard, now_s, faults, raised, cycles, closed, full=taken_wh >= day.wants_wh)
        offer = regulation.offer(float(now_s), values, status, ev, reading)
        if not shorted:
            wants = offer.limit.offer_da >= 60 and (taken_wh < day.wants_wh or guard.state is State.C1)
            guard.step(offer.limit.offer_da if wants else 0, float(now_s))
        if guard.state is State.C and before is not State.C:
            cycles, closed = cycles + 1, offer.phases
        session = after(
            session, guard.state, int(counter_wh) if values["ev_meter"] != "disabled" else None, float(now_s)
        )
        told = _status(guard, now_s, faults, raised, cycles, closed, full=False)
        for line in changes.lines(Seen(told, offer, session, float(now_s))):
            book.line(line.level, line.text, dict(line.fields))
        _diary(book, diary, guard, offer, faults)
        wear.look(told)
        if wear.due(told, float(now_s)):
            wear.keep(float(now_s))
            book.file("contactor")
        if faults and now_s - recorded_s >= RING_S:
            recorded_s = now_s
            _record(book, folder)
        if sets and now_s >= sets[0]:
            sets.pop(0)
            book.file("setting")
            book.line(logging.INFO, "MAX is now 16 A (was 13 A)", {**event("setting"), "EVSE_SETTING": "MAX"})
    return book.written, book.left_out


def _record(book: _Book, folder: Path) -> None:
    """The guard puts a recording aside; the station keeps it, if it is worth it, and tells."""
    run = folder / "day"
    (run / "recorder").mkdir(parents=True, exist_ok=True)
    for old in (run / "recorder").iterdir():
        old.unlink()
    name = time.strftime("%Y%m%d-%H%M%S-pilot-short.rec", time.gmtime(NOON_MS // 1000 + book.now_s))
    (run / "recorder" / name).write_bytes(b"")
    for path in collect(run, folder / "kept"):
        book.file("recording")
        book.line(logging.INFO, KEPT % f"/var/lib/smartevse/recorder/{path.name}", event("recorded"))


def _status(guard: Guard, now_s: int, faults: int, raised: int, cycles: int, closed: int, *, full: bool) -> Status:
    """What the guard tells."""
    status = guard.status(float(now_s))
    level = Level.B if full and status.level is Level.C else status.level
    waits = guard.state is State.B1
    return status._replace(
        faults=faults,
        new_fault=raised,
        level=level,
        hold=Hold.NOT_WANTED if waits else Hold.NONE,
        flags=Flag.C1 | (Flag.C2 if closed == 3 else 0) if guard.state in (State.C, State.C1) else 0,
        c1_cycles=cycles,
        state_ms=int((now_s - guard.since_s) * 1000),
    )


def _diary(book: _Book, diary: Diary, guard: Guard, offer: Offer, faults: int) -> None:
    offer_da = offer.limit.offer_da
    report = Report(guard.state, Level.A, Hold.NONE, faults, offer_da, 320, Event.OFFER)
    duty = 266 if guard.state in (State.B, State.C) else 1000
    for line in diary.lines(report, duty, book.now_s * 1000):
        book.written.append(Written(book.now_s, tuple({"MESSAGE": line.text, **line.fields}.items())))


def _house(day: Day, seed: int) -> Callable[[int], tuple[int, int, int]]:
    """The current of the house without the car for each second of the day, 0.1 A."""
    from smartevse.physics.house import painted_da, random_house

    if day.sun:
        sky = Sky(day.peak_w, cover=day.cover, seed=seed)
        lines = under_sun(cloudy_trace(sky, DAY_S), DAY_S, seed, three=False)
        return lambda now_s: lines[now_s]
    busy = day.settings == SMART
    painted = painted_da(random_house(seed, DAY_S, 2 if busy else 0.6, 3 if busy else 1), DAY_S)
    return lambda now_s: (painted[0][now_s], painted[1][now_s], painted[2][now_s])


def groups(written: list[Written], window_s: int) -> Iterator[list[Written]]:
    """What the kernel writes back together: what was written within this time after the first of it."""
    group: list[Written] = []
    for one in written:
        if group and one.at_s - group[0].at_s >= window_s:
            yield group
            group = []
        group.append(one)
    if group:
        yield group
