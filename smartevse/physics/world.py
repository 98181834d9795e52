"""One hat with one EV in virtual time: what the pins do to the world, and the world to the pins and the converter.

Deterministic for a seed; no clock of its own, no threads, no files. `advance()` runs everything that happens by itself,
each at its exact time, so the result does not depend on how finely the caller slices the time.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from random import Random

from smartevse.hal.hat import HatMap
from smartevse.physics.adc import Adc
from smartevse.physics.electronics import Electronics
from smartevse.physics.ev import EV
from smartevse.physics.faults import Injected
from smartevse.physics.installation import AUX, Installation
from smartevse.physics.lock import KINDS
from smartevse.physics.parts import Parts
from smartevse.physics.pilot_line import Load
from smartevse.physics.pins import Pins
from smartevse.physics.state_view import view
from smartevse.physics.timeline import Slot, Timeline
from smartevse.physics.trace import Trace, TraceEvent

__all__ = ["TraceEvent", "World"]

LED_FULL_PPM = 1_000_000
PILOT_LOST_OHM = 500.0
"""Shorted by less than this, the pilot at the EV is too small to be seen as one."""


class World:
    """See the module. All methods act at `now_s`; temperatures in degC, the supply in V, the cable in ohm."""

    def __init__(
        self, hat: HatMap, *, seed: int = 0, noise: bool = True, start_s: float = 0.0, parts: Parts | None = None
    ) -> None:
        """A world at rest: Pi in reset, no car, 25 degC, 12 V. `parts` None: every part has its nominal value."""
        self.hat = hat
        self._line = line = Timeline(start_s)
        self._trace = Trace()
        self._injected = Injected()
        broken = self._injected.broken
        self.parts = parts = parts or Parts.nominal(hat)
        boot_pulls = {getattr(hat.pins, name): pull for name, pull in hat.raw["boot_pulls"].items()}
        self.pins = Pins(start_s, boot_pulls)
        self.board = Electronics(line, self._trace, hat, parts, self.pins, broken)
        self.ev = EV(line, self._trace, self._follow)
        self.analogue = Adc(line, hat, self.board, broken, seed if noise else None)
        spread = Random(seed) if noise else None
        self.installation = Installation(line, self._trace, hat, parts, self.pins, broken, spread)
        self._temperature_c = 25.0
        self._rail_v = 12.0
        self._pulses: dict[int, float] = {}
        self._heartbeat_pulse_end_s = -inf
        self.leds: dict[int, int] = {}
        """Brightness of each LED pin that is dimmed, in ppm."""
        self._commands = (False, False)
        pins = hat.pins
        self._moving_pins = frozenset(
            (pins.cp_pwmn, pins.c1_cmd, pins.c2_cmd, pins.rcm_test, pins.lock_r, pins.lock_w)
        )  # those that do something by themselves
        self._happens = self._handlers()
        self._follow()

    # time

    @property
    def now_s(self) -> float:
        """The present in seconds."""
        return self._line.now_s

    def advance(self, now_s: float) -> None:
        """Run everything that happens until `now_s`, in order, at its exact time; going back does nothing."""
        line = self._line
        while line.next_s <= now_s:
            self.step()
        line.now_s = max(line.now_s, now_s)

    def step(self) -> None:
        """Go to the next event and let it happen. Only to be called while `next_event_s()` has one."""
        self._happens[self._line.take()]()
        self._settle()

    def next_event_s(self, *, beating: bool = False) -> float | None:
        """When something changes by itself next; None: nothing is pending. Mains pulses and noise do not count.

        `beating`: the heartbeat goes on, so that the expiry of the one-shot does not count either.
        """
        next_s = self._line.next_except(Slot.ONE_SHOT) if beating else self._line.next_s
        return next_s if next_s < inf else None

    def hold_heartbeat(self, on: bool) -> None:
        """Take the heartbeat for regular, without pulses, so that time can leap; off: its last pulse was now."""
        self.board.one_shot.hold(on and not self._injected.broken.heartbeat_cut)

    # the Pi's side of the header

    def set_output(self, gpio: int, level: bool) -> None:
        """Drive a pin."""
        self._pulses.pop(gpio, None)
        self._drive(gpio, level)

    def set_input(self, gpio: int) -> None:
        """Let go of a pin."""
        self._pulses.pop(gpio, None)
        self._drive(gpio, None)

    def _drive(self, gpio: int, level: bool | None) -> None:
        rising = bool(level) and not self.pins.level(gpio)
        self.leds.pop(gpio, None)
        if gpio == self.hat.pins.cp_pwmn:
            self.board.set_pwm(0, 0.0)
        self.pins.drive(gpio, level, self.now_s)
        if rising and gpio == self.hat.pins.heartbeat:
            self._beat()
        if gpio in self._moving_pins:
            self._follow()

    def set_pull(self, gpio: int, pull: str) -> None:
        """Set the Pi's pull resistor of a pin: "up", "down" or "none"."""
        self.pins.pull(gpio, pull, self.now_s)
        self._follow()

    def pulse(self, gpio: int, length_us: int) -> None:
        """A pulse to high, then low again."""
        end_s = self.now_s + length_us * 1e-6
        if gpio != self.hat.pins.heartbeat:
            self._drive(gpio, True)
            self._pulses[gpio] = end_s
            self._line.set(Slot.PULSE, min(self._pulses.values()))
            return
        if self.pins.level(gpio):
            self._drive(gpio, False)  # it was left high: no rising edge
            return
        if not self.pins.driven_mask >> gpio & 1:
            self.pins.drive(gpio, False, self.now_s)
        self._heartbeat_pulse_end_s = end_s
        self._beat()

    def set_pwm(self, gpio: int, frequency_hz: int, duty_ppm: int) -> None:
        """Hardware PWM with this duty of the pin's level; frequency 0: off, the pin is low."""
        self._pulses.pop(gpio, None)
        if gpio == self.hat.pins.cp_pwmn:
            self.board.set_pwm(frequency_hz, duty_ppm / LED_FULL_PPM)
        elif frequency_hz:
            self.leds[gpio] = duty_ppm
        else:
            self.leds.pop(gpio, None)
        self.pins.drive(gpio, bool(frequency_hz) and 2 * duty_ppm > LED_FULL_PPM, self.now_s)
        self._follow()

    def release_pins(self) -> None:
        """The Pi resets: all pins as at boot, PWM off."""
        self.board.set_pwm(0, 0.0)
        self.leds.clear()
        self._pulses.clear()
        self.pins.release(self.now_s)
        self._follow()

    def bank(self) -> int:
        """The levels of BCM 0 to 31 now, one bit each."""
        pins, bank = self.hat.pins, self.pins.bank
        if self.now_s < self._heartbeat_pulse_end_s:
            bank |= 1 << pins.heartbeat
        if self.board.pwm_hz:
            bank = _put(bank, pins.cp_pwmn, self.board.pin_high())
        return self._with_feedback(bank, self.installation.feedback.level(self.now_s))

    def _with_feedback(self, bank: int, level: bool) -> int:
        gpio = self.hat.pins.c1_fb
        return bank if self.pins.driven_mask >> gpio & 1 else _put(bank, gpio, level)

    def seen(self, since_s: float) -> tuple[int, int]:
        """(pins that were low, pins that were high) at any time from then to now."""
        low, high = self.pins.seen(since_s)
        pins = self.hat.pins
        if not self.pins.driven_mask >> pins.c1_fb & 1:
            was_low, was_high = self.installation.feedback.seen(since_s, self.now_s)
            low, high = _put(low, pins.c1_fb, was_low), _put(high, pins.c1_fb, was_high)
        if self._heartbeat_pulse_end_s > since_s:
            high |= 1 << pins.heartbeat
        if self.board.pwm_hz:
            low, high = low | 1 << pins.cp_pwmn, high | 1 << pins.cp_pwmn
        return low, high

    def edges(self, since_s: float) -> list[tuple[float, int]]:
        """Each change of an input after then and until now: exact time, and all levels behind it."""
        inputs = ~self.pins.driven_mask & ~(1 << self.hat.pins.c1_fb)
        history = self.pins.changes(since_s)
        bank = history[0][1]
        changes: list[tuple[float, int | None, bool | None]] = [(at_s, after, None) for at_s, after in history[1:]]
        if not self.pins.driven_mask >> self.hat.pins.c1_fb & 1:
            changes += [(at_s, None, level) for at_s, level in self.installation.feedback.edges(since_s, self.now_s)]
        changes.sort(key=lambda change: change[0])
        feedback = self.installation.feedback.level(since_s)
        found: list[tuple[float, int]] = []
        for at_s, after, level in changes:
            shown = level is not None or (after is not None and bool((bank ^ after) & inputs))
            bank = bank if after is None else after
            feedback = feedback if level is None else level
            if shown:
                found.append((at_s, self._with_feedback(bank, feedback)))
        return found

    def adc(self, channel: int) -> int:
        """One conversion of a channel, 0 to 7, now."""
        return self.analogue.convert(channel)

    # the world's side

    @property
    def cable_ohm(self) -> int | None:
        """The resistor of the plug in the socket; None: no cable."""
        return self.analogue.cable_ohm

    @cable_ohm.setter
    def cable_ohm(self, ohm: int | None) -> None:
        self.analogue.cable_ohm = ohm
        self.analogue.stale = True
        self._trace.add(self.now_s, "cable", -1 if ohm is None else ohm)

    @property
    def temperature_c(self) -> float:
        """The board's temperature."""
        forced = self._injected.broken.temperature_c
        return self._temperature_c if forced is None else forced

    @temperature_c.setter
    def temperature_c(self, degrees: float) -> None:
        self._temperature_c = degrees
        self._follow()

    @property
    def rail_v(self) -> float:
        """The 12 V supply."""
        forced = self._injected.broken.rail_v
        return self._rail_v if forced is None else forced

    @rail_v.setter
    def rail_v(self, volts: float) -> None:
        self._rail_v = volts
        self._follow()

    def fit(
        self, *, lock: str | None = None, rcm: bool | None = None, aux: str | None = None, c2: bool | None = None
    ) -> None:
        """Change what is wired to the hat; what is not named stays.

        `lock` "solenoid" or "motor"; `rcm` whether a residual current monitor is there (else its jumper is);
        `aux` one of `installation.AUX`; `c2` whether contactor 2 switches L2 and L3, else contactor 1 switches all.
        Raises ValueError for another word.
        """
        if lock not in (None, *KINDS) or aux not in (None, *AUX):
            raise ValueError(f"cannot fit lock={lock!r}, aux={aux!r}: use {' or '.join(KINDS)}, and {', '.join(AUX)}")
        board, wired = self.board, self.installation
        board.lock.kind = lock or board.lock.kind
        board.rcm.fitted = board.rcm.fitted if rcm is None else rcm
        wired.aux = aux or wired.aux
        wired.c2_fitted = wired.c2_fitted if c2 is None else c2
        self._follow()

    def press(self, key: str, down: bool) -> None:
        """Press or let go a key: "<", "o", ">" or the external switch "sw". Raises ValueError for another."""
        pins = self.hat.pins
        keys = {"<": pins.key_left, "o": pins.key_select, ">": pins.key_right, "sw": pins.sw}
        if key not in keys:
            raise ValueError(f"there is no key {key!r} to press; use one of {' '.join(keys)}")
        self.pins.outside(keys[key], False if down else None, self.now_s)

    def inject(self, fault: str, on: bool = True) -> None:
        """Inject a fault of `faults.FAULTS` or `faults.PATTERNS`, or heal it. Raises ValueError for another name."""
        if not self._injected.set(fault, on):
            return
        self._trace.add(self.now_s, "fault", fault if on else f"-{fault}")
        broken = self._injected.broken
        self.analogue.freeze(broken.adc_frozen)
        self.board.lock.jammed = broken.lock_jammed
        if broken.lock_opens and self.board.lock.locked:
            self.board.lock.locked = False
            self._trace.add(self.now_s, "lock", 0)
        self.installation.injected()
        if broken.heartbeat_cut:
            self.board.one_shot.hold(False)
        self._follow()

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of the faults injected now."""
        return self._injected.names

    def weld(self, contactor: str, on: bool = True) -> None:
        """Weld a contactor's contacts, "c1" or "c2", closed as they may be, or free them."""
        self.inject(f"weld-{contactor}", on)

    def trace(self, since: int = 0) -> list[TraceEvent]:
        """The kept events from this number on; `trace_count` is where to go on."""
        return self._trace.since(since)

    @property
    def trace_count(self) -> int:
        """How many events there ever were."""
        return self._trace.count

    def state(self) -> dict[str, object]:
        """All that a person would want to see; plain values that can be written as JSON."""
        return view(self)

    # what follows from a change

    def _handlers(self) -> dict[Slot, Callable[[], object]]:
        board, ev, installation = self.board, self.ev, self.installation
        return {
            Slot.PULSE: self._end_pulses,
            Slot.ONE_SHOT: self._lose_heartbeat,
            Slot.CP_HIGH_EDGE: board.window.cross_high,
            Slot.CP_LOW_EDGE: board.window.cross_low,
            Slot.WINDOW: board.window.close,
            Slot.RCM: board.rcm.answer,
            Slot.K1: board.k1.arrive,
            Slot.K2: board.k2.arrive,
            Slot.K3: board.k3.arrive,
            Slot.C1: installation.c1.arrive,
            Slot.C2: installation.c2.arrive,
            Slot.C1_DROP: installation.c1.let_go,
            Slot.LOCK: self._move_lock,
            Slot.EV_S2: ev.switch_s2,
            Slot.EV_STOP: ev.stop,
            Slot.EV_WAKE: ev.wake,
            Slot.EV_DOZE: ev.doze,
            Slot.EV_BATTERY: ev.battery,
        }

    def _beat(self) -> None:
        if not self._injected.broken.heartbeat_cut and self.board.one_shot.trigger():
            self._trace.add(self.now_s, "heartbeat_back", 1)
            self._follow()

    def _lose_heartbeat(self) -> None:
        self.board.one_shot.expire()
        self._trace.add(self.now_s, "heartbeat_lost", self.board.one_shot.last_s)

    def _end_pulses(self) -> None:
        for gpio in [gpio for gpio, end_s in self._pulses.items() if end_s <= self.now_s]:
            del self._pulses[gpio]
            self.pins.drive(gpio, False, self.now_s)
        self._line.set(Slot.PULSE, min(self._pulses.values(), default=inf))

    def _move_lock(self) -> None:
        if self.board.lock.arrive():
            self._trace.add(self.now_s, "lock", int(self.board.lock.locked))

    def _follow(self) -> None:
        """Something was done to the world: work out what follows, and what is due without delay."""
        self._settle()
        self.advance(self.now_s)

    def _settle(self) -> None:
        """Work out what follows at once: watchdog, pilot, EV, safety chain, contactors, feedback."""
        board, broken, rail_v = self.board, self._injected.broken, self.rail_v
        self._note_commands()
        analogue = self.analogue
        analogue.rail_v, analogue.board_c, analogue.stale = rail_v, self.temperature_c, True
        board.update_watchdog()
        duty = board.duty()
        broken_line = broken.cp_open or broken.cp_short_ohm < PILOT_LOST_OHM or rail_v <= 1
        self.ev.see_pilot(None if broken_line else duty, board.pwm_hz if 0 < duty < 1 else 0.0)
        load = Load(
            inf if broken.cp_open else self.ev.load_ohm(broken.vent),
            self.ev.options.diode and not broken.diode,
            broken.cp_short_ohm,
        )
        board.update_pilot(load, rail_v)
        board.update_safety(rail_v, self.hat_temperature_c())
        self.ev.see_mains(self.installation.update(board))

    def hat_temperature_c(self) -> float:
        """The temperature as the board's sensor tells it to the cut-off."""
        return (self.analogue.sensor_v() - self.hat.temperature_offset_v) / self.hat.temperature_v_per_k

    def _note_commands(self) -> None:
        pins = self.hat.pins
        commands = (self.pins.level(pins.c1_cmd), self.pins.level(pins.c2_cmd))
        if commands != self._commands:
            for name, old, new in zip(("c1_cmd", "c2_cmd"), self._commands, commands, strict=True):
                if old != new:
                    self._trace.add(self.now_s, name, int(new))
            self._commands = commands


def _put(bank: int, gpio: int, level: bool) -> int:
    return bank | 1 << gpio if level else bank & ~(1 << gpio)
