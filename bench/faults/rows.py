"""The rows of the fault matrix that are played in virtual time: the hat, the car and what is wired to it."""

from __future__ import annotations

from bench.faults import rows_measured, rows_switched
from bench.faults.table import Row

ROWS: tuple[Row, ...] = (*rows_measured.ROWS, *rows_switched.ROWS)
"""Every fault of the hat, the car and what is wired to it."""
