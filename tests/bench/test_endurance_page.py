"""What the endurance bench calls flat, and what it calls growing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from bench.endurance_page import judged, line, rates, told


def samples(kb_an_hour: float, noise_kb: float = 30.0, minutes: int = 120) -> list[dict[str, Any]]:
    dice = Random(7)
    process = {"pss_kb": 9000, "private_kb": 9000, "handles": 18, "threads": 7, "written_bytes": 0}
    return [
        {
            "at_s": float(at_s),
            "load": 2.0,
            "charging": at_s % 60 < 30,
            **{
                name: {
                    **process,
                    "rss_kb": 40_000 + kb_an_hour * at_s / 3600 + dice.gauss(0, noise_kb),
                    "cpu_s": at_s * 0.02,
                    "dirtied_bytes": at_s * 100,
                }
                for name in ("guard", "station", "twin")
            },
        }
        for at_s in range(0, minutes * 60, 10)
    ]


def test_the_slope_of_a_straight_line_is_found_without_doubt() -> None:
    slope, doubt = line([0.0, 0.5, 1.0, 1.5], [10.0, 11.0, 12.0, 13.0])
    assert slope == pytest.approx(2.0)
    assert doubt == pytest.approx(0.0, abs=1e-9)


def test_a_leak_of_a_megabyte_in_four_hours_is_seen_in_two() -> None:
    words = {(v.process, v.quantity.name): v.word for v in judged(samples(250.0))}
    assert words["guard", "resident memory, kB (RSS)"] == "**grows**"
    assert words["station", "open file handles"] == "flat"


def test_memory_that_only_flutters_is_flat() -> None:
    assert {v.word for v in judged(samples(0.0))} == {"flat"}


def test_a_run_that_is_too_short_says_so() -> None:
    assert "not told" in {v.word for v in judged(samples(0.0, noise_kb=3000.0, minutes=40))}


def test_the_page_tells_of_a_run_that_ended_early_and_of_its_acts() -> None:
    run = samples(0.0)
    others = [{"act": "ev plug"}, {"act": "fault vent on"}, {"act": "fault vent off"}, {"ended": "guard ended (1)"}]
    page = told(run, others, judged(run))
    assert "ended early: guard ended (1)" in page
    assert "| faults | 1 |" in page
    assert "2.0 % of a processor, 0.4 MB an hour into files" in rates(run, "guard")
