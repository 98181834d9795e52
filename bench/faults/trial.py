"""One trial: a bay is brought to a moment of a charge, the fault is injected, and what comes of it is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from bench.faults.acts import act, heal
from bench.faults.bay import Bay
from bench.faults.table import CONTACTS_MS, By, Expect, Kind, Row
from smartevse.core.faults import Fault
from smartevse.core.signals import Lock, Permit
from smartevse.core.states import State
from smartevse.physics.ev import EvOptions

OFFERS_DA = (60, 70, 100, 130, 160, 250, 320, 480, 630)
WATCH_S = 3.0
"""How long a fault is watched that has to open at once."""
ASK_S = 8.0
LOCK_S = 25.0
STOP_S = 8.0
REST_S = 65.0
"""Every fault that ends by itself is over after this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one injection."""

    row: Row
    moment: str
    seed: str
    wrong: str
    """What did not come as it must, one sentence; empty when all did."""
    opened_ms: float | None
    """From the fault to contacts open, where the fault itself opens them."""
    then_ms: float | None
    """From the car's leaving or letting go to contacts open, where the charge went on."""
    first: By
    bits: frozenset[Fault]
    seen_ms: float | None
    """From the fault to the moment the guard named it."""
    state: State


def play(row: Row, seed: str) -> list[Outcome]:
    """The row at each of its moments, in a random order, on one station; it must charge again in between."""
    random = Random(seed)
    offer_da = random.choice(row.offers_da or OFFERS_DA)
    rcm = row.rcm if row.rcm is not None else random.random() < 0.5
    sometimes = random.choice((Lock.DISABLED, Lock.DISABLED, Lock.SOLENOID, Lock.MOTOR))
    wish = Permit(
        offer_da=offer_da,
        charge=True,
        phases=random.choice((1, 3, 3)),
        rcm=rcm,
        rcm_test=rcm,
        lock=sometimes if row.lock is None else row.lock,
    )
    bay = Bay(random, wish, aux=row.aux)
    bay.world.ev.options = replace(
        EvOptions(phases=random.choice((1, 2, 3)), start_delay_s=0.3, releases_s=3.0, battery_wh=1e6),
        **row.car,  # type: ignore[arg-type]
    )
    bay.run(1.0)
    found: list[Outcome] = []
    moments = list(row.expect)
    random.shuffle(moments)
    for moment in moments:
        outcome = _Trial(bay, row, moment, seed).outcome()
        found.append(outcome)
        if outcome.wrong:
            return found  # what comes after would tell of the mistake again
    return found


class _Trial:
    """One injection at one moment."""

    def __init__(self, bay: Bay, row: Row, moment: str, seed: str) -> None:
        self.bay, self.row, self.moment, self.seed = bay, row, moment, seed
        self.expect: Expect = row.expect[moment]
        self.wrong = ""
        self.then_ms: float | None = None

    def outcome(self) -> Outcome:
        """Bring the bay there, inject, look, heal, and see that it charges again."""
        bay, row, expect = self.bay, self.row, self.expect
        if not self._reach():
            return self._told(f"did not come to {self.moment}: {bay.state.name}, {bay.guard.report}", 0.0, 0, 0)
        bay.run(bay.random.uniform(0.0, 0.05))
        was_closed = bay.closed
        trace, told = bay.world.trace_count, len(bay.station.told)
        at_s = bay.now_s
        for command in row.does:
            act(bay, command)
        {
            Kind.OPENS: self._watch,
            Kind.NO_START: self._watch,
            Kind.STOPS: lambda: bay.run(STOP_S),
            Kind.GOES_ON: self._leave,
        }[expect.kind]()
        outcome = self._judge(at_s, trace, told, was_closed=was_closed)
        if outcome.wrong:
            return outcome
        return self._again(outcome)

    def _reach(self) -> bool:
        """Bring the bay to the moment."""
        bay = self.bay
        bay.world.ev.ready(False)
        bay.run(0.05)
        bay.world.ev.plug()
        if not bay.run(10, lambda: bay.state is State.B):
            return False
        if self.moment == "B":
            return True
        bay.world.ev.ready()
        if not bay.run(10, lambda: bay.state is State.C and bay.closed and bay.guard.memory.contactor.confirmed):
            return False
        bay.run(bay.random.uniform(0.2, 2.0))
        if self.moment == "C1":
            self._charge(False)
            return bay.run(1, lambda: bay.state is State.C1)
        return True

    def _charge(self, wanted: bool) -> None:
        station = self.bay.station
        station.wish = replace(station.wish, charge=wanted)
        self.bay.disturb()

    def _watch(self) -> None:
        """A fault that opens at once, or lets no charge begin: then the car asks."""
        bay = self.bay
        if self.moment == "B":
            bay.run(bay.random.uniform(0.0, 0.3))
            bay.world.ev.ready()
            bay.run(self._patience_s())
        else:
            bay.run(WATCH_S)

    def _leave(self) -> None:
        """A fault with which it goes on: later the car leaves, and the contacts open all the same."""
        bay, expect = self.bay, self.expect
        if self.moment == "B":
            bay.world.ev.ready()
            if not bay.run(self._patience_s(), lambda: bay.closed):
                self.wrong = f"no charge began: {bay.guard.report}"
                return
        bay.run(bay.random.uniform(0.3, 1.5))
        if not bay.closed:
            self.wrong = f"did not go on: {bay.guard.report}"
            return
        trace, left_s = bay.world.trace_count, bay.now_s
        bay.world.ev.unplug()
        bay.run(2.0)
        ends = [e.at_s for e in bay.events(trace) if e.name == "c1_contacts" and not e.value]
        if expect.then_ms is not None:
            self.then_ms = (ends[0] - left_s) * 1000 if ends else None
            if self.then_ms is None or self.then_ms > expect.then_ms:
                self.wrong = f"the car left and the contacts opened after {self.then_ms} ms"
                return
        self._charge(True)
        bay.world.ev.plug()
        bay.world.ev.ready()
        started = bay.run(self._patience_s(), lambda: bay.state is State.C)
        if started:
            bay.run(1.0)
        if (started and bay.closed) != expect.then_starts:
            self.wrong = f"the next car was {'' if started else 'not '}charged: {bay.guard.report}"

    def _patience_s(self) -> float:
        """How long a car asks in vain before it counts that no charge begins: the lock tries for its time, too."""
        return ASK_S if self.bay.station.wish.lock is Lock.DISABLED else ASK_S + LOCK_S

    def _judge(self, at_s: float, trace: int, told: int, *, was_closed: bool) -> Outcome:
        """Hold what happened against what must."""
        bay, expect = self.bay, self.expect
        shown = frozenset().union(*(_faults(one.faults) for one in bay.station.told[told:]))
        named = [one.at_s for one in bay.station.told[told:] if expect.bits and expect.bits <= _faults(one.faults)]
        opened_ms, longest_ms, first = self._contacts(at_s, trace, was_closed=was_closed)
        wrong = self.wrong
        missing = (expect.bits | expect.then_bits) - shown
        extra = shown - expect.bits - expect.then_bits - expect.also
        if wrong:
            pass
        elif missing:
            wrong = f"{_words(missing)} was not shown, only {_words(shown)}; {bay.guard.report}"
        elif extra:
            wrong = f"{_words(extra)} was shown beside"
        elif expect.kind in (Kind.OPENS, Kind.STOPS) and was_closed:
            if opened_ms is None or opened_ms > expect.limit_ms:
                wrong = f"contacts open after {opened_ms} ms, allowed are {expect.limit_ms} ms"
            elif self.row.by in (By.HAT, By.GUARD) and first is not self.row.by:
                wrong = f"the {first.value} opened first"
            elif bay.closed and not expect.resumes:
                wrong = "the contacts closed again"
        elif not was_closed and expect.kind is not Kind.GOES_ON and not expect.resumes:
            limit_ms = expect.limit_ms if expect.kind is Kind.NO_START else 0
            if longest_ms > limit_ms or bay.closed:
                wrong = f"the contacts were closed for {longest_ms} ms"
        goes_on = expect.kind is Kind.GOES_ON
        return Outcome(
            row=self.row,
            moment=self.moment,
            seed=self.seed,
            wrong=wrong,
            opened_ms=None if goes_on or not was_closed else opened_ms,
            then_ms=self.then_ms,
            first=By.NOBODY if goes_on or not was_closed else first,
            bits=shown,
            seen_ms=(named[0] - at_s) * 1000 if named else None,
            state=bay.state,
        )

    def _contacts(self, at_s: float, trace: int, *, was_closed: bool) -> tuple[float | None, float, By]:
        """When the contacts opened, how long they were closed at most in ms, and who opened first."""
        opened_ms: float | None = None
        longest_s, since_s = 0.0, at_s if was_closed else None
        first = By.NOBODY
        for event in self.bay.events(trace):
            if event.name == "c1_contacts":
                if event.value:
                    since_s = event.at_s
                elif since_s is not None:
                    longest_s = max(longest_s, event.at_s - since_s)
                    opened_ms = (event.at_s - at_s) * 1000 if opened_ms is None else opened_ms
                    since_s = None
            elif not event.value and opened_ms is None and first is By.NOBODY:
                first = {"safe": By.HAT, "c1_cmd": By.GUARD}.get(event.name, By.NOBODY)
        return opened_ms, longest_s * 1000, first

    def _again(self, outcome: Outcome) -> Outcome:
        """Heal it, let the owner do what the display asks for, and see that the next car is charged."""
        bay = self.bay
        for command in self.row.does:
            heal(bay, command)
        bay.run(1.0)
        bay.world.ev.unplug()
        self._charge(True)
        bay.run(2.0)
        for pause_s in (REST_S, 3.0):
            bay.run(pause_s)
            bay.station.wish = replace(bay.station.wish, resets=(bay.station.wish.resets + 1) % 256)
            bay.run(3.0)
        trace, told = bay.world.trace_count, len(bay.station.told)
        bay.world.ev.plug()
        bay.world.ev.ready()
        if not bay.run(15, lambda: bay.closed):
            return replace(outcome, wrong=f"healed, it does not charge again: {bay.guard.report}")
        bay.run(0.5)
        left_s = bay.now_s
        bay.world.ev.unplug()
        bay.run(1.5)
        ends = [e.at_s for e in bay.events(trace) if e.name == "c1_contacts" and not e.value]
        if not ends or (ends[0] - left_s) * 1000 > CONTACTS_MS:
            return replace(outcome, wrong="healed, it does not open in time")
        if any(one.faults for one in bay.station.told[told + 1 :]):
            return replace(outcome, wrong=f"healed, it shows {_words(_faults(bay.station.told[-1].faults))}")
        return outcome

    def _told(self, wrong: str, at_s: float, trace: int, told: int) -> Outcome:
        return Outcome(
            self.row, self.moment, self.seed, wrong, None, None, By.NOBODY, frozenset(), None, self.bay.state
        )


def _faults(bits: int) -> frozenset[Fault]:
    return frozenset(fault for fault in Fault if bits >> fault & 1)


def _words(faults: frozenset[Fault]) -> str:
    return ", ".join(fault.name for fault in sorted(faults)) or "nothing"
