"""The simulated SDM630: recorded frames byte for byte, refusals, and real Modbus clients on the pty."""

from __future__ import annotations

import struct
import time

import pytest
import serial
from pymodbus.client import ModbusSerialClient

from smartevse.bus.rtu import seal
from smartevse.twin.sdm630 import readings, sdm630
from smartevse.twin.slave import Slave
from tests.twin.running import Twin, until

RECORDED = {
    "0b 04 00 06 00 0c 10 a4": "0b 04 18 41 24 00 00 40 60 00 00 3e 00 00 00 45 12 e8 00 c4 49 40 00 41 e0 00 00 5c 1c",
    "0b 04 00 34 00 02 30 af": "0b 04 04 44 c4 b0 00 71 49",
    "0b 04 00 48 00 02 f1 77": "0b 04 04 46 40 e6 b6 8e ce",
    "0b 04 00 4a 00 02 50 b7": "0b 04 04 45 87 0c 00 f1 a1",
}
"""Request → answer of a meter with the number 11: 10.25, 3.5, 0.125 A; 2350.5, -805, 28 W; 12345.678, 4321.5 kWh."""


@pytest.fixture
def meter() -> Slave:
    measured = readings((10.25, -3.5, 0.125), 12345.678, export_kwh=4321.5, power_w=(2350.5, -805.0, 28.0))
    return sdm630(11, lambda: measured)


@pytest.mark.parametrize("request_", RECORDED)
def test_recorded_requests_get_the_recorded_answers(meter: Slave, request_: str) -> None:
    assert meter.frame(bytes.fromhex(request_)) == bytes.fromhex(RECORDED[request_])


def test_a_read_across_values_gives_all_of_them_and_zeros_between(meter: Slave) -> None:
    answer = meter.frame(seal(bytes.fromhex("0b 04 00 00 00 50")))
    assert answer is not None
    values = struct.unpack(">40f", answer[3:-2])
    assert values[0:6] == (230.0, 230.0, 230.0, 10.25, 3.5, 0.125)
    assert values[9] == 0.0
    assert values[26] == 1573.5


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("0b 03 00 00 00 02", 1),
        ("0b 06 00 00 00 02", 1),
        ("0b 04 00 00 00 51", 3),
        ("0b 04 00 00 00 00", 3),
        ("0b 04 01 7f 00 02", 2),
    ],
)
def test_what_it_does_not_have_it_refuses(meter: Slave, request_: str, code: int) -> None:
    body = bytes.fromhex(request_)
    assert meter.frame(seal(body)) == seal(bytes((11, body[1] | 0x80, code)))


def test_what_is_not_for_it_or_damaged_is_not_answered(meter: Slave) -> None:
    good = bytes.fromhex("0b 04 00 34 00 02 30 af")
    assert meter.frame(seal(bytes.fromhex("0c 04 00 34 00 02"))) is None
    assert meter.frame(good[:-1]) is None
    assert meter.frame(good[:-1] + b"\x00") is None
    assert meter.frame(b"") is None
    meter.silent = True
    assert meter.frame(good) is None


def _voltages(twin: Twin, unit: int = 12) -> list[float]:
    client = ModbusSerialClient(twin.bus(), baudrate=9600, timeout=1, retries=0)
    try:
        assert client.connect()
        answer = client.read_input_registers(0, count=6, device_id=unit)
        return [] if answer.isError() else list(struct.unpack(">3f", struct.pack(">6H", *answer.registers)))
    finally:
        client.close()  # type: ignore[no-untyped-call]


def test_pymodbus_reads_the_ev_meter_over_the_line(twin: Twin) -> None:
    assert _voltages(twin) == [230.0, 230.0, 230.0]
    twin.tell("fault mains-off")
    assert _voltages(twin) == [0.0, 0.0, 0.0]


def test_the_answer_takes_its_time_on_the_wire(twin: Twin) -> None:
    with serial.Serial(twin.bus(), 9600, timeout=5) as line:
        start_s = time.monotonic()
        line.write(bytes.fromhex("0c 04 00 06 00 0c 11 13"))
        assert len(line.read(29)) == 29
        assert time.monotonic() - start_s >= (8 + 29 + 3.5) * 10 / 9600


def test_a_silent_meter_and_a_pulled_adapter_come_back(twin: Twin) -> None:
    twin.tell("bus silent 12 on")
    with serial.Serial(twin.bus(), 9600, timeout=0.1) as line:
        line.write(bytes.fromhex("0c 04 00 34 00 02 b0 d8"))
        assert line.read(9) == b""
    twin.tell("bus silent 12 off")
    assert _voltages(twin)
    with serial.Serial(twin.bus(), 9600, timeout=5) as line:
        twin.tell("bus cut")
        with pytest.raises((serial.SerialException, OSError)):
            until(lambda: line.write(b"x") == 0)
    with pytest.raises(serial.SerialException):
        serial.Serial(twin.bus(), 9600)
    twin.tell("bus restore")
    assert _voltages(twin)
