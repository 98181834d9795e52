"""Another program's Modbus server (pymodbus) answers as every kind of meter, and the product reads it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from smartevse.bus import meter as meters
from smartevse.bus import rtu
from smartevse.bus.ev_meter import EvMeter, EvReading
from smartevse.bus.kinds import FILES
from smartevse.bus.port import Port
from smartevse.bus.rtu import Function
from smartevse.twin.meters import Flow, meter_device
from tests.twin.running import Twin, running

FLOW = Flow((16.0, -6.5, 32.0), 230.0, 54_321_000.0, 0.0, (3680.0, -1495.0, 7360.0))
FIRST = 100


def registers_of(kind: str, unit: int) -> SimDevice:
    """The registers that the polls of this meter want, in the server's table."""
    meter = meters.load(FILES[kind])
    device = meter_device(kind, 1, lambda: FLOW)
    words: dict[int, int] = {}
    for poll in meter.polls:
        for request in meters.requests(meter, poll):
            asked = rtu.Request(1, Function(request.function), request.address, request.count)
            answer = device.frame(rtu.build_request(asked))
            assert answer is not None
            words |= dict(enumerate(rtu.words_in(answer[3:-2]), request.address))
    table = [SimData(address, values=word, datatype=DataType.REGISTERS) for address, word in sorted(words.items())]
    return SimDevice(unit, simdata=table)


async def asked(twin: Twin) -> dict[str, EvReading]:
    """What each kind says through the foreign server at the other end of the line."""
    devices = [registers_of(kind, FIRST + i) for i, kind in enumerate(FILES)]
    server = ModbusSerialServer(devices, framer=FramerType.RTU, port=twin.bus(1), baudrate=9600)
    serving = asyncio.create_task(server.serve_forever())
    port = Port(twin.bus(0), 9600)
    running_port = asyncio.create_task(port.run())
    async with asyncio.timeout(20):
        while not (port.connected and server.transport is not None):
            await asyncio.sleep(0.01)
    readings = {}
    for i, (kind, file) in enumerate(FILES.items()):
        meter = EvMeter(port, meters.load(file), FIRST + i, time.monotonic)
        for _ in range(3):  # the server's process may be slow for once
            await meter.poll()
            if meter.reading.import_wh is not None:
                break
        readings[kind] = meter.reading
    running_port.cancel()
    await server.shutdown()  # type: ignore[no-untyped-call]
    serving.cancel()
    await asyncio.gather(running_port, serving, return_exceptions=True)
    return readings


def test_every_kind_of_meter_is_read_from_another_programs_server(tmp_path: Path) -> None:
    with running(tmp_path, units=2) as twin:
        readings = asyncio.run(asked(twin))
    for kind, reading in readings.items():
        single = kind in ("eastron_1p", "chint_1p")
        assert reading.phases_da == ((160, 0, 0) if single else (160, -65, 320)), kind
        assert reading.power_w == (3680 if single else 9545), kind
        assert reading.import_wh == 54_321_000, kind
