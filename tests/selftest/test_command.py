"""`smartevse selftest` as a process against a running twin: pigpiod's socket, the bus, and the control socket."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.config import EXIT_CONFIG
from smartevse.selftest.command import EXIT_BUSY, main
from smartevse.selftest.places import running
from smartevse.selftest.run import EXIT_FAILED, EXIT_PASSED
from tests.end_to_end.harness import DEADLINE_S, Program, Rig, rig


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path) as made:
        yield made


def selftest(made: Rig, *arguments: str) -> Program:
    return made._start("selftest", "selftest", "--config", str(made.config), *arguments)


def test_a_good_station_passes_with_its_display_its_meter_and_its_watchdog(made: Rig) -> None:
    made.twin()
    made.settings("set", "EV METER", "Eastron")
    made.settings("set", "EV ADR", "12")
    program = selftest(made, "--yes", "rail", "lcd-answers", "ev-meter")
    assert program.wait() == EXIT_PASSED, program.text()
    assert "meter 12 (Eastron" in program.text()
    assert made.lcd()[0] == "SELFTEST 0123456789 "
    (page,) = (made.state / "selftest").iterdir()
    assert "all 4 checks passed" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("command", "check", "words"),
    [
        ("fault rail-low", "rail", "Measure the supply at the hat's terminal"),
        ("fault lcd-off", "lcd-answers", "Check the display's plug"),
    ],
)
def test_a_defect_injected_over_the_control_socket_is_named(made: Rig, command: str, check: str, words: str) -> None:
    made.twin()
    made.do(command)
    program = selftest(made, "--yes", check)
    assert program.wait() == EXIT_FAILED, program.text()
    assert f"FAILED   {check}" in program.text()
    assert words in program.text()


def test_the_contactor_is_tested_with_a_yes_on_the_command_line_and_left_open(made: Rig) -> None:
    made.twin()
    program = selftest(made, "--yes", "--wait", "20", "contactor-fed")
    made.until(lambda: "Plug in the tester" in program.text(), "it asks for the plug")
    made.do("cable 220")
    made.do("ev plug")
    made.until(lambda: "Let it ask for current" in program.text(), "it asks for current")
    made.do("ev ready")
    assert program.wait() == EXIT_PASSED, program.text()
    assert "yes (--yes)" in program.text()
    assert "ok       contactor-fed" in program.text()
    contactors = made.world()["contactors"]
    assert (contactors["c1"], contactors["c1_cmd"]) == (False, False)


def test_it_refuses_while_the_guard_or_the_station_runs(made: Rig) -> None:
    made.twin()
    guard = made.guard()
    made.until(lambda: "ready:" in guard.text(), "the guard is ready")
    program = selftest(made, "--yes")
    assert program.wait() == EXIT_BUSY
    assert "the guard is running and has the hat: sudo systemctl stop" in program.text()
    guard.stop()
    station = made.station()
    made.until(lambda: "the station is ready" in station.text(), "the station is ready")
    again = selftest(made, "--yes")
    assert again.wait() == EXIT_BUSY
    assert "the station is running" in again.text()


def test_no_guard_starts_while_it_runs(made: Rig) -> None:
    made.twin()
    program = selftest(made, "--yes", "--wait", "20", "button-left")
    made.until(lambda: "Press the button <" in program.text(), "it asks for a button")
    guard = made.guard()
    assert guard.wait() == EXIT_CONFIG
    assert "another guard listens" in guard.text()
    made.press("<", 0.2)
    assert program.wait() == EXIT_PASSED, program.text()


def test_a_person_answers_at_the_keyboard_and_an_end_in_the_middle_leaves_all_off(made: Rig) -> None:
    made.twin()
    command = [sys.executable, "-c", "import sys; from smartevse.cli import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "selftest", "--answers", "--config", str(made.config), "led-red", "led-green"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"STATE_DIRECTORY": str(made.state), "PATH": "/usr/bin:/bin"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    made.until(lambda: made.world()["leds"]["red"] == 1.0, "the LED is red")
    process.stdin.write("no\n")
    process.stdin.flush()
    made.until(lambda: made.world()["leds"]["green"] == 1.0, "the LED is green")
    process.terminate()
    assert process.wait(DEADLINE_S) == 130
    text = process.stdout.read()
    process.stdin.close()
    process.stdout.close()
    assert "FAILED   led-red" in text
    assert "ended before it was done; everything is off" in text
    made.until(lambda: made.world()["leds"]["green"] == 0.0, "the LED is off")


def test_nobody_at_the_keyboard_and_no_yes_is_refused(made: Rig) -> None:
    made.twin()
    program = selftest(made)
    assert program.wait() == 2
    assert "use a terminal, or --yes" in program.text()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nonsense"], 2, "there is no check 'nonsense'"),
        (["--config", "/nowhere.toml"], EXIT_CONFIG, "cannot read the configuration /nowhere.toml"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    assert words in capsys.readouterr().err


def test_without_pigpiod_it_says_so(made: Rig) -> None:
    program = selftest(made, "--yes", "rail")
    assert program.wait() == EXIT_FAILED
    assert "no pigpiod at" in program.text()


def test_the_table_can_be_read_without_a_hat(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == EXIT_PASSED
    assert "watchdog-time: measures how long" in capsys.readouterr().out


def test_only_programs_with_this_configuration_count_as_running(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    for number, words in enumerate(
        (
            ["/usr/bin/smartevse", "run", "--config", "/other.toml"],
            ["/usr/bin/smartevse", "settings", "--config", str(mine)],
            ["vi", "run", str(mine)],
        )
    ):
        (tmp_path / "proc" / str(number)).mkdir(parents=True)
        (tmp_path / "proc" / str(number) / "cmdline").write_bytes(b"\0".join(word.encode() for word in words) + b"\0")
    assert running(tmp_path / "no.sock", mine, tmp_path / "proc") is None
    (tmp_path / "proc/9").mkdir()
    (tmp_path / "proc/9/cmdline").write_bytes(f"/usr/bin/smartevse\0guard\0--config={mine}\0".encode())
    assert "the guard is running" in str(running(tmp_path / "no.sock", mine, tmp_path / "proc"))
