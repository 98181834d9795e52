"""The switch at SW: what closing and opening ask for with each SWITCH."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.settings.rows import TABLE
from smartevse.settings.table import Options
from smartevse.station.switch import LONG_S, NOTHING, STEADY_S, Asked, Switch
from smartevse.station.wishes import Access

KIND = TABLE.row("switch").kind
assert isinstance(KIND, Options)
KINDS = list(KIND.labels)


def pushed(switch: Switch, kind: str, *, closed: bool, at_s: float, charging: bool = False) -> Asked:
    switch.edge(closed, at_s)
    assert switch.tick(kind, at_s + STEADY_S - 0.001, charging=charging) == NOTHING
    return switch.tick(kind, at_s + STEADY_S, charging=charging)


CASES = [
    ("disabled", Asked(stop=True, touched=True), NOTHING),
    ("access_b", Asked(toggle_access=True, touched=True), NOTHING),
    ("access_s", Asked(access=Access.ON, touched=True), Asked(access=Access.OFF)),
    ("smasol_b", Asked(touched=True), Asked(toggle_mode=True)),
    ("smasol_s", Asked(mode="smart", touched=True), Asked(mode="solar")),
    ("grid_relay", Asked(relay_open=False), Asked(relay_open=True)),
]


@pytest.mark.parametrize(("kind", "closing", "opening"), CASES)
def test_a_level_counts_once_it_has_stood(kind: str, closing: Asked, opening: Asked) -> None:
    switch = Switch()
    assert pushed(switch, kind, closed=True, at_s=10.0) == closing
    assert pushed(switch, kind, closed=False, at_s=10.5) == opening
    assert switch.due_s is None


def test_there_is_a_case_for_every_word_of_the_setting() -> None:
    assert [kind for kind, *_ in CASES] == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_bounce_asks_for_nothing(kind: str) -> None:
    switch = Switch()
    for n in range(20):
        switch.edge(n % 2 == 0, 1 + n * 0.06)
        assert switch.tick(kind, 1 + n * 0.06 + 0.05, charging=True) == NOTHING
    assert switch.tick(kind, 5.0, charging=True) == NOTHING


def test_a_smasol_button_held_long_ends_the_charge_and_changes_no_mode() -> None:
    switch = Switch()
    pushed(switch, "smasol_b", closed=True, at_s=10.0, charging=True)
    assert switch.due_s == 10.0 + LONG_S
    assert switch.tick("smasol_b", 10.0 + LONG_S - 0.01, charging=True) == NOTHING
    assert switch.tick("smasol_b", 10.0 + LONG_S, charging=True) == Asked(stop=True)
    assert pushed(switch, "smasol_b", closed=False, at_s=13.0, charging=True) == NOTHING
    pushed(switch, "smasol_b", closed=True, at_s=20.0)
    assert switch.tick("smasol_b", 22.0, charging=False) == NOTHING
    assert pushed(switch, "smasol_b", closed=False, at_s=23.0) == Asked(toggle_mode=True)


@pytest.mark.parametrize(
    ("kind", "level", "asked"),
    [
        ("access_s", False, Asked(access=Access.OFF)),
        ("access_s", True, Asked(access=Access.ON)),
        ("smasol_s", False, Asked(mode="solar")),
        ("smasol_s", True, Asked(mode="smart")),
        ("grid_relay", False, Asked(relay_open=True)),
        ("grid_relay", True, Asked(relay_open=False)),
        *((kind, level, NOTHING) for kind in ("disabled", "access_b", "smasol_b") for level in (False, True)),
    ],
)
def test_at_the_start_the_level_of_a_switch_counts_and_that_of_a_button_does_not(
    kind: str, level: bool, asked: Asked
) -> None:
    switch = Switch()
    switch.edge(level, 0.0)
    assert switch.begin(kind) == asked
    assert switch.tick(kind, 9.0, charging=False) == NOTHING


@given(
    st.lists(
        st.tuples(st.sampled_from([*KINDS, "new"]), st.booleans(), st.floats(0, 3), st.booleans(), st.booleans()),
        max_size=30,
    )
)
def test_no_history_of_levels_makes_it_fail_or_leaves_something_pending(
    history: list[tuple[str, bool, float, bool, bool]],
) -> None:
    switch, now_s, kind = Switch(), 0.0, "disabled"
    for kind, level, after_s, charging, set_anew in history:
        now_s += after_s
        switch.edge(level, now_s)
        if set_anew:
            switch.begin(kind)
        switch.tick(kind, now_s, charging=charging)
    for _ in range(3):
        now_s += 5
        switch.tick(kind, now_s, charging=False)
    assert switch.due_s is None
