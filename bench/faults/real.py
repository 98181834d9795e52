"""The rows that are played against the real processes: twin, guard and station, several rigs side by side.

The times are the twin's own (CLOCK_MONOTONIC) and exact; an act's own time is taken when it is done, so that a busy
machine makes a reaction look slower, never faster. Rows of the daemon and of the guard are played with a station of
ours (`Permits`): it says what a real one says, lives through what kills one, and can lie.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bench.rigs import Watched
from smartevse.core.signals import Permit
from smartevse.guard.wire import FrameError, Refusal, Status, pack_permit, unpack_status
from tests.end_to_end.harness import Program

SEND_S = 0.1
SUPPLY_MS = 160
"""One-shot 110 ms at most, relay 10 ms, contactor 40 ms."""
EXPIRES_MS = 1_000
ORDERLY_MS = 8_200
"""A permit's life, 6 s for the car, and the contactor."""
EXCHANGE_BYTES = 3 * 19 + 16 + 16
"""Three conversions, the bank, and the answer to the heartbeat: all that pigpiod answers in a quiet tick."""


class Permits:
    """A station that sends permits five times as often as it must, from a thread of its own."""

    def __init__(self, path: Path, permit: Permit) -> None:
        self.permit: Permit | None = permit
        self.status: Status | None = None
        self.refusals: set[Refusal] = set()
        self.raw: bytes | None = None
        """Sent in place of the permit, once in each turn."""
        self._path = path
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        sequence = 0
        link: socket.socket | None = None
        while not self._ending.wait(SEND_S / 5):
            if link is None:
                link = _connect(self._path)
                continue
            try:
                sequence += 1
                if self.raw is not None and sequence % 4:
                    link.send(self.raw)  # most of the time, so that the reason of the refusal can be seen
                elif self.permit is not None:
                    link.send(pack_permit(self.permit, sequence, time.monotonic_ns()))
                self._hear(link)
            except OSError:
                link.close()
                link = None
        if link is not None:
            link.close()

    def _hear(self, link: socket.socket) -> None:
        while True:
            try:
                frame = link.recv(512)
            except BlockingIOError:
                return
            if not frame:
                raise OSError("the guard hung up")
            try:
                self.status = unpack_status(frame)
            except FrameError:
                continue
            self.refusals.add(self.status.refusal)


def _connect(path: Path) -> socket.socket | None:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        link.connect(str(path))
    except OSError:
        link.close()
        return None
    link.setblocking(False)
    return link


@dataclass
class Stand:
    """One rig with what runs in it."""

    unit: Watched
    random: Random
    real_station: bool
    wall_clock: Path | None = None
    """The library that gives the guard a wall clock of its own (`wall_clock.c`)."""
    guard: Program | None = None
    station: Program | None = None
    permits: Permits | None = None
    resets: int = 0
    extra: list[Callable[[], object]] = field(default_factory=list)
    """What has to be taken back after the act."""

    def world(self) -> Any:
        """The twin's state."""
        return self.unit.rig.world()

    def do(self, command: str) -> None:
        """One command to the twin."""
        self.unit.rig.do(command)

    def reach(self, moment: str) -> None:
        """Bring it to the moment of a charge, starting again what has ended."""
        rig = self.unit.rig
        if self.guard is None or self.guard.process.poll() is not None:
            self.guard = self._start_guard()
        if self.real_station and (self.station is None or self.station.process.poll() is not None):
            self.station = rig.station()
        if not self.real_station and self.permits is None:
            self.permits = Permits(rig.guard_socket, Permit(160, True))
        self.want(True)
        rig.do("ev plug")
        rig.do("ev ready off" if moment == "B" else "ev ready")
        if moment == "B":
            rig.until(lambda: 0 < self.world()["pilot"]["duty_permille"] < 1000, "current is offered", 40)
            return
        rig.until(lambda: self.world()["contactors"]["c1"], "the contactor closes", 40)
        time.sleep(self.random.uniform(0.3, 0.8))
        if moment == "C1":
            self.unit.mark()
            self.want(False)
            self.unit.when("duty", 1000)
            time.sleep(self.random.uniform(0.0, 0.4))

    def _start_guard(self) -> Program:
        rig = self.unit.rig
        if self.wall_clock is None:
            return rig.guard()
        clock = rig.folder / "clock"
        clock.write_text("0")
        return rig._start(
            "guard", "guard", "--config", str(rig.config), LD_PRELOAD=str(self.wall_clock), WALL_CLOCK_FILE=str(clock)
        )

    def want(self, wanted: bool) -> None:
        """Let the station want a charge, or not."""
        if self.permits is not None:
            self.permits.permit = Permit(160, wanted, resets=self.resets % 256)

    def press(self) -> None:
        """The owner's key."""
        self.resets += 1
        self.want(True)

    def rest(self) -> None:
        """Back to a bay without a car."""
        while self.extra:
            self.extra.pop()()
        self.do("ev unplug")
        self.do("ev ready off")
        time.sleep(0.3)
        self.press()

    def end(self) -> None:
        """End our own station."""
        if self.permits is not None:
            self.permits.close()
            self.permits = None


@dataclass(frozen=True, slots=True)
class RealRow:
    """One single fault of a process. `act` does it and may return when (CLOCK_MONOTONIC); the numbers are as in `table.Row`."""

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


@dataclass(frozen=True, slots=True)
class RealOutcome:
    """What came of one act."""

    row: RealRow
    moment: str
    wrong: str
    opened_ms: float | None


WATCH_S = 1.0


def play(stand: Stand, row: RealRow, moment: str) -> RealOutcome:
    """Bring the rig to the moment, act, and look."""
    try:
        stand.reach(moment)
    except AssertionError as error:
        return RealOutcome(row, moment, f"did not come to {moment}: {str(error).splitlines()[0]}; {_ends(stand)}", None)
    time.sleep(stand.random.uniform(0.0, 0.05))
    stand.unit.mark()
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
    stand.rest()
    return RealOutcome(row, moment, wrong, opened_ms)


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


# --- what is done ---------------------------------------------------------------------------------------------------


def _kill(stand: Stand) -> None:
    assert stand.guard is not None
    os.kill(stand.guard.pid, signal.SIGKILL)
    stand.guard.wait()


def _kill_station(stand: Stand) -> None:
    assert stand.station is not None
    stand.station.process.kill()
    stand.station.wait()


def _kill_both(stand: Stand) -> None:
    assert stand.guard is not None
    assert stand.station is not None
    for program in (stand.guard, stand.station):
        os.kill(program.pid, signal.SIGKILL)
    stand.guard.wait()
    stand.station.wait()


def _stop(stand: Stand) -> None:
    guard = stand.guard
    assert guard is not None
    os.kill(guard.pid, signal.SIGSTOP)
    stand.extra.append(lambda: os.kill(guard.pid, signal.SIGCONT))


def _stall(ms: int) -> Callable[[Stand], object]:
    def act(stand: Stand) -> float:
        assert stand.guard is not None
        os.kill(stand.guard.pid, signal.SIGSTOP)
        began_s = time.monotonic()
        time.sleep(ms / 1000)
        os.kill(stand.guard.pid, signal.SIGCONT)
        return began_s

    return act


def _stall_station(stand: Stand) -> None:
    assert stand.station is not None
    os.kill(stand.station.pid, signal.SIGSTOP)
    time.sleep(0.4)
    os.kill(stand.station.pid, signal.SIGCONT)


def _daemon(command: str, undo: str | None = None) -> Callable[[Stand], object]:
    def act(stand: Stand) -> None:
        stand.do(f"pigpiod {command}")
        if undo is not None:
            stand.extra.append(lambda: stand.do(f"pigpiod {undo}"))

    return act


def _hang_for(ms: int) -> Callable[[Stand], object]:
    """The twin's face stands still for a while; the hat behind it lives on."""

    def act(stand: Stand) -> None:
        stand.do("pigpiod hang")
        time.sleep(ms / 1000)
        stand.do("pigpiod resume")

    return act


def _cut(stand: Stand) -> None:
    stand.do(f"pigpiod cut {stand.random.randint(0, EXCHANGE_BYTES)}")


def _garbage(make: Callable[[Random], bytes]) -> Callable[[Stand], object]:
    def act(stand: Stand) -> None:
        permits = stand.permits
        assert permits is not None
        permits.refusals.clear()
        permits.raw = make(stand.random)
        time.sleep(0.5)
        permits.raw = None

    return act


def _lie(change: Callable[[bytearray], object]) -> Callable[[Random], bytes]:
    def make(_random: Random) -> bytes:
        frame = bytearray(pack_permit(Permit(800, True), 1_000_000_000, time.monotonic_ns()))
        change(frame)
        return bytes(frame)

    return make


OFFER_AT = 4 + 4 + 8


def _put_offer(offer: int) -> Callable[[bytearray], object]:
    return lambda frame: frame.__setitem__(slice(OFFER_AT, OFFER_AT + 2), (offer & 0xFFFF).to_bytes(2, "little"))


def _second(stand: Stand) -> None:
    other = _connect(stand.unit.rig.guard_socket)
    assert other is not None
    other.send(pack_permit(Permit(800, True, fixed_cable=True), 1, time.monotonic_ns()))
    time.sleep(0.5)
    other.close()


def _flood(stand: Stand) -> None:
    permits = stand.permits
    assert permits is not None
    permits.raw = b"\xff" * 512
    end_s = time.monotonic() + 0.5
    while time.monotonic() < end_s:
        other = _connect(stand.unit.rig.guard_socket)
        if other is not None:
            other.close()
    permits.raw = None


def _above_the_cable(stand: Stand) -> None:
    assert stand.permits is not None
    stand.permits.permit = Permit(800, stand.permits.permit is not None and stand.permits.permit.charge)
    time.sleep(0.5)


def _full(folder: Callable[[Stand], Path]) -> Callable[[Stand], object]:
    """Fill the small file system that the folder was put on when the rig was made."""

    def act(stand: Stand) -> None:
        filler = folder(stand) / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        stand.extra.append(filler.unlink)
        time.sleep(2.0)

    return act


def _full_then_a_fault(stand: Stand) -> None:
    """The recorder puts its ring aside at a fault and finds no room for the next."""
    _full(_run)(stand)
    stand.extra.append(lambda: stand.do("fault no-diode off"))
    stand.unit.mark()
    stand.do("fault no-diode")


def _clock(jump_s: int) -> Callable[[Stand], object]:
    """The wall clock of the guard's process jumps; the monotonic clock does not."""

    def act(stand: Stand) -> None:
        file = stand.unit.rig.folder / "clock"
        file.write_text(str(jump_s))
        stand.extra.append(lambda: file.write_text("0"))
        time.sleep(1.5)

    return act


# --- what is looked at afterwards -----------------------------------------------------------------------------------


def _refused(refusal: Refusal) -> Callable[[Stand], str]:
    def check(stand: Stand) -> str:
        assert stand.permits is not None
        seen = stand.permits.refusals
        return "" if refusal in seen else f"{refusal.name} was not in the status, only {sorted(seen)}"

    return check


def _never_above(da: int) -> Callable[[Stand], str]:
    def check(stand: Stand) -> str:
        duties = [value for _, name, value in stand.unit.events() if name == "duty" and 0 < value < 1000]
        most = max(duties, default=0)
        return "" if most * 6 / 10 <= da + 1 else f"the pilot offered {most * 0.06:.1f} A, allowed are {da / 10} A"

    return check


def _says(program: str, word: str) -> Callable[[Stand], str]:
    def check(stand: Stand) -> str:
        found = stand.guard if program == "guard" else stand.station
        assert found is not None
        deadline_s = time.monotonic() + 5
        while found.process.poll() is None and time.monotonic() < deadline_s:
            time.sleep(0.02)
        said = found.text().strip().splitlines()[-1:]
        if found.process.poll() is None:
            return f"the {program} did not end"
        return "" if said and word in said[0] else f"the {program} said {said}"

    return check


def _alive(stand: Stand) -> str:
    dead = [p.name for p in (stand.guard, stand.station) if p is not None and p.process.poll() is not None]
    return f"{', '.join(dead)} ended" if dead else ""


def _state(stand: Stand) -> Path:
    return stand.unit.rig.state


def _run(stand: Stand) -> Path:
    return stand.unit.rig.folder


KILLS = "Processes"
DAEMON = "pigpiod"
SOCKET = "The guard's socket"
MACHINE = "Machine"
_IN_CHARGE = ("C", "C1")
_STOPS = "the hat opens; no charge while it lasts"

ROWS: tuple[RealRow, ...] = (
    RealRow(KILLS, "guard killed", _kill, SUPPLY_MS, "hat", _STOPS),
    RealRow(KILLS, "guard stopped", _stop, SUPPLY_MS, "hat", _STOPS),
    RealRow(
        KILLS,
        "station killed",
        _kill_station,
        ORDERLY_MS,
        "guard",
        "orderly stop after the permit's life of 1 s",
        ("B", "C"),
        station=True,
        check=lambda s: "" if s.guard and s.guard.process.poll() is None else "the guard ended",
        least_ms=500,
    ),
    RealRow(KILLS, "guard and station killed", _kill_both, SUPPLY_MS, "hat", _STOPS, ("B", "C"), station=True),
    RealRow(KILLS, "station stopped for 0.4 s", _stall_station, None, "-", "goes on", ("C",), station=True),
    *(RealRow(KILLS, f"guard stalled for {ms} ms", _stall(ms), None, "-", "goes on", ("C",)) for ms in (1, 20, 50)),
    *(
        RealRow(KILLS, f"guard stalled for {ms} ms", _stall(ms), SUPPLY_MS, "hat", "the hat opens", _IN_CHARGE)
        for ms in (200, 500, 1000)
    ),
    RealRow(
        DAEMON, "pigpiod killed", _daemon("kill", "start"), SUPPLY_MS, "hat", _STOPS, check=_says("guard", "pigpiod")
    ),
    RealRow(
        DAEMON, "pigpiod hung", _daemon("hang", "resume"), SUPPLY_MS, "hat", _STOPS, check=_says("guard", "pigpiod")
    ),
    RealRow(DAEMON, "answer cut at a random byte", _cut, SUPPLY_MS, "hat", _STOPS, check=_says("guard", "pigpiod")),
    *(
        RealRow(DAEMON, f"pigpiod {ms} ms slow", _daemon(f"slow {ms}", "slow 0"), SUPPLY_MS, "hat", _STOPS)
        for ms in (30, 60, 100, 200)
    ),
    *(RealRow(DAEMON, f"pigpiod silent for {ms} ms", _hang_for(ms), None, "-", "goes on", ("C",)) for ms in (5, 40)),
    RealRow(
        SOCKET,
        "random bytes",
        _garbage(lambda r: r.randbytes(r.randint(1, 400))),
        None,
        "-",
        "refused, goes on",
        check=_refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a frame that is cut off",
        _garbage(lambda r: pack_permit(Permit(800, True), 1, 1)[: r.randint(1, 25)]),
        None,
        "-",
        "refused, goes on",
        check=_refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a permit of an hour ago",
        _garbage(lambda r: pack_permit(Permit(800, True), 1 << 31, 1)),
        None,
        "-",
        "refused, goes on",
        check=_refused(Refusal.STALE),
    ),
    RealRow(
        SOCKET,
        "a permit for 81 A",
        _garbage(_lie(_put_offer(810))),
        None,
        "-",
        "refused, goes on",
        check=_refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "a permit for -6 A",
        _garbage(_lie(_put_offer(-60))),
        None,
        "-",
        "refused, goes on",
        check=_refused(Refusal.MALFORMED),
    ),
    RealRow(
        SOCKET,
        "an offer above the cable (80 A on a 32 A cable)",
        _above_the_cable,
        None,
        "guard",
        "32 A at most are offered",
        check=_never_above(320),
    ),
    RealRow(SOCKET, "a second station", _second, None, "-", "refused with a reason, goes on", check=_never_above(160)),
    RealRow(SOCKET, "a flood of connections and frames", _flood, None, "-", "goes on", ("B", "C")),
    RealRow(
        MACHINE,
        "state directory full",
        _full(_state),
        None,
        "-",
        "goes on",
        ("B", "C"),
        station=True,
        check=_alive,
        needs="tmpfs",
    ),
    RealRow(
        MACHINE, "runtime directory full", _full(_run), None, "-", "goes on", ("B", "C"), check=_alive, needs="tmpfs"
    ),
    RealRow(
        MACHINE,
        "runtime directory full, and the diode is lost",
        _full_then_a_fault,
        100,
        "guard",
        "the guard opens",
        ("C",),
        check=_alive,
        needs="tmpfs",
    ),
    RealRow(
        MACHINE,
        "wall clock a year ahead",
        _clock(365 * 86_400),
        None,
        "-",
        "goes on",
        ("C",),
        check=_alive,
        needs="wall clock",
    ),
    RealRow(
        MACHINE,
        "wall clock a day back",
        _clock(-86_400),
        None,
        "-",
        "goes on",
        ("C",),
        check=_alive,
        needs="wall clock",
    ),
)
"""Every fault of the processes, of what is between them, and of the machine."""
