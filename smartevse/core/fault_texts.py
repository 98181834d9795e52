"""What each fault means in plain words: for the journal, its catalogue and the documents. The panel has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smartevse.core.faults import Fault


class Text(NamedTuple):
    """One fault for people."""

    sentence: str
    """What is wrong and what was done about it, one sentence."""
    cause: str
    """What usually causes it."""
    remedy: str
    """What the owner or an electrician can do."""
    source: str
    """The clause, requirement or section that asks for the check."""


F = Fault

TEXTS: Mapping[Fault, Text] = {
    F.PILOT_SHORT: Text(
        "The control pilot is shorted; the contactor is open.",
        "A damaged or wet cable or socket, or a car that fails.",
        "Unplug the car and look at cable and plug; charging goes on by itself when the short is gone.",
        "IEC 61851-1 table A.6 sequence 12",
    ),
    F.DIODE: Text(
        "The car's diode is missing on the control pilot; the contactor is open.",
        "What is connected is not a car, or the pilot wire is wet or damaged.",
        "Unplug, dry the plug, plug in again; if it comes back with this car only, the car needs a workshop.",
        "IEC 61851-1 A.3.2",
    ),
    F.VENTILATION: Text(
        "The car asks for a ventilated room; it is not charged.",
        "An old car with a battery that gives off gas, or a fault in the car's charge port.",
        "Charge this car where there is ventilation made for it.",
        "R-01, IEC 61851-1 table A.4 state D",
    ),
    F.PILOT_RANGE: Text(
        "The control pilot reads a voltage that it cannot have; the contactor is open.",
        "The hat's pilot driver, its reference or its converter is damaged, or another voltage reaches the pilot wire.",
        "Let an electrician measure CP against PE; replace the hat if it is not between -12 and +12 V.",
        "hat interface, pilot driver",
    ),
    F.PWM_DEAD: Text(
        "The control pilot does not follow what is sent; the contactor is open.",
        "Another program uses the PWM of GPIO 18, the audio output is on, or the pilot driver is damaged.",
        "Switch audio off (dtparam=audio=off), end other programs that use GPIO 18, then run the self-test.",
        "hat interface, loop-back through CP_HI and CP_LO",
    ),
    F.PROXIMITY_SHORT: Text(
        "The proximity contact of the socket is shorted; charging stops.",
        "A damaged or wet plug or socket.",
        "Unplug, dry and look at the plug; let an electrician measure PP against PE.",
        "behaviour spec 2, IEC 61851-1 table B.2",
    ),
    F.ADC: Text(
        "The measuring converter gives no living values; the contactor is open.",
        "SPI is not enabled, the hat is not seated, or the converter is damaged.",
        "Seat the hat, enable SPI (dtparam=spi=on), start again.",
        "hat interface, ADC",
    ),
    F.RAIL: Text(
        "The 12 V supply is out of range; the contactor is open.",
        "The power supply is overloaded, damaged or of the wrong type.",
        "Let an electrician measure the 12 V terminal: 11 to 13 V with everything connected.",
        "hat interface, rails good",
    ),
    F.HIGH_TEMP: Text(
        "The temperature inside has reached 65 degrees; charging stops until it is below 55.",
        "Sun on the enclosure, or a loose terminal that heats up.",
        "Give it shade and air; if it is hot without sun, let an electrician look at the terminals.",
        "R-52",
    ),
    F.TEMP_SENSOR: Text(
        "The temperature sensor gives impossible values; charging stops.",
        "The sensor on the hat is damaged.",
        "Replace the hat.",
        "R-52",
    ),
    F.WELDED: Text(
        "The contactor did not open; nothing is offered to any car.",
        "Its contacts are welded, or it is wired past the station.",
        "Switch off the breaker before you touch the plug; an electrician replaces the contactor.",
        "behaviour spec 11 pain 14, IEC 61851-1 13.3",
    ),
    F.NOT_CLOSED: Text(
        "The contactor was told to close and did not.",
        "No mains behind the breaker, a broken coil or wire, or a mirror contact that was removed.",
        "Look at the breakers; if they are on, let an electrician measure the coil.",
        "hat interface, C1_FB and AUX_FB",
    ),
    F.OPENED_ITSELF: Text(
        "The contactor opened while the car was charging, without being told to.",
        "Mains failed for a moment, or a loose coil wire.",
        "It tries again after 60 seconds; if it stays, let an electrician look at the coil's wiring.",
        "hat interface, C1_FB and AUX_FB",
    ),
    F.CHAIN_OPENED: Text(
        "The hat's safety chain is off although the car asks for current.",
        "The hat is above 84 degrees, its supplies dip, a residual current is reported, or the chain is damaged.",
        "It tries again after 60 seconds; if it stays, run the self-test.",
        "hat interface, safety chain",
    ),
    F.RCM_TRIP: Text(
        "The residual current monitor has detected a fault current; the contactor is open.",
        "A fault in the car's charger or its cable, or the monitor's plug is loose.",
        "Unplug the car; press any button to reset. If it trips again with another car, call an electrician.",
        "R-53",
    ),
    F.RCM_TEST: Text(
        "The residual current monitor did not answer its test; no car is charged.",
        "The monitor is damaged, or it has no test input.",
        "Press a button to test again; if the monitor has no test input, say so in the configuration.",
        "R-53, behaviour spec 8.1",
    ),
    F.WATCHDOG_TEST: Text(
        "The hat's watchdog failed its test; no car is charged.",
        "The heartbeat does not reach the hat, or its one-shot is damaged.",
        "Seat the hat and press a button to test again; replace the hat if it fails again.",
        "R-54, hat interface, proof test",
    ),
    F.WATCHDOG_EXPIRED: Text(
        "The hat's watchdog opened the contactor because the guard was late.",
        "The computer was stopped or overloaded for more than 90 ms, or its power supply is too weak.",
        "It goes on by itself; if it comes back, look at load and power supply of the Raspberry Pi.",
        "R-54, hat interface, one-shot",
    ),
    F.SAFE_STUCK: Text(
        "The hat's safety chain is on without a car that asks; no car is charged.",
        "A short on the hat.",
        "Replace the hat.",
        "hat interface, proof test: SAFE is 0 in A and B",
    ),
    F.NOT_LOCKED: Text(
        "The plug could not be locked; the car is not charged.",
        "The plug is not fully in, the actuator is jammed or wired for another type.",
        "Push the plug in; look at the setting LOCK and at the wires B, R and W.",
        "R-12",
    ),
    F.NOT_UNLOCKED: Text(
        "The plug could not be unlocked.",
        "The cable pulls at the plug, or the actuator is jammed.",
        "Push the plug in while it unlocks; use the actuator's emergency release.",
        "R-12",
    ),
    F.PINS: Text(
        "Another program drives the pins of the hat; the contactor is open.",
        "A second station, a test script or a service uses the same GPIO pins.",
        "End the other program; the pins are listed in the hat's interface.",
        "hat interface, GPIO",
    ),
    F.NO_SERIAL_COM: Text(
        "Nothing was heard from the Sensorbox, meter or other unit for 10 seconds; charging stops.",
        "Wires A and B swapped or loose, no 12 V at the Sensorbox, a wrong address.",
        "Check the wiring; 'smartevse bus scan' shows what answers.",
        "R-50",
    ),
    F.NO_CURRENT: Text(
        "There is not enough current to start or go on; it tries again after 60 seconds.",
        "The house uses what the mains connection can give, or there is not enough sun.",
        "Wait, or switch something off.",
        "R-51",
    ),
    F.EV_METER: Text(
        "The EV meter has not answered for 64 seconds; in Smart and Solar charging stops, in Normal it goes on.",
        "Wires A and B swapped or loose, or a wrong address or type in the menu.",
        "Check EV METER and EV ADR in the menu and the wiring; without the meter set EV METER to Disabled.",
        "R-41, bus specification 1.8",
    ),
}
"""Every fault that can be shown has its row."""
