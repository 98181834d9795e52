"""What can be wrong in one tick: one row for each fault of the guard, with the condition that shows it."""

from __future__ import annotations

from collections.abc import Callable

from smartevse.core import contactor
from smartevse.core.faults import Fault
from smartevse.core.pilot import DIODE_PRESENT_BELOW_MV, Level
from smartevse.core.proof import Failure, Step
from smartevse.core.proximity import SHORT_BELOW_OHM
from smartevse.core.signals import Inputs
from smartevse.core.states import State
from smartevse.core.tick import Memory, Tick
from smartevse.core.view import MANY_TICKS

PILOT_LIMIT_MV = 13_200
"""The driver gives at most 12.1 V; the reading is within 0.16 V (hat interface)."""
NOT_SWITCHING_ABOVE_MV = -3_000
"""A low half above this does not come from a running PWM, whatever the car has for a diode."""
RAW_DIFFERS_MV = 2_000
"""With a steady pilot the untouched and the held reading are the same line."""
RAW_FRESH_MS = 200
"""The untouched reading takes its turn every 60 ms: before that it may still show the low half of the last PWM."""
NO_LEVEL_MV = range(9_900, 11_350)
"""Between 9 V with a car (9.59 V at most) and 12 V without (11.4 V at least, IEC 61851-1 table A.2) nothing reads."""
LOW_FADES_MS = 1_500
"""So long after the PWM ended the low half's hold is at 0 V (0.2 s, hat interface): -12 V then is not measured."""
RAIL_FROM_MV, RAIL_TO_MV = 10_500, 14_000
"""12 V of the supply, with the drop of a lock pulse."""
TEMP_FROM_DC, TEMP_TO_DC = -400, 1_250
"""The sensor's range (MCP9700A); outside it is broken or unplugged."""
HIGH_TEMP_DC, NORMAL_TEMP_DC = 650, 550
CHAIN_ON_MS = 400
"""Long after the window and the relay let the chain on (30 ms and 10 ms), before the contactor would close."""
FROZEN_TICKS = 100
"""An ADC that gives the same eight codes for a second has no noise: it is not converting."""


def conditions(t: Tick) -> int:
    """One bit for each fault whose condition holds in this tick."""
    return sum([bit for bit, holds in _BITS if holds(t)])


def frozen_ticks(memory: Memory, inputs: Inputs) -> int:
    """Consecutive ticks with the very same codes, no further than `FROZEN_TICKS`."""
    if inputs.fingerprint != memory.fingerprint:
        return 0
    return min(memory.frozen_ticks + 1, FROZEN_TICKS)


def _pwm(t: Tick) -> bool:
    return 0 < t.view.duty < 1000 and t.now_ms >= t.view.settled_ms


def _out_of_range(t: Tick) -> bool:
    # a half that is not driven drifts: at steady -12 V the high reading means nothing
    high_mv, ticks = t.inputs.cp_high_mv, t.view.ticks
    wrong = ticks > 0 and (abs(high_mv) > PILOT_LIMIT_MV or (high_mv in NO_LEVEL_MV and ticks >= MANY_TICKS))
    return wrong or abs(t.inputs.cp_low_mv) > PILOT_LIMIT_MV


def _not_switching(t: Tick) -> bool:
    if _pwm(t):
        return t.view.level is not Level.E and t.inputs.cp_low_mv > NOT_SWITCHING_ABOVE_MV
    steady_ms = t.now_ms - t.view.settled_ms
    low_stuck = steady_ms >= LOW_FADES_MS and t.inputs.cp_low_mv < DIODE_PRESENT_BELOW_MV
    differs = steady_ms >= RAW_FRESH_MS and abs(t.inputs.cp_raw_mv - t.inputs.cp_high_mv) > RAW_DIFFERS_MV
    return t.view.duty == 1000 and t.view.ticks >= MANY_TICKS and (differs or low_stuck)


def _hot(t: Tick) -> bool:
    standing = t.memory.standing.bits >> Fault.HIGH_TEMP & 1
    return t.inputs.temperature_dc >= (NORMAL_TEMP_DC if standing else HIGH_TEMP_DC)


def _safe_stuck(t: Tick) -> bool:
    # SAFE follows the pilot window with 30 ms and a relay's travel: after ten ticks of A or B it must be off
    return t.inputs.safe and t.view.level in (Level.A, Level.B) and t.view.ticks >= MANY_TICKS


def _chain_opened(t: Tick) -> bool:
    # the car asks, the heartbeat runs, and yet the hat does not switch the contactor's supply on, or took it away
    main = t.memory.contactor
    asks = t.view.level is Level.C and t.view.ticks >= MANY_TICKS and t.memory.beats >= 3
    waited = main.closed and main.confirmed
    waited |= t.memory.state is State.B and t.now_ms - t.view.since_ms >= CHAIN_ON_MS
    named = t.inputs.wd_dipped or (t.kept.rcm and t.inputs.rcm_trip)  # faults of their own
    return asks and waited and not t.inputs.safe and not named


def _rcm(t: Tick) -> bool:
    # a trip that a proof test asked for stays latched until one comes to its end; so does a fault that stands
    proof, standing = t.memory.proof, bool(t.memory.standing.bits >> Fault.RCM_TRIP & 1)
    tripped = t.inputs.rcm_trip and (proof.step is Step.REVIVE or (proof.step is Step.IDLE and not proof.asked))
    return t.kept.rcm and (tripped or (standing and proof.step is not Step.IDLE))


def _opened_itself(t: Tick) -> bool:
    # while the car still asks and the chain is on; otherwise the hat opened it, which is its work
    asks = t.view.level is Level.C and t.view.steady and t.inputs.safe and not t.inputs.wd_dipped
    return asks and contactor.opened_itself(t.memory.contactor, t.inputs)


def _expired(t: Tick) -> bool:
    return t.inputs.wd_dipped and t.memory.beats >= 3 and t.memory.proof.step is not Step.REVIVE


_CHECKS: tuple[tuple[Fault, Callable[[Tick], bool]], ...] = (
    (Fault.PILOT_SHORT, lambda t: t.view.level is Level.E and t.view.steady),
    (
        Fault.DIODE,
        lambda t: (
            t.view.diode_ticks < 0
            and t.view.level in (Level.B, Level.C)
            and t.inputs.cp_low_mv <= NOT_SWITCHING_ABOVE_MV
        ),
    ),
    (Fault.VENTILATION, lambda t: t.view.level is Level.D),
    (Fault.PILOT_RANGE, _out_of_range),
    (Fault.PWM_DEAD, _not_switching),
    (
        Fault.PROXIMITY_SHORT,
        lambda t: not t.kept.fixed_cable and t.memory.state is not State.A and t.inputs.proximity_ohm < SHORT_BELOW_OHM,
    ),
    (Fault.ADC, lambda t: frozen_ticks(t.memory, t.inputs) >= FROZEN_TICKS),
    (Fault.RAIL, lambda t: not RAIL_FROM_MV <= t.inputs.rail_mv <= RAIL_TO_MV),
    (Fault.HIGH_TEMP, _hot),
    (Fault.TEMP_SENSOR, lambda t: not TEMP_FROM_DC <= t.inputs.temperature_dc <= TEMP_TO_DC),
    (Fault.WELDED, lambda t: contactor.welded(t.memory.contactor, t.inputs, t.now_ms)),
    (Fault.NOT_CLOSED, lambda t: contactor.not_closed(t.memory.contactor, t.now_ms)),
    (Fault.OPENED_ITSELF, _opened_itself),
    (Fault.CHAIN_OPENED, _chain_opened),
    (Fault.RCM_TRIP, _rcm),
    (Fault.RCM_TEST, lambda t: t.memory.proof.failure is Failure.RCM),
    (Fault.WATCHDOG_TEST, lambda t: t.memory.proof.failure is Failure.WATCHDOG),
    (Fault.WATCHDOG_EXPIRED, _expired),
    (Fault.SAFE_STUCK, _safe_stuck),
    (Fault.NOT_LOCKED, lambda t: t.memory.plug.failed and t.memory.plug.locking),
    (Fault.NOT_UNLOCKED, lambda t: t.memory.plug.failed and not t.memory.plug.locking),
    (Fault.PINS, lambda t: not t.inputs.pins_agree),
)

_BITS = tuple((1 << fault, holds) for fault, holds in _CHECKS)
