"""A simulated hat behind the same contract as the real one, in virtual time: a day of charging in seconds."""

from __future__ import annotations

from smartevse.hal.board import SAFE, BoardGoneError, Drive, Sample
from smartevse.hal.hat import HatMap
from smartevse.physics.world import World

HEARTBEAT_US = 100


class SimBoard:
    """`Board` over a `World`. Whoever runs it advances the world's time between two ticks."""

    def __init__(self, world: World, hat: HatMap) -> None:
        self._world, self._hat = world, hat
        pins = hat.pins
        self._pins = (
            ("c1", pins.c1_cmd),
            ("c2", pins.c2_cmd),
            ("lock_r", pins.lock_r),
            ("lock_w", pins.lock_w),
            ("rcm_test", pins.rcm_test),
        )
        self._read_s = world.now_s
        self._open = False
        self.outputs = SAFE
        """The last `Drive`."""
        self.history: list[tuple[float, Drive]] = []
        """Every `Drive` that differed from the one before, with its time in seconds."""

    def open(self) -> None:
        """Take the pins and leave every output in its safe state."""
        world, pins = self._world, self._hat.pins
        for gpio in (pins.wd_ok, pins.safe, pins.c1_fb, pins.aux_fb, pins.rcm_trip):
            world.set_input(gpio)
            world.set_pull(gpio, "none")
        self._write_all()
        self._read_s = world.now_s
        self._open = True

    def read(self) -> Sample:
        """One tick's readings, all eight channels fresh. Raises BoardGoneError when the board is not open."""
        self._check()
        world = self._world
        convert = world.adc
        codes = tuple([convert(channel) for channel in range(8)])
        low, high = world.seen(self._read_s)
        self._read_s = world.now_s
        return Sample(codes, world.bank(), low, high, slow_age_ticks=0)

    def drive(self, drive: Drive) -> None:
        """Set every output that changed, and beat. Raises BoardGoneError when the board is not open."""
        self._check()
        if drive is not self.outputs and drive != self.outputs:
            world, last = self._world, self.outputs
            for name, gpio in self._pins:
                level = getattr(drive, name)
                if level != getattr(last, name):
                    world.set_output(gpio, level)
            if drive.duty_permille != last.duty_permille:
                self._set_duty(drive.duty_permille)
            self.outputs = drive
            self.history.append((world.now_s, drive))
        if drive.heartbeat:
            self._world.pulse(self._hat.pins.heartbeat, HEARTBEAT_US)

    def close(self) -> None:
        """Leave every output in its safe state, then let the hat go; closing twice does nothing."""
        if not self._open:
            return
        self._write_all()
        if self.outputs != SAFE:
            self.outputs = SAFE
            self.history.append((self._world.now_s, SAFE))
        self._open = False

    def next_event_s(self) -> float | None:
        """When the world changes next if the last `Drive` is repeated every tick; None: never."""
        return self._world.next_event_s(beating=self.outputs.heartbeat)

    def leap(self, to_s: float) -> None:
        """Let virtual time pass as if the last `Drive` was repeated every tick until then."""
        self._check()
        beating = self.outputs.heartbeat
        self._world.hold_heartbeat(beating)
        self._world.advance(to_s)
        if beating:
            self._world.hold_heartbeat(False)

    def _check(self) -> None:
        if not self._open:
            raise BoardGoneError("the simulated board is not open: call open() first")

    def _write_all(self) -> None:
        for _, gpio in self._pins:
            self._world.set_output(gpio, False)
        self._set_duty(SAFE.duty_permille)

    def _set_duty(self, duty_permille: int) -> None:
        # the pin is inverted behind the header: pin low = +12 V
        frequency_hz = self._hat.raw["pilot"]["frequency_hz"]
        self._world.set_pwm(self._hat.pins.cp_pwmn, frequency_hz, 1_000_000 - duty_permille * 1000)
