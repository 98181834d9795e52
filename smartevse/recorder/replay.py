"""The guard's decisions once more, from what it read: does this program decide bit by bit as the recorded one did?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from smartevse.core.charger import step
from smartevse.core.record import fields
from smartevse.core.signals import Inputs, Outputs, Permit
from smartevse.core.tick import Memory, Report
from smartevse.guard.readings import Readings
from smartevse.hal import hat as hat_map
from smartevse.hal.hat import HatMap
from smartevse.recorder.recording import Recording, RecordingError, Tick

Step = Callable[[Memory, Inputs, Permit | None, int], tuple[Memory, Outputs, Report]]
_FILES = {1: "hat_rev1.toml"}


class Result(NamedTuple):
    """How a replay went."""

    ticks: int
    """How many were decided again."""
    skipped: int
    """How many came before the oldest memory in the file."""
    difference: str
    """The first difference in a sentence; empty when there is none."""
    at: Tick | None = None
    """The tick of the difference."""


def replay(recording: Recording, decide: Step = step) -> Result:
    """Decide every tick again from the oldest memory on. Raises RecordingError when there is none, or for its hat."""
    first = next((t.number for t in recording.ticks if t.number - 1 in recording.memories), None)
    if first is None:
        raise RecordingError(
            f"{recording.name} holds no memory that this version can start from: replay it with {recording.program!a}"
        )
    readings = Readings(hat_of(recording))
    memory, done, skipped = recording.memories[first - 1], 0, first - recording.ticks[0].number
    for tick in recording.ticks[skipped:]:
        inputs = readings.inputs(tick.sample, memory.outputs)
        memory, outputs, report = decide(memory, inputs, tick.permit, tick.now_ms)
        done += 1
        difference = (
            _difference("state", tick.report, report)
            or _difference("outputs", tick.outputs, outputs)
            or _difference("memory", recording.memories.get(tick.number, memory), memory)
        )
        if difference:
            return Result(done, skipped, difference, tick)
    return Result(done, skipped, "")


def hat_of(recording: Recording) -> HatMap:
    """The map of the hat that was read. Raises RecordingError for a revision that is not known."""
    if recording.hat_revision not in _FILES:
        known = ", ".join(map(str, _FILES))
        raise RecordingError(
            f"{recording.name} is of hat revision {recording.hat_revision}, but only {known} is known: use the version"
            f" {recording.program!a} that wrote it"
        )
    return hat_map.load(_FILES[recording.hat_revision])


def _difference(what: str, recorded: object, decided: object) -> str:
    """Where two values differ: "outputs: c1 was False, now True"."""
    if recorded == decided:
        return ""
    plain, rows = fields(recorded)
    for name in (*plain, *rows, *getattr(recorded, "_fields", ())):
        was, now = _get(recorded, name), _get(decided, name)
        if was != now:
            return f"{what}: {name} was {_words(was)}, now {_words(now)}"
    return f"{what} was {recorded}, now {decided}"


def _get(value: object, path: str) -> object:
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _words(value: object) -> str:
    return str(getattr(value, "name", value))
