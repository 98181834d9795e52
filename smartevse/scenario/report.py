"""What came of stories: for people in plain words, for machines as plain values."""

from __future__ import annotations

from collections.abc import Sequence

from smartevse.core.faults import names as fault_names
from smartevse.scenario.conditions import dashed
from smartevse.scenario.engine import Run
from smartevse.scenario.record import Change
from smartevse.scenario.story import TICKS_A_SECOND, seconds


def lines(run: Run, took_s: float) -> list[str]:
    """One story for people: its title, and one line for each expectation."""
    story = run.story
    count = sum(outcome.held for outcome in run.outcomes)
    verdict = "held" if run.held else "DID NOT HOLD"
    found = [
        f"{story.name}: {story.title}",
        f"  {verdict}: {count} of {len(run.outcomes)}, {seconds(story.ends)} told in {took_s:.2f} s",
    ]
    for outcome in run.outcomes:
        found.append(f"  {'ok ' if outcome.held else 'NOT'}  {outcome.text}")
        if outcome.detail:
            found.append(f"         {outcome.detail}")
    return found


def summary(runs: Sequence[Run]) -> str:
    """The last line, when there are several stories."""
    bad = [run.story.name for run in runs if not run.held]
    if not bad:
        return f"all {len(runs)} stories held"
    return f"{len(bad)} of {len(runs)} stories did not hold: {', '.join(bad)}"


def as_values(run: Run, took_s: float) -> dict[str, object]:
    """One story as values that can be written as JSON; times in seconds, currents in 0.1 A."""
    story = run.story
    return {
        "story": story.name,
        "title": story.title,
        "file": str(story.path),
        "held": run.held,
        "duration_s": story.ends / TICKS_A_SECOND,
        "took_s": round(took_s, 3),
        "ticks": run.ticks,
        "decisions": run.decisions,
        "expectations": [
            {"held": outcome.held, "expected": outcome.text, "instead": outcome.detail} for outcome in run.outcomes
        ],
        "units": [
            {"energy_wh": round(energy_wh, 1), "changes": [_change(change) for change in changes]}
            for energy_wh, changes in zip(run.energy_wh, run.changes, strict=True)
        ],
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "at_s": change.tick / TICKS_A_SECOND,
        "state": change.state.name,
        "hold": dashed(change.hold),
        "faults": [dashed(fault) for fault in fault_names(change.faults)],
        "offer_da": change.offer_da,
        "duty_permille": change.duty_permille,
        "contactor_commanded": change.commanded,
        "contactor1": change.contactor,
        "contactor2": change.contactor2,
        "locked": change.locked,
        "reason": change.why,
    }
