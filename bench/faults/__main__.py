"""`python -m bench.faults [--repeat N] [--short] [--write] [--only WORD]`: exit status 1 when a row misses."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.faults import real, rows, stands
from bench.faults.report import HEAD, environment, kept_tables, real_tables, tables, unnoticed
from bench.faults.trial import Outcome, play
from bench.rigs import DOCS

DOCUMENT = DOCS / "fault-matrix.md"


def main() -> int:
    """Play the matrix; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20, help="times for each row and moment (default: %(default)s)")
    parser.add_argument("--short", action="store_true", help="each row twice, and no real processes")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name}")
    parser.add_argument("--only", default="", help="rows whose group or fault has this word")
    parser.add_argument("--rigs", type=int, default=4, help="real stations side by side (default: %(default)s)")
    parser.add_argument("--no-real", action="store_true", help="leave the real processes out")
    parser.add_argument("--no-virtual", action="store_true", help="keep what the document has of them")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    if options.write and (options.only or options.no_real):
        parser.error("--write is for all rows: leave out --only and --no-real")
    repeat = 2 if options.short else options.repeat
    began_s = time.monotonic()
    virtual = [row for row in rows.ROWS if options.only in row.fault or options.only in row.group]
    processes = [row for row in real.ROWS if options.only in row.fault or options.only in row.group]
    outcomes: list[Outcome] = []
    misses: list[str] = []
    for row in [] if options.no_virtual else virtual:
        for turn in range(repeat):
            seed = f"{options.seed}/{row.fault}/{turn}"
            try:
                came = play(row, seed)
            except AssertionError as error:
                misses.append(f"{row.fault}, seed {seed}: {error}")
                continue
            outcomes += came
            misses += [f"{row.fault} in {one.moment}, seed {seed}: {one.wrong}" for one in came if one.wrong]
    print(f"virtual time: {len(outcomes)} injections of {len(virtual)} rows in {time.monotonic() - began_s:.0f} s")
    real_outcomes: list[real.RealOutcome] = []
    left_out: list[str] = []
    again = ""
    if not options.no_real and not options.short:
        with tempfile.TemporaryDirectory(prefix="smartevse-faults-") as folder:
            matrix = stands.Matrix(processes, repeat, options.seed, stands.wall_clock(Path(folder)))
            matrix.run(options.rigs)
        real_outcomes, left_out = matrix.outcomes, sorted(matrix.left_out)
        misses += [f"{one.row.fault} in {one.moment}: {one.wrong}" for one in real_outcomes if one.wrong]
        again = (
            f" {matrix.disturbed} of those had to be played again, because this machine itself stood still or was late."
        )
        print(f"real processes: {len(real_outcomes)} injections of {len(processes)} rows;{again}")
    how = environment(options.seed, repeat, options.rigs) + again
    lines = [HEAD.format(how=how)]
    lines += kept_tables(DOCUMENT.read_text("utf-8")) if options.no_virtual else tables(virtual, outcomes)
    lines += real_tables(processes, real_outcomes)
    lines += unnoticed(virtual)
    lines += [""] + [f"- Not played: {sentence}." for sentence in left_out]
    print("\n".join(lines))
    if options.write:
        DOCUMENT.write_text("\n".join(lines).rstrip() + "\n", "utf-8")
    for miss in misses:
        print(f"MISSED {miss}")
    played = {(one.row.group, one.row.fault) for one in outcomes}
    count = len(played | {(one.row.group, one.row.fault) for one in real_outcomes})
    print(f"{count} rows, {len(outcomes) + len(real_outcomes)} injections, {len(misses)} misses")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
