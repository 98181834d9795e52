"""The hat alone: supply, converter, watchdog, safety chain at rest, residual current monitor, pilot."""

from __future__ import annotations

from smartevse.core.proof import EXPIRES_FROM_MS, EXPIRES_TO_MS, LATCH_MS, RCM_TRIPS_MS
from smartevse.selftest.bench import mean_v
from smartevse.selftest.check import Check, Found, Kit, Range, good
from smartevse.selftest.installer import Act

NOMINAL_V = 12.0
EMPTY_ABOVE_V = 9.8
"""A car gives 9.59 V at most (IEC 61851-1 table A.2), no car 11.4 V at least; a weak pilot is not a car."""
FROZEN_S = 1.2
FINE_TICK_S = 0.002
PINS = ("c1", "c2", "rcm_test")
"""Outputs that are tried one by one; those of the lock would move it."""


def _converter(kit: Kit) -> Found:
    bench = kit.bench
    readings = bench.hold(FROZEN_S)
    sample = bench.sample
    assert sample is not None
    codes = set(sample.adc)
    if codes <= {0}:
        return good(False, "", "all channels read zero")
    if codes <= {bench.hat.full_code - 1}:
        return good(False, "", "all channels read full scale")
    alive = len({inputs.fingerprint for inputs in readings}) > 1
    return good(alive, "eight channels with their noise", f"the same eight codes for {FROZEN_S} s")


def _rail(kit: Kit) -> float:
    return mean_v(kit.bench.hold(0.2), "rail_mv")


def _temperature(kit: Kit) -> float:
    return kit.bench.hold(0.1)[-1].temperature_dc / 10


def _idle(kit: Kit) -> Found:
    kit.bench.hold(0.2)
    return good(not any(i.wd_ok for i in kit.bench.hold(0.2)), "WD_OK low", "WD_OK is high without heartbeat")


def _alive(kit: Kit) -> Found:
    kit.bench.beat()
    kit.bench.hold(0.05)
    wrong = sum(not i.wd_ok for i in kit.bench.hold(0.3))
    return good(not wrong, "WD_OK high", "WD_OK stays low" if wrong >= 30 else "WD_OK drops now and then")


def _expiry(kit: Kit) -> float | None:
    bench = kit.bench
    bench.beat()
    bench.hold(0.2)
    bench.drive(heartbeat=False)
    fell_s = bench.until(lambda i: not i.wd_ok, 0.5, FINE_TICK_S)
    # the last pulse went out at the end of the tick before
    return None if fell_s is None else fell_s * 1000


def _safe_off(kit: Kit) -> Found:
    kit.bench.hold(0.2)
    return good(not any(i.safe for i in kit.bench.hold(0.2)), "SAFE low", "SAFE is high without heartbeat")


def _feedback_off(kit: Kit) -> Found:
    voltage = any(i.mains for i in kit.bench.settled(0.2))
    return good(not voltage, "no voltage", "voltage at C1 with nothing switched on")


def _mirror_closed(kit: Kit) -> Found:
    closed = all(i.mirror for i in kit.bench.settled(0.2))
    return good(closed, "all main contacts open", "the mirror contact says that a main contact is closed")


def _pins(kit: Kit) -> Found:
    bench = kit.bench
    bench.stop_watching()  # without heartbeat nothing closes, whatever is commanded
    for name in PINS:
        bench.drive(**{name: True})
        bench.hold(0.02)
        agree = all(i.pins_agree for i in bench.hold(0.02))
        bench.drive(**{name: False})
        bench.hold(0.02)
        if not agree:
            return good(False, "", f"{name} does not follow")
    return good(True, "each reads as it is driven", "")


def _clear_latch(kit: Kit) -> None:
    """The monitor's latch is cleared while the one-shot is expired."""
    kit.bench.drive(heartbeat=False, rcm_test=False)
    kit.bench.hold((EXPIRES_TO_MS + LATCH_MS) / 1000 + 0.05)
    kit.bench.beat()
    kit.bench.hold(0.1)


def _rcm_quiet(kit: Kit) -> Found:
    _clear_latch(kit)
    return good(
        not any(i.rcm_trip for i in kit.bench.hold(0.2)), "no trip", "reports a fault current, or its plug is out"
    )


def _rcm_test(kit: Kit) -> float | None:
    kit.bench.beat()
    kit.bench.drive(rcm_test=True)
    tripped_s = kit.bench.until(lambda i: i.rcm_trip, RCM_TRIPS_MS / 1000 + 0.1)
    _clear_latch(kit)
    return None if tripped_s is None else tripped_s * 1000


def _pilot_alive(kit: Kit) -> float:
    return mean_v(kit.bench.settled(), "cp_raw_mv")


def _both(kit: Kit, name: str) -> tuple[float, float]:
    """A reading at steady +12 V and at steady -12 V."""
    kit.bench.beat()
    high_v = mean_v(kit.bench.settled(), name)
    kit.bench.drive(duty_permille=0)
    low_v = mean_v(kit.bench.settled(), name)
    kit.bench.drive(duty_permille=1000)
    return high_v, low_v


def _pilot_moves(kit: Kit) -> float:
    high_v, low_v = _both(kit, "cp_raw_mv")
    return high_v - low_v


def _noise(kit: Kit) -> float:
    codes = [i.cp_high_mv for i in kit.bench.settled(0.5)]
    return (max(codes) - min(codes)) / 1000


def _empty(kit: Kit) -> Found:
    def volts() -> float:
        readings = kit.bench.hold(0.1)
        return min(mean_v(readings, "cp_raw_mv"), mean_v(readings, "cp_high_mv"))

    def empty() -> bool:
        return volts() > EMPTY_ABOVE_V

    if not empty() and not kit.installer.does(Act.UNPLUG, empty):
        return good(False, "", f"{volts():.1f} V: a car, or a load on the pilot")
    return good(True, f"{volts():.1f} V: nothing is connected", "")


def _reference(kit: Kit) -> float:
    readings = kit.bench.settled()
    pilot, rail = (mean_v(readings, name) / NOMINAL_V - 1 for name in ("cp_high_mv", "rail_mv"))
    both = min(abs(pilot), abs(rail)) if pilot * rail > 0 else 0.0
    return 100 * (both if rail > 0 else -both)


def _high(kit: Kit) -> float:
    return mean_v(kit.bench.settled(), "cp_high_mv")


def _low(kit: Kit) -> float:
    return _both(kit, "cp_low_mv")[1]


def _pwm(kit: Kit) -> float:
    kit.bench.drive(duty_permille=500, heartbeat=True)
    readings = kit.bench.settled()
    return mean_v(readings, "cp_high_mv") - mean_v(readings, "cp_low_mv")


def _window(kit: Kit) -> Found:
    kit.bench.beat()
    readings = kit.bench.settled()
    return good(not any(i.safe for i in readings), "SAFE low", "SAFE is high without a car that asks for current")


def _proximity_open(kit: Kit) -> Found:
    ohm = kit.bench.settled()[-1].proximity_ohm
    return good(ohm > 4500, "open", f"{ohm} ohm without a plug")


HAT_CHECKS: tuple[Check, ...] = (
    Check(
        "converter",
        "reads all channels of the converter for 1.2 s",
        "codes that differ, with noise",
        "Switch SPI on and press the hat onto all 40 pins; else the converter U501 or its reference is broken.",
        _converter,
    ),
    Check(
        "rail",
        "measures the hat's 12 V supply",
        Range(10.8, 13.2, "V"),
        "Measure the supply at the hat's terminal: fuse, polarity, a supply of 12 V and 2 A.",
        _rail,
        needs=("converter",),
    ),
    Check(
        "temperature",
        "reads the board's temperature",
        Range(-25, 60, "degC"),
        "Too hot: more air in the box. Below -40 or above 100 degC the sensor U502 is open or shorted.",
        _temperature,
        needs=("converter",),
    ),
    Check(
        "pilot-alive",
        "measures the untouched pilot at steady +12 V",
        Range(1.0, 13.2, "V"),
        "About 0 V: CP is shorted to PE; unplug the wire from CP at the hat, if it stays the driver is dead. About "
        "-12 V: the pilot driver is stuck.",
        _pilot_alive,
        needs=("converter", "rail"),
    ),
    Check(
        "pilot-noise",
        "looks how much the pilot's readings scatter",
        Range(0, 0.8, "V"),
        "Noise on the pilot: keep its wire away from the mains, connect PE of the hat, check the pilot's terminal.",
        _noise,
        needs=("pilot-alive",),
    ),
    Check(
        "outlet-empty",
        "asks for an empty outlet and measures the pilot",
        "above 9.8 V",
        "Unplug the car; with an empty outlet something loads the pilot: moisture, a wrong wire at CP.",
        _empty,
        needs=("pilot-alive", "pilot-noise"),
    ),
    Check(
        "safe-off",
        "withholds the heartbeat and looks at SAFE",
        "low",
        "SAFE is shorted to 3.3 V (GPIO 26): look for solder bridges; do not use this hat.",
        _safe_off,
    ),
    Check(
        "feedback-off",
        "looks for voltage at terminal C1 while nothing is switched on",
        "none",
        "C1_FB (GPIO 20) is stuck low, or a wire feeds C1 past the relays: look at the wiring of the coil.",
        _feedback_off,
        needs=("safe-off",),
    ),
    Check(
        "mirror-open",
        "looks at the mirror contact while nothing is switched on",
        "closed: all main contacts open",
        "A contactor is welded closed, or the mirror contact is not wired between AUX and 12V.",
        _mirror_closed,
        needs=("safe-off",),
        fitted=lambda setup: setup.mirror,
    ),
    Check(
        "outputs",
        "drives C1, C2 and RCM test one by one, without heartbeat, and reads them back",
        "each follows",
        "Another program drives these pins, or a pin is shorted: end the program, look for solder bridges.",
        _pins,
        needs=("safe-off",),
    ),
    Check(
        "watchdog-idle",
        "withholds the heartbeat and looks at WD_OK",
        "low",
        "The one-shot is stuck alive: do not use this hat.",
        _idle,
    ),
    Check(
        "watchdog-alive",
        "beats 100 times a second and looks at WD_OK",
        "high without a break",
        "The heartbeat (GPIO 25) does not reach the one-shot, or the one-shot is dead: check the connector's seat.",
        _alive,
        needs=("outlet-empty",),
    ),
    Check(
        "watchdog-time",
        "measures how long the one-shot lives after the last pulse",
        Range(EXPIRES_FROM_MS, EXPIRES_TO_MS, "ms"),
        "The one-shot's time is off: do not use this hat. When other programs use the Pi, end them and try again.",
        _expiry,
        needs=("watchdog-idle", "watchdog-alive"),
    ),
    Check(
        "window",
        "looks at SAFE with the heartbeat and an empty outlet",
        "low",
        "The window comparators do not open the chain: do not use this hat.",
        _window,
        needs=("outlet-empty", "safe-off", "watchdog-alive"),
    ),
    Check(
        "rcm-quiet",
        "looks at the residual current monitor after its latch was cleared",
        "no trip",
        "Plug the monitor in (or its jumper, without one); then look for a fault current behind the contactor.",
        _rcm_quiet,
        needs=("rail", "watchdog-alive", "watchdog-idle"),
    ),
    Check(
        "rcm-test",
        "drives the monitor's test input and waits for its trip",
        Range(0, RCM_TRIPS_MS, "ms"),
        "The monitor does not answer its test: check the plug's wires, else replace the monitor.",
        _rcm_test,
        needs=("rcm-quiet", "outputs"),
        fitted=lambda setup: setup.rcm and setup.rcm_test,
    ),
    Check(
        "pilot-moves",
        "measures the untouched pilot at steady +12 V and at steady -12 V",
        Range(15, 30, "V apart"),
        "The pilot driver is stuck at one level, or channel 6 of the converter is: check GPIO 18 and the overlay.",
        _pilot_moves,
        needs=("outlet-empty", "watchdog-alive"),
    ),
    Check(
        "reference",
        "compares the pilot and the 12 V supply with their nominal values: do both read wrong in the same way?",
        Range(-4, 4, "%"),
        "The converter's reference of 2.500 V is off: replace U503; do not use this hat before.",
        _reference,
        needs=("pilot-moves",),
    ),
    Check(
        "pilot-high",
        "measures the held high level at steady +12 V",
        Range(11.4, 12.6, "V"),
        "The pilot's level is wrong (IEC 61851-1: 12 V +- 0.6 V): the driver, or channel 0 of the converter.",
        _high,
        needs=("reference",),
    ),
    Check(
        "pilot-low",
        "measures the held low level at steady -12 V",
        Range(-12.6, -11.4, "V"),
        "The pilot's low level is wrong: the driver's -12 V supply, or channel 1 of the converter.",
        _low,
        needs=("reference",),
    ),
    Check(
        "pilot-pwm",
        "measures the distance of both levels at 50 % duty",
        Range(22.8, 25.2, "V"),
        "The PWM does not switch fully: with audio on, the sound uses the PWM; see docs/install.md.",
        _pwm,
        needs=("pilot-high", "pilot-low"),
    ),
    Check(
        "proximity-open",
        "measures PP with an empty outlet",
        "open, above 4500 ohm",
        "PP is shorted to PE or has a resistor without a plug: look at the outlet's wires.",
        _proximity_open,
        needs=("outlet-empty",),
        fitted=lambda setup: not setup.fixed_cable,
    ),
)
