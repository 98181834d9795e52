"""Random sessions in virtual time: `python -m bench.soak [--sessions N] [--seed S] [--only K]`.

Every session is a car of a random kind with a random cable, permits that change, a station that drops out and, in
every third one, a fault; the unchanged guard runs on a simulated hat whose parts are drawn within their tolerances,
and goes on from session to session. All laws of the guard are checked in every tick that is run, and what the world
saw is held against the one law that counts: a car that lets go or leaves has no voltage 100 ms later.

A broken law prints seed and session; `--only K` plays that session's station alone. Exit status 1 when one is broken
or memory grows.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from bench.faults.bay import Bay
from smartevse.core.signals import Lock, LockPolicy, Permit
from smartevse.core.states import State
from smartevse.physics.ev import EvOptions
from smartevse.physics.faults import FAULTS

SESSIONS_OF_A_STATION = 50
"""A station lives for so many sessions, then another one is built."""
OPENS_S = 0.100
STARTED_AFTER = 1_000
"""Sessions after which the memory is taken for what it has to stay at."""
GROWTH_KB = 2_000
RESTLESS_TICKS = 2_000
CABLES_OHM = (1500, 680, 220, 100, 100, 220, 5_000, 50)
OFFERS_DA = (0, 60, 61, 80, 100, 130, 160, 200, 250, 320, 400, 500, 630, 800)
SLOW_OR_WELDED = frozenset({"weld-c1", "weld-c2"})
"""Faults with which the contacts cannot open."""
HARMFUL = tuple(name for name in FAULTS if name not in SLOW_OR_WELDED)


class Broken(Exception):
    """A law was broken; the text is the sentence."""


class Tally:
    """What happened in all sessions."""

    def __init__(self) -> None:
        self.ticks = 0
        self.virtual_s = 0.0
        self.charged = 0
        self.faults: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.slowest_ms = 0.0


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
    trace, began_s, ticks = world.trace_count, bay.now_s, bay.ticks
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
    bay.run(random.uniform(0.0, 3.0))
    faulty_s: list[float] = []
    for number in range(random.randint(1, 3)):
        if fault is not None and number == 0:
            bay.disturb()
            world.inject(fault)
            faulty_s.append(bay.now_s)
        random.choice(acts)(bay, random)
        tally.states[bay.state.name] += 1
    if fault is not None:
        world.inject(fault, False)
        faulty_s.append(bay.now_s)
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
            tally.charged += closed
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


def resident_kb() -> int:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def main() -> int:
    """Play the sessions; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the station of this session alone, up to it")
    parser.add_argument("--trace-memory", action="store_true", help="measure with tracemalloc (slow)")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.sessions} sessions")
    if options.trace_memory:
        tracemalloc.start()
    tally, began_s = Tally(), time.process_time()
    first = 0 if options.only is None else options.only - options.only % SESSIONS_OF_A_STATION
    last = options.sessions if options.only is None else options.only + 1
    bay, before_kb, random = None, resident_kb(), Random()
    for number in range(first, last):
        if number % SESSIONS_OF_A_STATION == 0 or bay is None:
            random = Random(f"{options.seed}/{number}")
            bay = station(random)
        try:
            session(bay, random, tally)
        except (Broken, AssertionError) as error:
            print(f"BROKEN in session {number}: {error}")
            print(f"replay: python -m bench.soak --seed {options.seed} --only {number}")
            return 1
        if number - first == STARTED_AFTER:
            gc.collect()
            before_kb = resident_kb()
            tracemalloc.reset_peak()
    gc.collect()
    spent_s = time.process_time() - began_s
    played = last - first
    print(f"{played} sessions, {tally.charged} closings, {tally.virtual_s / 86400:.1f} days, {tally.ticks:,} ticks run")
    print(f"{spent_s:.0f} s of one core, {spent_s / played * 1000:.1f} ms each, {played / spent_s * 3600:,.0f} an hour")
    print(f"contacts open at most {tally.slowest_ms:.1f} ms after a car let go or left")
    print("faults injected: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.faults.items())))
    print("seen in states: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.states.items())))
    grown_kb = resident_kb() - before_kb
    print(f"memory: {resident_kb() / 1024:.1f} MB resident, {grown_kb} kB more than after {STARTED_AFTER} sessions")
    if options.trace_memory:
        now, peak = tracemalloc.get_traced_memory()
        print(f"tracemalloc: {now / 1024:.0f} kB now, peak {peak / 1024:.0f} kB")
    if played > 2 * STARTED_AFTER and grown_kb > GROWTH_KB:
        print(f"memory grows: more than {GROWTH_KB} kB")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
