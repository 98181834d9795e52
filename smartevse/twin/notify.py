"""pigpiod's notifications: who wants to hear of which pins, filters, watchdogs, events; reports with exact times.

A report is 12 bytes: sequence number, flags, tick in µs (wraps after 71.6 minutes), levels of gpios 0 to 31.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from smartevse.twin.i2c import word
from smartevse.twin.pigpiod_commands import MAX_USER_GPIO, Cmd, Err

HANDLES = 32
KEEP_ALIVE_S = 60.0
FLAG_WATCHDOG = 1 << 5
FLAG_ALIVE = 1 << 6
FLAG_EVENT = 1 << 7
MAX_EVENT = 31
MAX_WATCHDOG_MS = 60_000
MAX_STEADY_US = 300_000
MAX_ACTIVE_US = 1_000_000

_REPORT = struct.Struct("<HHII")

Send = Callable[[bytes], None]


def tick(now_s: float) -> int:
    """The system timer of the Pi: µs, 32 bit."""
    return int(now_s * 1e6) & 0xFFFFFFFF


@dataclass(slots=True)
class _Listener:
    """One handle: where its reports go (None: to a pipe that nobody reads) and what it wants."""

    send: Send | None
    owner: object
    bits: int = 0
    events: int = 0
    sequence: int = 0
    last_s: float = 0.0
    pending: bytes = b""


@dataclass(slots=True)
class _Glitch:
    """A change is reported once it has lasted `steady_s`, with the time of then."""

    steady_s: float
    since_s: float | None = None


@dataclass(slots=True)
class _Noise:
    """Changes pass for `active_s` after one that came after `steady_s` of rest; else they are dropped."""

    steady_s: float
    active_s: float
    edge_s: float = 0.0
    active_until_s: float = 0.0


@dataclass(slots=True)
class _Watchdog:
    timeout_s: float
    since_s: float


class Notifications:
    """All handles of one daemon. `clock` is the present time in seconds, `bank` the present levels."""

    def __init__(self, clock: Callable[[], float], bank: Callable[[], int]) -> None:
        self._clock = clock
        self._levels = bank
        self.reset()
        self.commands: Mapping[int, Callable[[int, int, bytes], int]] = {
            Cmd.NO: lambda *_: self.open(None),
            Cmd.NB: self._begin,
            Cmd.NP: lambda handle, *_: self._begin(handle, 0, b""),
            Cmd.NC: self._end,
            Cmd.EVM: self._monitor,
            Cmd.EVT: self._trigger,
            Cmd.WDOG: self._watch,
            Cmd.FG: self._glitch,
            Cmd.FN: self._noise,
        }

    def reset(self) -> None:
        """The daemon ended: nobody listens, no filter and no watchdog is set."""
        self._listeners: dict[int, _Listener] = {}
        self._glitches: dict[int, _Glitch] = {}
        self._noises: dict[int, _Noise] = {}
        self._watchdogs: dict[int, _Watchdog] = {}
        self._raw = self._bank = 0
        self.wanted = 0
        """The pins that anyone listens to."""
        self.changed = False
        """Somebody wants something else than at the last `feed`: `next_due_s` may be another."""

    def news(self, bank: int) -> bool:
        """Whether there is a reason to `feed` before the next due time; `bank`: the present levels."""
        return self.changed or bool((bank ^ self._raw) & self.wanted)

    def _count_wishes(self) -> None:
        self.changed = True
        self.wanted = 0
        for listener in self._listeners.values():
            self.wanted |= listener.bits

    def open(self, send: Send | None, owner: object = None) -> int:
        """A new handle whose reports go to `send` until `owner` goes; NO_HANDLE when all 32 are taken."""
        handle = next((h for h in range(HANDLES) if h not in self._listeners), None)
        if handle is None:
            return Err.NO_HANDLE
        self._listeners[handle] = _Listener(send, owner, last_s=self._clock())
        self.changed = True
        return handle

    def forget(self, owner: object) -> None:
        """A connection closed: its handles with it."""
        for handle in [h for h, listener in self._listeners.items() if listener.owner is owner]:
            del self._listeners[handle]
        self._count_wishes()

    def _end(self, handle: int, _: int, ext: bytes) -> int:
        if self._listeners.pop(handle, None) is None:
            return Err.BAD_HANDLE
        self._count_wishes()
        return 0

    def _begin(self, handle: int, bits: int, ext: bytes) -> int:
        listener = self._listeners.get(handle)
        if listener is None:
            return Err.BAD_HANDLE
        if not self.wanted:
            self._raw = self._bank = self._levels()
        listener.bits = bits
        self._count_wishes()
        return 0

    def _monitor(self, handle: int, events: int, ext: bytes) -> int:
        listener = self._listeners.get(handle)
        if listener is None:
            return Err.BAD_HANDLE
        listener.events = events
        return 0

    def _trigger(self, event: int, _: int, ext: bytes) -> int:
        if event > MAX_EVENT:
            return Err.BAD_EVENT_ID
        now_s = self._clock()
        for listener in self._listeners.values():
            if listener.events >> event & 1:
                self._report(listener, now_s, FLAG_EVENT | event)
        self._flush()
        return 0

    def _watch(self, gpio: int, timeout_ms: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        if timeout_ms > MAX_WATCHDOG_MS:
            return Err.BAD_WDOG_TIMEOUT
        self._watchdogs.pop(gpio, None)
        self.changed = True
        if timeout_ms:
            self._watchdogs[gpio] = _Watchdog(timeout_ms / 1000, self._clock())
        return 0

    def _glitch(self, gpio: int, steady_us: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        if steady_us > MAX_STEADY_US:
            return Err.BAD_FILTER
        self._glitches.pop(gpio, None)
        if steady_us:
            self._glitches[gpio] = _Glitch(steady_us / 1e6)
        return 0

    def _noise(self, gpio: int, steady_us: int, ext: bytes) -> int:
        active_us = word(ext)
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        if steady_us > MAX_STEADY_US or active_us > MAX_ACTIVE_US:
            return Err.BAD_FILTER
        self._noises.pop(gpio, None)
        if steady_us:
            self._noises[gpio] = _Noise(steady_us / 1e6, active_us / 1e6)
        return 0

    def feed(self, edges: Sequence[tuple[float, int]], now_s: float) -> None:
        """Take what changed since the last call, in order of time, and send the reports that follow from it."""
        self.changed = False
        for at_s, bank in edges:
            self._settle(at_s)
            changed = bank ^ self._raw
            if changed:
                self._raw = bank
                self._pass_on(at_s, changed)
        self._settle(now_s)
        for gpio, watchdog in self._watchdogs.items():
            if now_s - watchdog.since_s >= watchdog.timeout_s:
                watchdog.since_s = now_s
                for listener in self._listeners.values():
                    if listener.bits >> gpio & 1:
                        self._report(listener, now_s, FLAG_WATCHDOG | gpio)
        for listener in self._listeners.values():
            if now_s - listener.last_s >= KEEP_ALIVE_S:
                self._report(listener, now_s, FLAG_ALIVE)
        self._flush()

    def _pass_on(self, at_s: float, changed: int) -> None:
        """Raw changes through the filters; what they hold back keeps its old level in the reports."""
        held = 0
        for gpio, noise in self._noises.items():
            if changed >> gpio & 1:
                if at_s >= noise.active_until_s and at_s - noise.edge_s >= noise.steady_s:
                    noise.active_until_s = at_s + noise.active_s
                elif at_s >= noise.active_until_s:
                    held |= 1 << gpio
                noise.edge_s = at_s
        for gpio, glitch in self._glitches.items():
            if changed >> gpio & 1:
                held |= 1 << gpio
                glitch.since_s = at_s
        bits = changed & ~held
        if bits:
            self._emit(at_s, bits)

    def _settle(self, until_s: float) -> None:
        """Let the changes through that have lasted long enough by now."""
        due = [
            (glitch.since_s + glitch.steady_s, gpio, glitch)
            for gpio, glitch in self._glitches.items()
            if glitch.since_s is not None and glitch.since_s + glitch.steady_s <= until_s
        ]
        for at_s, gpio, glitch in sorted(due, key=lambda item: item[0]):
            glitch.since_s = None
            if (self._raw ^ self._bank) >> gpio & 1:
                self._emit(at_s, 1 << gpio)

    def _emit(self, at_s: float, bits: int) -> None:
        changed = (self._raw ^ self._bank) & bits
        self._bank ^= changed
        for gpio, watchdog in self._watchdogs.items():
            if changed >> gpio & 1:
                watchdog.since_s = at_s
        for listener in self._listeners.values():
            if listener.bits & changed:
                self._report(listener, at_s, 0)

    def _report(self, listener: _Listener, at_s: float, flags: int) -> None:
        listener.pending += _REPORT.pack(listener.sequence & 0xFFFF, flags, tick(at_s), self._bank)
        listener.sequence += 1
        listener.last_s = at_s

    def _flush(self) -> None:
        for listener in list(self._listeners.values()):
            if listener.pending:
                reports, listener.pending = listener.pending, b""
                if listener.send is not None:
                    listener.send(reports)

    def next_due_s(self) -> float:
        """When a filter, a watchdog or a keep-alive has something to say by itself; infinite: never."""
        due = [g.since_s + g.steady_s for g in self._glitches.values() if g.since_s is not None]
        due += [w.since_s + w.timeout_s for w in self._watchdogs.values()]
        due += [listener.last_s + KEEP_ALIVE_S for listener in self._listeners.values()]
        return min(due, default=inf)
