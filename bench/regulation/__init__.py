"""Measures the regulator beside the old rule on recorded days and random houses: `python -m bench.regulation`."""
