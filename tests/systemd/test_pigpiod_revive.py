"""The little program that ends a hanging pigpiod ends no other."""

import runpy
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

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
