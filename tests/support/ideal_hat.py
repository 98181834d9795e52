"""A hat without dynamics for tests of the pure decision: readings follow the outputs of the tick before at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from smartevse.core.charger import step
from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.signals import Inputs, Lock, Outputs, Permit
from smartevse.core.tick import Memory, Report
from tests.support.laws import Seen, check

HIGH_MV = {"A": 12_000, "B": 9_000, "C": 6_000, "D": 3_000, "E": 0}
PERMIT = Permit(offer_da=160, charge=True)


@dataclass
class IdealHat:
    """A guard's decision with a hat and a car around it; `car` is the level that the car asks for."""

    car: str = "A"
    diode: bool = True
    obeys: bool = True
    """The car lets go when the PWM stops."""
    cable_ohm: int = 220
    temperature_dc: int = 250
    rail_mv: int = 12_000
    weld: bool = False
    coil_dead: bool = False
    one_shot_dead: bool = False
    one_shot_stuck: bool = False
    safe_stuck: bool = False
    rcm_trips: bool = False
    rcm_deaf: bool = False
    jammed: bool = False
    actuator: Lock = Lock.DISABLED
    mirror: bool = True
    override: dict[str, object] = field(default_factory=dict)
    """Readings that are forced, by their name in `Inputs`."""
    permit: Permit | None = PERMIT
    now_ms: int = 0
    memory: Memory = field(default_factory=Memory)
    outputs: Outputs = field(default_factory=Outputs)
    report: Report | None = None
    locked: bool = False
    permitted_ms: int = 0
    history: list[tuple[int, Outputs]] = field(default_factory=list)
    _beat_ms: int = -1000
    _ticks: int = 0
    _pulse_ticks: int = 0
    _rcm_latch: bool = False

    def level(self) -> str:
        pwm = 0 < self.outputs.duty_permille < 1000
        if self.car == "C" and self.obeys and not pwm and not self.outputs.c1:
            return "B"
        return self.car

    def inputs(self) -> Inputs:
        self._ticks += 1
        out, level = self.outputs, self.level()
        wd_ok = (self.now_ms - self._beat_ms < 100 or self.one_shot_stuck) and not self.one_shot_dead
        pwm = 0 < out.duty_permille < 1000 and wd_ok
        high = HIGH_MV[level] if out.duty_permille > 0 or not wd_ok else 12_000
        low = {"A": -12_000, "E": 0}.get(level, -12_000 if self.diode else -8_000) if pwm else 0
        self._rcm_latch = (self._rcm_latch and wd_ok) or self.rcm_trips or (out.rcm_test and not self.rcm_deaf)
        window = level == "C" and out.duty_permille > 0
        safe = (wd_ok and window and not self._rcm_latch) or self.safe_stuck
        supply = out.c1 and safe and not self.coil_dead
        closed = supply or self.weld
        if out.lock_r or out.lock_w:
            self._pulse_ticks += 1
            if self._pulse_ticks >= 30 and not self.jammed:
                self.locked = out.lock_r
        else:
            self._pulse_ticks = 0
        inputs = Inputs(
            cp_high_mv=high,
            cp_low_mv=low,
            cp_raw_mv=high,
            proximity_ohm=self.cable_ohm,
            temperature_dc=self.temperature_dc,
            rail_mv=self.rail_mv,
            lock_high=self.locked == (self.actuator is Lock.MOTOR),
            wd_ok=wd_ok,
            wd_dipped=not wd_ok,
            safe=safe,
            mains=out.c1 and safe,
            mirror=self.mirror and not closed,
            rcm_trip=self._rcm_latch,
            fingerprint=self._ticks % 7,
        )
        return replace(inputs, **self.override)  # type: ignore[arg-type]

    def tick(self, count: int = 1) -> Report:
        for _ in range(count):
            self.now_ms += 10
            before, inputs = self.memory, self.inputs()
            self.memory, outputs, self.report = step(before, inputs, self.permit, self.now_ms)
            if self.permit is not None and self.permit.charge and self.permit.offer_da >= MIN_OFFER_DA:
                self.permitted_ms = self.now_ms
            check(Seen(before, inputs, self.permit, self.memory, outputs, self.now_ms, self.permitted_ms))
            if outputs != self.outputs:
                self.history.append((self.now_ms, outputs))
            self.outputs = outputs
            if outputs.heartbeat:
                self._beat_ms = self.now_ms
        assert self.report is not None
        return self.report

    def run(self, seconds: float) -> Report:
        return self.tick(round(seconds * 100))

    def charging(self) -> IdealHat:
        """Bring it into C, 2 s after the contactor closed."""
        self.run(1)
        self.car = "B"
        self.run(1)
        self.car = "C"
        self.run(4)
        assert self.outputs.c1, self.report
        return self
