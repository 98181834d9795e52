"""The resistor in the plug of the cable, as the hat's divider sees it."""

from __future__ import annotations

from smartevse.hal.hat import OPEN_OHM, HatMap

INPUT_OHM = 1_000_000
"""Leakage of protection and converter: what an open input still has to earth."""


def volts(hat: HatMap, cable_ohm: int | None) -> float:
    """The voltage on PP for this resistor to PE; None: nothing connected."""
    ohm = INPUT_OHM if cable_ohm is None or cable_ohm >= OPEN_OHM else cable_ohm
    return hat.reference_v * ohm / (ohm + hat.pp_pullup_ohm)
