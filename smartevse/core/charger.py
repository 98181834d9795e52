"""The guard's decision: one pure function from readings and permit to outputs, every 10 ms.

`step` reads like the day of a charge: look at the pilot, find what is wrong, run the tests, take the most urgent way
out of the state, and drive what the state's row says. Nothing here closes the contactor except state C.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartevse.core import checks, contactor, faults, lock, proof
from smartevse.core.contactor import Contactor
from smartevse.core.faults import BLOCK_MASK, OPEN_MASK, SILENT_MASK, STOP_MASK, Fault
from smartevse.core.lock import Plug
from smartevse.core.pilot import MIN_OFFER_DA, Level, duty_permille
from smartevse.core.proof import Proof, Step
from smartevse.core.proximity import cable_da
from smartevse.core.signals import Inputs, Lock, LockPolicy, Outputs, Permit
from smartevse.core.states import EFFECTS, TRANSITIONS, Event, Hold, State
from smartevse.core.tick import Memory, Report, Tick, Wake
from smartevse.core.view import driven, next_view

C1_LIMIT_MS = 6000
"""How long the car has to let go after the offer ended (IEC 61851-1 table A.6 sequence 10.2)."""
ASKS_MS = 500
"""How long the car must ask without a break before the contactor closes (behaviour spec 1.5)."""
REST_MS = 3000
"""How long no current is offered after an offer was taken back (behaviour spec 1.4, B1)."""
F_SHOWN_MS = 500
"""How long a fault is shown to the car as steady -12 V; the standard asks for 300 ms at least (table A.5)."""
CABLE_MS = 100
"""How long the proximity pin is watched before its reading counts: every channel was read by then."""
RESET_MS = 1000
"""How long a key press may end a latched fault: the proof test that it starts takes 0.3 s."""
WAKE_AFTER_MS = 30_000
WAKE_PULSES_MS = (4_000, 30_000)
"""A car that was offered current for 30 s and does not ask gets -12 V, short first, then long."""
DERATE_FROM_DC, STOP_AT_DC = 580, 650
"""From 58 degC the offer falls in a straight line, at 65 degC the charge stops (R-52)."""
WARM_STEP_DC = 10
"""The offer follows the temperature by whole degrees: the last bit of a reading is no reason to change it."""


def step(memory: Memory, inputs: Inputs, permit: Permit | None, now_ms: int) -> tuple[Memory, Outputs, Report]:
    """One tick: the new memory, what to drive, and what to tell. `permit` is None when there is no fresh one."""
    kept = permit or memory.kept
    view = next_view(memory.view, inputs, now_ms)
    unplugged = view.steady and view.level is Level.A
    pressed = kept.resets != memory.kept.resets
    reset_until_ms = now_ms + RESET_MS if pressed else memory.reset_until_ms
    tick = Tick(memory, inputs, permit, kept, view, now_ms, resetting=now_ms < reset_until_ms)
    wrong = checks.conditions(tick)
    standing = faults.update(memory.standing, wrong, now_ms, unplugged=unplugged, reset=tick.resetting)
    cable = _cable(memory, tick, unplugged=unplugged)
    warm_dc = memory.warm_dc if abs(inputs.temperature_dc - memory.warm_dc) < WARM_STEP_DC else inputs.temperature_dc
    offer = 0 if permit is None else _offer(permit, cable, warm_dc)
    tick = Tick(memory, inputs, permit, kept, view, now_ms, tick.resetting, wrong, standing, offer)

    state, event = memory.state, None
    for applies, candidate, target in _WAYS[state]:
        if applies(tick):
            state, event = target, candidate
            break
    since_ms = memory.since_ms if state is memory.state else now_ms

    tested = _tested(memory, tick, state, pressed=pressed)
    close = EFFECTS[state].contactor or _holding(memory, tick, event)
    loaded = view.level is Level.C or event in (Event.FAULT, Event.DOUBT)
    main = contactor.next_contactor(memory.contactor, inputs, now_ms, close=close, phases=kept.phases, loaded=loaded)
    plug = lock.next_plug(memory.plug, _actuator(kept), inputs.lock_high, now_ms, lock=_want_lock(tick, state, main))
    wake = _wake(memory.wake, tick, state, since_ms)
    outputs = _outputs(tick, state, since_ms, main, plug, tested, wake)
    after = Memory(
        state=state,
        since_ms=since_ms,
        kept=kept,
        view=driven(view, outputs.duty_permille, now_ms),
        standing=standing,
        proof=tested,
        contactor=main,
        plug=plug,
        wake=wake,
        armed=_armed(memory, view.level, steady=view.steady),
        cable_da=cable,
        warm_dc=warm_dc,
        rest_until_ms=now_ms + REST_MS if event is Event.STOP else memory.rest_until_ms,
        reset_until_ms=reset_until_ms,
        beats=min(memory.beats + 1, 3) if outputs.heartbeat else 0,
        fingerprint=inputs.fingerprint,
        frozen_ticks=checks.frozen_ticks(memory, inputs),
        outputs=outputs if outputs != memory.outputs else memory.outputs,
    )
    hold = _hold(tick, state, tested, plug, wake, since_ms)
    return after, after.outputs, Report(state, view.level, hold, standing.bits, offer, cable, event)


# --- what leads out of a state, most urgent first -------------------------------------------------------------------

EventRule = tuple[Event, Callable[[Tick], bool]]


def _ready(t: Tick) -> bool:
    main = t.memory.contactor
    return (
        t.view.level is Level.C
        and t.now_ms - t.view.since_ms >= ASKS_MS
        and t.view.diode_ticks >= 3
        and t.inputs.safe
        and t.memory.proof.passed
        and not t.standing.bits & BLOCK_MASK
        and main.confirmed
        and t.now_ms - main.since_ms >= contactor.REST_MS
        and ((t.memory.plug.reached and t.memory.plug.locking) or _actuator(t.kept) is Lock.DISABLED)
    )


def _offer_now(t: Tick) -> bool:
    return (
        _wanted(t)
        and t.memory.armed
        and t.view.steady
        and t.view.level is Level.B
        and t.memory.proof.passed
        and not t.standing.bits & BLOCK_MASK
        and t.now_ms >= t.memory.rest_until_ms
    )


def _wanted(t: Tick) -> bool:
    return t.permit is not None and t.permit.charge and t.offer_da >= MIN_OFFER_DA


def _cleared(t: Tick) -> bool:
    if t.memory.state is State.F:
        return not t.standing.bits & OPEN_MASK and t.now_ms - t.memory.since_ms >= F_SHOWN_MS
    return not t.standing.bits >> Fault.PILOT_SHORT & 1


_EVENTS: tuple[EventRule, ...] = (
    (Event.FAULT, lambda t: bool(t.standing.bits & OPEN_MASK)),
    (Event.SHORT, lambda t: t.view.level is Level.E and t.view.steady),
    (Event.UNPLUGGED, lambda t: t.view.level is Level.A and (t.view.steady or t.memory.contactor.closed)),
    (Event.DOUBT, lambda t: t.view.level in (Level.D, Level.E) or bool(t.wrong & OPEN_MASK)),
    (Event.RELEASED, lambda t: t.view.level is Level.B),
    (Event.VENTILATION, lambda t: t.view.level is Level.D and t.view.steady),
    (
        Event.STOP,
        lambda t: not _wanted(t) or bool(t.standing.bits & (STOP_MASK if t.memory.state is State.C else BLOCK_MASK)),
    ),
    (Event.TIMEOUT, lambda t: t.now_ms - t.memory.since_ms >= C1_LIMIT_MS),
    (Event.PLUGGED, lambda t: t.view.level in (Level.B, Level.C, Level.D) and t.view.steady),
    (Event.OFFER, _offer_now),
    (Event.READY, _ready),
    (Event.CLEARED, _cleared),
)

_WAYS: Mapping[State, tuple[tuple[Callable[[Tick], bool], Event, State], ...]] = {
    state: tuple(
        (applies, event, TRANSITIONS[state, event]) for event, applies in _EVENTS if (state, event) in TRANSITIONS
    )
    for state in State
}
"""The ways out of each state, most urgent first."""


# --- what a state needs around it -----------------------------------------------------------------------------------

_DOUBTS = sum(
    1 << fault for fault in (Fault.WATCHDOG_EXPIRED, Fault.CHAIN_OPENED, Fault.SAFE_STUCK, Fault.RCM_TRIP, Fault.PINS)
)
"""Faults after which the chain has to be proven again; the test also clears the RCM's latch."""


def _offer(permit: Permit, cable: int, temperature_dc: int) -> int:
    """The current to offer: the permit, never above the cable, less when the board is warm; 0 when below 6 A."""
    offer = permit.offer_da if permit.fixed_cable else min(permit.offer_da, cable)
    if temperature_dc > DERATE_FROM_DC and offer >= MIN_OFFER_DA:
        left = max(STOP_AT_DC - temperature_dc, 0)
        offer = max(offer * left // (STOP_AT_DC - DERATE_FROM_DC), MIN_OFFER_DA)
    return offer if offer >= MIN_OFFER_DA else 0


def _cable(memory: Memory, tick: Tick, *, unplugged: bool) -> int:
    """What the cable carries: read after the pilot shows a car, and only ever lowered while it stays connected."""
    if unplugged or tick.kept.fixed_cable:
        return 0
    if memory.state is State.A or (tick.now_ms - memory.since_ms < CABLE_MS and memory.state is State.B1):
        return memory.cable_da
    read = cable_da(tick.inputs.proximity_ohm) or 0
    return min(read, memory.cable_da) if memory.cable_da else read


def _tested(memory: Memory, tick: Tick, state: State, *, pressed: bool) -> Proof:
    """The proof test: due again for each connected car, after the chain let go by itself, and at the owner's key."""
    tested = memory.proof
    plugged = memory.state is State.A and state is State.B1
    doubted = tick.standing.bits & ~memory.standing.bits & _DOUBTS
    if pressed:
        tested = tested._replace(failure=proof.Failure.NONE, due=True)
    elif (plugged or doubted) and not tested.due:
        tested = tested._replace(due=True)
    pilot_quiet = memory.view.duty == 1000 and not memory.contactor.closed and memory.contactor.confirmed
    may_run = state in (State.A, State.B1, State.F) and memory.state is state and pilot_quiet
    with_rcm = tick.kept.rcm and tick.kept.rcm_test
    return proof.next_proof(tested, tick.inputs, tick.now_ms, may_run=may_run, rcm=with_rcm)


def _holding(memory: Memory, tick: Tick, event: Event | None) -> bool:
    """Whether the contactor may stay closed a moment after the car let go, so that it opens without current."""
    if not memory.contactor.closed or tick.wrong & OPEN_MASK or tick.view.level is not Level.B:
        return False
    return tick.permit is not None and tick.now_ms - tick.view.since_ms < tick.permit.hold_ms


def _actuator(kept: Permit) -> Lock:
    return Lock.DISABLED if kept.fixed_cable else kept.lock


def _want_lock(tick: Tick, state: State, main: Contactor) -> bool:
    """Whether the plug is to be held: by the owner's policy, and always while the contactor is not known to be open."""
    if main.closed or (not main.confirmed and main.cycles):
        return True
    policy = tick.kept.lock_policy
    if policy is LockPolicy.KEEP or (policy is LockPolicy.CONNECTED and state is not State.A):
        return True
    asks = tick.view.level is Level.C and tick.view.steady
    return state is State.B and asks and not tick.standing.bits & (BLOCK_MASK & ~(1 << Fault.NOT_LOCKED))


def _wake(wake: Wake, tick: Tick, state: State, since_ms: int) -> Wake:
    """Pulses for a car that is offered current and does not ask: -12 V, twice at most for one connection."""
    if state is not State.B:
        return wake if state in (State.B1, State.F) and wake.tries else Wake()
    if tick.now_ms < wake.until_ms or tick.permit is None:
        return wake
    quiet_ms = tick.now_ms - max(since_ms, wake.until_ms)
    if tick.view.level is not Level.B:
        return wake._replace(until_ms=tick.now_ms) if wake.until_ms else wake
    if not tick.permit.wake or tick.permit.user_stop or wake.spent or quiet_ms < WAKE_AFTER_MS:
        return wake
    return Wake(wake.tries + 1, tick.now_ms + WAKE_PULSES_MS[wake.tries])


def _armed(memory: Memory, level: Level, *, steady: bool) -> bool:
    """Whether the car showed 9 V since it came or since it failed to let go: only then it is offered current."""
    if level is Level.B and steady:
        return True
    return memory.armed and not (level is Level.A and steady) and memory.state is not State.C1


def _outputs(
    tick: Tick, state: State, since_ms: int, main: Contactor, plug: Plug, tested: Proof, wake: Wake
) -> Outputs:
    duty, silent = EFFECTS[state].duty_permille, SILENT_MASK
    if duty is None:
        # the offer may have ended in the very tick in which the car let go: then there is no duty cycle for it
        offered = duty_permille(tick.offer_da) if tick.offer_da else 1000
        duty = 0 if tick.now_ms < wake.until_ms else offered
    elif state is State.F and (tick.now_ms - since_ms >= F_SHOWN_MS or tick.standing.bits & SILENT_MASK):
        duty = 1000
        # shown long enough: a welded relay K1 would close with the car's next 6 V, and only K3 can keep it open
        silent |= 1 << Fault.WELDED
    lock_r, lock_w = lock.pulses(plug, tick.now_ms)
    healthy = not (tick.standing.bits | tick.wrong) & silent
    testing = tested.step is not Step.IDLE and tested.beats
    return Outputs(
        duty_permille=duty,
        c1=main.closed,
        c2=main.closed and main.confirmed and main.phases == 3 and tick.now_ms - main.since_ms >= contactor.SECOND_MS,
        lock_r=lock_r,
        lock_w=lock_w,
        rcm_test=tested.step is Step.RCM,
        heartbeat=tested.beats and (healthy or testing),
    )


# --- why it does not go on ------------------------------------------------------------------------------------------

HoldRule = tuple[Hold, Callable[[Tick, Proof, Plug, Wake], bool]]

_B1_HOLDS: tuple[HoldRule, ...] = (
    (Hold.FAULT, lambda t, p, g, w: bool(t.standing.bits & BLOCK_MASK & ~(1 << Fault.VENTILATION))),
    (Hold.VENTILATION, lambda t, p, g, w: t.view.level is Level.D),
    (Hold.NO_STATION, lambda t, p, g, w: t.permit is None),
    (Hold.NOT_WANTED, lambda t, p, g, w: not _wanted(t)),
    (Hold.CAR_STAYS_AT_6V, lambda t, p, g, w: not t.memory.armed or t.view.level is Level.C),
    (Hold.PROOF_TEST, lambda t, p, g, w: not p.passed),
    (Hold.DELAY, lambda t, p, g, w: True),
)
_B_HOLDS: tuple[HoldRule, ...] = (
    (Hold.WAKING, lambda t, p, g, w: t.now_ms < w.until_ms),
    (Hold.CAR_NOT_READY, lambda t, p, g, w: t.view.level is not Level.C),
    (Hold.LOCKING, lambda t, p, g, w: not g.reached),
    (Hold.DELAY, lambda t, p, g, w: True),
)
_HOLDS: Mapping[State, tuple[HoldRule, ...]] = {
    State.A: ((Hold.NO_CAR, lambda t, p, g, w: True),),
    State.B1: _B1_HOLDS,
    State.B: _B_HOLDS,
    State.C: (),
    State.C1: ((Hold.NO_STATION, lambda t, p, g, w: t.permit is None), (Hold.NOT_WANTED, lambda t, p, g, w: True)),
    State.E: ((Hold.FAULT, lambda t, p, g, w: True),),
    State.F: ((Hold.FAULT, lambda t, p, g, w: True),),
}


def _hold(tick: Tick, state: State, tested: Proof, plug: Plug, wake: Wake, since_ms: int) -> Hold:
    for hold, applies in _HOLDS[state]:
        if applies(tick, tested, plug, wake):
            return hold
    return Hold.NONE
