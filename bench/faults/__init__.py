"""The fault matrix: every single fault with the reaction that it must have, injected many times and timed.

`python -m bench.faults` runs it; `--write` puts what was seen into `docs/fault-matrix.md`.
"""
