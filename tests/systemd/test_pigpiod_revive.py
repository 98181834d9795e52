"""The little program that ends a hanging pigpiod ends no other."""

import os
import runpy
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.drivers import foreign
from smartevse.guard.process import EXIT_BOARD

REVIVE = runpy.run_path(str(Path(__file__).parents[2] / "systemd/pigpiod-revive"))
SHORT_S = 0.05


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_one_that_takes_connections_and_never_answers_hangs(daemon: socket.socket) -> None:
    assert REVIVE["hangs"](daemon.getsockname(), SHORT_S)


def test_one_that_answers_does_not_hang(daemon: socket.socket) -> None:
    def serve() -> None:
        connection, _ = daemon.accept()
        with connection:
            connection.sendall(connection.recv(16))

    thread = threading.Thread(target=serve)
    thread.start()
    assert not REVIVE["hangs"](daemon.getsockname(), 10.0)
    thread.join()


def test_one_that_is_not_there_yet_is_left_alone(daemon: socket.socket) -> None:
    address = daemon.getsockname()
    daemon.close()
    assert not REVIVE["hangs"](address, SHORT_S)


def test_it_acts_only_on_the_guards_word_for_a_lost_board() -> None:
    assert str(EXIT_BOARD) == REVIVE["BOARD_LOST"]


def test_it_finds_who_listens(daemon: socket.socket) -> None:
    port = daemon.getsockname()[1]
    assert REVIVE["listener"](port) == os.getpid()
    daemon.close()
    assert REVIVE["listener"](port) is None


@pytest.mark.parametrize(
    ("name", "service", "found"),
    [
        ("pigpiod", "user.slice", None),
        ("python3", "system.slice/pigpiod.service", None),
        ("my \x1bserver", "system.slice/web.service", "my ?server"),
    ],
)
def test_pigpiod_is_known_by_its_name_or_its_service(
    tmp_path: Path, name: str, service: str, found: str | None
) -> None:
    process = tmp_path / "4711"
    process.mkdir()
    (process / "comm").write_text(f"{name}\n")
    (process / "cgroup").write_text(f"0::/{service}\n")
    assert REVIVE["foreign"](4711, tmp_path) == found
    assert REVIVE["foreign"](4712, tmp_path) is None


@pytest.mark.parametrize("status", ["1", "78"])
def test_a_program_that_is_not_pigpiod_is_named_and_lives_on(
    daemon: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    note = tmp_path / "foreign"
    inside = REVIVE["main"].__globals__
    for key, value in (("FOREIGN", note), ("ADDRESS", daemon.getsockname()), ("ANSWER_S", SHORT_S)):
        monkeypatch.setitem(inside, key, value)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ends nobody"))
    monkeypatch.setenv("EXIT_STATUS", status)
    before = os.umask(0o077)
    try:
        REVIVE["main"]()
    finally:
        os.umask(before)
    assert note.exists() == (status == str(EXIT_BOARD))
    if note.exists():
        assert note.stat().st_mode & 0o777 == 0o644, "guard and station are other users"
        monkeypatch.setattr(foreign, "FOREIGN", note)
        host, port = daemon.getsockname()
        said = foreign.foreign(host, port, time.monotonic())
        assert said is not None
        assert f"(process {os.getpid()})" in said


def test_a_pigpiod_that_hangs_is_still_ended(
    daemon: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[list[str]] = []
    inside = REVIVE["main"].__globals__
    values = {"FOREIGN": tmp_path / "foreign", "ADDRESS": daemon.getsockname(), "ANSWER_S": SHORT_S}
    for key, value in {**values, "foreign": lambda pid: None}.items():
        monkeypatch.setitem(inside, key, value)
    monkeypatch.setattr(subprocess, "run", lambda words, **_: ended.append(words))
    monkeypatch.setenv("EXIT_STATUS", str(EXIT_BOARD))
    REVIVE["main"]()
    assert ended == [["systemctl", "kill", "--signal=KILL", "pigpiod.service"]]
    assert not values["FOREIGN"].exists()
