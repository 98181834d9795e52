"""Bad input from the line, against the unchanged programs: refused as the protocol says, told by name, no harm done."""

from __future__ import annotations

from pathlib import Path

import pytest
import serial

from smartevse.bus import rtu
from smartevse.bus.rtu import ExceptionCode, Function, Request
from tests.end_to_end.harness import Rig
from tests.end_to_end.several import several

NODE1 = 2


def settings(rig: Rig) -> str:
    """All settings as they are now."""
    log = rig.folder / "settings.log"
    said = len(log.read_text("utf-8"))
    return rig.settings("list")[said:]


def exchange(device: str, address: int, *values: int, function: Function = Function.WRITE_MANY) -> bytes:
    """What the Node answers to a write."""
    count = max(len(values), 1)
    with serial.Serial(device, 9600, timeout=1.0) as line:
        line.write(rtu.build_request(Request(NODE1, function, address, count, values)))
        return bytes(line.read(8)) if values else bytes(line.read(7))


def test_values_out_of_range_are_refused_by_a_running_node_and_change_nothing(tmp_path: Path) -> None:
    with several(tmp_path, 2) as all_:
        all_.twin()
        node = all_.rigs[0]
        node.settings("set", "LOAD BAL", "Node 1")
        node.guard()
        station = node.station()
        all_.until(lambda: "as Node 1" in station.text(), "the Node listens")
        before = settings(node)
        line = f"{tmp_path}/bus1"
        refused = {
            function: rtu.build_exception(NODE1, function, ExceptionCode.ILLEGAL_VALUE)
            for function in (Function.WRITE_ONE, Function.WRITE_MANY)
        }
        nowhere = rtu.build_exception(NODE1, Function.WRITE_MANY, ExceptionCode.ILLEGAL_ADDRESS)
        for address, value in ((0x103, 81), (0x102, 5), (0x104, 0), (0x100, 1), (0x201, 9), (0x204, 201), (3, 3)):
            for function, answer in refused.items():
                assert exchange(line, address, value, function=function) == answer, (hex(address), value)
        for address in (0x00C, 0x10A, 0x300):
            assert exchange(line, address, 1, 1) == nowhere, hex(address)
        assert settings(node) == before
        assert exchange(line, 0x102, 8, 99) == rtu.seal(bytes((NODE1, 16, 1, 2, 0, 1))), "one of two is taken"
        all_.until(lambda: "MIN is now 8 A" in station.text(), "and only that one")
        assert "MAX is now" not in station.text()
        assert "Traceback" not in station.text()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("bus meter 12 eastron mains", "bus meter 12 eastron"),
        ("bus meter 12 abb", "bus meter 12 eastron"),
        ("bus silent 12 on", "bus silent 12 off"),
    ],
    ids=["900 A", "another kind", "silent"],
)
def test_an_ev_meter_that_makes_no_sense_is_told_by_name_and_recovers(tmp_path: Path, wrong: str, right: str) -> None:
    with several(tmp_path, 1) as all_:
        all_.twin()
        rig = all_.rigs[0]
        rig.settings("set", "EV METER", "Eastron")
        rig.settings("set", "EV ADR", "12")
        rig.do("house 900 900 900")
        rig.guard()
        station = rig.station()
        all_.until(lambda: "the station is ready" in station.text(), "the station is ready")
        rig.do(wrong)
        all_.until(lambda: "EV meter 12 (Eastron): no answer for 10 s" in station.text(), "the journal names it")
        all_.until(lambda: any("EV meter 12 silent" in line for line in rig.lcd()), "the display names it")
        rig.do(right)
        all_.until(lambda: "EV meter 12 (Eastron): answers again" in station.text(), "it recovers by itself")
        all_.until(lambda: not any("silent" in line for line in rig.lcd()), "the display too")
        assert "Traceback" not in station.text()
