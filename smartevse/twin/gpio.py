"""The Pi's pins as pigpiod drives them: modes, levels, pulls, PWM by hardware and by DMA, triggers.

`Pins` is the chip (registers that stay as they are when the daemon dies), `Gpio` is the daemon's view of it with the
checks and the answers of its commands. What a pin does to the hat goes to the `World` at its present time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from smartevse.physics.world import World
from smartevse.twin.i2c import word
from smartevse.twin.pigpiod_commands import (
    DEFAULT_RANGE,
    DEFAULT_SAMPLED_HZ,
    HARDWARE_CLOCK,
    HARDWARE_PWM,
    HARDWARE_PWM_RANGE,
    MAX_GPIO,
    MAX_HARDWARE_PWM_HZ,
    MAX_USER_GPIO,
    PERMITTED_GPIOS,
    PWM_CLOCK_HZ,
    SAMPLED_PWM,
    Cmd,
    Err,
)

_INPUT, _OUTPUT = 0, 1
_IDLE_HIGH = frozenset({(7, 4), (8, 4)})
"""(gpio, mode) of the chip selects of SPI: while SPI has the pin it drives it high between transfers."""
_PULLS = ("none", "down", "up")
_STEPS = dict(SAMPLED_PWM)


class Use(Enum):
    """What the daemon last did with a pin; it forgets this when it dies, the chip does not."""

    UNDEFINED = auto()
    WRITE = auto()
    PWM = auto()
    SERVO = auto()
    HARDWARE_PWM = auto()
    CLOCK = auto()


@dataclass(slots=True)
class _PwmChannel:
    """One of the two hardware PWM channels; they count on whoever lives."""

    frequency_hz: int = 0
    duty_ppm: int = 0
    running: bool = False


class Pins:
    """The registers of the chip: mode, output latch and pull of each pin, and the PWM channels."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.modes = [_INPUT] * (MAX_GPIO + 1)
        self.latch = 0
        self.channels = (_PwmChannel(), _PwmChannel())
        self.sampled: dict[int, tuple[int, int]] = {}
        """gpio → (frequency in Hz, duty in ppm) of the pins that DMA switches."""

    def set_mode(self, gpio: int, mode: int) -> None:
        """Connect a pin: 0 input, 1 output, else one of the chip's functions."""
        self.modes[gpio] = mode
        self.show(gpio)

    def write(self, gpio: int, level: int) -> None:
        """Set the latch of a pin; it shows while the pin is an output."""
        bit = 1 << gpio
        latch = self.latch | bit if level else self.latch & ~bit
        self.latch = latch
        if self.modes[gpio] == _OUTPUT:
            self.show(gpio)

    def set_sampled(self, gpio: int, frequency_hz: int, duty_ppm: int) -> None:
        """Let DMA switch a pin; a duty of 0 ends it with the pin low."""
        if duty_ppm:
            self.sampled[gpio] = (frequency_hz, duty_ppm)
        elif self.sampled.pop(gpio, None):
            self.latch &= ~(1 << gpio)
        self.show(gpio)

    def show_channel(self, channel: int) -> None:
        """Bring a PWM channel's setting to every pin that is connected to it."""
        for gpio, (its_channel, mode) in HARDWARE_PWM.items():
            if its_channel == channel and self.modes[gpio] == mode:
                self.show(gpio)

    def show(self, gpio: int) -> None:
        """Bring a pin's state to the hat."""
        if gpio > MAX_USER_GPIO:
            return
        mode = self.modes[gpio]
        if mode == _OUTPUT:
            frequency_hz, duty_ppm = self.sampled.get(gpio, (0, 0))
            if 0 < duty_ppm < HARDWARE_PWM_RANGE:
                self.world.set_pwm(gpio, frequency_hz, duty_ppm)
            else:
                self.world.set_output(gpio, bool(duty_ppm or self.latch >> gpio & 1))
        elif gpio in HARDWARE_PWM and HARDWARE_PWM[gpio][1] == mode:
            channel = self.channels[HARDWARE_PWM[gpio][0]]
            if channel.running and 0 < channel.duty_ppm < HARDWARE_PWM_RANGE:
                self.world.set_pwm(gpio, channel.frequency_hz, channel.duty_ppm)
            else:
                self.world.set_output(gpio, channel.running and channel.duty_ppm > 0)
        elif (gpio, mode) in _IDLE_HIGH:
            self.world.set_output(gpio, True)
        else:
            self.world.set_input(gpio)

    def level(self, gpio: int) -> int:
        """The level at a pin now, 0 or 1."""
        if gpio <= MAX_USER_GPIO:
            return self.world.bank() >> gpio & 1
        return self.latch >> gpio & 1 if self.modes[gpio] == _OUTPUT else 0


class Gpio:
    """The commands on pins. `on_pulse(gpio, length_us, level)` hears of triggers, which no later look shows."""

    def __init__(self, pins: Pins, on_pulse: Callable[[int, int, int], None]) -> None:
        self._pins = pins
        self._on_pulse = on_pulse
        self.reset()
        self.commands: Mapping[int, Callable[[int, int, bytes], int]] = {
            Cmd.MODES: self._modes,
            Cmd.MODEG: lambda gpio, *_: pins.modes[gpio] if gpio <= MAX_GPIO else Err.BAD_GPIO,
            Cmd.PUD: self._pud,
            Cmd.READ: lambda gpio, *_: pins.level(gpio) if gpio <= MAX_GPIO else Err.BAD_GPIO,
            Cmd.WRITE: self._write,
            Cmd.BR1: lambda *_: pins.world.bank(),
            Cmd.BR2: lambda *_: sum(pins.level(g) << g - 32 for g in range(32, MAX_GPIO + 1)),
            Cmd.BC1: lambda bits, *_: self._bank(bits, 0),
            Cmd.BS1: lambda bits, *_: self._bank(bits, 1),
            Cmd.BC2: lambda bits, *_: self._bank(bits << 32, 0),
            Cmd.BS2: lambda bits, *_: self._bank(bits << 32, 1),
            Cmd.TRIG: self._trigger,
            Cmd.PWM: self._pwm,
            Cmd.PRS: self._set_range,
            Cmd.PFS: self._set_frequency,
            Cmd.PRG: self._range,
            Cmd.PFG: self._frequency,
            Cmd.PRRG: self._real_range,
            Cmd.GDC: self._duty,
            Cmd.SERVO: self._servo,
            Cmd.GPW: self._pulsewidth,
            Cmd.HP: self._hardware_pwm,
            Cmd.HC: self._hardware_clock,
        }

    def reset(self) -> None:
        """The daemon ended and starts anew: the chip stays as it is."""
        self._use = [Use.UNDEFINED] * (MAX_GPIO + 1)
        self._width = [0] * (MAX_USER_GPIO + 1)
        self._ranges = [DEFAULT_RANGE] * (MAX_USER_GPIO + 1)
        self._frequencies = [DEFAULT_SAMPLED_HZ] * (MAX_USER_GPIO + 1)

    def stop_hardware_pwm(self) -> None:
        """A wave takes the PWM peripheral: both channels stop, their pins are low."""
        for gpio, use in enumerate(self._use):
            if use is Use.HARDWARE_PWM:
                channel = HARDWARE_PWM[gpio][0]
                self._pins.channels[channel].running = False
                self._use[gpio] = Use.UNDEFINED
                self._pins.show_channel(channel)

    def _take(self, gpio: int, use: Use) -> bool:
        """Note a new use of a pin, end the old one; whether it was another."""
        old = self._use[gpio]
        if old is use:
            return False
        if old in (Use.PWM, Use.SERVO):
            self._pins.sampled.pop(gpio, None)
        if gpio <= MAX_USER_GPIO:
            self._width[gpio] = 0
        self._use[gpio] = use
        return True

    def _modes(self, gpio: int, mode: int, ext: bytes) -> int:
        if error := _denied(gpio):
            return error
        if mode > 7:
            return Err.BAD_MODE
        if mode != self._pins.modes[gpio]:
            self._take(gpio, Use.UNDEFINED)
        self._pins.set_mode(gpio, mode)
        return 0

    def _pud(self, gpio: int, pull: int, ext: bytes) -> int:
        if error := _denied(gpio):
            return error
        if pull > 2:
            return Err.BAD_PUD
        self._pins.world.set_pull(gpio, _PULLS[pull])
        return 0

    def _write(self, gpio: int, level: int, ext: bytes) -> int:
        if error := _denied(gpio):
            return error
        if level > 1:
            return Err.BAD_LEVEL
        changed = self._take(gpio, Use.WRITE)
        self._pins.write(gpio, level)
        if changed or self._pins.modes[gpio] != _OUTPUT:
            self._pins.set_mode(gpio, _OUTPUT)
        return 0

    def _bank(self, bits: int, level: int) -> int:
        for gpio in range(2, 28):
            if bits >> gpio & 1:
                self._pins.write(gpio, level)
        return Err.SOME_PERMITTED if bits & ~PERMITTED_GPIOS else 0

    def _trigger(self, gpio: int, length_us: int, ext: bytes) -> int:
        level = word(ext)
        if error := _denied(gpio, user=True):
            return error
        if level > 1:
            return Err.BAD_LEVEL
        if not 1 <= length_us <= 100:
            return Err.BAD_PULSELEN
        pins = self._pins
        if pins.modes[gpio] == _OUTPUT and level and not pins.latch >> gpio & 1:
            pins.world.pulse(gpio, length_us)
        else:
            pins.write(gpio, level)
            pins.write(gpio, 1 - level)
        self._on_pulse(gpio, length_us, level)
        return 0

    def _pwm(self, gpio: int, value: int, ext: bytes) -> int:
        if error := _denied(gpio, user=True):
            return error
        if value > self._ranges[gpio]:
            return Err.BAD_DUTYCYCLE
        if self._take(gpio, Use.PWM) and not value:
            self._pins.write(gpio, 0)
        self._width[gpio] = value
        self._pins.modes[gpio] = _OUTPUT
        self._drive(gpio)
        return 0

    def _drive(self, gpio: int) -> None:
        """Give a PWM pin to the DMA, in the whole steps that its frequency has."""
        steps = _STEPS[self._frequencies[gpio]]
        on = self._width[gpio] * steps // self._ranges[gpio]
        self._pins.set_sampled(gpio, self._frequencies[gpio], on * HARDWARE_PWM_RANGE // steps)

    def _set_range(self, gpio: int, value: int, ext: bytes) -> int:
        if error := _denied(gpio, user=True):
            return error
        if not 25 <= value <= 40_000:
            return Err.BAD_DUTYRANGE
        if self._use[gpio] is Use.PWM:
            self._width[gpio] = value * self._width[gpio] // self._ranges[gpio]
        self._ranges[gpio] = value
        if self._use[gpio] is Use.PWM:
            self._drive(gpio)
        return _STEPS[self._frequencies[gpio]]

    def _set_frequency(self, gpio: int, frequency_hz: int, ext: bytes) -> int:
        if error := _denied(gpio, user=True):
            return error
        self._frequencies[gpio] = min(_STEPS, key=lambda possible: abs(possible - frequency_hz))
        if self._use[gpio] is Use.PWM:
            self._drive(gpio)
        return self._frequencies[gpio]

    def _channel_of(self, gpio: int) -> _PwmChannel | None:
        use = self._use[gpio]
        return self._pins.channels[HARDWARE_PWM[gpio][0]] if use is Use.HARDWARE_PWM else None

    def _range(self, gpio: int, _: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        return HARDWARE_PWM_RANGE if self._use[gpio] in (Use.HARDWARE_PWM, Use.CLOCK) else self._ranges[gpio]

    def _frequency(self, gpio: int, _: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        channel = self._channel_of(gpio)
        return self._frequencies[gpio] if channel is None else channel.frequency_hz

    def _real_range(self, gpio: int, _: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        channel = self._channel_of(gpio)
        return _STEPS[self._frequencies[gpio]] if channel is None else _counts(channel.frequency_hz)

    def _duty(self, gpio: int, _: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        channel = self._channel_of(gpio)
        if channel is not None:
            return channel.duty_ppm
        return self._width[gpio] if self._use[gpio] is Use.PWM else Err.NOT_PWM_GPIO

    def _servo(self, gpio: int, width_us: int, ext: bytes) -> int:
        if error := _denied(gpio, user=True):
            return error
        if width_us and not 500 <= width_us <= 2500:
            return Err.BAD_PULSEWIDTH
        if self._take(gpio, Use.SERVO) and not width_us:
            self._pins.write(gpio, 0)
        self._width[gpio] = width_us
        self._pins.modes[gpio] = _OUTPUT
        self._pins.set_sampled(gpio, 50, width_us * 50)
        return 0

    def _pulsewidth(self, gpio: int, _: int, ext: bytes) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        return self._width[gpio] if self._use[gpio] is Use.SERVO else Err.NOT_SERVO_GPIO

    def _hardware_pwm(self, gpio: int, frequency_hz: int, ext: bytes) -> int:
        duty_ppm = word(ext)
        if error := _denied(gpio):
            return error
        if gpio not in HARDWARE_PWM:
            return Err.NOT_HPWM_GPIO
        if duty_ppm > HARDWARE_PWM_RANGE:
            return Err.BAD_HPWM_DUTY
        if frequency_hz > MAX_HARDWARE_PWM_HZ:
            return Err.BAD_HPWM_FREQ
        number, mode = HARDWARE_PWM[gpio]
        channel = self._pins.channels[number]
        if not frequency_hz:
            if self._use[gpio] is Use.HARDWARE_PWM:
                channel.running = False
                self._use[gpio] = Use.UNDEFINED
                self._pins.show_channel(number)
            return 0
        channel.frequency_hz = round(PWM_CLOCK_HZ / (2 * _counts(frequency_hz)))
        channel.duty_ppm, channel.running = duty_ppm, True
        if self._take(gpio, Use.HARDWARE_PWM):
            self._pins.modes[gpio] = mode
        self._pins.show_channel(number)
        return 0

    def _hardware_clock(self, gpio: int, frequency_hz: int, ext: bytes) -> int:
        password, gpio = gpio >> 24, gpio & 0xFFFFFF
        if error := _denied(gpio):
            return error
        if gpio not in HARDWARE_CLOCK:
            return Err.NOT_HCLK_GPIO
        if frequency_hz and not 13_184 <= frequency_hz <= 375_000_000:
            return Err.BAD_HCLK_FREQ
        clock, mode = HARDWARE_CLOCK[gpio]
        if clock == 1 and password != 0x5A:
            return Err.BAD_HCLK_PASS
        if frequency_hz:
            self._take(gpio, Use.CLOCK)
            self._pins.set_mode(gpio, mode)
        return 0


def _counts(frequency_hz: int) -> int:
    """How far the hardware PWM counts in one period."""
    return int(PWM_CLOCK_HZ / (2 * frequency_hz) + 0.5)


def _denied(gpio: int, user: bool = False) -> int:
    """0, or why a client may not drive this pin: no such pin, or not one of the header's."""
    if gpio > MAX_GPIO:
        return Err.BAD_USER_GPIO if user else Err.BAD_GPIO
    if not PERMITTED_GPIOS >> gpio & 1:
        return Err.NOT_PERMITTED
    return 0
