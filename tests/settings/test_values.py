from __future__ import annotations

import pytest

from smartevse.settings.values import Values, default_values


def test_the_values_are_in_the_units_of_the_program() -> None:
    values = default_values().changed({"max": 16, "config": "fixed", "ev_meter": "eastron", "ev_adr": 20})
    assert values.max_da == 160
    assert values.fixed_cable
    assert (values.ev_meter, values.ev_meter_address) == ("eastron", 20)


def test_without_a_meter_there_is_no_meter() -> None:
    assert default_values().ev_meter is None


def test_values_do_not_change_when_what_they_were_made_from_does() -> None:
    choices: dict[str, int | str] = {"max": 13}
    values = Values(choices)
    choices["max"] = 80
    assert values["max"] == 13
    with pytest.raises(TypeError):
        values.choices["max"] = 80  # type: ignore[index]


def test_a_difference_names_the_settings_that_changed() -> None:
    assert default_values().changed({"max": 16}).different(default_values()) == ("max",)
