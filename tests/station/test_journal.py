"""Lines go to the journal with their priority, or readable to standard error."""

from __future__ import annotations

import io
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


def test_a_line_that_comes_again_and_again_is_held_back_counted_and_told() -> None:
    now_s, output = [0.0], io.StringIO()
    logger, handler = logging.Logger("repeats"), logging.StreamHandler(output)
    handler.addFilter(journal.Repeats(lambda: now_s[0]))
    logger.addHandler(handler)
    for _ in range(journal.BURST + 7):
        logger.warning("the pilot is shorted %s", "again")
        logger.info("something else %f", now_s[0])
        now_s[0] += 1
    lines = output.getvalue().splitlines()
    assert lines.count("the pilot is shorted again") == journal.BURST
    assert sum(line.startswith("something else") for line in lines) == journal.BURST + 7
    now_s[0] += journal.WINDOW_S
    logger.warning("the pilot is shorted %s", "again")
    assert output.getvalue().splitlines()[-1] == "the pilot is shorted again (and 7 times more)"


def test_lines_that_are_rare_are_all_written_and_forgotten() -> None:
    now_s = [0.0]
    repeats = journal.Repeats(lambda: now_s[0])
    for number in range(3 * journal.KEPT_LINES):
        record = logging.LogRecord("x", logging.INFO, "", 0, "line %d", (number,), None)
        assert repeats.filter(record)
        now_s[0] += 1
    assert len(repeats._told) <= journal.KEPT_LINES + journal.WINDOW_S
