"""Lines go to the journal with their priority, or readable to standard error."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartevse.station import journal


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def said(tmp_path: Path, to_journal: bool) -> str:
    """What two lines look like in the stream."""
    path = tmp_path / "stream"
    with path.open("w", encoding="utf-8") as stream:
        stat = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"} if to_journal else {"JOURNAL_STREAM": "1:1"}
        assert journal.leads_to_journal(environ, stream) == to_journal
        journal.set_up(environ, stream)
        logging.getLogger("smartevse.test").info("car connected", extra={"EVSE_STATE": "B"})
        logging.getLogger("smartevse.test").error("first\nsecond")
        journal.flush()
    return path.read_text("utf-8")


def test_on_a_terminal_a_line_has_time_level_and_text(tmp_path: Path) -> None:
    first, *_ = said(tmp_path, to_journal=False).splitlines()
    assert first.split(maxsplit=2)[1:] == ["INFO", "car connected"]


def test_a_stream_that_is_not_the_journals_is_not_taken_for_it(tmp_path: Path) -> None:
    assert "<6>" not in said(tmp_path, to_journal=False)


def test_without_the_journals_library_lines_carry_their_priority(tmp_path: Path) -> None:
    try:
        import systemd.journal  # noqa: F401
    except ImportError:
        assert said(tmp_path, to_journal=True).splitlines() == ["<6>car connected", "<3>first", "<3>second"]
    else:
        pytest.skip("python-systemd is installed: lines go to the journal's own socket")
