"""The hat's electronics: from the pins and the pilot's load to the plateaus, SAFE, and the contactors' coils."""

from __future__ import annotations

from smartevse.hal.hat import HatMap
from smartevse.physics.contactor import Contacts
from smartevse.physics.faults import Broken
from smartevse.physics.lock import Lock
from smartevse.physics.parts import Parts
from smartevse.physics.pilot_line import Load, Waveform, driver_v, half_v
from smartevse.physics.pins import Pins
from smartevse.physics.rcm import Rcm
from smartevse.physics.safety_chain import OneShot, Window
from smartevse.physics.timeline import Slot, Timeline
from smartevse.physics.trace import Trace
from smartevse.physics.track_hold import NEVER, Gate, TrackHold, gates

RELAY_PULL_IN_V = 9.0
"""The relays' must-operate voltage, 75 % of 12 V: below it the hat's supply does not count as good."""
STALE_HIGH_END_V = 16.9
"""Where a stale CP_HI comes to rest: the reference, seen through the divider."""


class Electronics:
    """One hat. `update()` works out everything that follows at once from what changed; delays go to the timeline."""

    def __init__(self, line: Timeline, trace: Trace, hat: HatMap, parts: Parts, pins: Pins, broken: Broken) -> None:
        """A hat that has had its supply for a while, with the Pi's pins as after a reset."""
        self._line, self._trace, self._hat, self._parts = line, trace, hat, parts
        self._pins, self._broken = pins, broken
        pilot = hat.raw["pilot"]
        self._delay_s = pilot["track_delay_us"] * 1e-6
        tau_s = pilot["track_tau_us"] * 1e-6
        drift = pilot["stale_high_drift_v_per_s"]
        self.cp_high = TrackHold(
            line.now_s, tau_s, parts.pilot_high_v, drift_v_per_s=drift, end_v=STALE_HIGH_END_V, decay_s=0.0
        )
        self.cp_low = TrackHold(line.now_s, tau_s, 0.0, drift_v_per_s=0, end_v=0, decay_s=pilot["stale_low_decay_s"])
        self.one_shot = OneShot(line, parts.one_shot_s)
        self.window = Window(line, parts, self.cp_high)
        self.rcm = Rcm(line, parts.rcm_test_s)
        self.lock = Lock(line, parts.relay_s + parts.lock_move_s)
        self.k1, self.k2, self.k3 = (
            Contacts(line, slot, lambda: parts.relay_s, lambda: parts.relay_s) for slot in (Slot.K1, Slot.K2, Slot.K3)
        )
        self.wd_ok = False
        self.safe = False
        self.supply = False
        """Whether the coil of contactor 1 is fed: K3 and K1."""
        for gpio in (hat.pins.wd_ok, hat.pins.safe, hat.pins.rcm_trip):
            pins.outside(gpio, False, line.now_s)
        self._period_s, self._pin_duty, self._origin_s = 0.0, 0.0, line.now_s
        self.wave = Waveform(0.0, 0.0, -1.0, 0.001, line.now_s)
        self._gate_key: tuple[float, float, float] | None = None
        self._gates: tuple[Gate, Gate] = (NEVER, NEVER)

    def set_pwm(self, frequency_hz: int, pin_duty: float) -> None:
        """The signal on CP_PWMN: high for `pin_duty` (0 to 1) of a period; 0 Hz: the pin's own level counts."""
        if not self._period_s and frequency_hz:
            self._origin_s = self._line.now_s
        self._period_s = 1 / frequency_hz if frequency_hz else 0.0
        self._pin_duty = pin_duty

    @property
    def pwm_hz(self) -> float:
        """The frequency on CP_PWMN; 0 while there is no PWM."""
        return 1 / self._period_s if self._period_s else 0.0

    def pin_high(self) -> bool:
        """The level of CP_PWMN at this moment while it carries PWM."""
        into = (self._line.now_s - self._origin_s) % self._period_s if self._period_s else 0.0
        return into < self._pin_duty * self._period_s

    def duty(self) -> float:
        """How long the driver makes the pilot high, 0 to 1 of a period: inverted, and +12 V unless WD_OK."""
        if self._broken.pilot_duty is not None:
            return self._broken.pilot_duty
        if not self.wd_ok:
            return 1.0
        if self._period_s:
            return 1.0 - self._pin_duty
        return 0.0 if self._pins.level(self._hat.pins.cp_pwmn) else 1.0

    def raw_v(self, at_s: float) -> float:
        """The pilot itself at this moment, as the channel for the oscilloscope view has it."""
        return self.wave.volts(at_s)

    def update_watchdog(self) -> None:
        """Work out WD_OK; what hangs on it follows in the other updates."""
        forced = self._broken.one_shot
        wd_ok = self.one_shot.alive if forced is None else forced
        if wd_ok != self.wd_ok:
            self.wd_ok = wd_ok
            self._trace.add(self._line.now_s, "wd_ok", int(wd_ok))
            self._pins.outside(self._hat.pins.wd_ok, wd_ok, self._line.now_s)

    def update_pilot(self, load: Load, rail_v: float) -> None:
        """Work out the pilot's plateaus for this load, and let the track-and-hold stages and the window follow."""
        duty, now_s = self.duty(), self._line.now_s
        if duty != self.wave.duty:
            self._trace.add(now_s, "duty", round(duty * 1000))
        source_ohm, level = self._parts.source_ohm, self._broken.pilot_level
        high_v = half_v(driver_v(self._parts.pilot_high_v * level, rail_v), source_ohm, load)
        low_v = half_v(driver_v(self._parts.pilot_low_v * level, rail_v), source_ohm, load)
        period_s = self._period_s or 0.001
        self.wave = Waveform(high_v, low_v, duty, period_s, self._origin_s)
        key = (duty, period_s, self._origin_s)
        if key != self._gate_key:
            self._gate_key = key
            self._gates = gates(duty, period_s, self._origin_s, now_s, self._delay_s)
        high_gate, low_gate = self._gates
        self.cp_low.follow(now_s, low_gate, low_v)
        if self.cp_high.follow(now_s, high_gate, high_v):
            self.window.follow()

    def update_safety(self, rail_v: float, temperature_c: float) -> None:
        """Work out the RCM latch, SAFE, the relays' coils and the supply of contactor 1."""
        broken, pins, now_s = self._broken, self._hat.pins, self._line.now_s
        powered = rail_v >= RELAY_PULL_IN_V
        self.rcm.test(self._pins.level(pins.rcm_test))
        if self.rcm.update(
            wd_ok=self.wd_ok,
            fault=broken.rcm_trip or broken.rcm_unplugged,
            supplied=powered,
            test_dead=broken.rcm_test_dead,
        ):
            self._trace.add(now_s, "rcm_trip", int(self.rcm.tripped))
            self._pins.outside(pins.rcm_trip, self.rcm.tripped, now_s)
        window = self.window.open or broken.window_dead
        cool = temperature_c < self._parts.cutoff_c
        safe = self.wd_ok and window and not self.rcm.tripped and powered and cool
        safe = safe if broken.safe is None else broken.safe
        if safe != self.safe:
            self.safe = safe
            self._trace.add(now_s, "safe", int(safe))
            self._pins.outside(pins.safe, safe, now_s)
        self.k3.drive(safe and powered)
        self.k1.drive(safe and powered and self._pins.level(pins.c1_cmd))
        self.k2.drive(safe and powered and self._pins.level(pins.c2_cmd))
        self.lock.drive(self._pins.level(pins.lock_r), self._pins.level(pins.lock_w), powered)
        self.update_relays()

    def update_relays(self) -> None:
        """Work out where the relays' contacts are and whether contactor 1 is fed."""
        now_s, broken = self._line.now_s, self._broken
        for name, relay, forced in (
            ("relay_k1", self.k1, broken.k1),
            ("relay_k2", self.k2, broken.k2),
            ("relay_k3", self.k3, broken.k3),
        ):
            if relay.moved(forced):
                self._trace.add(now_s, name, int(relay.closed))
        supply = self.k3.closed and self.k1.closed
        if supply != self.supply:
            self.supply = supply
            self._trace.add(now_s, "supply", int(supply))
