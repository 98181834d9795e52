"""The long search for a broken law of the guard: `python -m bench.invariants [--states N] [--examples N]`.

The test suite runs the same two searches for seconds; this one is for releases. Exit status 1 when a law is broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.core.test_invariants import AnythingHappens, walk
from tests.support.ideal_hat import PERMIT, IdealHat
from tests.support.laws import LAWS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=4000, help="abstract states to walk (default: %(default)s)")
    parser.add_argument("--examples", type=int, default=400, help="random histories (default: %(default)s)")
    options = parser.parse_args()
    began_s = time.monotonic()
    try:
        found = walk(IdealHat(permit=replace(PERMIT, rcm=True)), most=options.states)
        walked_s = time.monotonic() - began_s
        print(f"walk: {len(found)} abstract states in {walked_s:.0f} s, {len(LAWS)} laws, none broken")
        run_state_machine_as_test(
            AnythingHappens, settings=settings(max_examples=options.examples, stateful_step_count=50, deadline=None)
        )
    except AssertionError as error:
        print(error)
        return 1
    print(f"random: {options.examples} histories in {time.monotonic() - began_s - walked_s:.0f} s, none broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
