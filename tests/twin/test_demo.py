"""The demo's rig, its headless charge and its scenarios, with the real processes."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import psutil
import pytest

import smartevse.scenario
from smartevse.twin.demo import main
from smartevse.twin.demo_rig import RESTART_S, Line, Rig, RigError, parse_line
from smartevse.twin.demo_scenario import Step, perform, play, read
from smartevse.twin.demo_story import Check, charge, summary

DEADLINE_S = 20.0


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short name: the sockets in pytest's own would have too long ones."""
    with tempfile.TemporaryDirectory(prefix="rig-") as folder:
        yield Path(folder)


def until(true: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_a_charge_without_a_picture_holds_and_leaves_nothing_behind(place: Path) -> None:
    said: list[str] = []
    with Rig(place=place) as rig:
        pids = [rig.pid(name) for name in ("twin", "guard", "station")]
        held = charge(rig, said.append, charge_s=2.0)
    assert held, "\n".join(said)
    assert "everything held" in said
    assert any("CHARGING" in line and "CONNECTED" in line for line in said if line.startswith("LCD"))
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not list(place.iterdir())


def test_what_ends_by_itself_comes_back_and_what_was_killed_stays_away(place: Path) -> None:
    with Rig(place=place) as rig:
        os.kill(rig.pid("station"), signal.SIGTERM)
        until(lambda: rig.condition("station") == "ended")
        rig.look(now_s=100.0)
        assert rig.condition("station") == "ended"
        rig.look(now_s=100.0 + RESTART_S["station"])
        assert rig.condition("station") == "runs"
        rig.kill("guard")
        until(lambda: rig.condition("guard") == "ended")
        rig.look(now_s=200.0)
        rig.look(now_s=300.0)
        assert rig.condition("guard") == "ended"
        rig.start("guard")
        rig.stall("guard", True)
        assert rig.condition("guard") == "stalled"


def test_while_pigpiod_is_gone_nobody_is_started_in_vain(place: Path) -> None:
    with Rig(place=place) as rig:
        rig.pigpiod = False
        os.kill(rig.pid("station"), signal.SIGTERM)
        until(lambda: rig.condition("station") == "ended")
        rig.look(now_s=100.0)
        rig.look(now_s=200.0)
        assert rig.condition("station") == "ended"
        rig.pigpiod = True
        rig.look(now_s=300.0)
        assert rig.condition("station") == "runs"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_however_the_demo_ends_its_processes_end_with_it(number: signal.Signals, place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "smartevse", "demo", "--headless"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(place)},
    ) as demo:
        try:
            until(lambda: len(programs(demo.pid)) == 3)
            children = programs(demo.pid)
            demo.send_signal(number)
            assert demo.wait(DEADLINE_S) != 0
        finally:
            demo.kill()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def programs(pid: int) -> list[psutil.Process]:
    """The programs of a demo that have begun to run."""
    found = []
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # `smartevse settings` comes and goes
            command = child.cmdline()
            if "-m" in command and {"twin", "guard", "run"} & set(command):
                found.append(child)
    return found


def test_a_folder_with_too_long_a_name_is_told_in_one_sentence(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    with pytest.raises(RigError, match="too long a name for sockets: set TMPDIR"), Rig(place=long):
        pass
    assert not list(long.iterdir())


def test_a_setting_that_is_refused_ends_the_start_with_its_sentence(place: Path) -> None:
    with pytest.raises(RigError, match="MAX cannot be set to '81'"), Rig({"MAX": "81"}, place=place):
        pass
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("source", "text", "line"),
    [
        ("station", "18:09:48 WARNING no guard", Line("station", "warning", "no guard")),
        ("station", "18:09:48 INFO    car connected", Line("station", "info", "car connected")),
        ("guard", "guard: ready: pilot live", Line("guard", "info", "ready: pilot live")),
        ("twin", "twin ready: pigpiod", Line("twin", "info", "twin ready: pigpiod")),
    ],
)
def test_a_line_of_a_program_says_who_how_serious_and_what(source: str, text: str, line: Line) -> None:
    assert parse_line(source, text) == line


def test_the_summary_counts_what_did_not_hold() -> None:
    good, bad = Check("a", "1 ms", "<= 2 ms", True), Check("bb", "never", "<= 2 ms", False)
    assert summary([good, good])[-1] == "everything held"
    lines = summary([good, bad])
    assert lines[-1] == "1 of 2 did not hold"
    assert "FAIL bb  never  (must: <= 2 ms)" in lines


# scenarios

STORY = """
title = "A small cable"
duration = "0:00:03.5"
[given]
cable_a = 13
[given.settings]
MAX = 16
[given.car]
phases = 1
s2_stuck = false
[[at]]
t = 1.5
do = ["set EV METER Disabled", "ev unplug"]
[[at]]
t = 0
do = "ev plug"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "story.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_scenario_is_read_in_the_order_in_which_it_happens(tmp_path: Path) -> None:
    story = read(written(tmp_path, STORY))
    assert story.title == "A small cable"
    assert story.ends_s == 3.5
    assert story.settings == {"EV METER": "Eastron", "MAX": "16"}
    assert story.prepare == ("cable 1500", "ev set phases 1", "ev set s2_stuck off")
    assert story.steps == (Step(0.0, "ev plug"), Step(1.5, "set EV METER Disabled"), Step(1.5, "ev unplug"))


def test_a_story_of_a_house_and_its_sun_can_be_played(tmp_path: Path) -> None:
    story = read(Path(smartevse.scenario.__file__).parent / "stories" / "sunny-day.toml")
    assert story.prepare[:1] == ("cable 220",)
    assert "house 1 1 1" in story.prepare
    done: list[str] = []
    for command in ("house 5", "house 5 6 7", "sun 6900", "sun much", "meter silent", "meter back"):
        perform(cast(Rig, None), done.append, command)
    assert done == [
        "house 5 5 5", "house 5 6 7", "sun 10.00", "sun much", "bus silent 10 on", "bus silent 10 off"
    ]  # fmt: skip
    wild = "[given.house]\nsteady_a = [1, 2, 3]\ncsv = 'house.csv'"
    with pytest.raises(RigError, match="a house with a steady load"):
        read(written(tmp_path, wild))


def test_a_scenario_happens_in_real_time(tmp_path: Path, place: Path) -> None:
    story = read(written(tmp_path, STORY))
    said: list[str] = []
    with Rig(story.settings, place=place) as rig:
        client = rig.client()
        for command in story.prepare:
            client.do(command)
        client.close()
        assert play(rig, story, said.append), "\n".join(said)
    text = "\n".join(said)
    assert "13.0 A" in text
    assert "EV METER is now Disabled (was Eastron)" in text
    assert text.index("> ev plug") < text.index("CONNECTED") < text.index("> ev unplug")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[given]\nunits = 8", "units in [given] cannot be played in real time with 8"),
        ("[given.house]\nseed = 1", "house in [given] cannot be played in real time with a table"),
        ("[given]\ncable_a = 14", "cable_a in [given] cannot be played in real time with 14"),
        ("[given]\ncar = 3", "car in [given] cannot be played in real time with 3"),
        ("given = 3", "[given] must be a table"),
        ("at = 3", "write what happens as tables [[at]]"),
        ("[[at]]\nt = 1", "[[at]] number 1 must have t, in seconds, and do"),
        ("[[at]]\nt = -1\ndo = 'ev plug'", "t in [[at]] number 1 is -1: it must be seconds from 0 on"),
        ("[[at]]\nt = '1:2:3:4'\ndo = 'ev plug'", "it must be seconds from 0 on"),
        (
            "[[at]]\nt = 1\ndo = 'plan 23:00'",
            "'plan 23:00' in [[at]] number 1 cannot be played in real time: begin with one",
        ),
        ("[[at]]\nt = 1\ndo = ''", "'' in [[at]] number 1 cannot be played"),
        ("[[at]]\nt = 1\ndo = [3]", "'3' in [[at]] number 1 cannot be played"),
        ("duration = true", "duration is True"),
        ("x = ", "is not a TOML file"),
    ],
)
def test_what_cannot_be_played_is_one_sentence_with_file_and_place(text: str, sentence: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RigError) as error:
        read(path)
    assert str(error.value).startswith(str(path))
    assert sentence in str(error.value)


def test_a_setting_that_nobody_knows_is_refused_in_mid_play(place: Path) -> None:
    with Rig(place=place) as rig, pytest.raises(RigError, match="there is no setting 'NO SUCH'"):
        perform(rig, print, "set NO SUCH 3")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the panel needs a terminal: run it in one, or use --headless"),
        (["--headless", "--scenario", "/nowhere.toml"], "/nowhere.toml cannot be read: No such file or directory"),
    ],
)
def test_what_keeps_the_demo_from_starting_is_one_sentence_and_status_1(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err == f"smartevse demo: {sentence}\n"


@pytest.mark.parametrize("speed", ["0", "1001", "1.5", "fast"])
def test_a_speed_that_no_battery_has_is_refused_with_its_range(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--headless", "--speed", speed])
    assert ended.value.code == 2
    assert "use 1 to 1000: so many times smaller is the car's battery" in capsys.readouterr().err
