"""Runs one story in virtual time and finds out what held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush

from smartevse.hal.hat import HatMap, load
from smartevse.scenario.actions import VERBS, Stage, perform, perform_later
from smartevse.scenario.record import Change, Recorder, Sample
from smartevse.scenario.station import Station
from smartevse.scenario.story import TICKS_A_SECOND, Story
from smartevse.scenario.supply import Supply
from smartevse.scenario.unit import NEVER, ChargingUnit
from smartevse.scenario.watch import Outcome, Watch


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a story."""

    story: Story
    outcomes: tuple[Outcome, ...]
    changes: tuple[tuple[Change, ...], ...]
    """For each unit what it did and when: the same with and without leaps."""
    samples: tuple[tuple[Sample, ...], ...]
    """For each unit the points of its curves; empty unless they were asked for."""
    mains: tuple[tuple[int, tuple[int, int, int]], ...]
    """The readings of the mains meter in 0.1 A with their ticks; empty unless samples were asked for."""
    energy_wh: tuple[float, ...]
    """What the car of each unit got in all."""
    ticks: int
    """How many ticks of guards were run, of all units together."""
    decisions: int
    """How often the regulator decided."""

    @property
    def held(self) -> bool:
        """Whether everything held."""
        return all(outcome.held for outcome in self.outcomes)


@lru_cache(maxsize=1)
def _hat() -> HatMap:
    return load()


class _Site:
    """What conditions see of the mains."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.now_s = 0.0

    @property
    def mains_da(self) -> tuple[int, int, int]:
        return self._station.mains_da

    @property
    def circuit_da(self) -> tuple[int, int, int]:
        return self._station.circuit_da

    @property
    def supply(self) -> Supply:
        return self._station.supply


def run(story: Story, *, leaping: bool = True, sample_every: int | None = None) -> Run:
    """Run a story from its first to its last tick.

    `leaping` False runs every tick of every unit. `sample_every`: take a point of each curve at least so often, ticks.
    """
    return _Run(story, leaping=leaping, sample_every=sample_every).whole()


class _Run:
    """The state of one run."""

    def __init__(self, story: Story, *, leaping: bool, sample_every: int | None) -> None:
        self._story = story
        self._sample_every = sample_every
        given = story.given
        self._units = [
            ChargingUnit(number, given, own, _hat(), self._news, leaping=leaping)
            for number, own in enumerate(given.units)
        ]
        self._station = Station(given, self._units, given.supply())
        self._site = _Site(self._station)
        self._watches = [
            Watch(index, expectation, unit)
            for index, expectation in enumerate(story.expectations)
            for unit in expectation.units
        ]
        self._by_unit: list[list[Watch]] = [[w for w in self._watches if w.unit == n] for n in range(len(self._units))]
        self._for_site = [watch for watch in self._watches if watch.of_site]
        self._looks = sorted({tick for watch in self._watches for tick in watch.looks(story.ends)} | {story.ends})
        self._actions: list[tuple[int, int, bool, tuple[str, ...], tuple[int, ...]]] = []
        self._order = 0
        for action in story.actions:
            self._plan(action.tick, False, action.words, action.units)
        self._recorders = [Recorder(sample_every is not None) for _ in self._units]
        self._mains: list[tuple[int, tuple[int, int, int]]] = []
        self._next_sample = 0 if sample_every is not None else NEVER

    def _news(self, tick: int) -> None:
        self._station.news(tick)

    def _plan(self, tick: int, later: bool, words: tuple[str, ...], units: tuple[int, ...]) -> None:
        self._order += 1
        heappush(self._actions, (tick, self._order, later, words, units))

    def whole(self) -> Run:
        """All of it."""
        story, station, units, looks = self._story, self._station, self._units, iter(self._looks)
        next_look = next(looks, NEVER)
        self._announce()
        while True:
            tick = min(station.due, next_look, self._next_sample, *[unit.due for unit in units])
            if self._actions:
                tick = min(tick, self._actions[0][0])
            if tick > story.ends:
                break
            self._site.now_s = tick / TICKS_A_SECOND
            if self._actions and self._actions[0][0] <= tick:
                self._act(tick)
            metered = station.due <= tick and station.at(tick)
            look_all = tick == next_look or tick >= self._next_sample
            for unit in units:
                if unit.due <= tick:
                    unit.tick(tick)
                elif look_all or unit.limit_changed:
                    unit.move_to(tick)
                else:
                    continue
                unit.limit_changed = False
                self._recorders[unit.number].take(tick, unit)
                for watch in self._by_unit[unit.number]:
                    watch.look(tick, unit, self._site)
            if metered:
                self._metered(tick)
            if tick == next_look:
                next_look = next(looks, NEVER)
            if tick >= self._next_sample:
                self._next_sample = tick + (self._sample_every or NEVER)
        return self._result()

    def _metered(self, tick: int) -> None:
        """The mains were looked at."""
        for watch in self._for_site:
            watch.look(tick, self._units[watch.unit], self._site)
        if self._sample_every is not None:
            self._mains.append((tick, self._station.mains_da))

    def _act(self, tick: int) -> None:
        """Everything that happens at this tick, in the order of the file."""
        while self._actions and self._actions[0][0] <= tick:
            _, _, later, words, numbers = heappop(self._actions)
            site = not later and VERBS[words[0]].site
            for number in numbers[:1] if site else numbers:
                unit = self._units[number]
                unit.move_to(tick)
                stage = Stage(unit, self._station, tick)
                (perform_later if later else perform)(words, stage)
                for then, rest in stage.later:
                    self._plan(then, True, rest, (number,))
            for unit in self._units if site else [self._units[number] for number in numbers]:
                unit.disturb(tick)
        self._announce()

    def _announce(self) -> None:
        """Tell the units when the next action comes, so that they do not leap over it."""
        next_tick = self._actions[0][0] if self._actions else NEVER
        for unit in self._units:
            unit.next_action = next_tick

    def _result(self) -> Run:
        outcomes = self._outcomes()
        return Run(
            story=self._story,
            outcomes=tuple(outcomes),
            changes=tuple(tuple(recorder.changes) for recorder in self._recorders),
            samples=tuple(tuple(recorder.samples) for recorder in self._recorders),
            mains=tuple(self._mains),
            energy_wh=tuple(unit.world.ev.energy_wh for unit in self._units),
            ticks=sum(unit.ticks for unit in self._units),
            decisions=self._station.decisions,
        )

    def _outcomes(self) -> Sequence[Outcome]:
        """One for each expectation: the first unit for which it did not hold tells why."""
        by_expectation: dict[int, list[Outcome]] = {}
        for watch in self._watches:
            by_expectation.setdefault(watch.index, []).append(watch.outcome(self._story))
        return [
            next((outcome for outcome in outcomes if not outcome.held), outcomes[0])
            for _, outcomes in sorted(by_expectation.items())
        ]
