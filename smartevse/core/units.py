"""Arithmetic on whole numbers with a unit."""

from __future__ import annotations


def trunc_div(value: int, divisor: int) -> int:
    """Divide towards zero, as the Modbus peers do (`//` rounds down, also below zero). The divisor is not 0."""
    quotient = abs(value) // abs(divisor)
    return quotient if (value < 0) == (divisor < 0) else -quotient


def amps_text(current_da: int) -> str:
    """A current for people: 160 is "16 A", 165 is "16.5 A"."""
    whole, tenths = divmod(abs(current_da), 10)
    sign = "-" if current_da < 0 else ""
    return f"{sign}{whole}.{tenths} A" if tenths else f"{sign}{whole} A"
