"""A table that has what the product's table does not need yet: a rule, words for a number, a signed text, actions."""

from __future__ import annotations

from smartevse.settings.table import Choices, Number, Options, Rule, Setting, Table


def _max_below_min(choices: Choices) -> str | None:
    if int(choices["max"]) >= int(choices["min"]):
        return None
    return f"MAX {choices['max']} A is below MIN {choices['min']} A: raise MAX or lower MIN"


def _solar(choices: Choices) -> bool:
    return choices["mode"] == "solar"


_MODES = Options({"normal": "Normal", "solar": "Solar"})

WITH_RULES = Table(
    (
        Setting(
            "mode", "MODE", "What decides on the current.", Options({"normal": "Normal", "solar": "Solar"}), "normal"
        ),
        Setting("start", "START", "Export to start at.", Number(0, 48, lambda n: f"- {n} A"), 4, _solar),
        Setting("stop", "STOP", "Time.", Number(0, 60, lambda n: f"{n} min" if n else "Disabled"), 10, _solar),
        Setting("min", "MIN", "Least current.", Number(6, 16, lambda n: f"{n} A"), 6),
        Setting(
            "cards",
            "CARDS",
            "What a card does.",
            Options({"off": "Disabled", "on": "Enabled"}, {"learn": "Learn", "delete_all": "Delete All"}),
            "off",
        ),
        Setting("max", "MAX", "Most current.", Number(6, 80, lambda n: f"{n} A"), 13),
    ),
    (Rule(("min", "max"), _max_below_min),),
)
