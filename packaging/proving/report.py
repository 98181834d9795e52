"""The report of a proof: what was done, what must be seen, what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    chapter: str
    what: str
    must: str
    seen: str
    held: bool


@dataclass(slots=True)
class Report:
    """Rows as they come, also printed as they come; `shown` are whole outputs for the reader, by title."""

    rows: list[Row] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    chapter: str = ""

    def row(self, what: str, must: str, seen: object, held: bool) -> None:
        """Note one line."""
        told = "".join(sign if sign.isprintable() else " " for sign in str(seen))  # a display has signs of its own
        text = " ".join(told.split()).replace("|", "/") or "nothing"
        self.rows.append(Row(self.chapter, what, must, text, held))
        print(f"{'ok  ' if held else 'FAIL'} {what}: {text} (must: {must})", flush=True)

    def took(self, what: str, seconds: float | None, limit_s: float, more: str = "") -> None:
        """Note how long something took; None: it did not happen."""
        text = "it did not happen" if seconds is None else f"{seconds:.2f} s"
        held = seconds is not None and seconds <= limit_s
        self.row(what, f"within {limit_s:g} s", text + (f"; {more}" if more else ""), held)

    def show(self, title: str, text: str) -> None:
        """Keep a whole output."""
        self.shown.append((title, text.strip()))

    def adopt(self, other: Report) -> None:
        """Take over what another report has noted."""
        self.rows += other.rows
        self.shown += other.shown
        self.chapter = other.chapter

    @property
    def broken(self) -> int:
        """How many lines do not hold."""
        return sum(not row.held for row in self.rows)

    def markdown(self, title: str, introduction: Sequence[str]) -> str:
        """The report as a page."""
        count = f"{len(self.rows)} lines, " + (f"{self.broken} of them do not hold." if self.broken else "all hold.")
        lines = [f"# {title}", "", *introduction, "", f"**{count}**"]
        chapter = ""
        for row in self.rows:
            if row.chapter != chapter:
                chapter = row.chapter
                lines += ["", f"## {chapter}", "", "| what | must | seen | |", "|---|---|---|---|"]
            lines.append(f"| {row.what} | {row.must} | {row.seen} | {'holds' if row.held else '**does not hold**'} |")
        for name, text in self.shown:
            lines += ["", f"## {name}", "", "```", *(line.rstrip() for line in text.splitlines()), "```"]
        return "\n".join(lines) + "\n"
