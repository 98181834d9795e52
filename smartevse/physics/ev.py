"""An electric vehicle: its pilot circuit, when it closes S2, and the current that it draws.

It knows the station only by the pilot and by the voltage at its inlet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from smartevse.core.pilot import offer_da
from smartevse.physics.charge_curve import Battery, Curve, full_s, taper, taper_begins_s
from smartevse.physics.mains import VOLTS
from smartevse.physics.timeline import Slot, Timeline
from smartevse.physics.trace import Trace

LEAST_DUTY_PERMILLE, MOST_DUTY_PERMILLE = 80, 970
"""The duty cycles that offer current (IEC 61851-1 table A.8)."""
LEAST_HZ, MOST_HZ = 980, 1020
"""The frequencies that are a pilot's (IEC 61851-1 table A.2)."""


@dataclass(frozen=True, slots=True)
class EvOptions:
    """What kind of EV it is. Resistances in ohm, times in seconds, currents in 0.1 A per phase."""

    phases: int = 3
    max_da: int = 320
    min_da: int = 60
    """Offered less, it draws nothing but keeps S2 closed."""
    lag_s: float = 2.0
    """Time constant with which it goes up to the offer."""
    fall_lag_s: float = 0.0
    """The same going down; 0: at once. The standard allows 5 s."""
    obeys_pwm: bool = True
    """False: it draws its most whatever the duty, and does not let go when the PWM stops."""
    start_delay_s: float = 0.5
    """From a valid PWM (or from wanting charge) to S2 closed."""
    releases_s: float = 1.0
    """From the end of the PWM to S2 open; the current is down after half of it. The standard allows 3 s."""
    sleeps_s: float = 0.0
    """Asleep when plugged in: wakes by so many seconds of steady -12 V; 0: never sleeps."""
    dozes_s: float = inf
    """A sleeper falls asleep again after so many seconds without PWM."""
    s2_stuck: bool = False
    """S2 is closed whenever it is plugged in: it never shows 9 V."""
    diode: bool = True
    r2_ohm: float = 2740.0
    r3_ohm: float = 1300.0
    ventilation: bool = False
    """It asks for ventilation: 270 ohm in place of R3."""
    battery_wh: float = 60_000.0
    soc: float = 0.5
    """State of charge, 0 to 1, with which it comes."""
    taper_from: float = 0.8
    """State of charge from which the battery takes less."""
    taper_end: float = 0.1
    """Part of `max_da` that it still takes when full."""
    efficiency: float = 0.9
    """Part of the energy that reaches the battery."""

    def __post_init__(self) -> None:
        """Raises ValueError for an EV that cannot be."""
        checks = {
            "phases": 1 <= self.phases <= 3,
            "max_da": self.max_da > 0,
            "soc": 0 <= self.soc <= 1,
            "taper_from": 0 <= self.taper_from < 1,
            "taper_end": 0 < self.taper_end < 1,
            "battery_wh": self.battery_wh > 0,
            "efficiency": 0 < self.efficiency <= 1,
            "lag_s": self.lag_s >= 0 and self.fall_lag_s >= 0,
            "start_delay_s": self.start_delay_s >= 0 and self.releases_s >= 0 and self.sleeps_s >= 0,
        }
        for name, good in checks.items():
            if not good:
                raise ValueError(f"an EV cannot have {name} = {getattr(self, name)}: see the ranges of EvOptions")


VENTILATION_OHM = 270.0


class EV:
    """One EV at the station's cable. Its methods act at the present of the world's timeline."""

    def __init__(self, line: Timeline, trace: Trace, changed: Callable[[], None]) -> None:
        """An EV that is not plugged in; `changed` lets the world follow what a person did to it."""
        self._line, self._trace, self._changed = line, trace, changed
        self._options = EvOptions()
        self.plugged = False
        self.wants = False
        self.s2 = False
        self._awake = True
        self._full = False
        self._soc = self._options.soc
        self._permille: int | None = None
        self._hz = 0.0
        self._stopped = False
        self._phases_live = (False, False, False)
        self._curve = Curve(line.now_s, 0.0, 0.0, 0.0)
        self._wish_a = 0.0
        self._tapers = False
        self._energy_wh = 0.0
        self._session_from_wh = 0.0

    # what a person does

    def plug(self) -> None:
        """Plug the cable into the EV."""
        self._change(lambda: self._set_plug(True))

    def unplug(self) -> None:
        """Pull the plug, whatever goes on."""
        self._change(lambda: self._set_plug(False))

    def ready(self, wants: bool = True) -> None:
        """Want charge, or stop: then the current ends and S2 opens at once."""
        self._change(lambda: setattr(self, "wants", wants))

    @property
    def options(self) -> EvOptions:
        """What kind of EV it is; another value is another EV, with that state of charge."""
        return self._options

    @options.setter
    def options(self, options: EvOptions) -> None:
        def put() -> None:
            self._book()
            if options.soc != self._options.soc:
                self._soc = options.soc
                self._full = False
            self._options = options
            self._draw(anew=True)

        self._change(put)

    def _change(self, act: Callable[[], object]) -> None:
        act()
        self._decide()
        self._changed()

    def _set_plug(self, plugged: bool) -> None:
        if plugged == self.plugged:
            return
        self.plugged = plugged
        self._trace.add(self._line.now_s, "ev_plug", int(plugged))
        self._awake = not self._options.sleeps_s
        self._line.cancel(Slot.EV_WAKE)
        self._line.cancel(Slot.EV_DOZE)
        if plugged:
            self._session_from_wh = self.energy_wh

    # what the wires tell it

    def see_pilot(self, duty: float | None, hz: float) -> None:
        """The pilot's duty, 0 to 1 (None: no pilot arrives), and its frequency."""
        permille = None if duty is None or not self.plugged else round(duty * 1000)
        if (permille, hz) == (self._permille, self._hz):
            return
        self._permille, self._hz = permille, hz
        asleep_at_minus_12v = permille == 0 and not self._awake
        if asleep_at_minus_12v:
            self._line.set(Slot.EV_WAKE, self._line.now_s + self._options.sleeps_s)
        else:
            self._line.cancel(Slot.EV_WAKE)
        self._decide()

    def see_mains(self, live: tuple[bool, bool, bool]) -> None:
        """Which of its phases have voltage."""
        if live != self._phases_live:
            self._book()
            self._phases_live = live
            self._draw(anew=True)

    def switch_s2(self) -> None:
        """The planned switching of S2 is due."""
        self._put_s2(not self.s2)

    def stop(self) -> None:
        """The PWM stopped some time ago: the current is down now."""
        self._stopped = True
        self._draw()

    def wake(self) -> None:
        """The -12 V pulse was long enough."""
        self._awake = True
        self._trace.add(self._line.now_s, "ev_awake", 1)
        self._decide()

    def doze(self) -> None:
        """It has waited long enough without PWM to fall asleep."""
        self._awake = False
        self._trace.add(self._line.now_s, "ev_awake", 0)
        self._decide()

    def battery(self) -> None:
        """The battery begins to limit, or is full."""
        self._book()
        if self._tapers:
            self._soc, self._full = 1.0, True
            self._trace.add(self._line.now_s, "ev_full", 1)
            self._decide()
        else:
            self._draw(anew=True, limited=True)

    # what it does

    @property
    def sees_pwm(self) -> bool:
        """Whether the pilot offers current."""
        if self._permille is None or not LEAST_HZ <= self._hz <= MOST_HZ:
            return False
        return LEAST_DUTY_PERMILLE <= self._permille <= MOST_DUTY_PERMILLE

    def load_ohm(self, vent: bool = False) -> float:
        """What it puts between pilot and earth, behind its diode."""
        if not self.plugged:
            return inf
        r2_ohm, options = self._options.r2_ohm, self._options
        if not self.s2:
            return r2_ohm
        r3_ohm = VENTILATION_OHM if vent or options.ventilation else options.r3_ohm
        return r2_ohm * r3_ohm / (r2_ohm + r3_ohm)

    def _decide(self) -> None:
        """Plan or cancel what S2 will do, and when it falls asleep."""
        now_s, options = self._line.now_s, self._options
        pwm = self.sees_pwm
        if pwm or not (self.plugged and self._awake and options.sleeps_s and options.dozes_s < inf):
            self._line.cancel(Slot.EV_DOZE)
        elif self._line.at(Slot.EV_DOZE) == inf:
            self._line.set(Slot.EV_DOZE, now_s + options.dozes_s)
        if not self.plugged:
            self._put_s2(False)
        elif options.s2_stuck:
            self._put_s2(True)
        elif not (self.wants and self._awake and not self._full):
            self._put_s2(False)
        elif not self.s2:
            if not pwm:
                self._line.cancel(Slot.EV_S2)
            elif self._line.at(Slot.EV_S2) == inf:
                self._line.set(Slot.EV_S2, now_s + options.start_delay_s)
        elif pwm or not options.obeys_pwm:
            self._line.cancel(Slot.EV_S2)
        elif self._line.at(Slot.EV_S2) == inf and options.releases_s < inf:
            self._line.set(Slot.EV_S2, now_s + options.releases_s)
        if pwm or not options.obeys_pwm:
            self._stopped = False
            self._line.cancel(Slot.EV_STOP)
        elif self.s2 and not self._stopped and self._line.at(Slot.EV_STOP) == inf:
            self._line.set(Slot.EV_STOP, now_s + min(options.releases_s, 3.0) / 2)
        self._draw()

    def _put_s2(self, closed: bool) -> None:
        self._line.cancel(Slot.EV_S2)
        if closed == self.s2:
            return
        self.s2 = closed
        self._trace.add(self._line.now_s, "ev_s2", int(closed))
        if not closed:
            self._stopped = False
            self._line.cancel(Slot.EV_STOP)
        self._draw()

    def _phases(self) -> int:
        return sum(self._phases_live[: self._options.phases])

    def _target_a(self) -> float:
        """The current per phase that it wants to draw."""
        options = self._options
        if not (self.plugged and self.s2 and self._phases_live[0]) or self._stopped or self._full or not self.wants:
            return 0.0
        if not options.obeys_pwm:
            return options.max_da / 10
        if not self.sees_pwm:
            return self._wish_a  # as before, until `stop`
        offered_da = min(offer_da(self._permille or 0), options.max_da)
        return offered_da / 10 if offered_da >= options.min_da else 0.0

    def _battery(self) -> Battery:
        options = self._options
        return Battery(options.max_da / 10, options.taper_from, options.taper_end, self._per_as())

    def _per_as(self) -> float:
        return self._phases() * VOLTS * self._options.efficiency / 3600 / self._options.battery_wh

    def _book(self) -> None:
        """Close the piece of the curve that ends now: its energy and charge are history."""
        now_s, curve = self._line.now_s, self._curve
        self._energy_wh, self._soc = self.energy_wh, self.soc
        self._curve = Curve(now_s, curve.amps(now_s), curve.target_a, curve.lag_s)

    def _draw(self, anew: bool = False, limited: bool = False) -> None:
        """Begin the piece of the current's curve that fits what is wanted now.

        `anew`: also if that is the same as before; `limited`: the battery has just begun to limit it, whatever the
        rounding of its closed form says, else the same event would be due again at once.
        """
        wish_a = self._target_a()
        if wish_a == self._wish_a and not anew:
            return
        self._book()
        self._wish_a = wish_a
        now_s, options = self._line.now_s, self._options
        if not wish_a:
            self._tapers = False
            self._curve = Curve(now_s, 0.0, 0.0, 0.0)
            self._line.cancel(Slot.EV_BATTERY)
            return
        battery, from_a = self._battery(), self._curve.from_a
        limit_a = battery.limit_a(self._soc)
        filling = self._tapers or (self._soc >= options.taper_from and from_a >= limit_a)
        self._tapers = limited or (filling and wish_a >= limit_a)
        if self._tapers:
            self._curve = taper(now_s, self._soc, battery)
            self._line.set(Slot.EV_BATTERY, full_s(self._curve, battery))
            return
        lag_s = options.lag_s if wish_a > from_a else options.fall_lag_s
        self._curve = Curve(now_s, from_a, wish_a, lag_s)
        self._line.set(Slot.EV_BATTERY, taper_begins_s(self._curve, self._soc, battery))

    @property
    def awake(self) -> bool:
        """Whether it would react to an offer."""
        return self._awake

    @property
    def soc(self) -> float:
        """The battery's state of charge now, 0 to 1."""
        return min(1.0, self._soc + self._per_as() * self._curve.charge_as(self._line.now_s))

    @property
    def energy_wh(self) -> float:
        """All energy that ever went into the EV, as a meter before it counts."""
        return self._energy_wh + self._phases() * VOLTS * self._curve.charge_as(self._line.now_s) / 3600

    @property
    def session_wh(self) -> float:
        """The energy since it was plugged in."""
        return self.energy_wh - self._session_from_wh

    def amps(self) -> float:
        """The current in each phase that it uses, in A."""
        return self._curve.amps(self._line.now_s)

    def currents_a(self) -> tuple[float, float, float]:
        """The currents of L1, L2, L3 in A."""
        amps = self.amps()
        used = self._options.phases
        l1, l2, l3 = (amps if live and phase < used else 0.0 for phase, live in enumerate(self._phases_live))
        return l1, l2, l3

    def currents_da(self) -> tuple[int, int, int]:
        """The currents of L1, L2, L3 in 0.1 A."""
        l1, l2, l3 = (round(amps * 10) for amps in self.currents_a())
        return l1, l2, l3
