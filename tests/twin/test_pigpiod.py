"""The socket of the simulated daemon, byte by byte: order, errors, reports, and the ways it can fail."""

from __future__ import annotations

import contextlib
import itertools
import struct
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartevse.twin.pigpiod_commands import Cmd, Err
from tests.twin.running import Twin, answer, command, exactly, result, until, words

CP_PWMN, C1_CMD, HEARTBEAT, WD_OK, KEY_SELECT, KEY_RIGHT, C1_FB = 18, 23, 25, 14, 6, 7, 20
FULL = 0xFFFFFFFF


def test_many_commands_in_one_packet_are_answered_in_order_in_one_packet(twin: Twin) -> None:
    with twin.connect() as raw:
        batch = [(Cmd.READ, g, 0) for g in range(32)] + [(Cmd.TICK, 0, 0), (Cmd.PIGPV, 7, 9)]
        raw.sendall(b"".join(command(*one) for one in batch))
        got = raw.recv(65_536)
        assert len(got) == 16 * len(batch)
        heads = [struct.unpack_from("<3I", got, 16 * i) for i in range(len(batch))]
        assert heads == batch


def test_a_command_in_pieces_is_done_when_it_is_whole(twin: Twin) -> None:
    with twin.connect() as raw:
        whole = command(Cmd.HP, CP_PWMN, 1000, words(500_000))
        for byte in whole[:-1]:
            raw.sendall(bytes((byte,)))
        assert twin.ask("state")["pilot"]["frequency_hz"] == 0
        raw.sendall(whole[-1:] + command(Cmd.GDC, CP_PWMN))
        assert [answer(raw)[3], answer(raw)[3]] == [0, 500_000]


WRONG = [
    (200, 0, 0, b"", Err.UNKNOWN_COMMAND),
    (Cmd.READ, 54, 0, b"", Err.BAD_GPIO),
    (Cmd.MODES, 54, 0, b"", Err.BAD_GPIO),
    (Cmd.MODES, 5, 8, b"", Err.BAD_MODE),
    (Cmd.MODES, 0, 1, b"", Err.NOT_PERMITTED),
    (Cmd.PUD, 5, 3, b"", Err.BAD_PUD),
    (Cmd.WRITE, 5, 2, b"", Err.BAD_LEVEL),
    (Cmd.WRITE, 28, 1, b"", Err.NOT_PERMITTED),
    (Cmd.BS1, FULL, 0, b"", Err.SOME_PERMITTED),
    (Cmd.PWM, 12, 256, b"", Err.BAD_DUTYCYCLE),
    (Cmd.PRS, 12, 24, b"", Err.BAD_DUTYRANGE),
    (Cmd.GDC, 12, 0, b"", Err.NOT_PWM_GPIO),
    (Cmd.GPW, 12, 0, b"", Err.NOT_SERVO_GPIO),
    (Cmd.GDC, 32, 0, b"", Err.BAD_USER_GPIO),
    (Cmd.SERVO, 12, 499, b"", Err.BAD_PULSEWIDTH),
    (Cmd.HP, 17, 1000, words(1), Err.NOT_HPWM_GPIO),
    (Cmd.HP, 18, 1000, words(1_000_001), Err.BAD_HPWM_DUTY),
    (Cmd.HP, 18, 187_500_001, words(1), Err.BAD_HPWM_FREQ),
    (Cmd.HC, 18, 1_000_000, b"", Err.NOT_HCLK_GPIO),
    (Cmd.HC, 5, 1_000_000, b"", Err.BAD_HCLK_PASS),
    (Cmd.TRIG, 25, 101, words(1), Err.BAD_PULSELEN),
    (Cmd.TRIG, 25, 0, words(1), Err.BAD_PULSELEN),
    (Cmd.TRIG, 25, 10, words(2), Err.BAD_LEVEL),
    (Cmd.WDOG, 5, 60_001, b"", Err.BAD_WDOG_TIMEOUT),
    (Cmd.WDOG, 32, 1, b"", Err.BAD_USER_GPIO),
    (Cmd.FG, 5, 300_001, b"", Err.BAD_FILTER),
    (Cmd.FN, 5, 1, words(1_000_001), Err.BAD_FILTER),
    (Cmd.NB, 0, 1, b"", Err.BAD_HANDLE),
    (Cmd.NC, 31, 0, b"", Err.BAD_HANDLE),
    (Cmd.EVT, 32, 0, b"", Err.BAD_EVENT_ID),
    (Cmd.SPIO, 2, 400_000, words(0), Err.BAD_SPI_CHANNEL),
    (Cmd.SPIO, 0, 31_999, words(0), Err.BAD_SPI_SPEED),
    (Cmd.SPIO, 0, 400_000, words(1 << 23), Err.BAD_FLAGS),
    (Cmd.SPIX, 0, 0, b"abc", Err.BAD_HANDLE),
    (Cmd.SPIC, 40, 0, b"", Err.BAD_HANDLE),
    (Cmd.I2CO, 7, 0x27, words(0), Err.BAD_I2C_BUS),
    (Cmd.I2CO, 1, 0x80, words(0), Err.BAD_I2C_ADDR),
    (Cmd.I2CO, 1, 0x27, words(1), Err.BAD_FLAGS),
    (Cmd.I2CRS, 0, 0, b"", Err.BAD_HANDLE),
    (Cmd.I2CZ, 600, 0, b"\x00", Err.BAD_HANDLE),
    (Cmd.WVTX, 0, 0, b"", Err.BAD_WAVE_ID),
    (Cmd.WVCRE, 0, 0, b"", Err.EMPTY_WAVEFORM),
    (Cmd.WVSM, 3, 0, b"", Err.BAD_WVSM_COMMND),
    (Cmd.PROC, 0, 0, b"w 23 1", Err.NO_SCRIPT_ROOM),
    (Cmd.FO, 1, 0, b"/etc/passwd", Err.NO_FILE_ACCESS),
    (Cmd.MILS, 60_001, 0, b"", Err.BAD_MILS_DELAY),
    (Cmd.PADS, 3, 8, b"", Err.BAD_PAD),
]


def test_wrong_commands_get_pigpiods_own_error(twin: Twin) -> None:
    with twin.connect() as raw:
        for number, p1, p2, extension, error in WRONG:
            assert result(raw, number, p1, p2, extension) == error, (number, p1, p2, extension)


def test_every_command_number_is_answered_and_the_daemon_lives_on(twin: Twin) -> None:
    skipped = {Cmd.MICS, Cmd.MILS, Cmd.NOIB}
    with twin.connect() as raw:
        raw.settimeout(5.0)

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.integers(0, 130).filter(lambda n: n not in skipped),
            st.integers(0, 40) | st.integers(0, FULL),
            st.integers(0, 300) | st.integers(0, FULL),
            st.binary(max_size=40),
        )
        def anything(number: int, p1: int, p2: int, extension: bytes) -> None:
            if number in (Cmd.SPIR, Cmd.I2CRD):
                p2 &= 0xFF
            raw.sendall(command(number, p1, p2, extension))
            got = answer(raw)
            assert got[:3] == (number, p1, p2)

        anything()
        assert result(raw, Cmd.PIGPV) == 79


def test_an_extension_of_64_kib_ends_the_connection(twin: Twin) -> None:
    with twin.connect() as raw:
        raw.sendall(struct.pack("<4I", Cmd.SPIX, 0, 0, 65_536))
        assert raw.recv(16) == b""


def test_a_delay_holds_up_only_the_client_that_asked_for_it(twin: Twin) -> None:
    with twin.connect() as patient, twin.connect() as other:
        patient.sendall(command(Cmd.MILS, 60_000) + command(Cmd.PIGPV))
        assert result(other, Cmd.PIGPV) == 79
        patient.setblocking(False)
        with pytest.raises(BlockingIOError):
            patient.recv(16)


def test_a_delay_answers_in_order(twin: Twin) -> None:
    with twin.connect() as raw:
        raw.sendall(command(Cmd.TICK) + command(Cmd.MILS, 30) + command(Cmd.TICK))
        first, delay, second = answer(raw), answer(raw), answer(raw)
        assert delay[3] == 0
        assert 30_000 <= (second[3] - first[3]) & FULL < 5_000_000


def test_reports_carry_the_exact_time_of_a_change_nobody_asked_about(twin: Twin) -> None:
    with twin.connect() as raw, twin.connect() as reports:
        handle = result(reports, Cmd.NOIB)
        assert result(raw, Cmd.NB, handle, 1 << WD_OK) == 0
        before_us = result(raw, Cmd.TICK) & FULL
        assert result(raw, Cmd.MODES, HEARTBEAT, 1) == 0
        assert result(raw, Cmd.TRIG, HEARTBEAT, 100, words(1)) == 0
        got = [struct.unpack("<HHII", exactly(reports, 12)) for _ in range(2)]
        (_, _, rise_us, rise), (_, _, fall_us, fall) = got
        assert [report[:2] for report in got] == [(0, 0), (1, 0)]
        assert rise >> WD_OK & 1 == 1
        assert fall >> WD_OK & 1 == 0
        assert 0 <= (rise_us - before_us) & FULL < 1_000_000
        assert (fall_us - rise_us) & FULL == pytest.approx(100_000, abs=3)


def test_a_watchdog_reports_until_it_is_taken_back(twin: Twin) -> None:
    with twin.connect() as raw, twin.connect() as reports:
        handle = result(reports, Cmd.NOIB)
        result(raw, Cmd.NB, handle, 1 << KEY_SELECT)
        result(raw, Cmd.WDOG, KEY_SELECT, 5)
        flags = [struct.unpack("<HHII", exactly(reports, 12))[1] for _ in range(3)]
        assert flags == [1 << 5 | KEY_SELECT] * 3
        result(raw, Cmd.WDOG, KEY_SELECT, 0)


def test_handles_run_out_and_come_back_with_the_connection(twin: Twin) -> None:
    with twin.connect() as raw:
        handles = []
        for _ in range(33):
            handles.append(result(raw, Cmd.NOIB))
        assert handles == [*range(32), Err.NO_HANDLE]
    with twin.connect() as raw:
        assert until(lambda: result(raw, Cmd.NOIB) + 1) == 1


def test_a_wave_takes_the_pilots_pwm(twin: Twin) -> None:
    with twin.connect() as raw:
        result(raw, Cmd.HP, CP_PWMN, 1000, words(470_000))
        assert twin.ask("state")["pilot"]["frequency_hz"] == 1000
        assert result(raw, Cmd.WVAG, 0, 0, words(1 << C1_CMD, 0, 10, 0, 1 << C1_CMD, 10)) == 2
        assert result(raw, Cmd.WVCRE) == 0
        assert result(raw, Cmd.WVTX, 0) > 0
        assert twin.ask("state")["pilot"]["frequency_hz"] == 0
        assert result(raw, Cmd.GDC, CP_PWMN) == Err.NOT_PWM_GPIO


def test_two_pins_of_one_pwm_channel_share_it(twin: Twin) -> None:
    with twin.connect() as raw:
        result(raw, Cmd.HP, CP_PWMN, 1000, words(470_000))
        result(raw, Cmd.HP, 12, 1000, words(900_000))
        assert result(raw, Cmd.GDC, CP_PWMN) == 900_000


def test_a_killed_daemon_resets_refuses_and_leaves_the_pins_as_they_were(twin: Twin) -> None:
    with twin.connect() as raw:
        result(raw, Cmd.HP, CP_PWMN, 1000, words(470_000))
        result(raw, Cmd.WRITE, C1_CMD, 1)
        before = twin.ask("state")
        twin.tell("pigpiod kill")
        with pytest.raises(ConnectionResetError):
            raw.recv(16)
    with pytest.raises(ConnectionRefusedError):
        twin.connect()
    after = twin.ask("state")
    assert after["pigpiod"] == "dead"
    assert after["contactors"]["c1_cmd"] == before["contactors"]["c1_cmd"] == 1
    assert after["pilot"]["frequency_hz"] == 1000
    twin.tell("pigpiod start")
    with twin.connect() as raw:
        assert result(raw, Cmd.READ, C1_CMD) == 1
        assert result(raw, Cmd.MODEG, CP_PWMN) == 2
        assert result(raw, Cmd.GDC, CP_PWMN) == Err.NOT_PWM_GPIO
        assert result(raw, Cmd.SPIO, 0, 400_000, words(0)) == 0


def test_a_hung_daemon_takes_commands_and_answers_them_when_it_goes_on(twin: Twin) -> None:
    with twin.connect() as raw:
        assert result(raw, Cmd.PIGPV) == 79
        twin.tell("pigpiod hang")
        raw.sendall(command(Cmd.WRITE, C1_CMD, 1))
        with twin.connect() as late:
            late.sendall(command(Cmd.PIGPV))
            assert twin.ask("state")["contactors"]["c1_cmd"] == 0
            raw.setblocking(False)
            with pytest.raises(BlockingIOError):
                raw.recv(16)
            raw.settimeout(5.0)
            twin.tell("pigpiod resume")
            assert answer(raw)[3] == 0
            assert answer(late)[3] == 79
    assert twin.ask("state")["contactors"]["c1_cmd"] == 1


def test_a_cut_answer_ends_after_so_many_bytes_once(twin: Twin) -> None:
    twin.tell("pigpiod cut 7")
    with twin.connect() as raw:
        raw.sendall(command(Cmd.PIGPV))
        assert exactly(raw, 7) == command(Cmd.PIGPV)[:7]
        assert raw.recv(1) == b""
    with twin.connect() as raw:
        assert result(raw, Cmd.PIGPV) == 79


def test_a_slow_daemon_answers_late_but_acts_at_once(twin: Twin) -> None:
    with twin.connect() as raw:
        twin.tell("pigpiod slow 60000")
        raw.sendall(command(Cmd.WRITE, C1_CMD, 1))
        until(lambda: twin.ask("state")["contactors"]["c1_cmd"])
        raw.setblocking(False)
        with pytest.raises(BlockingIOError):
            raw.recv(16)
        twin.tell("pigpiod slow 0")


def test_a_client_that_reads_nothing_harms_nobody(twin: Twin) -> None:
    with twin.connect() as deaf, twin.connect() as raw:
        handle = result(raw, Cmd.SPIO, 0, 400_000, words(0))
        deaf.setblocking(False)
        flood = command(Cmd.SPIX, handle, 0, bytes(60_000)) * 4
        deadline_s = time.monotonic() + 0.5
        with contextlib.suppress(BlockingIOError):
            while time.monotonic() < deadline_s:
                deaf.send(flood)
        assert result(raw, Cmd.PIGPV) == 79


def test_the_pulses_of_the_mains_are_reported_while_nobody_asks(twin: Twin) -> None:
    twin.tell("fault k1-stuck")
    twin.tell("fault k3-stuck")
    with twin.connect() as raw, twin.connect() as reports:
        handle = result(reports, Cmd.NOIB)
        result(raw, Cmd.NB, handle, 1 << C1_FB)
        got = [struct.unpack("<HHII", exactly(reports, 12)) for _ in range(9)]
        times = [report[2] for report in got]
        steps = [(after - before) & FULL for before, after in itertools.pairwise(times)]
        assert all(one + two == pytest.approx(20_000, abs=3) for one, two in itertools.pairwise(steps))
        assert [report[3] >> C1_FB & 1 for report in got[:2]] in ([0, 1], [1, 0])


def test_pulses_that_begin_later_are_reported_too(twin: Twin) -> None:
    with twin.connect() as raw, twin.connect() as reports:
        handle = result(reports, Cmd.NOIB)
        result(raw, Cmd.NB, handle, 1 << C1_FB)
        twin.tell("fault k1-stuck")
        twin.tell("fault k3-stuck")
        assert len(exactly(reports, 120)) == 120


def test_spi_takes_both_chip_selects_unless_told_to_leave_one(twin: Twin) -> None:
    with twin.connect() as raw:
        handle = result(raw, Cmd.SPIO, 0, 400_000, words(0))
        assert [result(raw, Cmd.MODEG, gpio) for gpio in range(7, 12)] == [4] * 5
        twin.tell("press > down")
        assert result(raw, Cmd.READ, KEY_RIGHT) == 1, "the pin is driven, the key does nothing"
        assert result(raw, Cmd.SPIC, handle) == 0
        assert [result(raw, Cmd.MODEG, gpio) for gpio in range(7, 12)] == [0] * 5
        assert result(raw, Cmd.READ, KEY_RIGHT) == 0
        result(raw, Cmd.SPIO, 0, 400_000, words(1 << 6))
        assert result(raw, Cmd.MODEG, KEY_RIGHT) == 0
        assert result(raw, Cmd.READ, KEY_RIGHT) == 0
        twin.tell("press > up")
        assert result(raw, Cmd.READ, KEY_RIGHT) == 1
