"""Time that leaps tells the same story as time that goes on tick by tick."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartevse.physics.ev import EvOptions
from smartevse.physics.house import random_house
from smartevse.scenario import library
from smartevse.scenario.engine import Run, run
from smartevse.scenario.owner import Wishes
from smartevse.scenario.reader import read_story
from smartevse.scenario.story import Action, Given, GivenUnit, Story
from smartevse.scenario.supply import Supply

NOISY = ("hot-day", "eight-cars")
"""In the first the offer follows every reading of the warm sensor, so the noise decides; the second takes long."""
EXACT = [library.find(name) for name in library.names() if name not in NOISY]
EXACT += sorted(Path(__file__).parent.glob("*.toml"))

LASTS = 1200
FAULTS = ("cp-short", "no-diode", "cp-open", "vent", "pp-short", "rail-low", "rcm-trip", "mains-off", "safe-stuck-low",
          "heartbeat-cut", "adc-frozen", "weld-c1", "c1-dead", "fb-stuck-high", "temp-70", "window-dead", "k1-dead",
          "temp-sensor-open", "lock-jammed", "one-shot-dead", "pwm-stuck-high", "spi-dead", "c1-drops")  # fmt: skip
PLAIN = ("ev plug", "ev ready", "ev ready off", "ev unplug", "station stop", "station start",
         "set MAX 10", "set MAX 20",
         "press o", "cable 680", "temp 20", "temp 70", "set MODE Smart", "set MODE Normal", "house 20", "house 1",
         "meter silent", "meter back")  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> Story:
    count = draw(st.integers(1, 2))
    lock = draw(st.sampled_from(("Disabled", "Solenoid", "Motor")))
    wishes = Wishes.default().changed("MAX", "16").changed("LOCK", lock)
    wishes = wishes.changed("WAKE CAR", draw(st.sampled_from(("Disabled", "Enabled"))))
    wishes = wishes.changed("LOCK WHEN", draw(st.sampled_from(("Charging", "Connected", "Always"))))
    wishes = wishes.changed("RCMON", draw(st.sampled_from(("Disabled", "Enabled"))))
    car = EvOptions(
        phases=draw(st.integers(1, 3)),
        start_delay_s=draw(st.integers(0, 2000)) / 1000 + 0.0003,
        releases_s=draw(st.integers(0, 3000)) / 1000 + 0.0003,
        sleeps_s=draw(st.sampled_from((0.0, 0.0, 2.0))),
        obeys_pwm=draw(st.booleans()),
        soc=draw(st.sampled_from((0.5, 0.8))),
        battery_wh=draw(st.sampled_from((60_000.0, 10.0))),
    )
    unit = GivenUnit(wishes, car)
    told = [Action(100, ("ev", "plug"), (0,)), Action(100, ("ev", "ready"), tuple(range(count)))]
    for _ in range(draw(st.integers(0, 6))):
        word = draw(st.one_of(st.sampled_from(PLAIN), st.sampled_from(FAULTS).map("fault {}".format)))
        units = draw(st.sampled_from(((0,), tuple(range(count)))))
        tick = draw(st.integers(0, LASTS))
        told.append(Action(tick, tuple(word.split()), units))
        if word.startswith("fault") and draw(st.booleans()):
            told.append(Action(draw(st.integers(tick, LASTS)), (*word.split(), "off"), units))
    seed = draw(st.integers(0, 1000))
    return Story(
        Path("random.toml"),
        "random",
        LASTS,
        Given(
            units=(unit,) * count,
            seed=seed,
            tolerances=draw(st.booleans()),
            meter_every=draw(st.sampled_from((None, 100, 200))),
            supply=lambda: Supply(random_house(seed, LASTS // 100, 60)),
        ),
        tuple(sorted(told, key=lambda action: action.tick)),
        (),
    )


def same(leaping: Run, plain: Run) -> None:
    for unit, (one, other) in enumerate(zip(leaping.changes, plain.changes, strict=True)):
        assert one == other, f"unit {unit}"
    assert leaping.energy_wh == pytest.approx(plain.energy_wh, abs=1e-6)
    assert leaping.ticks <= plain.ticks


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(stories())
def test_a_story_is_the_same_to_the_tick_with_leaps_and_without(story: Story) -> None:
    same(run(story), run(story, leaping=False))


@pytest.mark.parametrize("path", EXACT, ids=lambda path: path.stem)
def test_the_beginning_of_each_story_is_the_same_with_leaps_and_without(path: Path) -> None:
    story = read_story(path)
    beginning = replace(story, ends=min(story.ends, 2800), expectations=())
    same(run(beginning), run(beginning, leaping=False))


def test_a_long_charge_is_mostly_leapt_over() -> None:
    story = read_story(library.find("normal-charge"))
    assert run(story).ticks < story.ends / 500


def test_the_same_story_twice_is_the_same() -> None:
    story = read_story(library.find("smart-evening"))
    one, other = run(story), run(story)
    assert one.changes == other.changes
    assert one.energy_wh == other.energy_wh
