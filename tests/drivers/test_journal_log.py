"""The station's lines through systemd-python, with the fields of ours and no others."""

from __future__ import annotations

import logging

from smartevse.drivers.journal_log import JournalHandler


def test_a_line_goes_through_the_library_with_its_fields_and_none_of_a_programmers() -> None:
    sent: list[tuple[str, ...]] = []
    handler = JournalHandler("smartevse", ids={"smartevse.bus": "0f"}, sendv=lambda *fields: sent.append(fields))
    record = logging.LogRecord("smartevse.bus", logging.WARNING, "file.py", 1, "first\n%s", ("second",), None)
    record.EVSE_STATE = "B"
    handler.emit(record)
    handler.close()
    assert sent == [
        ("MESSAGE=first\nsecond", "PRIORITY=4", "SYSLOG_IDENTIFIER=smartevse", "EVSE_STATE=B", "MESSAGE_ID=0f")
    ]
