"""The package `pigpio`, unchanged, against the twin."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pigpio
import pytest

from smartevse.hal import hat
from tests.twin.running import Twin, until

CP_PWMN, C1_CMD, HEARTBEAT, WD_OK, KEY_SELECT, LED_GREEN = 18, 23, 25, 14, 6, 19
LCD = (1, 0x27)
MAP = hat.load()


@pytest.fixture
def pi(twin: Twin) -> Iterator[pigpio.pi]:
    pi = pigpio.pi("127.0.0.1", twin.port, show_errors=False)
    assert pi.connected
    yield pi
    notifier = pi._notify
    pi.stop()
    notifier.join(timeout=10)


def test_pins_are_driven_and_read(pi: pigpio.pi) -> None:
    assert pi.get_pigpio_version() == 79
    assert pi.get_hardware_revision() == 0xC03114
    pi.write(C1_CMD, 1)
    assert pi.get_mode(C1_CMD) == pigpio.OUTPUT
    assert pi.read(C1_CMD) == 1
    pi.clear_bank_1(1 << C1_CMD)
    assert not pi.read_bank_1() >> C1_CMD & 1
    assert pi.read_bank_2() == 0


def test_the_pilots_pwm_is_set_and_read_back(twin: Twin, pi: pigpio.pi) -> None:
    pi.hardware_PWM(CP_PWMN, 1000, 470_000)
    assert pi.get_mode(CP_PWMN) == pigpio.ALT5
    assert (pi.get_PWM_frequency(CP_PWMN), pi.get_PWM_dutycycle(CP_PWMN)) == (1000, 470_000)
    assert (pi.get_PWM_range(CP_PWMN), pi.get_PWM_real_range(CP_PWMN)) == (1_000_000, 375_000)
    assert twin.ask("state")["pilot"]["duty_permille"] == 1000, "no heartbeat: the hat holds +12 V"
    pi.set_mode(HEARTBEAT, pigpio.OUTPUT)

    def driven() -> bool:
        pi.gpio_trigger(HEARTBEAT, 100, 1)
        return bool(twin.ask("state")["pilot"]["duty_permille"] == 530)

    until(driven)


def test_a_key_calls_back_with_both_edges(twin: Twin, pi: pigpio.pi) -> None:
    edges: queue.Queue[tuple[int, int]] = queue.Queue()
    pi.set_pull_up_down(KEY_SELECT, pigpio.PUD_UP)
    pi.callback(KEY_SELECT, pigpio.EITHER_EDGE, lambda _, level, tick: edges.put((level, tick)))
    twin.tell("press o 0.02")
    (down, down_us), (up, up_us) = edges.get(timeout=10), edges.get(timeout=10)
    assert (down, up) == (0, 1)
    assert pigpio.tickDiff(down_us, up_us) >= 20_000


def test_the_one_shots_end_calls_back_with_its_own_time(pi: pigpio.pi) -> None:
    edges: queue.Queue[tuple[int, int]] = queue.Queue()
    pi.callback(WD_OK, pigpio.EITHER_EDGE, lambda _, level, tick: edges.put((level, tick)))
    pi.set_mode(HEARTBEAT, pigpio.OUTPUT)
    pi.gpio_trigger(HEARTBEAT, 100, 1)
    (up, up_us), (down, down_us) = edges.get(timeout=10), edges.get(timeout=10)
    assert (up, down) == (1, 0)
    assert pigpio.tickDiff(up_us, down_us) == pytest.approx(100_000, abs=3)


def test_the_heartbeat_itself_is_heard(pi: pigpio.pi) -> None:
    edges: queue.Queue[int] = queue.Queue()
    pi.set_mode(HEARTBEAT, pigpio.OUTPUT)
    pi.callback(HEARTBEAT, pigpio.EITHER_EDGE, lambda _, level, tick: edges.put(level))
    pi.gpio_trigger(HEARTBEAT, 50, 1)
    assert [edges.get(timeout=10), edges.get(timeout=10)] == [1, 0]


def test_a_glitch_filter_drops_a_short_press_and_delays_a_long_one(twin: Twin, pi: pigpio.pi) -> None:
    edges: queue.Queue[tuple[int, int]] = queue.Queue()
    pi.set_glitch_filter(KEY_SELECT, 300_000)
    pi.callback(KEY_SELECT, pigpio.EITHER_EDGE, lambda _, level, tick: edges.put((level, tick)))
    twin.tell("press o 0.01")
    until(lambda: not twin.ask("state")["keys"]["o"])
    before_us = pi.get_current_tick()
    twin.tell("press o down")
    level, at_us = edges.get(timeout=10)
    assert level == 0
    assert pigpio.tickDiff(before_us, at_us) >= 300_000
    assert edges.empty()


def test_events_go_to_those_who_listen(pi: pigpio.pi) -> None:
    heard: queue.Queue[int] = queue.Queue()
    pi.event_callback(5, lambda event, tick: heard.put(event))
    pi.event_trigger(4)
    pi.event_trigger(5)
    assert heard.get(timeout=10) == 5


def test_the_converter_reads_the_hat(twin: Twin, pi: pigpio.pi) -> None:
    twin.tell("temp 40")
    twin.tell("cable 220")
    spi = pi.spi_open(MAP.spi_channel, MAP.spi_hz, 0)

    def convert(channel: int) -> int:
        count, data = pi.spi_xfer(spi, bytes((6 | channel >> 2, (channel & 3) << 6, 0)))
        assert count == 3
        return int.from_bytes(data, "big") & 0xFFF

    assert MAP.temperature_dc(convert(MAP.channels.temperature)) == pytest.approx(400, abs=10)
    assert MAP.proximity_ohm(convert(MAP.channels.pp)) == pytest.approx(220, abs=5)
    assert MAP.rail_mv(convert(MAP.channels.rail_12v)) == pytest.approx(12_000, abs=100)
    pi.spi_close(spi)
    assert pi.spi_xfer(spi, b"abc")[0] == pigpio.PI_BAD_HANDLE


def test_an_unplugged_display_does_not_answer(twin: Twin, pi: pigpio.pi) -> None:
    lcd = pi.i2c_open(*LCD)
    pi.i2c_write_byte(lcd, 0x08)
    assert pi.i2c_read_byte(lcd) == 0x08
    twin.tell("fault lcd-off")
    with pytest.raises(pigpio.error, match="I2C write failed"):
        pi.i2c_write_byte(lcd, 0)
    with pytest.raises(pigpio.error, match="I2C read failed"):
        pi.i2c_read_byte(lcd)
    assert twin.ask("faults")["active"] == ["lcd-off"]
    twin.tell("fault lcd-off off")
    pi.i2c_write_device(lcd, bytes((8, 0, 8)))
    nobody = pi.i2c_open(1, 0x50)
    with pytest.raises(pigpio.error, match="I2C write failed"):
        pi.i2c_write_quick(nobody, 0)


def test_all_i2c_forms_reach_the_device(twin: Twin, pi: pigpio.pi) -> None:
    lcd = pi.i2c_open(*LCD)
    before = twin.ask("lcd")
    pi.i2c_write_byte(lcd, 0)
    pi.i2c_write_byte_data(lcd, 0, 1)
    pi.i2c_write_word_data(lcd, 0, 0x0100)
    pi.i2c_write_device(lcd, bytes(4))
    pi.i2c_write_i2c_block_data(lcd, 0, bytes(5))
    pi.i2c_write_block_data(lcd, 0, bytes(5))
    pi.i2c_write_quick(lcd, 0)
    assert pi.i2c_read_byte_data(lcd, 8) == 8
    assert pi.i2c_read_word_data(lcd, 8) == 0x0808
    assert pi.i2c_read_device(lcd, 3) == (3, bytearray((8, 8, 8)))
    assert pi.i2c_read_i2c_block_data(lcd, 8, 2) == (2, bytearray((8, 8)))
    assert pi.i2c_zip(lcd, [4, 0x27, 7, 2, 0, 8, 6, 3, 0]) == (3, bytearray((8, 8, 8)))
    assert twin.ask("lcd")["bytes"] - before["bytes"] == (1 + 2 + 3 + 4 + 6 + 7) + (1 + 1 + 1) + 2
    assert pi.i2c_zip(lcd, [7, 9, 0])[0] == pigpio.PI_BAD_I2C_WLEN
    elsewhere = pi.i2c_open(1, 0x50)
    assert pi.i2c_zip(elsewhere, [6, 1, 0])[0] < 0
    assert pi.i2c_zip(elsewhere, [4, 0x27, 6, 1, 0]) == (1, bytearray((8,)))


def test_the_leds_are_dimmed_in_the_steps_of_the_sampled_pwm(twin: Twin, pi: pigpio.pi) -> None:
    assert pi.set_PWM_frequency(LED_GREEN, 210) == 200
    assert pi.set_PWM_range(LED_GREEN, 100) == 1000
    pi.set_PWM_dutycycle(LED_GREEN, 25)
    assert twin.ask("state")["leds"]["green"] == 0.25
    pi.set_PWM_dutycycle(LED_GREEN, 100)
    assert twin.ask("state")["leds"]["green"] == 1.0
    pi.set_PWM_dutycycle(LED_GREEN, 0)
    assert twin.ask("state")["leds"]["green"] == 0.0
