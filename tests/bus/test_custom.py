"""The owner's own meter, as the menu's Custom items describe it."""

from __future__ import annotations

import struct

import pytest

from smartevse.bus import custom, rtu
from smartevse.bus import meter as meters
from smartevse.bus.custom import Custom, Place
from smartevse.bus.meter import Request

PLAIN = Custom("hbf_hwf", "int32", 3, Place(0, 1), Place(0x0100, 3), Place(0x0200, 0), Place(0x0300, 2))


def test_a_recorded_frame_with_everything_turned_round_is_understood() -> None:
    meter = custom.meter(Custom("lbf_lwf", "int32", 3, Place(0, 1), Place(0x0100, 3), Place(0, 0), Place(0, 0)))
    (request,) = meters.requests(meter, "currents")
    asked = rtu.parse_request(bytes.fromhex("0b 03 01 00 00 06 c4 9e"))
    assert request == Request(asked.function, asked.address, asked.count)
    answer = bytes.fromhex("0b 03 0c 0a 28 00 00 6d f2 ff ff 78 00 00 00 8c 0a")
    flow = meters.currents(meter, meters.decode(meter, "currents", {request: rtu.words_in(answer[3:-2])}))
    assert flow.phases_da == (102, -34, 1)
    assert flow.power_w is None, "the power is asked for by itself"


# the number 0x01020304, and the float 10.25, in each order on the wire
ORDERS = (
    ("lbf_lwf", "04 03 02 01", "00 00 24 41"),
    ("lbf_hwf", "02 01 04 03", "24 41 00 00"),
    ("hbf_lwf", "03 04 01 02", "00 00 41 24"),
    ("hbf_hwf", "01 02 03 04", "41 24 00 00"),
)


@pytest.mark.parametrize(("order", "whole", "real"), ORDERS)
def test_every_order_of_bytes_and_words_is_understood(order: str, whole: str, real: str) -> None:
    for kind, wire, number in (("int32", whole, 0x01020304), ("float32", real, 10)):
        meter = custom.meter(Custom(order, kind, 4, PLAIN.voltage, PLAIN.current, Place(7, 0), PLAIN.energy))
        words = rtu.words_in(bytes.fromhex(wire))
        assert meters.decode(meter, "power", {Request(4, 7, 2): words}) == {"power_w": number}


def test_decimals_divide_and_units_are_volts_amps_watts_and_kilowatt_hours() -> None:
    meter = custom.meter(PLAIN)
    raw = struct.pack(">3i", 10_250, -3_475, 120)
    assert meters.decode(meter, "currents", {Request(3, 0x100, 6): rtu.words_in(raw)}) == {
        "current_l1_ma": 10_250,
        "current_l2_ma": -3_475,
        "current_l3_ma": 120,
    }
    assert meters.decode(meter, "import", {Request(3, 0x300, 2): (0, 1_234)}) == {"import_wh": 12_340}


def test_values_of_one_register_follow_each_other_closely() -> None:
    meter = custom.meter(Custom("hbf_hwf", "int16", 4, PLAIN.voltage, Place(3, 2), PLAIN.power, PLAIN.energy))
    assert meters.requests(meter, "currents") == (Request(4, 3, 3),)
    assert meters.requests(meter, "currents", cautious=True) == (Request(4, 3, 1), Request(4, 4, 1), Request(4, 5, 1))
    decoded = meters.decode(meter, "currents", {Request(4, 3, 3): (1025, 0xFEA2, 12)})
    assert meters.currents(meter, decoded).phases_da == (102, -35, 1)
