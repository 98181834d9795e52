"""The rows of the fault matrix that are played in virtual time: the hat, the car and what is wired to it."""

from __future__ import annotations

from bench.faults.table import By, Expect, Row, bits, goes_on, moments, no_start, opens, stops
from smartevse.core.faults import Fault as F
from smartevse.core.signals import Lock


def _everywhere(expect: Expect) -> dict[str, Expect]:
    return moments(expect, expect, expect)


_JAMMED = goes_on()
_NOISE = bits(F.DIODE, F.VENTILATION, F.PILOT_RANGE, F.PILOT_SHORT, F.PWM_DEAD)
_DEAD = bits(*F)
"""A dead converter shows in every reading."""
_UNFED = bits(F.RCM_TRIP, F.CHAIN_OPENED, F.NOT_UNLOCKED, F.DIODE, F.VENTILATION)
"""What the lost supply takes with it: the monitor reports a fault when it is not fed."""
_CHAIN = bits(F.CHAIN_OPENED)
"""May show where the hat opens first and the pilot still asks."""

PILOT = "Control pilot and car"
PROXIMITY = "Proximity and cable"
MEASURING = "Converter and references"
SUPPLY = "Supplies and temperature"
CHAIN = "Heartbeat, safety chain and relays"
CONTACTOR = "Contactors and feedback"
RCM = "Residual current monitor"
LOCK = "Lock"
PINS = "Pins driven by another program"
STALL = "Guard without processor time"

_PILOT = (
    Row(PILOT, "the car opens S2", ("ev ready off",), By.EITHER, moments(c=opens(), c1=opens())),
    Row(PILOT, "the car is unplugged", ("ev unplug",), By.EITHER, moments(no_start(), opens(), opens())),
    Row(
        PILOT,
        "pilot shorted to earth",
        ("fault cp-short",),
        By.EITHER,
        _everywhere(opens(F.PILOT_SHORT)),
    ),
    Row(
        PILOT,
        "120 ohm from the pilot to earth",
        ("fault cp-short-120",),
        By.EITHER,
        _everywhere(opens(F.PILOT_SHORT)),
    ),
    Row(
        PILOT,
        "390 ohm from the pilot to earth",
        ("fault cp-short-390",),
        By.GUARD,
        moments(no_start(F.VENTILATION), opens(F.VENTILATION), opens(F.VENTILATION)),
    ),
    Row(PILOT, "pilot wire broken", ("fault cp-open",), By.EITHER, moments(no_start(), opens(), opens())),
    Row(
        PILOT,
        "diode of the car lost",
        ("fault no-diode",),
        By.GUARD,
        moments(no_start(F.DIODE), opens(F.DIODE), goes_on(then=F.DIODE)),
        note="in C1 the pilot has no negative half to see it in; the contactor is on its way to open",
    ),
    Row(
        PILOT,
        "the car asks for ventilation",
        ("fault vent",),
        By.GUARD,
        moments(no_start(F.VENTILATION), opens(F.VENTILATION), opens(F.VENTILATION)),
    ),
    Row(
        PILOT,
        "2 V of noise on the pilot",
        ("fault cp-noise",),
        By.GUARD,
        moments(no_start(also=_NOISE), opens(ms=500, also=_NOISE), opens(ms=500, also=_NOISE)),
    ),
    Row(
        PILOT,
        "pilot driver stuck at +12 V",
        ("fault pwm-stuck-high",),
        By.EITHER,
        moments(
            no_start(F.DIODE, also=bits(F.PWM_DEAD)), opens(F.DIODE, also=bits(F.PWM_DEAD)), goes_on(then=F.PWM_DEAD)
        ),
        note="seen first as a missing negative half",
    ),
    Row(
        PILOT,
        "pilot driver stuck at -12 V",
        ("fault pwm-stuck-low",),
        By.EITHER,
        _everywhere(opens(F.PWM_DEAD, also=bits(F.PILOT_RANGE))),
    ),
    Row(
        PILOT,
        "pilot levels 10 % low",
        ("fault pilot-weak",),
        By.NOBODY,
        _everywhere(goes_on(then=F.PILOT_RANGE, starts=True)),
    ),
)

_PROXIMITY = (
    Row(
        PROXIMITY,
        "proximity shorted",
        ("fault pp-short",),
        By.GUARD,
        moments(no_start(F.PROXIMITY_SHORT), stops(F.PROXIMITY_SHORT), goes_on(F.PROXIMITY_SHORT, starts=False)),
    ),
    Row(PROXIMITY, "proximity wire broken: 13 A from now on", ("fault pp-open",), By.NOBODY, _everywhere(goes_on())),
    Row(PROXIMITY, "proximity reads 1500 ohm: 13 A from now on", ("fault pp-1500",), By.NOBODY, _everywhere(goes_on())),
    Row(PROXIMITY, "proximity reads 160 ohm: 32 A from now on", ("fault pp-160",), By.NOBODY, _everywhere(goes_on())),
)

_MEASURING = (
    Row(
        MEASURING,
        "converter repeats its last codes",
        ("fault adc-frozen",),
        By.GUARD,
        _everywhere(opens(F.ADC, ms=1200, also=bits(F.PWM_DEAD, F.SAFE_STUCK, F.DIODE))),
    ),
    Row(MEASURING, "converter gives zeros", ("fault adc-dead",), By.GUARD, _everywhere(opens(F.ADC, also=_DEAD))),
    Row(MEASURING, "converter gives ones", ("fault adc-dead-ones",), By.GUARD, _everywhere(opens(F.ADC, also=_DEAD))),
    Row(MEASURING, "SPI dead", ("fault spi-dead",), By.GUARD, _everywhere(opens(F.ADC, also=_DEAD))),
    Row(
        MEASURING,
        "reference 8 % high",
        ("fault vref-drift",),
        By.NOBODY,
        _everywhere(goes_on(then=F.PILOT_RANGE, starts=True)),
    ),
    Row(
        MEASURING,
        "channel of the pilot's high half keeps its code",
        ("channel 0",),
        By.NOBODY,
        moments(
            no_start(F.PWM_DEAD, F.SAFE_STUCK),
            goes_on(then=F.PWM_DEAD, also=_CHAIN),
            goes_on(then=F.PWM_DEAD, also=_CHAIN),
        ),
    ),
    Row(
        MEASURING,
        "channel of the pilot's low half keeps its code",
        ("channel 1",),
        By.NOBODY,
        moments(goes_on(then=F.PWM_DEAD), goes_on(then=F.PWM_DEAD)),
    ),
    Row(
        MEASURING,
        "channel of the pilot's high half reads zero",
        ("fault adc-channel-0-0",),
        By.GUARD,
        _everywhere(opens(F.PILOT_RANGE, also=bits(F.PILOT_SHORT, F.PWM_DEAD))),
    ),
    Row(
        MEASURING,
        "channel of the pilot's low half reads zero",
        ("fault adc-channel-1-0",),
        By.GUARD,
        _everywhere(opens(F.PILOT_RANGE, also=bits(F.PWM_DEAD))),
    ),
    Row(
        MEASURING,
        "channel of proximity reads zero",
        ("fault adc-channel-2-0",),
        By.GUARD,
        moments(no_start(F.PROXIMITY_SHORT), stops(F.PROXIMITY_SHORT), goes_on(F.PROXIMITY_SHORT, starts=False)),
    ),
    Row(
        MEASURING,
        "channel of the supply reads zero",
        ("fault adc-channel-5-0",),
        By.GUARD,
        _everywhere(opens(F.RAIL, ms=200)),
    ),
    Row(
        MEASURING,
        "untouched pilot channel reads zero",
        ("fault adc-channel-6-0",),
        By.GUARD,
        moments(goes_on(then=F.PWM_DEAD), goes_on(then=F.PWM_DEAD), opens(F.PWM_DEAD, ms=320)),
    ),
)

_SUPPLY = (
    Row(SUPPLY, "12 V supply at 9.5 V", ("fault rail-low",), By.GUARD, _everywhere(opens(F.RAIL, ms=200))),
    Row(SUPPLY, "12 V supply at 15.5 V", ("fault rail-high",), By.GUARD, _everywhere(opens(F.RAIL, ms=200))),
    Row(
        SUPPLY,
        "12 V supply gone",
        ("fault rail-off",),
        By.EITHER,
        _everywhere(opens(F.RAIL, F.PILOT_SHORT, also=_UNFED)),
    ),
    Row(SUPPLY, "12 V supply at 8 V", ("rail 8",), By.HAT, _everywhere(opens(F.RAIL, also=_UNFED))),
    Row(
        SUPPLY,
        "board at 70 degC",
        ("fault temp-70",),
        By.GUARD,
        moments(no_start(F.HIGH_TEMP), stops(F.HIGH_TEMP), goes_on(F.HIGH_TEMP, starts=False)),
    ),
    Row(SUPPLY, "board at 62 degC: less is offered", ("fault temp-62",), By.NOBODY, _everywhere(goes_on())),
    Row(
        SUPPLY,
        "board at 90 degC",
        ("fault temp-90",),
        By.HAT,
        moments(no_start(F.HIGH_TEMP), opens(F.HIGH_TEMP, also=_CHAIN), opens(F.HIGH_TEMP, also=_CHAIN)),
    ),
    Row(
        SUPPLY,
        "temperature sensor open",
        ("fault temp-sensor-open",),
        By.HAT,
        moments(
            no_start(F.TEMP_SENSOR, F.HIGH_TEMP),
            opens(F.TEMP_SENSOR, F.HIGH_TEMP, also=_CHAIN),
            opens(F.TEMP_SENSOR, F.HIGH_TEMP, also=_CHAIN),
        ),
    ),
    Row(
        SUPPLY,
        "temperature sensor shorted",
        ("fault temp-sensor-short",),
        By.GUARD,
        moments(no_start(F.TEMP_SENSOR), stops(F.TEMP_SENSOR), goes_on(F.TEMP_SENSOR, starts=False)),
    ),
)

_CHAIN_ROWS = (
    Row(
        CHAIN,
        "heartbeat does not reach the hat",
        ("fault heartbeat-cut",),
        By.HAT,
        _everywhere(opens(F.WATCHDOG_EXPIRED, F.WATCHDOG_TEST, ms=160)),
    ),
    Row(
        CHAIN,
        "one-shot never rises",
        ("fault one-shot-dead",),
        By.HAT,
        _everywhere(opens(F.WATCHDOG_EXPIRED, F.WATCHDOG_TEST)),
    ),
    Row(
        CHAIN, "one-shot never falls", ("fault one-shot-stuck",), By.NOBODY, _everywhere(goes_on(then=F.WATCHDOG_TEST))
    ),
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
        _everywhere(goes_on()),
    ),
    Row(CHAIN, "relay K2 does not close", ("fault k2-dead",), By.NOBODY, _everywhere(goes_on())),
    Row(CHAIN, "relay K3 welded", ("fault k3-stuck",), By.NOBODY, _everywhere(goes_on())),
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
    Row(CONTACTOR, "coil of contactor 2 open", ("fault c2-dead",), By.NOBODY, _everywhere(goes_on())),
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
    Row(RCM, "fault current", ("fault rcm-trip",), By.HAT, _everywhere(opens(F.RCM_TRIP)), rcm=True),
    Row(RCM, "plug of the monitor out", ("fault rcm-unplugged",), By.HAT, _everywhere(opens(F.RCM_TRIP)), rcm=True),
    Row(
        RCM,
        "monitor does not answer its test",
        ("fault rcm-test-dead",),
        By.NOBODY,
        _everywhere(goes_on(then=F.RCM_TEST)),
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
        _everywhere(goes_on()),
        lock=Lock.MOTOR,
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
        _everywhere(opens(F.PINS)),
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
    Row(STALL, f"guard stalled for {ms} ms", (f"stall {ms}",), By.NOBODY, _everywhere(goes_on()))
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

ROWS: tuple[Row, ...] = (
    *_PILOT,
    *_PROXIMITY,
    *_MEASURING,
    *_SUPPLY,
    *_CHAIN_ROWS,
    *_CONTACTOR,
    *_RCM,
    *_LOCK,
    *_PINS,
    *_STALL,
)
"""Every fault of the hat, the car and what is wired to it."""
