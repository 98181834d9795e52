"""Rows in virtual time: what is measured - pilot, proximity, converter, supplies, temperature."""

from __future__ import annotations

from bench.faults.table import By, Row, bits, everywhere, goes_on, moments, no_start, opens, stops
from smartevse.core.faults import Fault as F

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

_PILOT = (
    Row(PILOT, "the car opens S2", ("ev ready off",), By.EITHER, moments(c=opens(), c1=opens())),
    Row(PILOT, "the car is unplugged", ("ev unplug",), By.EITHER, moments(no_start(), opens(), opens())),
    Row(
        PILOT,
        "pilot shorted to earth",
        ("fault cp-short",),
        By.EITHER,
        everywhere(opens(F.PILOT_SHORT)),
    ),
    Row(
        PILOT,
        "120 ohm from the pilot to earth",
        ("fault cp-short-120",),
        By.EITHER,
        everywhere(opens(F.PILOT_SHORT)),
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
        note="any value within 2 V, one in eight of them outside the range of 6 V",
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
        everywhere(opens(F.PWM_DEAD, also=bits(F.PILOT_RANGE))),
    ),
    Row(
        PILOT,
        "pilot levels 10 % low",
        ("fault pilot-weak",),
        By.NOBODY,
        everywhere(goes_on(then=F.PILOT_RANGE, starts=True)),
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
    Row(PROXIMITY, "proximity wire broken: 13 A from now on", ("fault pp-open",), By.NOBODY, everywhere(goes_on())),
    Row(PROXIMITY, "proximity reads 1500 ohm: 13 A from now on", ("fault pp-1500",), By.NOBODY, everywhere(goes_on())),
    Row(PROXIMITY, "proximity reads 160 ohm: 32 A from now on", ("fault pp-160",), By.NOBODY, everywhere(goes_on())),
)

_MEASURING = (
    Row(
        MEASURING,
        "converter repeats its last codes",
        ("fault adc-frozen",),
        By.GUARD,
        everywhere(opens(F.ADC, ms=1200, also=bits(F.PWM_DEAD, F.SAFE_STUCK, F.DIODE))),
    ),
    Row(MEASURING, "converter gives zeros", ("fault adc-dead",), By.GUARD, everywhere(opens(F.ADC, also=_DEAD))),
    Row(MEASURING, "converter gives ones", ("fault adc-dead-ones",), By.GUARD, everywhere(opens(F.ADC, also=_DEAD))),
    Row(MEASURING, "SPI dead", ("fault spi-dead",), By.GUARD, everywhere(opens(F.ADC, also=_DEAD))),
    Row(
        MEASURING,
        "reference 8 % high",
        ("fault vref-drift",),
        By.NOBODY,
        everywhere(goes_on(then=F.PILOT_RANGE, starts=True)),
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
        everywhere(opens(F.PILOT_RANGE, also=bits(F.PILOT_SHORT, F.PWM_DEAD))),
    ),
    Row(
        MEASURING,
        "channel of the pilot's low half reads zero",
        ("fault adc-channel-1-0",),
        By.GUARD,
        everywhere(opens(F.PILOT_RANGE, also=bits(F.PWM_DEAD))),
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
        everywhere(opens(F.RAIL, ms=200)),
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
    Row(SUPPLY, "12 V supply at 9.5 V", ("fault rail-low",), By.GUARD, everywhere(opens(F.RAIL, ms=200))),
    Row(SUPPLY, "12 V supply at 15.5 V", ("fault rail-high",), By.GUARD, everywhere(opens(F.RAIL, ms=200))),
    Row(
        SUPPLY,
        "12 V supply gone",
        ("fault rail-off",),
        By.EITHER,
        everywhere(opens(F.RAIL, F.PILOT_SHORT, also=_UNFED)),
    ),
    Row(SUPPLY, "12 V supply at 8 V", ("rail 8",), By.HAT, everywhere(opens(F.RAIL, also=_UNFED))),
    Row(
        SUPPLY,
        "board at 70 degC",
        ("fault temp-70",),
        By.GUARD,
        moments(no_start(F.HIGH_TEMP), stops(F.HIGH_TEMP), goes_on(F.HIGH_TEMP, starts=False)),
    ),
    Row(SUPPLY, "board at 62 degC: less is offered", ("fault temp-62",), By.NOBODY, everywhere(goes_on())),
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

ROWS = (*_PILOT, *_PROXIMITY, *_MEASURING, *_SUPPLY)
"""In the order of the document."""
