"""The small client against a server that answers byte for byte what a test wants."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartevse.drivers.pigpiod import (
    BR1,
    SPIX,
    TICK,
    WRITE,
    NotPigpiodError,
    Pigpiod,
    PigpiodError,
    command,
    hardware_pwm,
)

LATE_S = 0.2


@contextmanager
def server(*answers: bytes, close: bool = False) -> Iterator[Pigpiod]:
    """A client whose server sends the next of these as soon as a packet of commands has come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                for answer in answers:
                    peer.recv(4096)
                    peer.sendall(answer)
                if not close:
                    done.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        with closing(Pigpiod("127.0.0.1", listener.getsockname()[1], LATE_S)) as client:
            try:
                yield client
            finally:
                done.set()
                client.close()
                thread.join()


def answers(*results: tuple[int, int, bytes]) -> bytes:
    return b"".join(struct.pack("<IIIi", number, 0, 0, result) + data for number, result, data in results)


ASK = [command(SPIX, 0, 0, b"\x06\x00\x00"), command(BR1), command(TICK)]
WHOLE = answers((SPIX, 3, b"\x00\x0f\xff"), (BR1, 0x1234, b""), (TICK, 77, b""))


def test_a_command_is_sixteen_bytes_and_its_extension() -> None:
    assert command(WRITE, 23, 1) == struct.pack("<IIII", 4, 23, 1, 0)
    assert hardware_pwm(18, 1000, 734_000) == struct.pack("<IIIII", 86, 18, 1000, 4, 734_000)


def test_many_commands_are_answered_in_one_exchange() -> None:
    with server(WHOLE) as client:
        assert client.exchange(ASK) == [(3, b"\x00\x0f\xff"), (0x1234, b""), (77, b"")]


def test_posted_commands_are_checked_by_the_next_exchange_and_not_returned() -> None:
    with server(answers((WRITE, 0, b"")) + WHOLE) as client:
        client.post([command(WRITE, 23, 1)])
        assert len(client.exchange(ASK)) == 3


def test_a_refused_post_ends_the_connection_at_the_next_exchange() -> None:
    with server(answers((WRITE, -5, b"")) + WHOLE) as client:
        client.post([command(WRITE, 23, 2)])
        with pytest.raises(PigpiodError, match="refused command 4 with error -5"):
            client.exchange(ASK)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_an_answer_cut_at_any_byte_is_an_error_and_never_a_reading(cut: int) -> None:
    with server(WHOLE[:cut], close=True) as client, pytest.raises(PigpiodError, match=r"stopped|gone"):
        client.exchange(ASK)


def test_a_daemon_that_hangs_is_an_error_and_not_a_wait() -> None:
    with server(WHOLE[:20]) as client, pytest.raises(PigpiodError, match="did not answer in time"):
        client.exchange(ASK)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (answers((BR1, 1, b"")), "out of step"),
        (WHOLE + b"\x00", "more than was asked for"),
        (answers((SPIX, -25, b"")), "refused command 75 with error -25"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error(answer: bytes, says: str) -> None:
    with server(answers((TICK, 1, b"")), answer) as client:
        client.exchange([command(TICK)])
        with pytest.raises(PigpiodError, match=says) as caught:
            client.exchange(ASK)
    assert not isinstance(caught.value, NotPigpiodError), "it has been pigpiod"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", answers((BR1, 1, b"")), WHOLE + b"\x00"])
def test_somebody_who_never_answered_like_pigpiod_is_another_program(answer: bytes) -> None:
    with server(answer) as client, pytest.raises(NotPigpiodError, match=r"is not pigpiod: end it .*ss -ltnp"):
        client.exchange(ASK)


def test_no_daemon_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PigpiodError, match="systemctl start pigpiod"):
        Pigpiod("127.0.0.1", port, LATE_S)


def test_reports_are_collected_also_when_the_network_cuts_them() -> None:
    reports = [struct.pack("<HHII", at, 0, at, 0xA0 + at) for at in range(3)]
    stream = b"".join(reports)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        closing(Pigpiod("127.0.0.1", listener.getsockname()[1], LATE_S)) as client,
    ):
        peer, _ = listener.accept()
        with peer:
            assert client.reports() == []
            seen: list[int] = []
            for at in range(0, len(stream), 7):
                peer.sendall(stream[at : at + 7])
                seen += client.reports()
            while len(seen) < len(reports):
                seen += client.reports()
            assert seen == [0xA0, 0xA1, 0xA2]
        with pytest.raises(PigpiodError, match="ended"):
            _until_it_ends(client)


def _until_it_ends(client: Pigpiod) -> None:
    while True:
        client.reports()
