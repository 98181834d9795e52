"""Entries for systemd's journal by its own protocol, taken by a real datagram socket."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pytest

from smartevse.drivers.journal_socket import JournalSocket, Lines, entry, leads_to_journal


@pytest.fixture(name="journald")
def _journald(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.setblocking(False)
        yield listener


@pytest.fixture(name="stream")
def _stream(tmp_path: Path) -> Iterator[TextIO]:
    with (tmp_path / "stream").open("w", encoding="utf-8") as stream:
        yield stream


def environ(stream: TextIO) -> dict[str, str]:
    """What systemd sets for a stream that it connected to the journal."""
    stat = os.fstat(stream.fileno())
    return {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}


def fields(data: bytes) -> Mapping[str, str]:
    """An entry as journald reads it: NAME=value, or NAME, length and value."""
    found = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[8 + size + 1 :]
        found[name.decode()] = value.decode()
        data = rest
    return found


def test_an_entry_comes_as_it_was_told_also_with_line_breaks_in_it() -> None:
    told = {"MESSAGE": "one\ntwo", "EVSE_STATE": "C", "EVSE_REASON": "a=b", "EMPTY": ""}
    assert fields(entry(told)) == told


def test_a_line_with_fields_goes_to_the_journal_and_not_to_the_stream(
    journald: socket.socket, stream: TextIO, tmp_path: Path
) -> None:
    lines = Lines(environ(stream), stream, "guard: ", tmp_path / "socket")
    lines.tell("state C", {"EVSE_STATE": "C", "PRIORITY": "6"})
    assert fields(journald.recv(4096)) == {"MESSAGE": "state C", "EVSE_STATE": "C", "PRIORITY": "6"}
    lines.say("ready")
    lines.close()
    assert (tmp_path / "stream").read_text("utf-8") == "guard: ready\n"


def test_without_the_journal_every_line_goes_to_the_stream(stream: TextIO, tmp_path: Path) -> None:
    assert not leads_to_journal({"JOURNAL_STREAM": "1:1"}, stream)
    Lines({}, stream, "guard: ").tell("state C", {"EVSE_STATE": "C"})
    assert (tmp_path / "stream").read_text("utf-8") == "guard: state C\n"


def test_a_journal_that_takes_nothing_or_is_gone_costs_the_line_and_no_time(
    journald: socket.socket, tmp_path: Path
) -> None:
    lines = JournalSocket(tmp_path / "socket")
    for _ in range(10_000):  # far more than a socket holds; a call that waits would never come back
        lines.tell("x" * 500, {})
    lost = lines.lost
    assert lost > 0
    (tmp_path / "socket").rename(tmp_path / "elsewhere")
    lines.tell("nobody there", {})
    assert lines.lost == lost + 1
    (tmp_path / "elsewhere").rename(tmp_path / "socket")
    for _ in range(5):  # the journal works again
        journald.recv(4096)
    lines.tell("back", {})
    lines.close()
    last = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            last = journald.recv(4096)
    assert fields(last) == {"MESSAGE": f"back ({lost + 1} lines before this one were lost)"}


def test_a_reader_that_does_not_read_costs_the_line_and_no_time() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading, "rb") as reader:
        lines = Lines({}, stream, "")
        for _ in range(1000):  # far more than a pipe holds
            lines.say("x" * 1000)
        os.set_blocking(reading, False)
        assert len(reader.read()) < 1000 * 1000
