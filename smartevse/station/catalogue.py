"""The journal's catalogue of faults: `python -m smartevse.station.catalogue > systemd/smartevse.catalog`.

Installed as `/usr/lib/systemd/catalog/smartevse.catalog`, followed by `journalctl --update-catalog`; from then on
`journalctl -x` puts cause and remedy below each line of a fault.
"""

from __future__ import annotations

import textwrap

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import RULES, Clear, Effect, Fault
from smartevse.core.message_ids import MESSAGE_IDS

DOCUMENTATION = "https://github.com/smartevse/smartevse/blob/main/docs/safety.md"
_HEAD = """\
# The faults of smartevse for `journalctl -x`; made from the table of faults by
# `python -m smartevse.station.catalogue`, so change it there.
"""
_EFFECTS = {
    Effect.WARN: "Charging goes on.",
    Effect.BLOCK: "No current is offered; a charge that runs is stopped in the orderly way.",
    Effect.STOP: "The charge is stopped in the orderly way: the car is asked to let go, then the contactor opens.",
    Effect.OPEN: "The contactor opens at once.",
}
_CLEARS = {
    Clear.UNPLUG: "It is over when the car is unplugged, or when a button of the panel is pressed.",
    Clear.KEY: "It is over when the cause is gone and a button of the panel is pressed.",
}


def catalogue() -> str:
    """The whole file."""
    return _HEAD + "\n".join(entry(fault) for fault in TEXTS)


def entry(fault: Fault) -> str:
    """The entry of one fault, in the format of systemd.catalog."""
    text = TEXTS[fault]
    paragraphs = [
        f"{text.sentence} The station was in state @EVSE_STATE@.",
        f"Cause: {text.cause}",
        f"Remedy: {text.remedy}",
    ]
    if fault in RULES:
        rule = RULES[fault]
        ends = _CLEARS.get(rule.clear, f"It is over {rule.gone_ms / 1000:g} s after it was last seen.")
        recorded = "The guard recorded the seconds around it: smartevse recorder list"
        paragraphs += [f"{_EFFECTS[rule.effect]} {ends}", recorded]
    body = "\n\n".join(textwrap.fill(paragraph, 78, break_on_hyphens=False) for paragraph in paragraphs)
    return (
        f"-- {MESSAGE_IDS[fault]}\n"
        f"Subject: {text.sentence.removesuffix('.')}\n"
        "Defined-By: smartevse\n"
        f"Support: {DOCUMENTATION}\n"
        f"Documentation: {DOCUMENTATION}\n"
        f"\n{body}\n"
    )


if __name__ == "__main__":
    print(catalogue(), end="")
