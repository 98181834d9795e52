"""The page about the self-test has the table of today."""

from __future__ import annotations

from smartevse.selftest.page import PAGE, renewed


def test_the_page_has_the_table_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert renewed(text) == text, "run: python -m smartevse.selftest.page"
