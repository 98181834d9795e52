"""The table of checks for the page about them: `python -m smartevse.selftest.page` writes it into docs/selftest.md."""

from __future__ import annotations

from pathlib import Path

from smartevse.selftest.run import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "selftest.md"
MARK = "<!-- made by: python -m smartevse.selftest.page -->\n"
END = "\n## What no test can see\n"


def table() -> str:
    """One row for each check."""
    rows = [f"| {c.name} | {c.does} | {c.allowed} | {c.remedy} |" for c in CHECKS]
    return "\n".join(["| check | it | allowed | when it fails |", "|---|---|---|---|", *rows, ""])


def renewed(text: str) -> str:
    """The page with the table of today in it."""
    head, rest = text.split(MARK)
    return head + MARK + "\n" + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
