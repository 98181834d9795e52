"""The guard's end of the socket to the station: takes permits, gives statuses, never waits."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from dataclasses import replace
from pathlib import Path

from smartevse.core.signals import Permit
from smartevse.guard.wire import (
    PERMIT_BYTES,
    PERMIT_TTL_MS,
    FrameError,
    Refusal,
    Status,
    pack_status,
    unpack_permit,
)

FRAMES_A_TICK = 8
"""A station that sends more than this in 10 ms waits: it cannot keep the guard from its work."""
ACCEPT_EVERY_TICKS = 5
AHEAD_NS = 300_000_000
"""How far a permit's time may lie ahead. Both ends read one clock, but a tick's time is from before its exchange with
pigpiod, which may take 250 ms before the guard gives up. A permit from ahead lives no longer than one from now."""
_CREDENTIALS = struct.Struct("3i")


class Link:
    """A listening SEQPACKET socket that one station at a time may use, of the same user or root."""

    def __init__(self, path: Path) -> None:
        """Bind the socket. Raises OSError when the folder is missing, not writable, or another guard listens there."""
        self._path = path
        self._station: socket.socket | None = None
        self._permit: Permit | None = None
        self._sent_ns = 0
        self._sequence = -1
        self._turn = 0
        self._resets = 0
        self._resets_ahead = 0
        self.refusal = Refusal.NONE
        if _answers(path):
            raise FileExistsError(f"another guard listens at {path}: stop it first")
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        mask = os.umask(0o177)  # the service's own user only
        try:
            self._listener.bind(str(path))
        except OSError:
            self._listener.close()
            raise
        finally:
            os.umask(mask)
        self._listener.listen(4)
        self._listener.setblocking(False)

    def permit(self, now_ns: int) -> Permit | None:
        """Read what has come and return the permit that is fresh now, or None."""
        self._turn += 1
        if self._turn % ACCEPT_EVERY_TICKS == 0:
            self._accept(now_ns)
        if self._station is not None:
            self._receive(self._station, now_ns)
        if self._permit is not None and now_ns - self._sent_ns > PERMIT_TTL_MS * 1_000_000:
            self._permit = None
        return self._permit

    def send(self, status: Status) -> None:
        """Give a status to the station; one that does not read loses statuses, not the guard its time."""
        if self._station is not None:
            try:
                self._station.send(pack_status(status))
            except BlockingIOError:
                pass
            except OSError:
                self._drop()

    def close(self) -> None:
        """Remove the socket."""
        self._drop()
        self._listener.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _receive(self, station: socket.socket, now_ns: int) -> None:
        for _ in range(FRAMES_A_TICK):
            try:
                frame = station.recv(PERMIT_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:
                frame = b""
            if not frame:
                self._drop()
                return
            self.refusal = self._take(frame, now_ns)

    def _take(self, frame: bytes, now_ns: int) -> Refusal:
        try:
            permit, sequence, sent_ns = unpack_permit(frame)
        except FrameError:
            return Refusal.MALFORMED
        age_ns = now_ns - sent_ns
        if not -AHEAD_NS <= age_ns <= PERMIT_TTL_MS * 1_000_000 or sequence <= self._sequence:
            return Refusal.STALE
        if self._sequence < 0:
            # a station that starts anew counts key presses from nought: that is no press
            self._resets_ahead = self._resets - permit.resets
        self._resets = (permit.resets + self._resets_ahead) & 0xFF
        self._permit, self._sent_ns, self._sequence = (
            replace(permit, resets=self._resets),
            min(sent_ns, now_ns),
            sequence,
        )
        return Refusal.NONE

    def _accept(self, now_ns: int) -> None:
        try:
            newcomer, _ = self._listener.accept()
        except BlockingIOError:
            return
        newcomer.setblocking(False)
        peer = newcomer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, _ = _CREDENTIALS.unpack(peer)
        if self._station is not None:
            self._receive(self._station, now_ns)  # it may have gone: then its place is free
        if self._station is not None:
            with contextlib.suppress(OSError):
                newcomer.send(pack_status(Status(refusal=Refusal.SECOND_STATION)))
            newcomer.close()
        elif uid not in (0, os.getuid()):
            newcomer.close()
        else:
            self._station, self._sequence = newcomer, -1

    def _drop(self) -> None:
        # the permit stays until it expires: a station that is back in time does not end a charge
        if self._station is not None:
            self._station.close()
            self._station = None


def _answers(path: Path) -> bool:
    """Whether somebody listens at the path."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
