"""The rows that are played against the real processes: twin, guard and station, several rigs side by side.

The times are the twin's own (CLOCK_MONOTONIC) and exact; an act's own time is taken when it is done, so that a busy
machine makes a reaction look slower, never faster. Rows of the daemon and of the guard are played with a station of
ours (`Permits`): it says what a real one says, lives through what kills one, and can lie.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.faults import deeds
from bench.faults.stand import Stand
from smartevse.core.faults import Fault
from smartevse.core.signals import Permit
from smartevse.guard.wire import Refusal, pack_permit

SUPPLY_MS = 160
"""One-shot 110 ms at most, relay 10 ms, contactor 40 ms."""
ORDERLY_MS = 8_200
"""A permit's life, 6 s for the car, and the contactor."""


@dataclass(frozen=True, slots=True)
class RealRow:
    """One single fault of a process; the numbers are as in `table.Row`.

    `act` does it and may return when (CLOCK_MONOTONIC).
    """

    group: str
    fault: str
    act: Callable[[Stand], object]
    limit_ms: int | None
    """From the act to contacts open; None: the charge goes on."""
    by: str
    reaction: str
    """What is expected, in words."""
    moments: tuple[str, ...] = ("B", "C", "C1")
    station: bool = False
    """With the real station."""
    needs: str = ""
    """What must be there: "wall clock" (a C compiler), or "tmpfs" (the right to mount one)."""
    check: Callable[[Stand], str] | None = None
    """Looked at afterwards; a sentence when something is wrong."""
    least_ms: int = 0
    times: int = 0
    """At least so often, however few were asked for."""


@dataclass(frozen=True, slots=True)
class RealOutcome:
    """What came of one act."""

    row: RealRow
    moment: str
    wrong: str
    opened_ms: float | None
    faults: int = 0
    """Bits of the faults that the guard told of."""


WATCH_S = 1.0


def play(stand: Stand, row: RealRow, moment: str) -> RealOutcome:
    """Bring the rig to the moment, act, and look."""
    try:
        stand.reach(moment)
    except AssertionError as error:
        return RealOutcome(row, moment, f"did not come to {moment}: {str(error).splitlines()[0]}; {_ends(stand)}", None)
    time.sleep(stand.random.uniform(0.0, 0.05))
    stand.unit.mark()
    if stand.permits is not None:
        stand.permits.faults = 0
    acted_s = row.act(stand)
    done_s = acted_s if isinstance(acted_s, float) else time.monotonic()
    wrong, opened_ms = "", None
    if moment == "B":
        if row.limit_ms is not None:
            wrong = _stays_open(stand, row)
    elif row.limit_ms is None:
        time.sleep(WATCH_S)
        opened = [at_s for at_s, name, value in stand.unit.events() if name == "c1_cmd" and not value]
        if opened and moment == "C":
            wrong = f"the charge did not go on; {_status(stand)}"
    else:
        try:
            opened_ms = (stand.unit.when("c1_contacts", 0, within_s=15) - done_s) * 1000
        except AssertionError as error:
            wrong = f"the contacts did not open: {str(error)[:200]}"
        if opened_ms is not None and opened_ms > row.limit_ms:
            wrong = f"contacts open after {opened_ms:.1f} ms, allowed are {row.limit_ms} ms"
        if opened_ms is not None and opened_ms < row.least_ms:
            wrong = f"contacts open after {opened_ms:.1f} ms already, expected are {row.least_ms} ms at least"
    if not wrong and row.check is not None:
        wrong = row.check(stand)
    faults = stand.permits.faults if stand.permits is not None else 0
    stand.rest()
    return RealOutcome(row, moment, wrong, opened_ms, faults)


def _stays_open(stand: Stand, row: RealRow) -> str:
    """With a guard that is gone or stands still a car that asks gets nothing."""
    stand.do("ev ready")
    time.sleep(WATCH_S)
    closed = [at_s for at_s, name, value in stand.unit.events() if name == "c1_contacts" and value]
    gone = stand.guard is not None and stand.guard.process.poll() is not None
    return "the contacts closed" if closed and (gone or row.limit_ms == SUPPLY_MS) else ""


def _ends(stand: Stand) -> str:
    """The last thing that each program said."""
    said = [(program.name, program.text().strip().splitlines()[-1:]) for program in stand.unit.rig.programs]
    return f"{_status(stand)}; " + "; ".join(f"{name}: {lines[0]}" for name, lines in said if lines)


def _status(stand: Stand) -> str:
    status = None if stand.permits is None else stand.permits.status
    return "no status" if status is None else f"{status.state.name}, faults {status.faults:b}, late {status.late_ticks}"


KILLS = "Processes"
DAEMON = "pigpiod"
SOCKET = "The guard's socket"
MACHINE = "Machine"
_IN_CHARGE = ("C", "C1")
_STOPS = "the hat opens; no charge while it lasts"

ROWS: tuple[RealRow, ...] = (
    RealRow(KILLS, "guard killed", deeds.kill, SUPPLY_MS, "hat", _STOPS),
    RealRow(KILLS, "guard stopped", deeds.stop, SUPPLY_MS, "hat", _STOPS),
    RealRow(
        KILLS,
        "station killed",
        deeds.kill_station,
        ORDERLY_MS,
        "guard",
        "orderly stop after the permit's life of 1 s",
        ("B", "C"),
        station=True,
        check=lambda s: "" if s.guard and s.guard.process.poll() is None else "the guard ended",
        least_ms=500,
    ),
    RealRow(KILLS, "guard and station killed", deeds.kill_both, SUPPLY_MS, "hat", _STOPS, ("B", "C"), station=True),
    RealRow(
        KILLS,
        "guard and pigpiod killed",
        deeds.with_daemon(deeds.kill),
        SUPPLY_MS,
        "hat",
        _STOPS,
    ),
    RealRow(
        KILLS,
        "guard, station and pigpiod killed",
        deeds.with_daemon(deeds.kill_both),
        SUPPLY_MS,
        "hat",
        _STOPS,
        ("B", "C"),
        station=True,
    ),
    *(
        RealRow(
            KILLS, f"station stalled for {ms} ms", deeds.stall_station(ms), None, "-", "goes on", ("C",), station=True
        )
        for ms in (1, 20, 100, 400)
    ),
    RealRow(
        KILLS,
        "station stalled for 1500 ms",
        deeds.stall_station(1500),
        ORDERLY_MS,
        "guard",
        "orderly stop after the permit's life of 1 s",
        ("C",),
        station=True,
        check=deeds.alive,
        least_ms=500,
    ),
    *(
        RealRow(KILLS, f"guard stalled for {ms} ms", deeds.stall(ms), None, "-", "goes on", ("C",))
        for ms in (1, 20, 50)
    ),
    *(
        RealRow(
            KILLS,
            f"guard stalled for {ms} ms",
            deeds.stall(ms),
            SUPPLY_MS,
            "hat",
            "the hat opens; told afterwards",
            _IN_CHARGE,
            check=deeds.named(Fault.WATCHDOG_EXPIRED),
        )
        for ms in (200, 500, 1000)
    ),
    RealRow(
        DAEMON,
        "pigpiod killed",
        deeds.daemon("kill", "start"),
        SUPPLY_MS,
        "hat",
        _STOPS,
        check=deeds.says("guard", "pigpiod"),
    ),
    RealRow(
        DAEMON,
        "pigpiod hung",
        deeds.daemon("hang", "resume"),
        SUPPLY_MS,
        "hat",
        _STOPS,
        check=deeds.says("guard", "pigpiod"),
    ),
    RealRow(
        DAEMON,
        f"answer cut short, once after each of the {deeds.EXCHANGE_BYTES} bytes of an exchange",
        deeds.cut,
        SUPPLY_MS,
        "hat",
        _STOPS,
        check=deeds.says("guard", "pigpiod"),
        times=deeds.EXCHANGE_BYTES,
    ),
    *(
        RealRow(DAEMON, f"pigpiod {ms} ms slow", deeds.daemon(f"slow {ms}", "slow 0"), SUPPLY_MS, "hat", _STOPS)
        for ms in (30, 60, 100, 200)
    ),
    *(
        RealRow(DAEMON, f"pigpiod silent for {ms} ms", deeds.hang_for(ms), None, "-", "goes on", ("C",))
        for ms in (1, 5, 40)
    ),
    *(
        RealRow(
            DAEMON,
            f"pigpiod silent for {ms} ms",
            deeds.hang_for(ms),
            SUPPLY_MS,
            "hat",
            "the hat opens; told afterwards",
            _IN_CHARGE,
            check=deeds.named(Fault.WATCHDOG_EXPIRED),
        )
        for ms in (150, 200)
    ),
    RealRow(
        DAEMON,
        "pigpiod silent for 1000 ms",
        deeds.hang_for(1000),
        SUPPLY_MS,
        "hat",
        "the hat opens, the guard ends and is started again",
        _IN_CHARGE,
        check=deeds.says("guard", "pigpiod"),
    ),
    RealRow(
        SOCKET,
        "random bytes",
        deeds.garbage(lambda r: r.randbytes(r.randint(1, 400))),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a frame that is cut off",
        deeds.garbage(lambda r: pack_permit(Permit(800, True), 1, 1)[: r.randint(1, 25)]),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a frame of 60,000 bytes",
        deeds.garbage(lambda r: r.randbytes(60_000)),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a permit sent a second time",
        deeds.garbage(lambda r: pack_permit(Permit(800, True), 1, time.monotonic_ns())),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.STALE),
    ),
    RealRow(
        SOCKET,
        "a permit of an hour ago",
        deeds.garbage(lambda r: pack_permit(Permit(800, True), 1 << 31, time.monotonic_ns() - 3_600_000_000_000)),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.STALE),
    ),
    RealRow(
        SOCKET,
        "a permit for 81 A",
        deeds.garbage(deeds.lie(deeds.put_offer(810))),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a permit for -6 A",
        deeds.garbage(deeds.lie(deeds.put_offer(-60))),
        None,
        "-",
        "refused, goes on",
        check=deeds.refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "an offer above the cable (80 A on a 32 A cable)",
        deeds.above_the_cable,
        None,
        "guard",
        "32 A at most are offered",
        check=deeds.never_above(320),
    ),
    RealRow(
        SOCKET,
        "a second station",
        deeds.second,
        None,
        "-",
        "refused with a reason, goes on",
        check=deeds.never_above(160),
    ),
    RealRow(SOCKET, "a flood of connections and frames", deeds.flood, None, "-", "goes on", ("B", "C")),
    RealRow(
        MACHINE,
        "state directory full",
        deeds.full(deeds.state),
        None,
        "-",
        "goes on",
        ("B", "C"),
        station=True,
        check=deeds.alive,
        needs="tmpfs",
    ),
    RealRow(
        MACHINE,
        "runtime directory full",
        deeds.full(deeds.run),
        None,
        "-",
        "goes on",
        ("B", "C"),
        check=deeds.alive,
        needs="tmpfs",
    ),
    RealRow(
        MACHINE,
        "runtime directory full, and the diode is lost",
        deeds.full_then_a_fault,
        100,
        "guard",
        "the guard opens",
        ("C",),
        check=deeds.alive,
        needs="tmpfs",
    ),
    RealRow(
        MACHINE,
        "wall clock a year ahead",
        deeds.clock(365 * 86_400),
        None,
        "-",
        "goes on",
        ("C",),
        check=deeds.alive,
        needs="wall clock",
    ),
    RealRow(
        MACHINE,
        "wall clock a day back",
        deeds.clock(-86_400),
        None,
        "-",
        "goes on",
        ("C",),
        check=deeds.alive,
        needs="wall clock",
    ),
)
"""Every fault of the processes, of what is between them, and of the machine."""
