"""Rows in virtual time: what switches - heartbeat, chain, contactors, monitor, lock, pins, and the guard itself."""

from __future__ import annotations

from bench.faults.table import By, Row, bits, everywhere, goes_on, moments, no_start, opens
from smartevse.core.faults import Fault as F
from smartevse.core.signals import Lock

_JAMMED = goes_on()
_CHAIN = bits(F.CHAIN_OPENED)
"""May show where the hat opens first and the pilot still asks."""

CHAIN = "Heartbeat, safety chain and relays"
CONTACTOR = "Contactors and feedback"
RCM = "Residual current monitor"
LOCK = "Lock"
PINS = "Pins driven by another program"
STALL = "Guard without processor time"

_CHAIN_ROWS = (
    Row(
        CHAIN,
        "heartbeat does not reach the hat",
        ("fault heartbeat-cut",),
        By.HAT,
        everywhere(opens(F.WATCHDOG_EXPIRED, F.WATCHDOG_TEST, ms=160)),
    ),
    Row(
        CHAIN,
        "one-shot never rises",
        ("fault one-shot-dead",),
        By.HAT,
        everywhere(opens(F.WATCHDOG_EXPIRED, F.WATCHDOG_TEST)),
    ),
    Row(CHAIN, "one-shot never falls", ("fault one-shot-stuck",), By.NOBODY, everywhere(goes_on(then=F.WATCHDOG_TEST))),
    Row(
        CHAIN,
        "SAFE shorted to 3.3 V",
        ("fault safe-stuck-high",),
        By.NOBODY,
        moments(no_start(F.SAFE_STUCK), goes_on(then=F.SAFE_STUCK), goes_on(then=F.SAFE_STUCK)),
    ),
    Row(
        CHAIN,
        "SAFE shorted to earth",
        ("fault safe-stuck-low",),
        By.HAT,
        moments(no_start(F.CHAIN_OPENED), opens(F.CHAIN_OPENED), opens(F.CHAIN_OPENED)),
    ),
    Row(
        CHAIN,
        "window comparators never open",
        ("fault window-dead",),
        By.NOBODY,
        moments(no_start(F.SAFE_STUCK), goes_on(then=F.SAFE_STUCK), goes_on(then=F.SAFE_STUCK)),
    ),
    Row(
        CHAIN,
        "relay K1 welded",
        ("fault k1-stuck",),
        By.NOBODY,
        moments(no_start(F.WELDED, closed_ms=200), goes_on(then=F.WELDED), goes_on(then=F.WELDED)),
    ),
    Row(
        CHAIN,
        "relay K1 does not close",
        ("fault k1-dead",),
        By.NOBODY,
        moments(no_start(F.NOT_CLOSED), opens(F.OPENED_ITSELF), opens(F.OPENED_ITSELF)),
    ),
    Row(
        CHAIN,
        "relay K2 welded",
        ("fault k2-stuck",),
        By.NOBODY,
        everywhere(goes_on()),
        unseen="contactor 2 is fed over a contact of contactor 1 and opens with it; a charge with one phase gets three",
    ),
    Row(
        CHAIN,
        "relay K2 does not close",
        ("fault k2-dead",),
        By.NOBODY,
        everywhere(goes_on()),
        unseen="the car charges with one phase; the meter shows it",
    ),
    Row(
        CHAIN,
        "relay K3 welded",
        ("fault k3-stuck",),
        By.NOBODY,
        everywhere(goes_on()),
        unseen="K1 opens in every case, also without software; both relays see SAFE, no test can close one alone",
    ),
    Row(
        CHAIN,
        "relay K3 does not close",
        ("fault k3-dead",),
        By.NOBODY,
        moments(no_start(F.NOT_CLOSED), opens(F.OPENED_ITSELF), opens(F.OPENED_ITSELF)),
    ),
)

_CONTACTOR = (
    Row(
        CONTACTOR,
        "contactor 1 welded",
        ("fault weld-c1",),
        By.NOBODY,
        moments(c=goes_on(then=F.WELDED, then_ms=None), c1=goes_on(then=F.WELDED, then_ms=None)),
    ),
    Row(
        CONTACTOR,
        "contactor 2 welded",
        ("fault weld-c2",),
        By.NOBODY,
        moments(no_start(F.WELDED), goes_on(then=F.WELDED), goes_on(then=F.WELDED)),
    ),
    Row(
        CONTACTOR,
        "coil of contactor 1 open",
        ("fault c1-dead",),
        By.NOBODY,
        moments(no_start(F.NOT_CLOSED), opens(F.OPENED_ITSELF), opens(F.OPENED_ITSELF)),
    ),
    Row(
        CONTACTOR,
        "coil of contactor 2 open",
        ("fault c2-dead",),
        By.NOBODY,
        everywhere(goes_on()),
        unseen="the car charges with one phase; the meter shows it",
    ),
    Row(
        CONTACTOR,
        "contactor 1 drops by itself",
        ("fault c1-drops",),
        By.NOBODY,
        moments(None, opens(F.OPENED_ITSELF), opens(F.OPENED_ITSELF)),
    ),
    Row(
        CONTACTOR,
        "contactor 1 takes 300 ms to open",
        ("fault c1-slow-300",),
        By.NOBODY,
        moments(None, goes_on(then=F.WELDED, then_ms=330), goes_on(then=F.WELDED, then_ms=330)),
    ),
    Row(
        CONTACTOR,
        "C1_FB stuck low (voltage)",
        ("fault fb-stuck-low",),
        By.NOBODY,
        moments(no_start(F.WELDED), goes_on(then=F.WELDED), goes_on(then=F.WELDED)),
    ),
    Row(
        CONTACTOR,
        "C1_FB stuck high (none)",
        ("fault fb-stuck-high",),
        By.GUARD,
        moments(no_start(F.NOT_CLOSED, closed_ms=350), opens(F.OPENED_ITSELF, ms=150), opens(F.OPENED_ITSELF, ms=150)),
    ),
    Row(
        CONTACTOR,
        "AUX_FB keeps its level",
        ("fault aux-stuck",),
        By.NOBODY,
        moments(no_start(F.NOT_CLOSED, closed_ms=350), goes_on(then=F.WELDED), goes_on(then=F.WELDED)),
    ),
    Row(
        CONTACTOR,
        "mains fails",
        ("fault mains-off",),
        By.NOBODY,
        moments(no_start(F.NOT_CLOSED), opens(F.OPENED_ITSELF), opens(F.OPENED_ITSELF)),
    ),
)

_RCM = (
    Row(RCM, "fault current", ("fault rcm-trip",), By.HAT, everywhere(opens(F.RCM_TRIP)), rcm=True),
    Row(RCM, "plug of the monitor out", ("fault rcm-unplugged",), By.HAT, everywhere(opens(F.RCM_TRIP)), rcm=True),
    Row(
        RCM,
        "monitor does not answer its test",
        ("fault rcm-test-dead",),
        By.NOBODY,
        everywhere(goes_on(then=F.RCM_TEST)),
        rcm=True,
    ),
)

_LOCK = (
    Row(
        LOCK,
        "lock jammed",
        ("fault lock-jammed",),
        By.NOBODY,
        moments(no_start(F.NOT_LOCKED), _JAMMED, _JAMMED),
        lock=Lock.SOLENOID,
    ),
    Row(
        LOCK,
        "lock springs open: it is locked again",
        ("fault lock-opens",),
        By.NOBODY,
        everywhere(goes_on()),
        lock=Lock.MOTOR,
        unseen="it is locked again at once",
    ),
    Row(
        LOCK,
        "feedback wire of a solenoid broken: reads locked",
        ("fault lock-wire-b-cut",),
        By.NOBODY,
        moments(goes_on(), _JAMMED, _JAMMED),
        lock=Lock.SOLENOID,
    ),
    Row(
        LOCK,
        "feedback wire of a motor broken: reads unlocked",
        ("fault lock-wire-b-cut",),
        By.NOBODY,
        moments(no_start(F.NOT_LOCKED), goes_on(then=F.NOT_LOCKED), goes_on(then=F.NOT_LOCKED)),
        lock=Lock.MOTOR,
    ),
)

_PINS = (
    Row(PINS, "another program closes contactor 1", ("pin c1 high",), By.EITHER, moments(no_start(F.PINS))),
    Row(
        PINS,
        "another program opens contactor 1",
        ("pin c1 low",),
        By.NOBODY,
        moments(None, opens(F.PINS), opens(F.PINS)),
    ),
    Row(PINS, "another program closes contactor 2", ("pin c2 high",), By.NOBODY, moments(no_start(F.PINS))),
    Row(
        PINS,
        "another program tests the monitor",
        ("pin rcm_test high",),
        By.EITHER,
        moments(
            opens(F.PINS, also=bits(F.RCM_TRIP), resumes=True),
            opens(F.PINS, also=bits(F.RCM_TRIP)),
            opens(F.PINS, also=bits(F.RCM_TRIP)),
        ),
        note="the guard's next test takes the pin back",
        rcm=True,
    ),
    Row(
        PINS,
        "another program moves the lock",
        ("pin lock_w high",),
        By.GUARD,
        everywhere(opens(F.PINS)),
        lock=Lock.MOTOR,
    ),
    Row(
        PINS,
        "another program stops the PWM",
        ("pwm off",),
        By.EITHER,
        moments(no_start(F.DIODE), opens(F.DIODE, also=bits(F.PWM_DEAD)), goes_on()),
        note="seen first as a missing negative half",
    ),
)

_STALL = tuple(
    Row(STALL, f"guard stalled for {ms} ms", (f"stall {ms}",), By.NOBODY, everywhere(goes_on()))
    for ms in (1, 20, 50, 75)
) + tuple(
    Row(
        STALL,
        f"guard stalled for {ms} ms",
        (f"stall {ms}",),
        By.HAT,
        moments(
            goes_on(F.WATCHDOG_EXPIRED),
            opens(F.WATCHDOG_EXPIRED, ms=160, resumes=True),
            opens(F.WATCHDOG_EXPIRED, ms=160),
        ),
    )
    for ms in (130, 300, 1000)
)

ROWS = (*_CHAIN_ROWS, *_CONTACTOR, *_RCM, *_LOCK, *_PINS, *_STALL)
"""In the order of the document."""
