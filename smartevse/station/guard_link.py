"""The station's end of the socket to the guard: permits go out, the newest status comes in.

Plain calls that never wait, so that the first permit can go out before the event loop is even imported: a station
that restarts has one second until its old permit expires and the guard ends the charge.
"""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

from smartevse.core.signals import Permit
from smartevse.guard.wire import (
    PERMIT_TTL_MS,
    FrameError,
    Refusal,
    Status,
    pack_permit,
    unpack_status,
)
from smartevse.station.journal import event

SEND_EVERY_S = 0.1
"""How often a permit is renewed; also how often an absent guard is looked for."""
STATUS_LIFE_S = PERMIT_TTL_MS / 1000
"""An older status says nothing about now."""
_FRAME_BYTES = 512

_REFUSALS = {
    Refusal.MALFORMED: "the guard cannot read the station's permits: install both from one version and restart them",
    Refusal.STALE: "the guard gets the station's permits too late: this machine is overloaded",
    Refusal.SECOND_STATION: "the guard listens to another station already: end that one, a guard obeys one",
}

_log = logging.getLogger("smartevse.guard_link")


class GuardLink:
    """One connection to the guard, opened again whenever it is lost."""

    def __init__(self, path: Path) -> None:
        self.status: Status | None = None
        """The newest status that came, whatever its age."""
        self._path = path
        self._socket: socket.socket | None = None
        self._sequence = 0
        self._said_absent = False
        self._refusal = Refusal.NONE

    @property
    def connected(self) -> bool:
        """Whether somebody listens."""
        return self._socket is not None

    def fresh(self, now_ns: int) -> Status | None:
        """The newest status if it is young enough to act on; `now_ns` is CLOCK_MONOTONIC."""
        status = self.status
        if status is None or now_ns - status.at_ns > STATUS_LIFE_S * 1e9:
            return None
        return status

    def listen(self) -> None:
        """Take in every status that waits, so that what is decided next knows them. Never waits."""
        self._receive()

    def first_status(self, within_s: float) -> Status | None:
        """Connect and wait this long at most for the guard's first word; None when nothing came."""
        until_s = time.monotonic() + within_s
        while self.status is None and (self._socket is not None or self._connect()):
            self._receive()
            if time.monotonic() >= until_s:
                break
            time.sleep(0.002)
        return self.status

    def exchange(self, permit: Permit) -> None:
        """Send one permit and take in every status that waits; connects first where needed. Never waits."""
        if self._socket is None and not self._connect():
            return
        self._receive()  # first: a guard that hangs up says why before
        self._send(permit)
        self._receive()

    def close(self) -> None:
        """Hang up; the guard ends the charge in the orderly way when no other station comes."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> bool:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        link.setblocking(False)
        try:
            link.connect(str(self._path))
        except OSError as error:
            link.close()
            self._lost(error.strerror or str(error))
            return False
        self._socket = link
        return True

    def _send(self, permit: Permit) -> None:
        if self._socket is None:
            return
        self._sequence += 1
        try:
            self._socket.send(pack_permit(permit, self._sequence, time.monotonic_ns()))
        except BlockingIOError:
            return  # the guard is stalled; an older permit waits in front of this one, and both will have expired
        except OSError as error:
            self._dropped(error.strerror or str(error))

    def _receive(self) -> None:
        """Read until nothing waits; only the newest frame is understood."""
        link, newest, ended, reset = self._socket, b"", "", False
        while link is not None and not ended:
            try:
                frame = link.recv(_FRAME_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                # A guard that hangs up with our permit unread resets the link; what it said before comes after that.
                if reset or not isinstance(error, ConnectionResetError):
                    ended = error.strerror or str(error)
                reset = True
                continue
            newest, ended = frame or newest, "" if frame else "it ended"
        if newest:
            self._understand(newest)
        if ended:
            self._dropped(ended)

    def _understand(self, frame: bytes) -> None:
        """Take over a status and say what is new about the link itself."""
        try:
            self.status = unpack_status(frame)
        except FrameError as error:
            if self._refusal is not Refusal.MALFORMED:
                self._refusal = Refusal.MALFORMED
                _log.error("%s", error, extra=event("no-guard"))
            return
        if self.status.refusal is not self._refusal:
            self._refusal = self.status.refusal
            if self._refusal in _REFUSALS:
                _log.error("%s", _REFUSALS[self._refusal], extra=event("no-guard"))
        # Only now: a guard that hangs up on a second station would else come and go ten times a second.
        if self._said_absent and self._refusal is not Refusal.SECOND_STATION:
            self._said_absent = False
            _log.info("the guard is back at %s", self._path, extra=event("guard-back"))

    def _dropped(self, why: str) -> None:
        self.close()
        self._lost(why)

    def _lost(self, why: str) -> None:
        """One line when the guard is gone, none while it stays so."""
        if not self._said_absent:
            self._said_absent = True
            text = "no guard at %s (%s): no car is charged until smartevse-guard runs"
            _log.warning(text, self._path, why, extra=event("no-guard"))
