"""Meters of every kind on the simulated line: recorded frames byte for byte, refusals, and real Modbus clients."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pytest
import serial
from pymodbus.client import ModbusSerialClient

from smartevse.bus import custom, rtu
from smartevse.bus import meter as meters
from smartevse.bus.custom import Custom, Place
from smartevse.bus.ev_meter import EvMeter
from smartevse.bus.kinds import FILES
from smartevse.bus.meter import Request
from smartevse.bus.rtu import Function, seal
from smartevse.twin.meters import Flow, device_type, meter_device
from smartevse.twin.slave import Slave
from tests.bus.golden_meters import GOLDEN, Golden
from tests.twin.running import Twin, until

KINDS = pytest.mark.parametrize("kind", FILES)
FLOW = Flow((10.25, -3.5, 0.125), 230.0, 12_345_678.0, 4_321_500.0, (2350.5, -805.0, 28.0))


@pytest.fixture
def meter() -> Slave:
    return meter_device("eastron", 11, lambda: FLOW)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.label)
def test_recorded_requests_get_the_recorded_answers(golden: Golden) -> None:
    request, answer = bytes.fromhex(golden.request), bytes.fromhex(golden.answer)
    described = meters.load(golden.file)
    described = replace(described, values={**described.values, **golden.instead})
    values: defaultdict[str, float] = defaultdict(float, golden.measured)
    device = Slave(device_type(described), request[0], lambda: values)
    assert device.frame(request) == answer


class Wire:
    """One device, asked frame by frame."""

    def __init__(self, device: Slave) -> None:
        self._device = device

    async def read(self, device_id: int, request: Request) -> Sequence[int]:
        asked = rtu.Request(device_id, Function(request.function), request.address, request.count)
        answer = self._device.frame(rtu.build_request(asked))
        assert answer is not None
        assert answer[1] == request.function, f"refused: {answer.hex(' ')}"
        return rtu.words_in(answer[3:-2])


@KINDS
def test_what_flows_comes_out_of_every_kind_of_meter_as_it_went_in(kind: str) -> None:
    one_phase = kind in ("eastron_1p", "chint_1p")
    flow = Flow(
        (16.0, 0.0, 0.0) if one_phase else (16.0, -6.5, 32.0),
        import_wh=54_321_000.0,
        powers_w=(3680.0, 0.0, 0.0) if one_phase else (3680.0, -1495.0, 7360.0),
    )
    ev = EvMeter(Wire(meter_device(kind, 12, lambda: flow)), meters.load(FILES[kind]), 12, lambda: 0.0)
    asyncio.run(ev.poll())
    assert ev.reading.phases_da == ((160, 0, 0) if one_phase else (160, -65, 320))
    assert ev.reading.power_w == (3680 if one_phase else 9545)
    assert ev.reading.import_wh == 54_321_000


def test_a_custom_meter_answers_as_its_description_says() -> None:
    described = custom.meter(Custom("lbf_hwf", "float32", 4, Place(0, 0), Place(16, 0), Place(40, 3), Place(60, 0)))
    values = {"current_l1_ma": 16_000.0, "current_l2_ma": -500.0, "current_l3_ma": 0.0, "power_w": 3550.0}
    values |= {"import_wh": 1_500.0, "voltage_l1_mv": 0.0, "voltage_l2_mv": 0.0, "voltage_l3_mv": 0.0}
    ev = EvMeter(Wire(Slave(device_type(described), 12, lambda: values)), described, 12, lambda: 0.0)
    asyncio.run(ev.poll())
    assert (ev.reading.phases_da, ev.reading.power_w, ev.reading.import_wh) == ((160, -5, 0), 3550, 1500)


def test_a_read_across_values_gives_all_of_them_and_zeros_between(meter: Slave) -> None:
    answer = meter.frame(seal(bytes.fromhex("0b 04 00 00 00 4c")))
    assert answer is not None
    values = struct.unpack(">38f", answer[3:-2])
    assert values[0:6] == (230.0, 230.0, 230.0, 10.25, 3.5, 0.125)
    assert values[9] == 0.0
    assert values[26] == 1573.5


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("0b 03 00 00 00 02", 1),
        ("0b 06 00 00 00 02", 1),
        ("0b 84 00 00 00 02", 1),
        ("0b 04 00 00 00 51", 3),
        ("0b 04 00 00 00 00", 3),
        ("0b 04 00 4b 00 02", 2),
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


@pytest.mark.parametrize(("kind", "unit", "sentence"), [("abc", 12, "no meter 'abc'"), ("abb", 248, "number 248")])
def test_a_meter_that_cannot_be_is_refused_with_what_can(kind: str, unit: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        meter_device(kind, unit, lambda: FLOW)


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


def test_another_meter_takes_the_place_of_the_one_with_its_number(twin: Twin) -> None:
    twin.tell("bus meter 20 eastron")
    twin.tell("bus meter 12 abb")
    assert _voltages(twin, 20) == [230.0, 230.0, 230.0]
    client = ModbusSerialClient(twin.bus(), baudrate=9600, timeout=1, retries=0)
    assert client.connect()
    assert client.read_holding_registers(0x5B00, count=2, device_id=12).registers == [0, 2300]
    assert client.read_input_registers(0, count=6, device_id=12).isError()
    client.close()  # type: ignore[no-untyped-call]
    assert twin.say("bus meter 12 nonsense").startswith("error: there is no meter 'nonsense'; use one of phoenix,")


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
