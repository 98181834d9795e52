"""The Master of up to seven Nodes: whom to ask next, what each Node's car wants, what to tell them. Pure.

Times are seconds of the caller's clock, currents 0.1 A. One cycle is: `polls`, the mains meter, `units` to the
regulator, its grants back to `orders`. What is wanted of a Node's errors and mode is told apart from a grant, so that a
state seen earlier is never written over a newer one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from smartevse.bus import units
from smartevse.bus.listener import BROADCAST_UNIT
from smartevse.bus.rtu import Function, Request
from smartevse.bus.units import BusError, BusState, Status
from smartevse.core.limits import Limit
from smartevse.core.measurement import Phases, Reading
from smartevse.core.reasons import Why
from smartevse.core.rules import Car, Unit

SILENT_AFTER_S = 10.0
"""A Node that has not answered for this long is given nothing any more; by then it has stopped by itself."""
GONE_AFTER_S = SILENT_AFTER_S + 7.0
"""Its current is given to others only after the 6 s that its car may take to let go, and one cycle."""
ROUNDS = 2
"""So often a new Master asks all seven Nodes before it gives any of them a share: a 0 would end a charge that runs."""
PROBE_S = 5.0
"""How often one of the absent Nodes is looked for, one after the other."""
SEARCH_S = 30.0
"""So long after the start, and after the last of them fell silent, one is looked for in each cycle: all may be back."""
REPEAT_S = 2.5
"""What a Node was told and does not show is told again after so long."""
TIMER_SLACK_S = 3
"""A solar timer further off than this is set."""

CARS: Mapping[int, Car] = {
    BusState.B: Car.CONNECTED,
    BusState.C: Car.CHARGING,
    BusState.D: Car.CHARGING,
    BusState.COMM_B: Car.CONNECTED,
    BusState.COMM_B_OK: Car.CONNECTED,
    BusState.COMM_C: Car.CONNECTED,
    BusState.COMM_C_OK: Car.CHARGING,
    BusState.B1: Car.CONNECTED,
    BusState.C1: Car.CHARGING,
    BusState.MODEM_REQUEST: Car.CONNECTED,
    BusState.MODEM_WAIT: Car.CONNECTED,
    BusState.MODEM_DONE: Car.CONNECTED,
}
"""What the state of a Node says of its car; all others: there is none."""
WANTS: Mapping[int, BusState] = {BusState.COMM_B: BusState.COMM_B_OK, BusState.COMM_C: BusState.COMM_C_OK}
"""What a Node in this state asks for, and what it is told when it may."""
_MASTERS = BusError.LESS_6A | BusError.CT_NOCOMM
"""The errors that a master sets and clears."""


@dataclass(frozen=True, slots=True)
class Say:
    """What the Nodes are to know this cycle."""

    shares_da: Sequence[int]
    """What master (index 0) and Node 1 to 7 may draw; 0: nothing."""
    mode: int = 0
    solar_timer_s: int = 0
    mains_da: Phases | None = None
    no_data: bool = False
    """The mains meter is silent: nobody may charge on an old share."""
    no_current: Sequence[bool] = (False,) * units.SHARES
    """Who gets nothing because there is too little for all."""


@dataclass(slots=True)
class Peer:
    """What is known of one Node."""

    number: int
    status: Status | None = None
    answered_s: float = float("-inf")
    config_due: bool = True
    """The kind and address of its EV meter are to be read: at first, and when it says that its settings changed."""
    ev_meter: tuple[int, int] | None = None
    """Number of the kind and address of its EV meter; None while not known."""
    drawn: Reading | None = None
    """What its EV meter saw."""
    agreed_mode: bool = False
    """Its mode was that of all when it was last seen."""
    told: dict[int, tuple[tuple[int, ...], float]] = field(default_factory=dict)
    """What was written last to each register, and when."""

    def online(self, now_s: float) -> bool:
        """Whether it answered of late."""
        return now_s - self.answered_s <= SILENT_AFTER_S


class Master:
    """The Nodes of one line."""

    def __init__(self, *, mains_told: bool = True, held_until_s: float = float("-inf")) -> None:
        """`mains_told`: the mains currents follow the shares; programs of the older families know only the shares.

        `held_until_s`: until then nobody gets more than he has, as a Node that is cut off may use its old share: a
        Master that has just begun does not know of it. `GONE_AFTER_S` after the beginning it has surely let go.
        """
        self.peers = {number: Peer(number) for number in units.NODES}
        self.wanted_mode: int | None = None
        """The mode that a Node's owner chose on the Node, until somebody takes it with `take_mode`."""
        self._mains_told = mains_told
        self._held_until_s = held_until_s
        self._rounds = 0
        self._probed = 0
        self._probe_s = float("-inf")
        self._mode: int | None = None
        self._began_s: float | None = None
        self._heard_any = False

    # asking

    def online(self, now_s: float) -> tuple[int, ...]:
        """The numbers of the Nodes that answer."""
        return tuple(number for number, peer in self.peers.items() if peer.online(now_s))

    def polls(self, now_s: float) -> tuple[int, ...]:
        """Which Nodes to ask for their status in this cycle: those that answer, and now and then an absent one."""
        present = self.online(now_s)
        if self._heard_any and not present:  # the own line was cut: all of them may be back at once
            self._began_s = now_s
        self._heard_any = bool(present)
        absent = [number for number in self.peers if number not in present]
        if now_s < self._held_until_s and self._rounds < ROUNDS:
            self._rounds += 1
            return (*present, *absent)
        if self._began_s is None:
            self._began_s = now_s
        if not absent or (now_s - self._probe_s < PROBE_S and now_s - self._began_s > SEARCH_S):
            return present
        self._probe_s = now_s
        self._probed = next((number for number in absent if number > self._probed), absent[0])
        return (*present, self._probed)

    def heard(self, number: int, words: Sequence[int], now_s: float) -> None:
        """A Node's status; an answer that is too short is none."""
        status = units.status(words)
        if status is None:
            return
        peer = self.peers[number]
        new = not peer.online(now_s)
        peer.answered_s = now_s
        if new:
            peer.told.clear()
            peer.agreed_mode = False
        peer.config_due |= new or status.config_changed
        if self._mode is not None:
            if status.mode == self._mode:
                peer.agreed_mode = True
            elif peer.agreed_mode and status.mode in set(units.BusMode):
                peer.agreed_mode = False
                self.wanted_mode = status.mode
        peer.status = status

    def take_mode(self) -> int | None:
        """The mode that was chosen on a Node since the last call."""
        wanted, self.wanted_mode = self.wanted_mode, None
        return wanted

    def config_wanted(self, now_s: float) -> tuple[int, ...]:
        """The Nodes whose EV meter is to be read from their settings."""
        return tuple(number for number in self.online(now_s) if self.peers[number].config_due)

    def config(self, number: int, words: Sequence[int]) -> None:
        """The kind and address of a Node's EV meter, as it tells them."""
        peer = self.peers[number]
        found = (words[0] & 0xFF, words[1] & 0xFF)
        if found != peer.ev_meter:
            peer.ev_meter, peer.drawn = found, None
        peer.config_due = False

    # what the cars want

    def unit(self, number: int, now_s: float) -> Unit:
        """A Node and its car for the regulator; one that is absent has no car."""
        peer = self.peers[number]
        status = peer.status
        priority = units.SHARES - number
        if status is None or now_s - peer.answered_s > GONE_AFTER_S:
            return Unit(priority=priority)
        car = CARS.get(status.state, Car.AWAY)
        max_da = min(status.max_a, 80) * 10
        has_da = min(status.current_da, max_da) if car is Car.CHARGING else 0
        return Unit(car=car, max_da=max_da, priority=priority, drawn=peer.drawn, limits=self.held(now_s, has_da))

    def held(self, now_s: float, has_da: int) -> tuple[Limit, ...]:
        """The limit of a unit that uses `has_da` now, while it is not known what others use; the Master's own too."""
        wait_s = self._held_until_s - now_s
        if wait_s <= 0:
            return ()
        why = Why.HOLD_CHARGERS if has_da else Why.FIRST_CHARGERS
        return (Limit(has_da, why, wait_s=math.ceil(wait_s)),)

    def units(self, now_s: float) -> tuple[Unit, ...]:
        """Node 1 to Node 7 for the regulator."""
        return tuple(self.unit(number, now_s) for number in self.peers)

    # telling

    def orders(self, say: Say, now_s: float) -> list[Request]:
        """What to write in this cycle: grants and changes to each Node, then what all are told."""
        if say.mode != self._mode:
            self._mode = say.mode
            for peer in self.peers.values():
                peer.agreed_mode = False
        wanted = [write for number in self.online(now_s) for write in self._to_node(self.peers[number], say, now_s)]
        everyone = [n for n in self.online(now_s) if CARS.get(self._status(n).state, Car.AWAY) is not Car.AWAY]
        if len(everyone) > 1 and not say.no_data and all(say.no_current[n] for n in everyone):
            short = [write for write in wanted if write.address == 1 and write.values == (BusError.LESS_6A,)]
            if len(short) > 1:  # nobody gets anything: one frame for all
                wanted = [write for write in wanted if write not in short] + [errors_for_all(BusError.LESS_6A)]
        if not say.no_data and (self._rounds >= ROUNDS or now_s >= self._held_until_s):
            wanted.append(self._currents(say, now_s))
        return wanted

    def _status(self, number: int) -> Status:
        status = self.peers[number].status
        assert status is not None, "who is online has shown its status"
        return status

    def _to_node(self, peer: Peer, say: Say, now_s: float) -> Iterator[Request]:
        status = self._status(peer.number)
        share_da = say.shares_da[peer.number]
        has_car = CARS.get(status.state, Car.AWAY) is not Car.AWAY
        errors = int(status.errors) & ~_MASTERS
        if say.no_data:
            errors |= BusError.CT_NOCOMM
        elif has_car and not share_da and say.no_current[peer.number]:
            errors |= BusError.LESS_6A
        granted = WANTS.get(status.state)
        if granted is not None and share_da and not say.no_data:
            yield _write(peer.number, 0, int(granted), errors)
        elif errors != status.errors:
            yield from self._once(peer, 1, (errors,), now_s)
        if status.mode != say.mode and self.wanted_mode is None:
            yield from self._once(peer, 3, (say.mode,), now_s)
        if abs(status.solar_timer_s - say.solar_timer_s) > TIMER_SLACK_S:
            yield from self._once(peer, 4, (say.solar_timer_s,), now_s)

    def _once(self, peer: Peer, register: int, values: tuple[int, ...], now_s: float) -> Iterator[Request]:
        """Write, unless the same was written a moment ago and cannot show yet."""
        before = peer.told.get(register)
        if before is None or before[0] != values or now_s - before[1] >= REPEAT_S:
            peer.told[register] = (values, now_s)
            yield _write(peer.number, register, *values)

    def _currents(self, say: Say, now_s: float) -> Request:
        shares = [say.shares_da[0], *(da if self.peers[n].online(now_s) else 0 for n, da in _of_nodes(say.shares_da))]
        mains = [da & 0xFFFF for da in say.mains_da] if self._mains_told and say.mains_da is not None else []
        return Request(BROADCAST_UNIT, Function.WRITE_MANY, units.CURRENTS, len(shares) + len(mains), (*shares, *mains))


def _of_nodes(shares_da: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The number of each Node with its share."""
    yield from zip(units.NODES, shares_da[1:], strict=True)


def _write(number: int, register: int, *values: int) -> Request:
    """Registers of a Node's status; always in the long form, as one family never answers the short one."""
    return Request(number + units.MASTER_UNIT, Function.WRITE_MANY, register, len(values), values)


def errors_for_all(errors: int) -> Request:
    """An error for all Nodes at once; they clear it one by one, when they are told."""
    return Request(BROADCAST_UNIT, Function.WRITE_ONE, units.STATUS + 1, 1, (errors,))


def status_request(number: int) -> Request:
    """The question for a Node's status."""
    return Request(number + units.MASTER_UNIT, Function.READ_INPUT, units.STATUS, units.STATUS_POLLED)


def ev_meter_request(number: int) -> Request:
    """The question for a Node's EV meter: kind and address."""
    return Request(number + units.MASTER_UNIT, Function.READ_INPUT, units.EV_METER, 2)


def settings_seen(number: int) -> Request:
    """Tells a Node that its settings were read."""
    return Request(number + units.MASTER_UNIT, Function.WRITE_ONE, units.STATUS + 6, 1, (0,))


def settings_for_all(values: Mapping[str, int], family: str) -> Request:
    """The Master's settings for all Nodes, by the names and in the order of the family; what has no value is 0."""
    words = units.system_words(values, family)
    return Request(BROADCAST_UNIT, Function.WRITE_MANY, units.SYSTEM, len(words), words)
