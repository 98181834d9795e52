"""Another program at pigpiod's port that takes connections and says nothing: guard and station name it and end."""

from __future__ import annotations

import gc
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smartevse.config import EXIT_CONFIG
from smartevse.drivers import foreign
from smartevse.guard import process, realtime
from smartevse.hal import hat
from smartevse.station import pigpio_link


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(foreign, "FOREIGN", tmp_path / "foreign")
    return tmp_path / "foreign"


@pytest.fixture
def silent() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def written(note: Path, port: int, seen_s: float) -> None:
    note.write_text(f"127.0.0.1:{port} 4711 {seen_s:.1f} my web server\n", "utf-8")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_sentence_names_the_program_and_says_what_to_do(note: Path, silent: int, host: str) -> None:
    written(note, silent, 100.0)
    said = foreign.foreign(host, silent, 130.0)
    assert said == (
        f"the program that listens at {host}:{silent} is not pigpiod but 'my web server' (process 4711), and does not "
        f"answer: end it, or correct host and port in [hat]"
    )


@pytest.mark.parametrize(
    ("host", "more", "now_s"),
    [("192.168.1.7", 0, 130.0), ("127.0.0.1", 1, 130.0), ("127.0.0.1", 0, 191.0), ("127.0.0.1", 0, 99.0)],
    ids=["another machine", "another port", "too old", "from another start of the machine"],
)
def test_a_note_about_something_else_says_nothing(note: Path, silent: int, host: str, more: int, now_s: float) -> None:
    written(note, silent + more, 100.0)
    assert foreign.foreign(host, silent, now_s) is None


def test_a_note_about_a_program_that_was_ended_says_nothing(note: Path) -> None:
    """The owner has ended it and starts us at once: pigpiod may listen a moment later than we look."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    written(note, port, 100.0)
    assert foreign.foreign("127.0.0.1", port, 130.0) is None


def test_nor_does_one_when_pigpiod_answers_there(note: Path) -> None:
    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(16))

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        written(note, port, 100.0)
        pigpiod = threading.Thread(target=answer)
        pigpiod.start()
        assert foreign.foreign("127.0.0.1", port, 130.0) is None
        pigpiod.join()


@pytest.mark.parametrize("text", [None, b"", b"127.0.0.1:%d 1 nan x", b"127.0.0.1:%d 1 soon x", b"\xff\xfe a b c"])
def test_a_note_that_is_missing_or_damaged_says_nothing(note: Path, silent: int, text: bytes | None) -> None:
    if text is not None:
        note.write_bytes(text.replace(b"%d", str(silent).encode()))
    assert foreign.foreign("127.0.0.1", silent, 100.0) is None


@pytest.mark.parametrize(("known", "status"), [(True, EXIT_CONFIG), (False, process.EXIT_BOARD)])
def test_the_guard_ends_for_good_only_when_the_other_program_was_seen(
    note: Path, silent: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any, known: bool, status: int
) -> None:
    monkeypatch.setattr(realtime, "prepare", list)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    config = tmp_path / "smartevse.toml"
    config.write_text(f'[hat]\nport = {silent}\n[guard]\nsocket = "{tmp_path}/guard.sock"\n', "utf-8")
    if known:
        written(note, silent, time.monotonic())
    assert process.main(["--config", str(config)]) == status
    assert ("'my web server' (process 4711)" in capfd.readouterr().err) == known
    assert gc.isenabled()


@pytest.mark.parametrize("known", [True, False])
def test_so_does_the_station(note: Path, silent: int, monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    left: list[tuple[str, int]] = []
    monkeypatch.setattr(pigpio_link, "leave", lambda sentence, status: left.append((sentence, status)))
    if known:
        written(note, silent, time.monotonic())
    link = pigpio_link.PigpioLink("127.0.0.1", silent, hat.load(), lambda *_: None, lambda: None)
    link._look_who_is_there()
    assert [status for _, status in left] == [EXIT_CONFIG] * known
