from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.settings.rows import TABLE
from smartevse.settings.table import Number, Options, Setting, SettingsError, Table, squash
from tests.settings.tables import WITH_RULES

TABLES = pytest.mark.parametrize("table", [TABLE, WITH_RULES], ids=["product", "with rules"])
ROWS = pytest.mark.parametrize("row", [*TABLE.rows, *WITH_RULES.rows], ids=lambda row: row.name)


def values_of(row: Setting) -> list[int | str]:
    if isinstance(row.kind, Options):
        return list(row.kind.labels)
    return [*range(row.kind.low, row.kind.high + 1)][:: 1 + (row.kind.high - row.kind.low) // 2000]


@TABLES
def test_every_default_passes_its_own_check(table: Table) -> None:
    table.check(table.defaults())


@TABLES
def test_keys_and_names_are_different_however_they_are_typed(table: Table) -> None:
    for names in ({row.key for row in table.rows}, {squash(row.name) for row in table.rows}):
        assert len(names) == len(table.rows)


@ROWS
def test_every_text_is_different_and_means_the_value_it_is_the_text_of(row: Setting) -> None:
    values = values_of(row)
    assert len({row.text(value) for value in values}) == len(values)
    for value in values:
        text = row.text(value)
        assert [row.parse(text), row.parse(text.upper()), row.parse(f" {text.replace(' ', '')} ")] == [value] * 3


@ROWS
def test_every_value_comes_back_from_the_store(row: Setting) -> None:
    assert [row.kind.load(str(value)) for value in values_of(row)] == values_of(row)


@ROWS
def test_stepping_wraps_at_both_ends_and_visits_every_value(row: Setting) -> None:
    kind = row.kind
    values = [*kind.labels, *kind.actions] if isinstance(kind, Options) else list(range(kind.low, kind.high + 1))
    seen, value = [], values[0]
    for _ in values:
        seen.append(value)
        value = row.kind.step(value, 1)
    assert seen == values
    assert value == values[0]
    assert row.kind.step(values[0], -1) == values[-1]


@ROWS
def test_everything_the_owner_reads_fits_the_display_and_its_characters(row: Setting) -> None:
    actions = row.kind.actions if isinstance(row.kind, Options) else {}
    for text in (row.name, *(row.text(value) for value in (*values_of(row), *actions))):
        assert len(text) <= 14  # with two arrows on a line of 16
    for text in (row.name, row.help, *(row.text(value) for value in values_of(row))):
        assert all(" " <= char <= "}" for char in text)
    assert row.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MAX", "16", 16),
        ("max", "16 A", 16),
        ("Max", "16a", 16),
        ("EV METER", "Eastron", "eastron"),
        ("evmeter", "EASTRON", "eastron"),
        ("EV_ADR", "12", 12),
        ("EV ADR", "12 (0Ch)", 12),
        ("CONFIG", "fixed", "fixed"),
    ],
)
def test_names_and_values_are_understood_in_any_case(name: str, text: str, value: int | str) -> None:
    assert TABLE.find(name).parse(text) == value


@pytest.mark.parametrize(("text", "value"), [("- 4 A", 4), ("-4", 4), ("4", 4), ("0", 0), ("-0 A", 0)])
def test_a_signed_number_is_understood_with_and_without_sign_and_unit(text: str, value: int) -> None:
    assert WITH_RULES.find("START").parse(text) == value


def test_a_number_with_a_word_for_zero_takes_the_word() -> None:
    assert WITH_RULES.find("stop").parse("disabled") == 0


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("MAX", "81", "MAX cannot be set to '81': choose 6 A to 80 A"),
        ("MAX", "5", "MAX cannot be set to '5': choose 6 A to 80 A"),
        ("MAX", "16.5", "MAX cannot be set to '16.5': choose 6 A to 80 A"),
        ("MAX", "", "MAX cannot be set to '': choose 6 A to 80 A"),
        ("CONFIG", "Sokcet", "CONFIG cannot be set to 'Sokcet': choose Socket or Fixed"),
        ("EV ADR", "9", "EV ADR cannot be set to '9': choose 10 (0Ah) to 247 (F7h)"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name: str, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        TABLE.find(name).parse(text)
    assert str(refusal.value) == sentence


def test_an_action_is_no_value_for_shell_and_store_and_is_told_where_it_can_be_done() -> None:
    row = WITH_RULES.find("CARDS")
    with pytest.raises(SettingsError) as refused:
        row.parse("delete all")
    assert str(refused.value) == (
        "CARDS Delete All is nothing to be kept: hold o for 2 s at the charger, go to CARDS and choose it there;"
        " to be kept choose Disabled or Enabled"
    )
    assert (row.kind.load("learn"), row.kind.accepts("learn")) == (None, False)


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(
        SettingsError,
        match=r"there is no setting 'MAXX': choose MAX.*, or see all of them with smartevse settings list",
    ):
        TABLE.find("MAXX")


@given(st.text())
def test_no_text_makes_parsing_fail_otherwise_than_with_a_sentence(text: str) -> None:
    for row in (*TABLE.rows, *WITH_RULES.rows):
        with suppress(SettingsError):
            assert row.kind.accepts(row.parse(text))
        stored = row.kind.load(text)
        assert stored is None or row.kind.accepts(stored)


@pytest.mark.parametrize("value", [True, "13", 5, 81])
def test_a_value_of_the_wrong_kind_does_not_pass_the_check(value: int | str) -> None:
    with pytest.raises(SettingsError, match="MAX"):
        TABLE.check({**TABLE.defaults(), "max": value})


def test_settings_that_contradict_each_other_are_refused_as_a_whole() -> None:
    choices = {**WITH_RULES.defaults(), "min": 16, "max": 13}
    with pytest.raises(SettingsError, match="MAX 13 A is below MIN 16 A: raise MAX or lower MIN"):
        WITH_RULES.check(choices)
    WITH_RULES.check({**choices, "max": 16})


_OUT_OF_THE_BOX = (
    "CONFIG, LOCK, MODE, LOAD BAL, MAINS IN, MAX, CONTACT 2, EV PHASES, ROTATION, TIMER, SWITCH, RCMON, RFID, "
    "WAKE CAR, EV METER, CIRC MET, LEDS, KEY LOCK, WIFI"
)


@pytest.mark.parametrize(
    ("changes", "more", "less"),
    [
        ({}, "", ""),
        ({"config": "fixed"}, "", "LOCK"),
        ({"lock": "motor"}, "LOCK WHEN", ""),
        ({"mode": "smart"}, "MAINS, MIN, CAPACITY, CAP MODE, MAINSMET, GRID, CAL", "MAINS IN"),
        (
            {"mode": "solar"},
            "START, STOP, IMPORT, MAINS, MIN, CAPACITY, CAP MODE, MAINSMET, GRID, CAL, BATT MET",
            "MAINS IN",
        ),
        ({"circ_met": "eastron"}, "MIN, CIRCUIT, CIRC ADR", ""),
        ({"circ_met": "eastron", "load_bal": "node1"}, "PEERS", "MAINS IN, EV PHASES, ROTATION, CIRC MET"),
        (
            {"mode": "solar", "mainsmet": "eastron", "batt_met": "eastron"},
            "START, STOP, IMPORT, MAINS, MIN, CAPACITY, CAP MODE, MAINSMET, MAINSADR, BATT MET, BATT ADR",
            "MAINS IN",
        ),
        (
            {"circ_met": "custom"},
            "MIN, CIRCUIT, CIRC ADR, BYTE ORD, DATATYPE, FUNCTION, VOL REGI, VOL DIVI, CUR REGI, CUR DIVI, "
            "POW REGI, POW DIVI, ENE REGI, ENE DIVI",
            "",
        ),
        ({"mains_in": "all"}, "MAINS, MIN, CAPACITY, CAP MODE, MAINSMET, GRID, CAL", ""),
        ({"load_bal": "master"}, "PEERS, SHORTAGE, ROTATE, MIN, CIRCUIT", ""),
        ({"load_bal": "node3", "mode": "solar"}, "PEERS", "MAINS IN, EV PHASES, ROTATION, CIRC MET"),
        ({"mode": "smart", "mainsmet": "eastron"}, "MAINS, MIN, CAPACITY, CAP MODE, MAINSMET, MAINSADR", "MAINS IN"),
        (
            {"mode": "smart", "capacity": 30},
            "MAINS, MIN, CAPACITY, CAP MODE, CAP STOP, MAINSMET, GRID, CAL",
            "MAINS IN",
        ),
        (
            {"mains_in": "all", "cap_mode": "quarter"},
            "MAINS, MIN, CAPACITY, CAP MODE, CAP STOP, MAINSMET, GRID, CAL",
            "",
        ),
        ({"timer": "daily"}, "TIMER ON, TIMER OFF", ""),
        ({"ev_meter": "eastron"}, "EV ADR", ""),
        (
            {"ev_meter": "custom"},
            "EV ADR, BYTE ORD, DATATYPE, FUNCTION, VOL REGI, VOL DIVI, CUR REGI, CUR DIVI, POW REGI, POW DIVI, "
            "ENE REGI, ENE DIVI",
            "",
        ),
    ],
    ids=str,
)
def test_the_menu_offers_what_has_an_effect(changes: dict[str, int | str], more: str, less: str) -> None:
    wanted = {*_OUT_OF_THE_BOX.split(", "), *filter(None, more.split(", "))} - {*less.split(", ")}
    assert {row.name for row in TABLE.visible({**TABLE.defaults(), **changes})} == wanted


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mode": "smart", "min": 14}, "MAX 13 A is below MIN 14 A: raise MAX or lower MIN"),
        (
            {"load_bal": "master", "max": 32, "min": 16, "circuit": 10},
            "CIRCUIT 10 A is below MIN 16 A: raise CIRCUIT or lower MIN",
        ),
        (
            {"mode": "smart", "max": 32, "min": 16, "mains": 10},
            "MAINS 10 A is below MIN 16 A: raise MAINS or lower MIN",
        ),
        (
            {"mode": "smart", "ev_meter": "abb", "ev_adr": 10},
            "the mains meter and the EV meter cannot both have address 10: give one of them another",
        ),
        (
            {"timer": "once", "timer_off": 23 * 60},
            "TIMER ON and TIMER OFF are the same time: choose two different times, or Open for no end",
        ),
    ],
)
def test_the_products_settings_that_contradict_each_other(changes: dict[str, int | str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        TABLE.check({**TABLE.defaults(), **changes})
    assert str(refused.value) == sentence


def test_the_lock_is_only_offered_with_a_socket_and_its_moment_only_with_a_lock() -> None:
    def names(**changes: str) -> list[str]:
        return [row.name for row in TABLE.visible({**TABLE.defaults(), **changes}) if row.name.startswith("LOCK")]

    assert names() == ["LOCK"]
    assert names(lock="motor") == ["LOCK", "LOCK WHEN"]
    assert names(config="fixed", lock="motor") == []


def test_a_number_shows_its_range_in_the_owners_unit() -> None:
    assert Number(6, 80, lambda n: f"{n} A").allowed == "6 A to 80 A"
