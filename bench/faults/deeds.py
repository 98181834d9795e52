"""What is done to the real processes, and what is looked at afterwards.

A deed may return when it was done (CLOCK_MONOTONIC); a look returns a sentence when something is wrong.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

from bench.faults.stand import Stand, connect
from smartevse.core.faults import Fault
from smartevse.core.signals import Permit
from smartevse.guard.wire import Refusal, pack_permit

EXCHANGE_BYTES = 3 * 19 + 16 + 16
"""Three conversions, the bank, and the answer to the heartbeat: all that pigpiod answers in a quiet tick."""
_cuts = count()
OVERSLEPT_S = 0.015
"""A stall that lasts so much longer than it should is another stall."""


class DisturbedError(Exception):
    """This machine kept the bench itself waiting, so that something else was done than is said: to be done again."""


def _for(ms: int, undo: Callable[[], object]) -> float:
    """Let a stall last so long; when it began. Raises DisturbedError when it lasted longer."""
    began_s = time.monotonic()
    time.sleep(ms / 1000)
    undo()
    if time.monotonic() - began_s > ms / 1000 + OVERSLEPT_S:
        raise DisturbedError
    return began_s


# --- what is done ---------------------------------------------------------------------------------------------------


def kill(stand: Stand) -> None:
    assert stand.guard is not None
    os.kill(stand.guard.pid, signal.SIGKILL)
    stand.guard.wait()


def kill_station(stand: Stand) -> None:
    assert stand.station is not None
    stand.station.process.kill()
    stand.station.wait()


def kill_both(stand: Stand) -> float:
    assert stand.guard is not None
    assert stand.station is not None
    for program in (stand.guard, stand.station):
        os.kill(program.pid, signal.SIGKILL)
    began_s = time.monotonic()
    stand.guard.wait()
    stand.station.wait()
    return began_s


def with_daemon(act: Callable[[Stand], object]) -> Callable[[Stand], object]:
    """pigpiod dies, and at once what `act` kills."""

    def both(stand: Stand) -> float:
        daemon("kill", "start")(stand)
        began_s = time.monotonic()
        act(stand)
        return began_s

    return both


def stop(stand: Stand) -> None:
    guard = stand.guard
    assert guard is not None
    os.kill(guard.pid, signal.SIGSTOP)
    stand.extra.append(lambda: os.kill(guard.pid, signal.SIGCONT))


def stall(ms: int) -> Callable[[Stand], object]:
    def act(stand: Stand) -> float:
        assert stand.guard is not None
        pid = stand.guard.pid
        os.kill(pid, signal.SIGSTOP)
        return _for(ms, lambda: os.kill(pid, signal.SIGCONT))

    return act


def stall_station(ms: int) -> Callable[[Stand], object]:
    def act(stand: Stand) -> float:
        assert stand.station is not None
        pid = stand.station.pid
        os.kill(pid, signal.SIGSTOP)
        return _for(ms, lambda: os.kill(pid, signal.SIGCONT))

    return act


def daemon(command: str, undo: str | None = None) -> Callable[[Stand], object]:
    def act(stand: Stand) -> None:
        stand.do(f"pigpiod {command}")
        if undo is not None:
            stand.extra.append(lambda: stand.do(f"pigpiod {undo}"))

    return act


def hang_for(ms: int) -> Callable[[Stand], object]:
    """The twin's face stands still for a while; the hat behind it lives on."""

    def act(stand: Stand) -> float:
        stand.do("pigpiod hang")
        return _for(ms, lambda: stand.do("pigpiod resume"))

    return act


def cut(stand: Stand) -> None:
    """Cut the next answer after so many bytes: one more each time, round and round through all of an exchange."""
    stand.do(f"pigpiod cut {next(_cuts) % EXCHANGE_BYTES}")


def garbage(make: Callable[[Random], bytes]) -> Callable[[Stand], object]:
    def act(stand: Stand) -> None:
        permits = stand.permits
        assert permits is not None
        permits.refusals.clear()
        permits.raw = make(stand.random)
        time.sleep(0.5)
        permits.raw = None

    return act


def lie(change: Callable[[bytearray], object]) -> Callable[[Random], bytes]:
    def make(_random: Random) -> bytes:
        frame = bytearray(pack_permit(Permit(800, True), 1_000_000_000, time.monotonic_ns()))
        change(frame)
        return bytes(frame)

    return make


OFFER_AT = 4 + 4 + 8


def put_offer(offer: int) -> Callable[[bytearray], object]:
    return lambda frame: frame.__setitem__(slice(OFFER_AT, OFFER_AT + 2), (offer & 0xFFFF).to_bytes(2, "little"))


def second(stand: Stand) -> None:
    other = connect(stand.unit.rig.guard_socket)
    assert other is not None
    other.send(pack_permit(Permit(800, True, fixed_cable=True), 1, time.monotonic_ns()))
    time.sleep(0.5)
    other.close()


def flood(stand: Stand) -> None:
    permits = stand.permits
    assert permits is not None
    permits.raw = b"\xff" * 512
    end_s = time.monotonic() + 0.5
    while time.monotonic() < end_s:
        other = connect(stand.unit.rig.guard_socket)
        if other is not None:
            other.close()
    permits.raw = None


def above_the_cable(stand: Stand) -> None:
    assert stand.permits is not None
    stand.permits.permit = Permit(800, stand.permits.permit is not None and stand.permits.permit.charge)
    time.sleep(0.5)


def full(folder: Callable[[Stand], Path]) -> Callable[[Stand], object]:
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


def full_then_a_fault(stand: Stand) -> None:
    """The recorder puts its ring aside at a fault and finds no room for the next."""
    full(run)(stand)
    stand.extra.append(lambda: stand.do("fault no-diode off"))
    stand.unit.mark()
    stand.do("fault no-diode")


def clock(jump_s: int) -> Callable[[Stand], object]:
    """The wall clock of the guard's process jumps; the monotonic clock does not."""

    def act(stand: Stand) -> None:
        file = stand.unit.rig.folder / "clock"
        file.write_text(str(jump_s))
        stand.extra.append(lambda: file.write_text("0"))
        time.sleep(1.5)

    return act


# --- what is looked at afterwards -----------------------------------------------------------------------------------


def refused(refusal: Refusal) -> Callable[[Stand], str]:
    def check(stand: Stand) -> str:
        assert stand.permits is not None
        seen = stand.permits.refusals
        return "" if refusal in seen else f"{refusal.name} was not in the status, only {sorted(seen)}"

    return check


def named(*faults: Fault) -> Callable[[Stand], str]:
    """The guard told these faults, if it lives."""

    def check(stand: Stand) -> str:
        assert stand.permits is not None
        deadline_s = time.monotonic() + 2
        wanted = sum(1 << fault for fault in faults)
        while wanted & ~stand.permits.faults and time.monotonic() < deadline_s:
            time.sleep(0.02)
        missing = [fault.name for fault in faults if not stand.permits.faults >> fault & 1]
        return f"{', '.join(missing)} was not told" if missing else alive(stand)

    return check


def never_above(da: int) -> Callable[[Stand], str]:
    def check(stand: Stand) -> str:
        duties = [value for _, name, value in stand.unit.events() if name == "duty" and 0 < value < 1000]
        most = max(duties, default=0)
        return "" if most * 6 / 10 <= da + 1 else f"the pilot offered {most * 0.06:.1f} A, allowed are {da / 10} A"

    return check


def says(program: str, word: str) -> Callable[[Stand], str]:
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


def alive(stand: Stand) -> str:
    dead = [p.name for p in (stand.guard, stand.station) if p is not None and p.process.poll() is not None]
    return f"{', '.join(dead)} ended" if dead else ""


def state(stand: Stand) -> Path:
    return stand.unit.rig.state


def run(stand: Stand) -> Path:
    return stand.unit.rig.folder
