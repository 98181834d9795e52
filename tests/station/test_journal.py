"""Lines go to the journal with their priority, or readable to standard error."""

from __future__ import annotations

import io
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.core.ration import BURST, EVERY_S
from smartevse.station import journal


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def said(tmp_path: Path) -> str:
    """What two lines look like in a stream that is not the journal's."""
    path = tmp_path / "stream"
    with path.open("w", encoding="utf-8") as stream:
        journal.set_up({"JOURNAL_STREAM": "1:1"}, stream)
        logging.getLogger("smartevse.test").info("car connected", extra={"EVSE_STATE": "B"})
        logging.getLogger("smartevse.test").error("first\nsecond")
        journal.flush()
    return path.read_text("utf-8")


def test_on_a_terminal_a_line_has_time_level_and_text(tmp_path: Path) -> None:
    first, *_ = said(tmp_path).splitlines()
    assert first.split(maxsplit=2)[1:] == ["INFO", "car connected"]


def test_a_stream_that_is_not_the_journals_gets_plain_lines(tmp_path: Path) -> None:
    assert "<6>" not in said(tmp_path)


def test_under_systemd_a_line_is_an_entry_with_its_fields_and_nothing_goes_to_the_stream(tmp_path: Path) -> None:
    place, path = tmp_path / "socket", tmp_path / "stream"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald, path.open("w", encoding="utf-8") as stream:
        journald.bind(str(place))
        stat = os.fstat(stream.fileno())
        journal.set_up({"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}, stream, place)
        logging.getLogger("smartevse.test").warning("car %s", "connected", extra={"EVSE_STATE": "B", "x": 1})
        assert set(journald.recv(4096).decode().splitlines()) == {
            "MESSAGE=car connected",
            "PRIORITY=4",
            "SYSLOG_IDENTIFIER=smartevse",
            "EVSE_STATE=B",
        }
        logging.getLogger().handlers[0].close()
    assert path.read_text("utf-8") == ""


class Clocked:
    """A logger whose lines pass the ration at a time of ours."""

    def __init__(self) -> None:
        self.now_s, self.output = 0.0, io.StringIO()
        handler = logging.StreamHandler(self.output)
        handler.addFilter(journal.Rationed(lambda: self.now_s))
        self.logger = logging.Logger("rationed")
        self.logger.addHandler(handler)

    def lines(self) -> list[str]:
        return self.output.getvalue().splitlines()


def test_a_line_that_comes_again_and_again_is_held_back_counted_and_told() -> None:
    clocked = Clocked()
    for _ in range(BURST + 7):
        clocked.logger.warning("the pilot is shorted %s", "again")
        clocked.logger.info("something else %f", clocked.now_s)
        clocked.now_s += 1
    assert clocked.lines().count("the pilot is shorted again") == BURST
    assert sum(line.startswith("something else") for line in clocked.lines()) == BURST + 7
    clocked.now_s += EVERY_S
    clocked.logger.warning("the pilot is shorted %s", "again")
    assert clocked.lines()[-1] == "the pilot is shorted again (and 7 times more)"


def test_lines_of_one_kind_are_rationed_together_whatever_their_numbers_are() -> None:
    clocked = Clocked()
    for number in range(10 * BURST):
        clocked.logger.info("charging at %d A", number, extra={"MESSAGE_ID": "a"})
    assert len(clocked.lines()) == BURST
    clocked.logger.info("charging at 1 A", extra={"MESSAGE_ID": "a", "EVSE_FAULT": "DIODE"})
    clocked.logger.info("stopped", extra={"MESSAGE_ID": "b"})
    assert clocked.lines()[BURST:] == ["charging at 1 A", "stopped"]
