"""The program: how it starts, what it says when it cannot, what it leaves behind."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from tests.twin.running import DEADLINE_S, Twin, command, exactly, running, start


def _refused(*arguments: str) -> str:
    process = start(*arguments)
    output, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, output) == (1, "")
    assert errors.startswith("smartevse twin: ")
    assert errors.count("\n") == 1
    return errors


def test_it_says_where_everything_is(twin: Twin) -> None:
    assert twin.ready == f"twin ready: pigpiod 127.0.0.1:{twin.port}, bus {twin.bus()}, control {twin.control}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_nothing_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as twin:
        twin.process.send_signal(number)
        assert twin.process.wait(timeout=DEADLINE_S) == 0
        assert not Path(twin.bus()).is_symlink()
        assert not twin.control.exists()


def test_quit_ends_it(twin: Twin) -> None:
    twin.tell("quit")
    assert twin.process.wait(timeout=DEADLINE_S) == 0


def test_a_taken_port_is_told_in_one_sentence(twin: Twin, tmp_path: Path) -> None:
    other = ("--bus", str(tmp_path / "other"), "--control", str(tmp_path / "other.sock"))
    assert f"port {twin.port} on 127.0.0.1" in _refused("--pigpio-port", str(twin.port), *other)
    assert twin.say("now")


def test_a_control_socket_in_use_is_left_alone(twin: Twin, tmp_path: Path) -> None:
    places = ("--bus", str(tmp_path / "other"), "--control", str(twin.control))
    assert "control socket" in _refused("--pigpio-port", "0", *places)
    assert not (tmp_path / "other" / "bus0").is_symlink()
    assert twin.say("now")


def test_a_left_over_socket_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(tmp_path / "control"))
    with running(tmp_path) as twin:
        assert twin.say("now")


def test_files_in_the_way_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "control").write_text("precious")
    (tmp_path / "line").mkdir()
    (tmp_path / "line" / "bus0").write_text("precious")
    (tmp_path / "file").write_text("precious")
    zero = ("--pigpio-port", "0")
    assert "control socket" in _refused(*zero, "--bus", str(tmp_path / "a"), "--control", str(tmp_path / "control"))
    _refused(*zero, "--bus", str(tmp_path / "line"), "--control", str(tmp_path / "c"))
    _refused(*zero, "--bus", str(tmp_path / "file"), "--control", str(tmp_path / "c"))
    _refused(*zero, "--bus", str(tmp_path / "b"), "--control", str(tmp_path / "none" / "c"))
    assert {(tmp_path / name).read_text() for name in ("control", "line/bus0", "file")} == {"precious"}


def test_several_units_share_the_line_and_have_their_own_hats(tmp_path: Path) -> None:
    with running(tmp_path, units=3) as twin:
        assert len(set(twin.ports)) == 3
        twin.tell("unit 2 ev plug")
        assert [twin.ask(f"unit {n} state")["ev"]["plugged"] for n in range(3)] == [False, False, True]
        assert all(Path(twin.bus(n)).is_symlink() for n in range(3))
        with socket.create_connection(("127.0.0.1", twin.ports[2]), timeout=DEADLINE_S) as raw:
            raw.sendall(command(26))
            assert exactly(raw, 16)[12] == 79


@pytest.mark.parametrize("wrong", [("--pigpio-port", "x"), ("--pigpio-port", "70000"), ("--units", "9")])
def test_wrong_arguments_are_told(tmp_path: Path, wrong: tuple[str, str]) -> None:
    process = start(*wrong, "--bus", str(tmp_path), "--control", str(tmp_path / "c"))
    output, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 2
    assert wrong[1] in errors
    assert output == ""
