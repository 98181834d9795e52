"""The journal's catalogue of faults and events: `python -m smartevse.station.catalogue > systemd/smartevse.catalog`.

Installed as `/usr/lib/systemd/catalog/smartevse.catalog`, followed by `journalctl --update-catalog`; from then on
`journalctl -x` puts cause and remedy below each line of a fault.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from smartevse.core.fault_texts import TEXTS
from smartevse.core.faults import RULES, Clear, Effect, Fault
from smartevse.core.message_ids import EVENTS, MESSAGE_IDS, Event

DOCUMENTATION = "https://github.com/smartevse/smartevse/blob/main/docs/safety.md"
_HEAD = """\
# The faults and events of smartevse for `journalctl -x`; made from their tables by
# `python -m smartevse.station.catalogue`, so change it there.
"""
_EFFECTS = {
    Effect.WARN: "Charging goes on.",
    Effect.BLOCK: "No current is offered to a car that does not charge yet; a charge that runs goes on.",
    Effect.STOP: "The charge is stopped in the orderly way: the car is asked to let go, then the contactor opens.",
    Effect.OPEN: "The contactor opens at once, and the car is shown a fault (state F).",
}
_UNPROVEN = "The contactor opens at once, and the hat's watchdog is no longer fed."
_BY_LEVEL = {
    Fault.PILOT_SHORT: "The contactor opens at once (state E).",
    Fault.VENTILATION: "The contactor opens at once, and no current is offered.",
}
"""Where the level of the pilot itself has an effect that is stronger than the fault's."""
_CLEARS = {
    Clear.UNPLUG: "It is over when the car is unplugged, or when a button of the panel is pressed.",
    Clear.KEY: "It is over when the cause is gone and a button of the panel is pressed.",
}


def effect_text(fault: Fault) -> str:
    """What a fault of the guard does, in a sentence."""
    if fault in _BY_LEVEL:
        return _BY_LEVEL[fault]
    rule = RULES[fault]
    return _EFFECTS[rule.effect] if rule.shown else _UNPROVEN


def clear_text(fault: Fault) -> str:
    """How a fault of the guard ends, in a sentence."""
    rule = RULES[fault]
    return _CLEARS.get(rule.clear, f"It is over when it was not seen for {rule.gone_ms / 1000:g} s.")


def catalogue() -> str:
    """The whole file."""
    return _HEAD + "\n".join([*(entry(fault) for fault in TEXTS), *(event_entry(event) for event in EVENTS.values())])


def entry(fault: Fault) -> str:
    """The entry of one fault, in the format of systemd.catalog."""
    text = TEXTS[fault]
    paragraphs = [
        f"{text.sentence} The station was in state @EVSE_STATE@.",
        f"Cause: {text.cause}",
        f"Remedy: {text.remedy}",
    ]
    if fault in RULES:
        recorded = "The guard recorded the seconds around it: smartevse recorder list"
        paragraphs += [f"{effect_text(fault)} {clear_text(fault)}", recorded]
    return _written(MESSAGE_IDS[fault], text.sentence.removesuffix("."), paragraphs)


def event_entry(event: Event) -> str:
    """The entry of one kind of event."""
    return _written(event.message_id, event.subject, [f"{event.subject}. {event.text}"])


def _written(message_id: str, subject: str, paragraphs: Iterable[str]) -> str:
    body = "\n\n".join(textwrap.fill(paragraph, 78, break_on_hyphens=False) for paragraph in paragraphs)
    return (
        f"-- {message_id}\n"
        f"Subject: {subject}\n"
        "Defined-By: smartevse\n"
        f"Support: {DOCUMENTATION}\n"
        f"Documentation: {DOCUMENTATION}\n"
        f"\n{body}\n"
    )


if __name__ == "__main__":
    print(catalogue(), end="")
