"""The RS485 line: any number of ends on one half-duplex pair of wires, each byte after its real time on the wire.

Ends are ptys (programs: the station, other units) and devices that live in the twin (meters, a Sensorbox). What one
end sends all others hear, when it has passed the wire and in lumps, as USB adapters deliver it. Two senders at once
damage each other. A silence of 3.5 characters ends a frame.
"""

from __future__ import annotations

import contextlib
import os
import random
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from smartevse.twin.loop import Loop, Timer

BAUD = 9600
BITS_PER_CHARACTER = 10
"""Start, eight data, stop: 8N1."""
GAP_CHARACTERS = 3.5
LUMP_S = 0.004
"""How long an adapter collects bytes before it hands them on; the end of what was sent comes at once."""
TURNAROUND_S = 0.0045
"""How long a device waits after a request before it answers: a little more than the 3.5 characters it must."""


class Device(Protocol):
    """Something in the twin that listens on the line and may answer."""

    unit: int
    """Its number on the line."""
    silent: bool
    """It hears but does not answer."""

    def frame(self, frame: bytes) -> bytes | None:
        """What it answers to these bytes between two gaps; None: it stays silent."""


class _End:
    """One participant: what is on its way to it, oldest first, as (time, byte)."""

    def __init__(self) -> None:
        self.coming: deque[tuple[float, int]] = deque()


class PtyEnd(_End):
    """A pseudo terminal with a stable name: a symbolic link at `link`. It can be unplugged and plugged in."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self.link = link
        self.master = -1
        self._slave = -1

    @property
    def plugged(self) -> bool:
        """Whether the device file is there."""
        return self.master >= 0

    def plug(self) -> None:
        """Make the device file. Raises OSError when the link cannot be made or its name is taken by a real file."""
        if self.link.is_symlink():
            self.link.unlink()
        # the twin keeps the program's side open too: else the line would end whenever nobody has it open
        master, slave = os.openpty()
        try:
            self.link.symlink_to(os.ttyname(slave))
        except OSError:
            os.close(master)
            os.close(slave)
            raise
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.master, self._slave = master, slave

    def unplug(self) -> None:
        """The device file goes, whoever has it open reads the end of it."""
        if self.link.is_symlink():
            self.link.unlink()
        for file in (self.master, self._slave):
            if file >= 0:
                os.close(file)
        self.master = self._slave = -1
        self.coming.clear()

    def hand_over(self, data: bytes) -> None:
        """Give bytes to the program; they are lost when it does not read and the buffer is full."""
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self.master, data)


class Line:
    """One pair of wires. `clock` gives the time in seconds; `seed` makes noise and collisions repeatable."""

    def __init__(self, loop: Loop, clock: Callable[[], float], baud: int = BAUD, seed: int = 0) -> None:
        self._loop = loop
        self._clock = clock
        self.character_s = BITS_PER_CHARACTER / baud
        self._random = random.Random(seed)
        self._ends: list[PtyEnd] = []
        self._devices: list[Device] = []
        self._busy_until_s = 0.0
        self._sender: object = None
        self._sent: list[int] = []
        """What is or was on the wire since the last gap."""
        self._timer: Timer | None = None
        self._gap: Timer | None = None
        self.noise = 0.0
        """The chance of each byte to be damaged on the wire, 0 to 1."""
        self.lost = 0.0
        """The chance of each byte to be lost by whoever should hear it, 0 to 1."""
        self.late_s = 0.0
        """Up to so much longer an adapter keeps what it has heard, another time for each frame."""
        self.bytes_on_wire = 0
        self.frames = 0
        self.collisions = 0
        self.answered_s: dict[int, float] = {}
        """For each device, when the last byte of its last answer has passed the wire."""

    def add_pty(self, link: Path) -> PtyEnd:
        """A new end for a program. Raises OSError when its link cannot be made."""
        end = PtyEnd(link)
        end.plug()
        self._ends.append(end)
        self._loop.watch(end.master, lambda _: self._read(end))
        return end

    def add_device(self, device: Device) -> None:
        """A new end for something in the twin."""
        self._devices.append(device)

    def remove_device(self, unit: int) -> None:
        """Take what has this number off the line; nothing happens when nobody has it."""
        self._devices = [device for device in self._devices if device.unit != unit]

    def unplug(self, end: PtyEnd) -> None:
        """Pull an end's adapter out."""
        if end.plugged:
            self._loop.forget(end.master)
            end.unplug()

    def plug(self, end: PtyEnd) -> None:
        """Put an end's adapter back in; it comes back under the same name."""
        if not end.plugged:
            end.plug()
            self._loop.watch(end.master, lambda _: self._read(end))

    def silence(self, unit: int, silent: bool) -> None:
        """Let a device fall silent, or answer again. Raises ValueError when no device has this number."""
        found = [device for device in self._devices if device.unit == unit]
        if not found:
            units = ", ".join(str(device.unit) for device in self._devices)
            raise ValueError(f"no device on the line has the number {unit}; the numbers are {units}")
        for device in found:
            device.silent = silent

    def report(self) -> dict[str, object]:
        """What went over the line so far, and what is wrong with it."""
        return {
            "bytes": self.bytes_on_wire,
            "frames": self.frames,
            "collisions": self.collisions,
            "noise": self.noise,
            "lost": self.lost,
            "late_ms": round(self.late_s * 1000),
            "answered_s": self.answered_s,
            "silent": [device.unit for device in self._devices if device.silent],
        }

    def close(self) -> None:
        """Take all ends away."""
        for end in self._ends:
            self.unplug(end)

    def _read(self, end: PtyEnd) -> None:
        try:
            data = os.read(end.master, 4096)
        except BlockingIOError:
            return
        self.send(data, end, self._clock())

    def send(self, data: bytes, sender: object, at_s: float) -> None:
        """Put bytes on the wire from this time on, or behind what the same sender has still to send."""
        if not data:
            return
        if self._gap is not None and at_s >= self._busy_until_s + GAP_CHARACTERS * self.character_s:
            self._gap.cancel()  # it has passed, though its timer has not come yet
            self._end_frame()
        free = at_s >= self._busy_until_s
        start_s = max(at_s, self._busy_until_s) if self._sender is sender else at_s
        if not free and self._sender is not sender:
            self.collisions += 1
            self._damage_coming(at_s)
            data = bytes(self._damaged(byte) for byte in data)
        if self.noise:
            data = bytes(self._damaged(b) if self._random.random() < self.noise else b for b in data)
        self._sender = sender
        self._sent += data
        self.bytes_on_wire += len(data)
        for end in self._ends:
            if end is not sender and end.plugged:
                self._on_its_way(end, data, start_s)
        self._busy_until_s = max(self._busy_until_s, start_s + len(data) * self.character_s)
        if self._gap is not None:
            self._gap.cancel()
        self._gap = self._loop.call_at(self._busy_until_s + GAP_CHARACTERS * self.character_s, self._end_frame)
        self._schedule()

    def _on_its_way(self, end: PtyEnd, data: bytes, start_s: float) -> None:
        """What an end will hear of these bytes, and when; a late one never overtakes."""
        late_s = self._random.uniform(0.0, self.late_s) if self.late_s else 0.0
        before_s = end.coming[-1][0] if end.coming else start_s
        for place, byte in enumerate(data, 1):
            if self.lost and self._random.random() < self.lost:
                continue
            before_s = max(before_s, start_s + late_s + place * self.character_s)
            end.coming.append((before_s, byte))

    def _damaged(self, byte: int) -> int:
        return byte ^ self._random.randrange(1, 256)

    def _damage_coming(self, now_s: float) -> None:
        """Another sends into a frame: what of it is still to come is damaged."""
        for end in self._ends:
            end.coming = deque((at_s, self._damaged(b) if at_s > now_s else b) for at_s, b in end.coming)
        left = round((self._busy_until_s - now_s) / self.character_s)
        self._sent[-left:] = [self._damaged(byte) for byte in self._sent[-left:]]

    def _end_frame(self) -> None:
        """A gap: everybody in the twin hears what was sent, but not the one who sent it."""
        frame, self._sent = bytes(self._sent), []
        sender, ended_s = self._sender, self._busy_until_s
        self.frames += 1
        self._gap = None
        for device in self._devices:
            if device is sender:
                continue
            answer = device.frame(frame)
            if answer:
                self.send(answer, device, ended_s + TURNAROUND_S)
                self.answered_s[device.unit] = self._busy_until_s

    def _schedule(self) -> None:
        """See when the next lump is due."""
        due = [self._due_s(end) for end in self._ends if end.coming]
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(min(due), self._deliver) if due else None

    @staticmethod
    def _due_s(end: PtyEnd) -> float:
        return min(end.coming[0][0] + LUMP_S, end.coming[-1][0])

    def _deliver(self) -> None:
        now_s = self._clock()
        for end in self._ends:
            if end.coming and self._due_s(end) <= now_s:
                lump = bytearray()
                while end.coming and end.coming[0][0] <= now_s:
                    lump.append(end.coming.popleft()[1])
                end.hand_over(bytes(lump))
        self._schedule()
