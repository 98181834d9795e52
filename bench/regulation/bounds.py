"""`python -m bench.regulation.bounds [--write]`: how far under the sun from what can be had, and what stops cost.

The sun that a car could get in the hours in which this regulator lets it charge, if it took exactly what the last
reading showed (no dead band, as many reversals as readings), and if the sun of each second were known beforehand; and
the same regulator with fewer stops, because the owner sets a longer STOP or because a car waits longer for steady sun.
Some minutes. `--write` puts the table into `docs/regulation.md`.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

from bench.regulation.__main__ import cloudy_case, gain, play, put
from bench.regulation.ceiling import KWH
from bench.regulation.families import Case, recorded_days, solar_house
from bench.regulation.loop import Log, Score

START, END = "<!-- bounds: begin -->", "<!-- bounds: end -->"
STOPS_MIN = (20, 60)
"""The setting STOP; 10 is how it comes."""
WAITS_S = (60.0, 300.0)
"""How long the sun must have been enough before a car begins; the product has 10 s."""
READ_EVERY_S = 2
"""As `bench.regulation.loop` reads the meter."""
HEAD = "| days | how | sun at equal import | import | stops, 2026 : ours : 2022 |\n|---|---|---|---|---|"


def families() -> Iterator[tuple[str, list[Case]]]:
    """Cloudy days and recorded ones on one phase and on three, and random houses."""
    recorded = [case for case, _ in recorded_days()]
    for kind, name in enumerate(("1 phase", "3 phases")):
        yield f"cloudy days by the second, {name}", [cloudy_case(day, kind) for day in range(3)]
        yield f"recorded sun by the minute, {name}", [case for case in recorded if case.name.endswith(name)]
    yield "random houses, one car, Solar", [solar_house(seed) for seed in range(200)]


def followed(case: Case, log: Log, *, known: bool) -> Score:
    """Sun and import of a car that follows without a dead band in the hours in which it charged in this run.

    `known`: it takes the sun of each second as it is; else what the last reading showed, as early as its dead time lets
    it, for the two seconds until the next.
    """
    car = case.cars()[0]
    count = car.phases
    least, most = case.rules.min_a * 10 * count, min(case.caps[0], car.most_da) * count
    score = Score()
    for t, (now, draws) in enumerate(zip(case.house, log.draws, strict=True)):
        drawn = sum(draws)
        seen_s = t if known else max(0, (t - car.dead_s) // READ_EVERY_S * READ_EVERY_S - 1)
        if drawn:
            drawn = min(max(-sum(case.house[seen_s]), least), most)
        sun = max(0, min(drawn, -sum(now)))
        score.sun_kwh += sun * KWH
        score.import_kwh += (drawn - sun) * KWH
    return score


def rows(name: str, cases: list[Case]) -> Iterator[str]:
    """The lines of one family, as they are ready."""
    total = {how: Score() for how in ("2022", "2026", "ours", "as last seen", "known beforehand")}
    for case in cases:
        log = Log()
        for rule in ("2022", "2026"):
            total[rule].add(play(case, rule))
        total["ours"].add(play(case, "ours", log))
        total["as last seen"].add(followed(case, log, known=False))
        total["known beforehand"].add(followed(case, log, known=True))
    theirs = total["2026"]

    def told(how: str, score: Score, stops: int | None) -> str:
        more_kwh = score.import_kwh - theirs.import_kwh
        count = "" if stops is None else f"{theirs.stops} : {stops} : {total['2022'].stops}"
        return f"| {name} | {how} | {gain(score, theirs):+.1f} % | {more_kwh:+.2f} kWh | {count} |"

    yield told("ours", total["ours"], total["ours"].stops)
    yield told("takes what the last reading showed, no dead band", total["as last seen"], None)
    yield told("knows the sun of each second beforehand", total["known beforehand"], None)
    for stop_min in STOPS_MIN:
        score = Score()
        for case in cases:
            score.add(play(replace(case, rules=replace(case.rules, stop_min=stop_min)), "ours"))
        yield told(f"ours with STOP {stop_min} minutes", score, score.stops)
    for wait_s in WAITS_S:
        with patch("smartevse.core.admission.SUN_STEADY_S", wait_s):
            score = Score()
            for case in cases:
                score.add(play(case, "ours"))
        yield told(f"ours, waits {wait_s:.0f} s for steady sun", score, score.stops)


def main(arguments: list[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(prog="bench.regulation.bounds", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/regulation.md")
    options = parser.parse_args(arguments)
    lines = [HEAD]
    print(HEAD)
    for name, cases in families():
        for row in rows(name, cases):
            print(row, flush=True)
            lines.append(row)
    if options.write:
        put(lines, START, END)


if __name__ == "__main__":
    main(sys.argv[1:])
