"""The panel: its drawings, its fingers, and the whole of it over the real processes without a terminal."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import Static

from smartevse.twin.demo_rig import Line, Rig
from smartevse.twin.panel import PanelApp
from smartevse.twin.panel_draw import AXIS, Sample, chart, wave
from smartevse.twin.panel_keys import LONG_S, TAP_S, Fingers
from smartevse.twin.panel_model import Picture, advice
from smartevse.twin.panel_text import bar, car, hat, journal, lcd, pilot_caption
from smartevse.twin.panel_troubles import PROGRAMS, active, numbered, troubles

DEADLINE_S = 20.0
CHARGING = Picture(
    now_s=100.0,
    lcd=("CHARGING       32.0A", "32.0 A: MAX         ", "22.0kW 0.14kWh      ", "18:52 25C 3.0.0a1   "),
    backlight=True,
    leds=(0.0, 0.5, 0.0),
    keys={"<": False, "o": False, ">": False, "sw": False},
    high_v=6.0,
    low_v=-12.05,
    duty_permille=533,
    offer_da=319,
    state="C",
    plugged=True,
    wants=True,
    soc=0.5,
    session_wh=161.0,
    currents_da=(319, 319, 319),
    cable_ohm=220,
    lamps=dict.fromkeys(("WD_OK", "window", "SAFE", "supply", "C1", "C2"), True) | {"lock": False, "RCM trip": False},
    temperature_c=25.0,
    rail_v=12.0,
    faults=(),
    pigpiod="running",
    bus_plugged=True,
    silent_units=(),
)
IDLE = replace(
    CHARGING, state="A", high_v=12.0, duty_permille=1000, offer_da=0, plugged=False, wants=False, currents_da=(0, 0, 0)
)
OPEN = dict.fromkeys(CHARGING.lamps, False)

# drawings


def dots(line: str) -> int:
    return sum((ord(char) - 0x2800).bit_count() for char in line if 0x2800 <= ord(char) < 0x2900)


def size(lines: list[Text]) -> tuple[set[int], int]:
    return {line.cell_len for line in lines}, len(lines)


@given(
    columns=st.integers(AXIS + 1, 120),
    rows=st.integers(3, 30),
    high_v=st.floats(-13, 13),
    duty_permille=st.integers(0, 1000),
)
def test_the_waveform_has_exactly_the_size_of_its_box(
    columns: int, rows: int, high_v: float, duty_permille: int
) -> None:
    assert size(wave(columns, rows, high_v, -12.0, duty_permille, "C")) == ({columns}, rows)


@given(duty_permille=st.integers(100, 900))
def test_the_waveform_is_high_as_long_as_the_duty_says(duty_permille: int) -> None:
    lines = [line.plain[AXIS:] for line in wave(AXIS + 220, 8, 6.0, -12.0, duty_permille, "C")]
    high, low = dots(lines[2]), dots(lines[7])
    edges = 2 * 5 * 4
    # 2.2 periods are drawn, from 0.1 before the first rising edge
    share = (2 * duty_permille + min(duty_permille, 100)) / 2200
    assert abs(high / 440 - share) < (10 + edges) / 440
    assert abs(low / 440 - (1 - share)) < (10 + edges) / 440


@pytest.mark.parametrize(("duty_permille", "row"), [(1000, 0), (0, 7)])
def test_a_steady_pilot_is_one_line_at_its_level(duty_permille: int, row: int) -> None:
    lines = [line.plain[AXIS:] for line in wave(AXIS + 20, 8, 12.0, -12.0, duty_permille, "A")]
    assert dots(lines[row]) == 40


SAMPLES = st.builds(
    Sample,
    at_s=st.floats(0, 200),
    offer_da=st.integers(0, 800),
    currents_da=st.tuples(*[st.integers(0, 800)] * 3),
    state=st.sampled_from("ABCDEF"),
)


@given(columns=st.integers(AXIS + 1, 120), rows=st.integers(2, 30), samples=st.lists(SAMPLES, max_size=30))
def test_the_chart_has_exactly_the_size_of_its_box(columns: int, rows: int, samples: list[Sample]) -> None:
    assert size(chart(columns, rows, samples, 200.0, 60.0)) == ({columns}, rows)


def test_the_chart_shows_each_state_once_where_it_begins() -> None:
    samples = [Sample(float(t), 0, (0, 0, 0), "A" if t < 20 else "B" if t < 40 else "C") for t in range(61)]
    strip = chart(AXIS + 60, 8, samples, 60.0, 60.0)[-1].plain[AXIS:]
    assert strip.replace(" ", "") == "ABC"
    assert (strip.index("A"), strip.index("B"), strip.index("C")) == (0, 20, 40)


@given(part=st.floats(-1, 2), cells=st.integers(1, 60))
def test_a_bar_keeps_its_width_and_is_empty_or_full_at_its_ends(part: float, cells: int) -> None:
    assert len(bar(part, cells)) == cells
    assert bar(0.0, cells) == " " * cells
    assert bar(1.0, cells) == "█" * cells


# texts


def test_the_glass_shows_what_the_display_was_sent() -> None:
    assert lcd(CHARGING).plain.splitlines() == [f" {row} " for row in CHARGING.lcd]
    assert lcd(replace(CHARGING, backlight=False)).style != lcd(CHARGING).style


@pytest.mark.parametrize("columns", [20, 26, 60])
def test_the_car_fits_its_box_in_seven_lines(columns: int) -> None:
    lines = car(CHARGING, columns).plain.splitlines()
    assert len(lines) == 7
    assert max(map(len, lines)) <= columns


def test_the_hat_names_what_is_broken_and_lights_what_is_on() -> None:
    text = hat(replace(CHARGING, faults=("cp-short",)), {"guard": "runs", "station": "ended"}).plain
    assert "broken: cp-short" in text
    assert "● SAFE" in text
    assert "○ RCM trip" in text


def test_a_line_of_the_journal_has_time_source_and_text() -> None:
    assert journal(Line("guard", "info", "ready"), "10:00:00").plain == "10:00:00 guard   ready"


def test_the_pilot_is_told_in_numbers() -> None:
    assert pilot_caption(CHARGING) == "C: +6.0/-12.1 V, 53.3 %"
    assert pilot_caption(IDLE) == "A: steady +12.0 V, no offer"
    assert pilot_caption(replace(IDLE, duty_permille=0, state="F")) == "F: steady -12.1 V, no offer"


@pytest.mark.parametrize(
    ("seen", "guard", "station", "word"),
    [
        (IDLE, "runs", "runs", "p plugs one in"),
        (CHARGING, "runs", "runs", "22.0 kW"),
        (replace(CHARGING, lamps=OPEN, wants=False, state="B"), "runs", "runs", "r: the car asks"),
        (replace(CHARGING, lamps=OPEN, offer_da=0, state="B"), "runs", "runs", "the LCD says"),
        (replace(CHARGING, lamps=OPEN), "runs", "runs", "6 V on the pilot"),
        (replace(IDLE, state="E"), "runs", "runs", "error"),
        (replace(IDLE, faults=("cp-short",)), "runs", "runs", "x mends it"),
        (CHARGING, "ended", "runs", "The guard is dead"),
        (CHARGING, "runs", "stalled", "The station is stalled"),
        (replace(CHARGING, pigpiod="hung"), "ended", "ended", "pigpiod is hung"),
    ],
)
def test_in_every_moment_there_is_advice_that_fits_80_columns(
    seen: Picture, guard: str, station: str, word: str
) -> None:
    sentence = advice(seen, guard, station)
    assert word in sentence
    assert len(sentence) <= 79


# fingers


def test_a_key_that_a_terminal_repeats_stays_down_until_the_last_word_about_it() -> None:
    fingers = Fingers()
    assert fingers.typed("o", 0.0) == ["press o down"]
    for step in range(1, 60):
        assert fingers.due(step * 0.03) == []
        assert fingers.typed("o", step * 0.03) == []
    assert fingers.due(59 * 0.03 + TAP_S) == ["press o up"]


def test_a_long_press_is_longer_than_the_menu_wants_and_takes_both_keys_together() -> None:
    fingers = Fingers()
    assert fingers.typed("<>", 0.0, LONG_S) == ["press < down", "press > down"]
    assert fingers.due(2.0) == []
    assert fingers.due(LONG_S) == ["press < up", "press > up"]


@given(st.lists(st.tuples(st.sampled_from("<o>"), st.floats(0, 10)), max_size=40))
def test_every_key_that_goes_down_comes_up_once(typed: list[tuple[str, float]]) -> None:
    fingers = Fingers()
    commands: list[str] = []
    for key, at_s in sorted(typed, key=lambda one: one[1]):
        commands += fingers.due(at_s) + fingers.typed(key, at_s)
    commands += fingers.due(100.0)
    for key in "<o>":
        mine = [command for command in commands if f" {key} " in command]
        assert mine == [f"press {key} down", f"press {key} up"] * (len(mine) // 2)


# troubles


def test_a_number_in_a_name_makes_a_trouble_of_a_pattern() -> None:
    found = numbered("adc-channel-<0..7>-<code>", "adc-channel-3-1200")
    assert found is not None
    assert found.on == "fault adc-channel-3-1200 on"
    assert numbered("temp-<degC>", "temp--20") is not None
    assert numbered("temp-<degC>", "temp-warm") is None


def test_each_trouble_stands_as_soon_as_its_sign_is_there() -> None:
    seen = replace(CHARGING, pigpiod="dead", bus_plugged=False, silent_units=(12,), faults=("cp-short",))
    standing = active(seen, {"guard": "stalled", "station": "ended"}.__getitem__)
    assert standing == {"guard-stalled", "station-killed", "pigpiod-dead", "bus-cut", "meter-silent", "cp-short"}
    assert active(CHARGING, lambda _: "runs") == frozenset()
    known = {row.name for row in troubles({"cp-short": "the pilot is shorted"})}
    assert standing <= known
    assert len(known) == 1 + len(PROGRAMS)


# the whole


def shown(app: PanelApp, name: str) -> str:
    return str(app.screen_stack[0].query_one(f"#{name}", Static).visual)


@pytest.mark.parametrize("columns_rows", [(80, 24), (120, 40)])
def test_a_person_charges_a_car_breaks_the_pilot_and_mends_it(columns_rows: tuple[int, int]) -> None:
    async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while not true():
            assert time.monotonic() < deadline_s, pilot.app.export_screenshot()
            await pilot.pause(0.05)

    async def story(app: PanelApp) -> None:
        async with app.run_test(size=columns_rows) as pilot:
            await until(pilot, lambda: "READY TO CHARGE" in shown(app, "lcd"))
            await pilot.press("p")
            await until(pilot, lambda: "CONNECTED" in shown(app, "lcd"))
            await pilot.press("r")
            await until(pilot, lambda: "CHARGING" in shown(app, "lcd") and "charging" in shown(app, "car"))
            await pilot.press("f", *"cp-shor", "enter", "escape")
            await until(pilot, lambda: "broken: cp-short" in shown(app, "hat") and "○ C1" in shown(app, "hat"))
            await pilot.press("x")
            await until(pilot, lambda: "nothing is broken" in shown(app, "hat"))
            await pilot.press("q")
        assert app.return_value is None or app.return_code == 0

    with tempfile.TemporaryDirectory(prefix="rig-") as folder, Rig(place=Path(folder)) as rig:
        asyncio.run(story(PanelApp(rig)))
        said = [line.text for line in rig.journal]
    assert "> fault cp-short on" in said
    assert "> fault cp-short off" in said
