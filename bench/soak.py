"""Random sessions in virtual time: `python -m bench.soak [--sessions N] [--seed S] [--processes P] [--write]`.

Every session is a car of a random kind with a random cable, permits that change, a station that drops out and, in
every third one, a fault; the unchanged guard runs on a simulated hat whose parts are drawn within their tolerances,
and goes on from session to session. All laws of the guard are checked in every tick that is run, and what the world
saw is held against the one law that counts: a car that lets go or leaves has no voltage 100 ms later.

A broken law prints seed and session; `--only K` plays that session's station alone. Exit status 1 when one is broken
or memory grows. `--write` puts what was seen into `docs/soak.md`.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from bench.faults.bay import Bay, Told
from bench.faults.report import machine
from bench.rigs import DOCS, resident_mb
from smartevse.core.faults import names
from smartevse.core.signals import Lock, LockPolicy, Permit
from smartevse.core.states import State
from smartevse.physics.ev import EvOptions
from smartevse.physics.faults import FAULTS

SESSIONS_OF_A_STATION = 50
"""A station lives for so many sessions, then another one is built."""
OPENS_S = 0.100
STARTED_AFTER = 1_000
"""Sessions of a process after which the memory is taken for what it has to stay at."""
GROWTH_MB = 2.0
DOCUMENT = DOCS / "soak.md"
MOST_BROKEN = 5
"""More than this are not looked for."""
RESTLESS_TICKS = 2_000
CABLES_OHM = (1500, 680, 220, 100, 100, 220, 5_000, 50)
OFFERS_DA = (0, 60, 61, 80, 100, 130, 160, 200, 250, 320, 400, 500, 630, 800)
SLOW_OR_WELDED = frozenset({"weld-c1", "weld-c2"})
"""Faults with which the contacts cannot open."""
HARMFUL = tuple(name for name in FAULTS if name not in SLOW_OR_WELDED)


class Broken(Exception):
    """A law was broken; the text is the sentence."""


@dataclass
class Tally:
    """What happened in all sessions of a process; tallies can be added."""

    sessions: int = 0
    ticks: int = 0
    virtual_s: float = 0.0
    closings: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    """Sessions in which the guard named a fault."""
    states: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    spent_s: float = 0.0
    """Processor time."""
    resident_mb: float = 0.0
    grown_mb: float = 0.0
    """Resident memory at the end, above that after `STARTED_AFTER` sessions; the most of all processes."""
    broken: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in another process's."""
        for name in ("sessions", "ticks", "virtual_s", "closings", "faults", "named", "states", "spent_s", "broken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("slowest_ms", "resident_mb", "grown_mb"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))


def station(random: Random) -> Bay:
    """A station with its wiring."""
    rcm = random.random() < 0.5
    wish = Permit(
        offer_da=160,
        charge=True,
        rcm=rcm,
        rcm_test=rcm and random.random() < 0.8,
        fixed_cable=random.random() < 0.3,
        lock=random.choice((Lock.DISABLED, Lock.SOLENOID, Lock.MOTOR)),
        lock_policy=random.choice(tuple(LockPolicy)),
        hold_ms=random.choice((0, 0, 10, 30)),
    )
    bay = Bay(random, wish, aux=random.choice(("mirror", "mirror", "none")))
    bay.run(random.uniform(0.1, 1.0))
    return bay


def session(bay: Bay, random: Random, tally: Tally) -> None:
    """One car from plug to unplug, with all that may happen to it."""
    world = bay.world
    trace, began_s, ticks, told = world.trace_count, bay.now_s, bay.ticks, len(bay.station.told)
    world.cable_ohm = random.choice(CABLES_OHM)
    world.ev.options = EvOptions(
        phases=random.choice((1, 2, 3)),
        max_da=random.choice((100, 160, 320)),
        obeys_pwm=random.random() < 0.9,
        start_delay_s=random.choice((0.0, 0.1, 0.5, 2.0)),
        releases_s=random.choice((0.1, 1.0, 3.0, 5.0)),
        sleeps_s=random.choice((0.0, 0.0, 0.0, 3.0, 20.0)),
        s2_stuck=random.random() < 0.05,
        diode=random.random() < 0.95,
        ventilation=random.random() < 0.05,
        soc=random.uniform(0.0, 1.0),
    )
    fault = random.choice(HARMFUL) if random.random() < 0.33 else None
    acts = [_wishes, _car, _stall, _station_out, _wait, _long_wait]
    if fault is not None:
        tally.faults[fault] += 1
    bay.station.wish = replace(bay.station.wish, charge=True, offer_da=random.choice(OFFERS_DA))
    world.ev.ready(random.random() < 0.8)
    world.ev.plug()
    bay.run(random.uniform(0.0, 6.0))
    for number in range(random.randint(1, 3)):
        if fault is not None and number == 0:
            bay.disturb()
            world.inject(fault)
        random.choice(acts)(bay, random)
        tally.states[bay.state.name] += 1
    if fault is not None:
        world.inject(fault, False)
    bay.run(random.uniform(0.0, 0.3))
    world.ev.unplug()
    bay.run(random.uniform(0.3, 3.0))
    bay.station.go_on()
    if bay.state is State.B:
        bay.run(31.0)  # while -12 V is on the pilot to wake a car, nobody can see that it left
    if bay.guard.memory.standing.bits or random.random() < 0.1:
        _reset(bay)
    if bay.guard.memory.standing.bits:
        bay.run(62.0)
        _reset(bay)
        bay.run(1.0)
    _held(bay, trace, fault, tally)
    tally.named.update(_names(bay.station.told[told:]))
    del bay.station.told[:-1]
    tally.sessions += 1
    tally.ticks += bay.ticks - ticks
    tally.virtual_s += bay.now_s - began_s


def _wishes(bay: Bay, random: Random) -> None:
    wish = bay.station.wish
    bay.station.wish = replace(
        wish,
        offer_da=random.choice(OFFERS_DA),
        charge=random.random() < 0.7,
        phases=random.choice((1, 3)),
        user_stop=random.random() < 0.2,
        wake=random.random() < 0.5,
    )
    bay.run(random.uniform(0.0, 4.0))


def _car(bay: Bay, random: Random) -> None:
    ev = bay.world.ev
    if random.random() < 0.3:
        ev.unplug()
        bay.run(random.uniform(0.0, 0.5))
        ev.plug()
    else:
        ev.ready(random.random() < 0.6)
    bay.run(random.uniform(0.0, 4.0))


def _stall(bay: Bay, random: Random) -> None:
    bay.stall(random.choice((0.001, 0.02, 0.05, 0.09, 0.105, 0.2, 1.0)))
    bay.run(random.uniform(0.0, 2.0))


def _station_out(bay: Bay, random: Random) -> None:
    bay.station.stop(bay.now_s)
    bay.run(random.choice((0.5, 0.99, 1.5, 8.0)))
    bay.station.go_on()
    bay.run(random.uniform(0.0, 4.0))


def _wait(bay: Bay, random: Random) -> None:
    bay.run(random.uniform(0.0, 10.0))


def _long_wait(bay: Bay, random: Random) -> None:
    """Up to a day; no longer than it takes to see that something never comes to rest (noise, a car that dithers)."""
    ends = bay.ticks + RESTLESS_TICKS
    bay.run(random.choice((35.0, 120.0, 3600.0, 90_000.0)), lambda: bay.ticks >= ends)


def _reset(bay: Bay) -> None:
    bay.station.wish = replace(bay.station.wish, resets=(bay.station.wish.resets + 1) % 256, charge=True)
    bay.run(1.5)


def _held(bay: Bay, trace: int, fault: str | None, tally: Tally) -> None:
    """Hold what the world saw against the law of 100 ms, and see that the station came back to rest."""
    closed, let_go_s = False, None
    hold_s = bay.station.wish.hold_ms / 1000
    for event in bay.events(trace):
        if event.name == "c1_contacts":
            closed = bool(event.value)
            tally.closings += closed
            if not closed and let_go_s is not None:
                late_s = event.at_s - let_go_s - hold_s
                tally.slowest_ms = max(tally.slowest_ms, late_s * 1000)
                if late_s > OPENS_S:
                    raise Broken(f"contacts open {late_s * 1000:.0f} ms after the car let go, fault {fault}")
            let_go_s = None if not closed else let_go_s
        elif event.name in ("ev_plug", "ev_s2"):
            if event.value:
                let_go_s = None
            elif closed and let_go_s is None:
                let_go_s = event.at_s
    if closed:
        raise Broken(f"the contacts are closed without a car, fault {fault}")
    if bay.state not in (State.A, State.F):
        raise Broken(f"without a car the guard is in {bay.state.name}, fault {fault}")
    if bay.state is State.F and bay.world.faults == () and bay.guard.memory.standing.bits:
        raise Broken(f"healed and reset it is still in F: {bay.guard.report}, fault was {fault}")


def _names(told: Sequence[Told]) -> Iterator[str]:
    bits = 0
    for one in told:
        bits |= one.faults
    return (fault.name for fault in names(bits))


def play(stations: Sequence[int], seed: int, last: int) -> Tally:
    """Play the sessions of these stations (each by its first session), in a process of its own."""
    tally, began_s, before_mb, broken = Tally(), time.process_time(), 0.0, 0
    for first in stations:
        gc.collect()  # a station that is gone must not count, its parts know each other
        random = Random(f"{seed}/{first}")
        bay = station(random)
        for number in range(first, min(first + SESSIONS_OF_A_STATION, last)):
            try:
                session(bay, random, tally)
            except (Broken, AssertionError) as error:
                broken += 1
                tally.broken.append(
                    f"session {number}: {error}\n  replay: python -m bench.soak --seed {seed} --only {number}"
                )
                break
            if tally.sessions == STARTED_AFTER:
                before_mb = resident_mb()
        if broken > MOST_BROKEN:
            break
    gc.collect()
    tally.spent_s, tally.resident_mb = time.process_time() - began_s, resident_mb()
    tally.grown_mb = tally.resident_mb - before_mb if before_mb else 0.0
    return tally


def told(tally: Tally, seed: int, processes: int) -> str:
    """What was seen, in words."""
    faults = ", ".join(f"{name} {count}" for name, count in sorted(tally.faults.items()))
    named = ", ".join(f"{name} {count}" for name, count in sorted(tally.named.items()))
    states = ", ".join(f"{name} {count}" for name, count in sorted(tally.states.items()))
    each_ms = tally.spent_s / tally.sessions * 1000
    return f"""| What | Figure |
|---|---|
| sessions | {tally.sessions:,} with seed {seed} |
| virtual time | {tally.virtual_s / 86400:,.0f} days; {tally.ticks:,} ticks were run, in between time leapt |
| contactor closings | {tally.closings:,} |
| faults injected | {tally.faults.total():,} |
| broken laws | {len(tally.broken)} |
| contacts open after a car let go or left | {tally.slowest_ms:.1f} ms at most, allowed are {OPENS_S * 1000:.0f} |
| memory | {tally.resident_mb:.1f} MB, {tally.grown_mb:+.1f} MB since session {STARTED_AFTER:,} of each process |
| processor time | {tally.spent_s / 60:.0f} min in {processes} processes, {each_ms:.1f} ms a session |

Injected: {faults}.

Sessions in which the guard named a fault: {named}.

States after each act: {states}.
"""


HEAD = """# Soak

Random sessions in virtual time: the unchanged guard on a simulated hat, {machine}.

Every session is a car of a random kind with a random cable (also none, also a broken one), permits that change, a
station that drops out, a guard without processor time for 1 ms to 1 s, waiting for up to a day, and in every third
one a fault of the simulated station. {stations} sessions are one station with its parts drawn within their tolerances;
what a session leaves behind (latched faults, a proof test that is due) is what the next one begins with. Every law of
[safety.md](safety.md) is checked in every tick, and what the world saw is held against the law that counts: a car that
lets go or leaves has no voltage 100 ms later. After every session the station must come back to rest.

Again: `python -m bench.soak --sessions {sessions} --seed {seed} --write`. The sessions are the same on every machine.

"""


def main() -> int:
    """Play the sessions; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="side by side (default: %(default)s)")
    parser.add_argument("--only", type=int, help="the station of this session alone, up to it")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name}")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.sessions} sessions", flush=True)
    tally = Tally()
    if options.only is not None:
        first = options.only - options.only % SESSIONS_OF_A_STATION
        tally.add(play([first], options.seed, options.only + 1))
    else:
        stations = range(0, options.sessions, SESSIONS_OF_A_STATION)
        shares = [stations[number :: options.processes] for number in range(options.processes)]
        with multiprocessing.Pool(options.processes) as pool:
            for part in pool.imap_unordered(partial(play, seed=options.seed, last=options.sessions), shares):
                tally.add(part)
    words = told(tally, options.seed, options.processes)
    print(words)
    for sentence in tally.broken:
        print(f"BROKEN in {sentence}")
    grows = tally.grown_mb > GROWTH_MB
    if grows:
        print(f"memory grows: more than {GROWTH_MB} MB")
    if options.write and not tally.broken:
        head = HEAD.format(
            machine=machine(), stations=SESSIONS_OF_A_STATION, sessions=options.sessions, seed=options.seed
        )
        DOCUMENT.write_text(head + words, "utf-8")
    return 1 if tally.broken or grows else 0


if __name__ == "__main__":
    sys.exit(main())
