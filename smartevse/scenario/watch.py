"""Watches one expectation on one unit while a story runs."""

from __future__ import annotations

from dataclasses import dataclass

from smartevse.scenario.conditions import Site, Unit
from smartevse.scenario.story import Expectation, Story, seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one expectation."""

    held: bool
    text: str
    """What was expected, for people."""
    detail: str
    """When and what was there instead; empty when it held."""


class Watch:
    """One expectation on one unit (`unit`, from 0); `index` is its place in the story."""

    def __init__(self, index: int, expectation: Expectation, unit: int) -> None:
        """Nothing seen yet."""
        self.index, self.unit = index, unit
        self._e = expectation
        self.of_site = any(condition.site for condition in expectation.conditions)
        self._looked = False
        self._met = False
        self._broken: tuple[int, str] | None = None
        self._since: int | None = None

    def looks(self, ends: int) -> set[int]:
        """The ticks at which somebody must look, whatever else happens."""
        e = self._e
        return {tick for tick in (e.first, e.last) if tick <= ends}

    def look(self, tick: int, unit: Unit, site: Site) -> None:
        """Look at the unit after this tick."""
        e = self._e
        if not e.first <= tick <= e.last or self._broken is not None or self._met:
            return
        self._looked = True
        if e.never:
            self._look_never(tick, unit, site)
            return
        wrong = next((condition for condition in e.conditions if not condition.holds(unit, site)), None)
        if e.once:
            self._met = wrong is None
        elif wrong is not None:
            self._broken = (tick, wrong.seen(unit, site))

    def _look_never(self, tick: int, unit: Unit, site: Site) -> None:
        e = self._e
        if not all(condition.holds(unit, site) for condition in e.conditions):
            self._since = None
            return
        self._since = tick if self._since is None else self._since
        if tick - self._since >= e.longer:
            self._broken = (self._since, "it was")

    def outcome(self, story: Story) -> Outcome:
        """What came of it, now that the story has ended."""
        e = self._e
        detail = ""
        if self._broken is not None:
            detail = f"at {seconds(self._broken[0])}: {self._broken[1]}"
        elif e.once and not self._met:
            detail = "it never was"
        elif not self._looked:
            detail = "nobody could look: the story ended before"
        if detail and len(story.given.units) > 1:
            detail = f"unit {self.unit + 1}, {detail}"
        return Outcome(not detail, _text(e, story), detail)


def _text(e: Expectation, story: Story) -> str:
    what = ", ".join(str(condition) for condition in e.conditions)
    if e.never:
        what = f"never {' and '.join(str(condition) for condition in e.conditions)}"
        if e.longer:
            what += f" for {seconds(e.longer)} or longer"
    if e.first == e.last:
        when = f"{seconds(e.first)}: "
    elif (e.first, e.last) == (0, story.ends):
        when = ""
    else:
        when = f"{seconds(e.first)} to {seconds(e.last)}: " + ("once " if e.once else "")
    whom = ""
    if len(e.units) < len(story.given.units):
        whom = f"unit {', '.join(str(unit + 1) for unit in e.units)}: "
    return f"{when}{whom}{what}"
