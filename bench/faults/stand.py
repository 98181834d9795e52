"""One rig of real processes with a station of our own, and how it is brought to a moment of a charge."""

from __future__ import annotations

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

SEND_S = 0.02
"""How often a permit is sent: ten times as often as it must."""


class Permits:
    """A station that sends permits from a thread of its own."""

    def __init__(self, path: Path, permit: Permit) -> None:
        self.permit: Permit | None = permit
        self.status: Status | None = None
        self.refusals: set[Refusal] = set()
        self.faults = 0
        """Bits of all faults that the guard told of since this was set to nought."""
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
        while not self._ending.wait(SEND_S):
            if link is None:
                link = connect(self._path)
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
            self.faults |= self.status.faults


def connect(path: Path) -> socket.socket | None:
    """A connection to the guard; None while nobody listens."""
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
