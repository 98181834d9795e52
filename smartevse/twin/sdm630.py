"""An Eastron SDM630 as the EV's meter: its registers, and what it measures of the car.

Register addresses, units and order after Eastron's SDM630 Modbus manual (input registers 30001 ff. = address 0 ff.,
each value a float of two registers, high word first).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartevse.bus.rtu import Function
from smartevse.twin.slave import DeviceType, Register, Slave

EV_METER_UNIT = 12

SDM630 = DeviceType(
    name="Eastron SDM630",
    function=Function.READ_INPUT,
    max_read=80,
    zeros_until=0x0180,
    registers=(
        Register(0x0000, "voltage_l1_v"),
        Register(0x0002, "voltage_l2_v"),
        Register(0x0004, "voltage_l3_v"),
        Register(0x0006, "current_l1_a"),
        Register(0x0008, "current_l2_a"),
        Register(0x000A, "current_l3_a"),
        Register(0x000C, "power_l1_w"),
        Register(0x000E, "power_l2_w"),
        Register(0x0010, "power_l3_w"),
        Register(0x0034, "power_w"),
        Register(0x0046, "frequency_hz"),
        Register(0x0048, "import_kwh"),
        Register(0x004A, "export_kwh"),
        Register(0x0156, "total_kwh"),
    ),
)


def readings(
    currents_a: tuple[float, float, float],
    import_kwh: float,
    *,
    export_kwh: float = 0.0,
    voltage_v: float = 230.0,
    power_w: tuple[float, float, float] | None = None,
) -> Mapping[str, float]:
    """All that an SDM630 shows. Its currents are never negative; the sign stands in the powers.

    `power_w` None: purely resistive, so voltage times the signed current of each phase.
    """
    powers_w = power_w or tuple(current_a * voltage_v for current_a in currents_a)
    values = {"power_w": sum(powers_w), "frequency_hz": 50.0, "import_kwh": import_kwh, "export_kwh": export_kwh}
    values["total_kwh"] = import_kwh + export_kwh
    for phase, (current_a, phase_w) in enumerate(zip(currents_a, powers_w, strict=True), 1):
        values[f"voltage_l{phase}_v"] = voltage_v
        values[f"current_l{phase}_a"] = abs(current_a)
        values[f"power_l{phase}_w"] = phase_w
    return values


def sdm630(unit: int, measure: Callable[[], Mapping[str, float]]) -> Slave:
    """A meter of this kind on the line under this unit number, 1 to 247."""
    return Slave(SDM630, unit, measure)
