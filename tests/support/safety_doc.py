"""The tables of `docs/safety.md`, made from the tables of the program: `python -m tests.support.safety_doc`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import RULES, Fault
from smartevse.station.catalogue import clear_text, effect_text
from tests.support.laws import LAWS

FILE = Path(__file__).parents[2] / "docs" / "safety.md"


def faults() -> str:
    """One row for each fault of the guard."""
    rows = [
        (fault.name, TEXTS[fault].sentence, effect_text(fault), _limit(fault), clear_text(fault), TEXTS[fault].source)
        for fault in RULES
    ]
    return table(("Fault", "What is wrong", "What the guard does", "Open within", "How it ends", "Source"), rows)


def _limit(fault: Fault) -> str:
    limit_ms = RULES[fault].limit_ms
    if not limit_ms:
        return "–"
    return f"{limit_ms} ms" if limit_ms < 1000 else f"{limit_ms / 1000:g} s"


def laws() -> str:
    """One row for each law."""
    return table(("Law", "Source"), [(law.name, law.source) for law in LAWS])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


PARTS: Mapping[str, Callable[[], str]] = {"faults": faults, "laws": laws}


def renewed(text: str) -> str:
    """The document with every table between its markers as the program has it now."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: made by tests/support/safety_doc.py -->", f"<!-- end of {name} -->"
        found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(found.findall(text)) != 1:
            raise ValueError(f"{FILE} must have the markers {begin} and {end} once")
        text = found.sub(lambda _, b=begin, m=make, e=end: f"{b}\n{m()}\n{e}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    FILE.write_text(renewed(FILE.read_text("utf-8")), "utf-8")
