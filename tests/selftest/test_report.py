"""The result on the screen, in the journal and as a page."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smartevse.core.message_ids import EVENTS
from smartevse.selftest import report
from smartevse.selftest.check import Outcome
from smartevse.selftest.run import CHECKS, Result, chosen

RAIL, PILOT, LCD = (
    next(check for check in CHECKS if check.name == name) for name in ("rail", "pilot-high", "lcd-shows")
)
GOOD = Result(RAIL, Outcome.PASSED, "12 V")
BAD = Result(PILOT, Outcome.FAILED, "10.8 V")
LEFT = Result(LCD, Outcome.NOT_DONE, "nobody looked")


def test_a_failed_check_tells_what_is_allowed_and_what_to_do() -> None:
    first, second, third = report.line(BAD).splitlines()
    assert first.split() == ["FAILED", "pilot-high", "10.8", "V"]
    assert second.strip().endswith("allowed: 11.4 to 12.6 V")
    assert third.strip() == PILOT.remedy
    assert "\n" not in report.line(GOOD)


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([GOOD], "all 1 checks passed"),
        ([GOOD, LEFT], "not complete: 1 checks passed, 1 were not done"),
        ([GOOD, BAD, LEFT], "FAILED: pilot-high; 1 checks passed, 1 were not done"),
    ],
)
def test_the_end_is_one_line(results: list[Result], text: str) -> None:
    assert report.summary(results) == text


def test_a_page_is_kept_and_the_oldest_go(tmp_path: Path) -> None:
    text = report.page([GOOD, BAD], ["Self-test"])
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    paths = [report.keep(text, tmp_path, now + timedelta(seconds=at)) for at in range(report.KEPT + 3)]
    assert paths[-1].read_text("utf-8") == text
    assert sorted((tmp_path / report.FOLDER).iterdir()) == paths[3:]


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_the_journal_gets_what_did_not_pass_and_the_end_with_their_fields() -> None:
    logger, kept = logging.Logger("selftest"), Kept()
    logger.addHandler(kept)
    report.tell_journal([GOOD, BAD, LEFT], logger)
    found = [
        (record.levelname, record.__dict__.get("EVSE_CHECK"), record.__dict__["EVSE_RESULT"]) for record in kept.records
    ]
    assert found == [
        ("ERROR", "pilot-high", "FAILED"),
        ("WARNING", "lcd-shows", "NOT_DONE"),
        ("ERROR", None, "FAILED"),
    ]
    assert {record.__dict__["MESSAGE_ID"] for record in kept.records} == {EVENTS["selftest"].message_id}


def test_a_check_can_be_made_alone_with_all_that_it_needs() -> None:
    assert chosen([]) == CHECKS
    assert [check.name for check in chosen(["lcd-shows"])] == ["lcd-answers", "lcd-shows"]
    names = [check.name for check in chosen(["window"])]
    assert names[-1] == "window"
    assert {"converter", "rail", "outlet-empty", "safe-off", "watchdog-alive"} <= set(names)
    with pytest.raises(ValueError, match="there is no check 'windows'"):
        chosen(["windows"])
