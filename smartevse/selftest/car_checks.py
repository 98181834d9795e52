"""With a tester or a car: proximity, levels, diode, and the contactor with all that may hold it open."""

from __future__ import annotations

from smartevse.core.pilot import duty_permille
from smartevse.core.proximity import SHORT_BELOW_OHM
from smartevse.core.signals import Inputs
from smartevse.selftest.bench import mean_v
from smartevse.selftest.check import Check, Found, Kit, Range, good, not_done, seen
from smartevse.selftest.installer import Act, Consent, Look

OFFER_PERMILLE = duty_permille(60)
"""6 A: the least that can be offered, and all that the checks need."""
WINDOWS_OHM = ((1100, 2460), (400, 936), (164, 308), (80, 140))
"""The cables of 13, 20, 32 and 63 A (hat interface)."""
CONNECTED_V = (7.5, 9.8)
ASKS_V = (4.5, 7.5)
CLOSED_S = 1.0
LIMIT_S = 0.5


def _connected(kit: Kit) -> float | Found:
    def volts() -> float:
        return mean_v(kit.bench.hold(0.1), "cp_high_mv")

    def connected() -> bool:
        return CONNECTED_V[0] < volts() < CONNECTED_V[1]

    answer = connected() or kit.installer.does(Act.PLUG, connected)
    return volts() if answer is not None else not_done("nothing was plugged in")


def _proximity(kit: Kit) -> Found:
    ohm = kit.bench.settled()[-1].proximity_ohm
    known = any(low <= ohm <= high for low, high in WINDOWS_OHM)
    text = "open" if ohm > 100_000 else f"{ohm} ohm" + (", a short" if ohm < SHORT_BELOW_OHM else "")
    return good(known, text, text)


def _diode(kit: Kit) -> float:
    kit.bench.drive(duty_permille=OFFER_PERMILLE, heartbeat=True)
    return mean_v(kit.bench.settled(), "cp_low_mv")


def _asks(kit: Kit) -> float | Found:
    kit.bench.drive(duty_permille=OFFER_PERMILLE, heartbeat=True)

    def volts() -> float:
        return mean_v(kit.bench.hold(0.1), "cp_high_mv")

    def asks() -> bool:
        return volts() < ASKS_V[1]

    kit.bench.hold(0.2)
    answer = asks() or kit.installer.does(Act.ASK, asks)
    kit.bench.hold(0.2)
    return volts() if answer is not None else not_done("it was not let ask for current")


def _offer(kit: Kit) -> list[Inputs]:
    """6 A on the pilot until the chain is on; the readings since."""
    kit.bench.drive(duty_permille=OFFER_PERMILLE, heartbeat=True)
    kit.bench.until(lambda i: 4500 < i.cp_high_mv < 7500, 10.0)  # after the PWM was off a car takes its time
    return kit.bench.settled()


def _safe_on(kit: Kit) -> Found:
    readings = _offer(kit)
    return good(all(i.safe for i in readings), "SAFE high", "SAFE stays low although the car asks for current")


def _relay_off(kit: Kit) -> Found:
    readings = _offer(kit)
    return good(not any(i.mains for i in readings), "no voltage", "voltage at C1 although C1 is not switched on")


def _allowed(kit: Kit) -> Found:
    allowed = kit.installer.allows(Consent.CONTACTOR, kit.bench.wait)
    return good(True, "allowed by the installer", "") if allowed else not_done("the installer did not say yes")


def _closed(kit: Kit) -> bool:
    """Contactor 1 closed, with the chain on; False when the car does not ask any more."""
    if not all(i.safe for i in _offer(kit)):
        return False
    kit.bench.drive(c1=True)
    kit.bench.hold(LIMIT_S)
    return True


def _closes(kit: Kit) -> float | None:
    _offer(kit)
    kit.bench.drive(c1=True)
    after_s = kit.bench.until(lambda i: i.mains, LIMIT_S)
    return None if after_s is None else after_s * 1000


def _moves(kit: Kit) -> float | None:
    _offer(kit)
    kit.bench.drive(c1=True)
    after_s = kit.bench.until(lambda i: not i.mirror, LIMIT_S)
    return None if after_s is None else after_s * 1000


def _stays(kit: Kit) -> Found:
    _closed(kit)
    readings = kit.bench.hold(CLOSED_S)
    dropped = any(i.mirror for i in readings) if kit.setup.mirror else False
    fed = all(any(i.mains for i in readings[at : at + 6]) for at in range(0, len(readings) - 5, 6))
    return good(fed and not dropped, f"closed for {CLOSED_S + LIMIT_S:g} s", "it opened by itself")


def _live(kit: Kit) -> Found:
    _closed(kit)
    return seen(kit.installer.sees(Look.L1_LIVE, kit.bench.wait))


def _second_dead(kit: Kit) -> Found:
    _closed(kit)
    return seen(kit.installer.sees(Look.L2_L3_DEAD, kit.bench.wait))


def _second_live(kit: Kit) -> Found:
    _closed(kit)
    kit.bench.drive(c2=True)
    kit.bench.hold(LIMIT_S)
    return seen(kit.installer.sees(Look.L2_L3_LIVE, kit.bench.wait))


def _opens(kit: Kit) -> float | None:
    _closed(kit)
    kit.bench.drive(c1=False, c2=False)
    after_s = kit.bench.until(lambda i: i.mirror, LIMIT_S)
    return None if after_s is None else after_s * 1000


def _chain_opens(kit: Kit) -> Found:
    _closed(kit)
    # the command stays: what opens now is the hat alone
    kit.bench.drive(heartbeat=False)
    kit.bench.stop_watching()
    kit.bench.hold(0.15)
    kit.bench.hold(0.06)
    voltage, readings = kit.bench.mains(), kit.bench.hold(0.02)
    closed = kit.setup.mirror and not all(i.mirror for i in readings)
    kit.bench.rest()
    return good(not voltage and not closed, "open without any software", "still closed 0.2 s after the last heartbeat")


def _dead(kit: Kit) -> Found:
    kit.bench.rest()
    return seen(kit.installer.sees(Look.ALL_DEAD, kit.bench.wait))


CAR_CHECKS: tuple[Check, ...] = (
    Check(
        "car-connected",
        "asks for a tester or car and measures the pilot",
        Range(8.4, 9.6, "V"),
        "Still 12 V: the wire of CP between hat and outlet is broken. Else the tester or the car's charge port is.",
        _connected,
        needs=("pilot-pwm",),
    ),
    Check(
        "proximity",
        "measures PP with the plug in",
        "1500, 680, 220 or 100 ohm in their windows",
        "Open: the wire of PP is broken. Another value: PP is shorted, or this cable has no valid resistor.",
        _proximity,
        needs=("car-connected",),
        fitted=lambda setup: not setup.fixed_cable,
    ),
    Check(
        "yes",
        "asks the installer whether the outlet may be live",
        "yes",
        "Finish the installation first; without a yes the contactor is not tested.",
        _allowed,
        needs=("car-connected", "temperature", "window", "watchdog-time", "outputs", "rcm-quiet", "feedback-off"),
    ),
    Check(
        "diode",
        "offers 6 A and measures the low half of the pilot",
        Range(-12.6, -10.5, "V"),
        "No diode: what is plugged in is not a car, or its charge port or the plug is wet or broken.",
        _diode,
        needs=("yes",),
    ),
    Check(
        "car-asks",
        "offers 6 A, lets the car ask, and measures the pilot",
        Range(5.4, 6.6, "V"),
        "About 3 V: the car asks for ventilation. Else the tester is not in state C.",
        _asks,
        needs=("diode",),
    ),
    Check(
        "safe-on",
        "looks at SAFE while the car asks and the heartbeat runs",
        "high",
        "SAFE is shorted to earth, or the chain (window, RCM, thermal cut-off) does not close: do not use this hat.",
        _safe_on,
        needs=("car-asks",),
    ),
    Check(
        "relay-off",
        "looks for voltage at C1 with the chain on and C1 not switched on",
        "none",
        "The contact of relay K1 is welded: do not use this hat.",
        _relay_off,
        needs=("safe-on",),
    ),
    Check(
        "contactor-fed",
        "closes contactor 1 and waits for voltage at its coil",
        Range(0, 150, "ms"),
        "No voltage at C1: the breaker is off (no mains), relay K1 or K3 does not close, or C1_FB is broken.",
        _closes,
        needs=("relay-off",),
    ),
    Check(
        "contactor-moves",
        "closes contactor 1 and waits for the mirror contact to open",
        Range(0, 200, "ms"),
        "The coil has voltage but nothing moves: coil open, contactor dead, or the mirror contact (AUX) is stuck.",
        _moves,
        needs=("contactor-fed",),
        fitted=lambda setup: setup.mirror,
    ),
    Check(
        "contactor-stays",
        "keeps contactor 1 closed for 1.5 s",
        "closed all the time",
        "The contactor drops: coil or mechanics broken, or the wire to it loose.",
        _stays,
        needs=("contactor-fed", "contactor-moves"),
    ),
    Check(
        "voltage",
        "closes contactor 1; the installer measures L1 at the outlet",
        "mains voltage",
        "The main contact of L1 or N does not close, or a wire to the outlet is missing.",
        _live,
        needs=("contactor-stays",),
    ),
    Check(
        "second-dead",
        "closes contactor 1 alone; the installer measures L2 and L3 at the outlet",
        "no voltage",
        "Relay K2 or contactor 2 is welded, or CONTACT 2 in the menu does not fit the wiring.",
        _second_dead,
        needs=("contactor-stays",),
        fitted=lambda setup: setup.contactor_2,
    ),
    Check(
        "second-live",
        "closes both contactors; the installer measures L2 and L3 at the outlet",
        "mains voltage",
        "Contactor 2 does not close: relay K2, its coil, or a missing phase.",
        _second_live,
        needs=("contactor-stays",),
        fitted=lambda setup: setup.contactor_2,
    ),
    Check(
        "contactor-opens",
        "opens contactor 1 and waits for the mirror contact to close",
        Range(0, 100, "ms"),
        "The contactor is welded or opens too slowly: replace it.",
        _opens,
        needs=("contactor-moves",),
        fitted=lambda setup: setup.mirror,
    ),
    Check(
        "chain-opens",
        "closes contactor 1, withholds the heartbeat, and looks 0.2 s later",
        "open without any software",
        "The hat does not open the contactor by itself: do not use it.",
        _chain_opens,
        needs=("contactor-stays",),
    ),
    Check(
        "outlet-dead",
        "opens all; the installer measures L1, L2 and L3 at the outlet",
        "no voltage",
        "A contactor is welded: switch the breaker off and replace it.",
        _dead,
        needs=("yes",),
    ),
)
