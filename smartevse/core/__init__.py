"""Decisions: pilot, states, faults, regulation. Pure: time and inputs are arguments."""
