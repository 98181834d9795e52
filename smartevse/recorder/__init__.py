"""The reading side of the flight recorder: keep, list, draw and replay what the guard put aside at a fault."""
