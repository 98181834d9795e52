"""The fault matrix in words: one table a group, what was seen beside what must be."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.faults.real import RealOutcome, RealRow
from bench.faults.table import By, Expect, Kind, Row
from bench.faults.trial import Outcome
from bench.rigs import quantile
from smartevse.core.faults import Fault, names
from smartevse.panel.fault_screens import FAULT_SCREENS

REAL, NOT_NOTICED = "(real processes)", "## Not noticed"
HEAD = """# Fault matrix

One row for each single fault: how it is made, what must happen, and what did happen. Written by
`python -m bench.faults --write`; a row that reacts wrongly or too late ends that program with exit status 1.

**How it was measured.** {how}

**How to read it.** *Moment*: B = current is offered, the car does not ask yet (it asks after the fault); C = the car
charges; C1 = the station has taken its offer back and the car is about to let go. *To open*: from the fault to the
opening of the main contacts of contactor 1, in milliseconds; where a fault is harmless by itself the figure in
brackets is from the car's leaving, later, with the fault still there. *Named after*: until the guard told the fault.
*First*: whose reaction opened, the hat's (no software in it) or the guard's. Every trial goes on until the fault is
healed and reset, and the next car was charged and switched off in time.
"""


def machine() -> str:
    """Where it was measured, in words."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            model = line.split(":", 1)[1].strip()
            break
    return f"{os.cpu_count()} x {model}, Linux {platform.release()}, Python {platform.python_version()}"


def environment(seed: str, repeat: int, rigs: int) -> str:
    """Where and how it was measured, in words."""
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return (
        f"Seed {seed}, each row {repeat} times at each of its moments in virtual time (the unchanged guard on the"
        " simulated hat; each time another unit with its parts drawn within their tolerances, an offer from 6 to 63 A,"
        " 1 or 3 phases, with and without lock and residual current monitor, guard, mains and pilot at random phases,"
        " all laws of the guard checked in every tick), and"
        f" {repeat} times at random moments for the rows of the real processes ({rigs} rigs side by side, timed by the"
        f" twin). Machine: {machine()}, load {load}."
    )


def lcd(faults: Iterable[Fault]) -> str:
    """The first screen of the most severe fault, as the display has it."""
    for fault in sorted(faults):
        return " / ".join(line for line in FAULT_SCREENS[fault][:4] if line)
    return ""


def tables(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> list[str]:
    """The tables of the rows that were played in virtual time."""
    lines: list[str] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines += [
                "",
                f"## {group}",
                "",
                "| fault | made by | moment | must | seen | to open: p50 / p99 / max (limit) ms"
                " | named after ms | first | display | n |",
                "|---|---|---|---|---|---|---|---|---|---|",
            ]
        for moment, expect in row.expect.items():
            found = [one for one in outcomes if one.row is row and one.moment == moment]
            if found:
                lines.append(_line(row, moment, expect, found))
    return lines


def unnoticed(rows: Sequence[Row]) -> list[str]:
    """The faults that nobody can see: harmless alone, and what they leave to open."""
    quiet = [
        row
        for row in rows
        if row.unseen and all(expect.kind is Kind.GOES_ON and not expect.bits for expect in row.expect.values())
    ]
    lines = ["", NOT_NOTICED, "", "These faults are harmless alone, and nothing in the guard shows them.", ""]
    return [*lines, *(f"- {row.fault}: {row.unseen}" for row in quiet)] if quiet else []


def _line(row: Row, moment: str, expect: Expect, found: Sequence[Outcome]) -> str:
    wrong = Counter(one.wrong for one in found if one.wrong)
    named = [one.seen_ms for one in found if one.seen_ms is not None]
    faults = expect.bits | expect.then_bits
    seen = "as it must" if not wrong else f"**WRONG {sum(wrong.values())} times**: {next(iter(wrong))}"
    made = ", ".join(f"`{command}`" for command in row.does)
    note = f" ({row.note})" if row.note else ""
    return (
        f"| {row.fault}{note} | {made} | {moment} | {_must(expect)} | {seen} | {_times(expect, found)} |"
        f" {_spread(named) if named else ''} | {_first(found)} | {lcd(faults)} | {len(found)} |"
    )


def _must(expect: Expect) -> str:
    shown = ", ".join(fault.name for fault in sorted(expect.bits))
    text = expect.kind.value + (f"; {shown}" if shown else "")
    if expect.kind is Kind.NO_START and expect.limit_ms:
        text += f"; contacts closed for {expect.limit_ms} ms at most"
    if expect.kind is Kind.GOES_ON:
        later = ", ".join(fault.name for fault in sorted(expect.then_bits))
        if later:
            text += f"; {later} when the car has left or the next one asks"
            text += "" if expect.then_starts else ", which is not charged"
        elif not expect.then_starts:
            text += "; the next car is not charged"
    return text


def _times(expect: Expect, found: Sequence[Outcome]) -> str:
    opened = [one.opened_ms for one in found if one.opened_ms is not None]
    if opened:
        return f"{_spread(opened)} ({expect.limit_ms})"
    then = [one.then_ms for one in found if one.then_ms is not None]
    return f"[{_spread(then)}] ({expect.then_ms})" if then else ""


def _spread(values: Sequence[float]) -> str:
    s = sorted(values)
    return " / ".join(f"{quantile(s, part):.0f}" for part in (0.5, 0.99, 1.0))


def _first(found: Sequence[Outcome]) -> str:
    who = Counter(one.first.value for one in found if one.first is not By.NOBODY)
    return ", ".join(f"{name} {count}" for name, count in who.most_common())


def real_tables(rows: Sequence[RealRow], outcomes: Sequence[RealOutcome]) -> list[str]:
    """The tables of the rows of the real processes."""
    lines: list[str] = []
    group = ""
    for row in rows:
        found = [one for one in outcomes if one.row is row]
        if not found:
            continue
        if row.group != group:
            group = row.group
            lines += [
                "",
                f"## {group} {REAL}",
                "",
                "| fault | moments | must | seen | to open: p50 / p99 / max (limit) ms | by | told by the guard | n |",
                "|---|---|---|---|---|---|---|---|",
            ]
        wrong = Counter(one.wrong for one in found if one.wrong)
        seen = "as it must" if not wrong else f"**WRONG {sum(wrong.values())} times**: {_one_line(next(iter(wrong)))}"
        opened = [one.opened_ms for one in found if one.opened_ms is not None]
        times = f"{_spread(opened)} ({row.limit_ms})" if opened else ""
        moments = Counter(one.moment for one in found)
        where = ", ".join(f"{name} {count}" for name, count in sorted(moments.items()))
        told = Counter(fault.name for one in found for fault in names(one.faults))
        said = ", ".join(f"{name} {count}" for name, count in told.most_common())
        lines.append(
            f"| {row.fault} | {where} | {row.reaction} | {seen} | {times} | {row.by} | {said} | {len(found)} |"
        )
    return lines


def kept_tables(document: str) -> list[str]:
    """The tables in virtual time that the document has already."""
    whole = document.splitlines()
    begins = [at for at, line in enumerate(whole) if line.startswith("## ")]
    ends = [at for at in begins if REAL in whole[at] or whole[at] == NOT_NOTICED]
    return ["", *whole[begins[0] : ends[0] - 1]] if begins and ends else []


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:300]
