"""The result: a line for each check on the screen and in the journal, and a page for the installation's papers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from smartevse.core.message_ids import EVENTS
from smartevse.drivers.journal_log import JournalHandler, library
from smartevse.drivers.journal_socket import SOCKET
from smartevse.selftest.check import Outcome
from smartevse.selftest.run import Result

FOLDER = "selftest"
KEPT = 20
"""So many pages are kept; older ones are removed."""
_LEVELS = {Outcome.PASSED: logging.INFO, Outcome.FAILED: logging.ERROR, Outcome.NOT_DONE: logging.WARNING}


def line(result: Result) -> str:
    """One check in one line, and below it what to do when it failed."""
    text = f"{result.outcome.value:<8} {result.check.name:<16} {result.text}"
    if result.outcome is not Outcome.FAILED:
        return text
    return f"{text}\n{'':<25} {result.check.does}; allowed: {result.check.allowed}\n{'':<25} {result.check.remedy}"


def summary(results: Sequence[Result]) -> str:
    """How it ended, in one line."""
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    if counts[Outcome.FAILED]:
        names = ", ".join(result.check.name for result in results if result.outcome is Outcome.FAILED)
        return f"FAILED: {names}; {counts[Outcome.PASSED]} checks passed, {counts[Outcome.NOT_DONE]} were not done"
    if counts[Outcome.NOT_DONE]:
        return f"not complete: {counts[Outcome.PASSED]} checks passed, {counts[Outcome.NOT_DONE]} were not done"
    return f"all {counts[Outcome.PASSED]} checks passed"


def page(results: Sequence[Result], head: Iterable[str]) -> str:
    """The whole report as text; `head` are the lines above the table (when, what, with what)."""
    return "\n".join([*head, "", *(line(result) for result in results), "", summary(results), ""])


def keep(text: str, state_directory: Path, now: datetime) -> Path:
    """Write the page into the state directory and return its path; the oldest go. Raises OSError."""
    folder = state_directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%d-%H%M%S}.txt"
    path.write_text(text, "utf-8")
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def tell_journal(results: Sequence[Result], logger: logging.Logger) -> None:
    """One line for each check that did not pass, and one for the whole, with their fields."""
    event = EVENTS["selftest"].message_id
    for result in results:
        if result.outcome is not Outcome.PASSED:
            text = f"self-test: {result.check.name} {result.outcome.value}: {result.text}"
            fields = {"MESSAGE_ID": event, "EVSE_CHECK": result.check.name, "EVSE_RESULT": result.outcome.name}
            logger.log(_LEVELS[result.outcome], "%s", text, extra=fields)
    worst = next(
        (o for o in (Outcome.FAILED, Outcome.NOT_DONE) if any(r.outcome is o for r in results)), Outcome.PASSED
    )
    logger.log(
        _LEVELS[worst], "self-test: %s", summary(results), extra={"MESSAGE_ID": event, "EVSE_RESULT": worst.name}
    )


def journal(identifier: str) -> logging.Logger:
    """A logger that leads to the journal and nowhere else; to nothing where there is no journal."""
    logger = logging.getLogger("smartevse.selftest")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers[:] = [JournalHandler(identifier, sendv=library()) if SOCKET.is_socket() else logging.NullHandler()]
    return logger
