from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smartevse.panel.keys import Act, Key, KeyEvent, Keys
from smartevse.panel.menu import ACTION_TIMEOUT_S, TIMEOUT_S, Action, Menu, Step
from smartevse.panel.model import PanelStatus
from smartevse.panel.screens import frame
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Options, SettingsError, Table
from smartevse.settings.values import Values, default_values
from tests.settings.tables import WITH_RULES

LEFT, SELECT, RIGHT = (KeyEvent(key, Act.PRESS) for key in (Key.LEFT, Key.SELECT, Key.RIGHT))


def opened(table: Table = TABLE, values: Values | None = None) -> Menu:
    menu = Menu(table)
    menu.open(values or default_values(table), 0.0)
    return menu


def press(menu: Menu, *keys: KeyEvent, at_s: float = 1.0) -> Step:
    """Press one after the other; the last key's result."""
    step = Step()
    for key in keys:
        step = menu.key(key, at_s)
    return step


def shown(menu: Menu, at_s: float = 1.0) -> tuple[str, str]:
    view = menu.view(at_s)
    assert view is not None
    return view.name, view.value


def go_to(menu: Menu, name: str) -> None:
    for _ in range(40):
        if shown(menu)[0] == name:
            return
        press(menu, RIGHT)
    raise AssertionError(f"{name} is not in the menu")


def test_a_closed_menu_shows_nothing_and_ignores_everything() -> None:
    menu = Menu()
    assert menu.view(0.0) is None
    assert (menu.key(RIGHT, 0.0), menu.tick(1e6), menu.outside(default_values())) == (Step(), Step(), Step())


def test_right_goes_through_all_visible_items_and_back_to_the_first() -> None:
    menu = opened()
    offered = [row.name for row in TABLE.visible(default_values().choices)]
    names = []
    for _ in range(len(offered) + 2):
        names.append(shown(menu)[0])
        press(menu, RIGHT)
    assert names == [*offered, "EXIT", "CONFIG"]


def test_left_from_the_first_item_is_exit() -> None:
    menu = opened()
    press(menu, LEFT)
    assert shown(menu) == ("EXIT", "MENU")


def test_a_value_is_in_effect_at_once_and_kept_only_by_exit() -> None:
    menu = opened()
    go_to(menu, "MAX")
    assert press(menu, SELECT) == Step()
    step = press(menu, RIGHT, RIGHT, RIGHT)
    assert step.effect is not None
    assert (step.effect.max_da, dict(step.save)) == (160, {})
    press(menu, SELECT)
    go_to(menu, "EXIT")
    step = press(menu, SELECT)
    assert (dict(step.save), step.closed, step.exited) == ({"max": 16}, True, True)
    assert not menu.is_open


def test_values_wrap_at_both_ends() -> None:
    menu = opened(values=default_values().changed({"max": 80}))
    go_to(menu, "MAX")
    press(menu, SELECT, RIGHT)
    assert shown(menu) == ("MAX", "6 A")
    press(menu, LEFT)
    assert shown(menu) == ("MAX", "80 A")


def test_without_a_key_for_120_s_the_menu_closes_and_the_kept_values_count_again() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT, RIGHT)
    assert menu.tick(1.0 + TIMEOUT_S - 0.1) == Step()
    step = menu.tick(1.0 + TIMEOUT_S)
    assert step == Step(effect=default_values(), closed=True)
    assert not menu.is_open


def test_a_key_that_comes_after_the_timeout_closes_instead_of_changing() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT)
    step = press(menu, RIGHT, at_s=500.0)
    assert step.closed
    assert step.effect is None


def test_a_held_key_changes_the_value_and_a_held_o_does_nothing_more() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT, KeyEvent(Key.SELECT, Act.REPEAT), KeyEvent(Key.SELECT, Act.HOLD))
    press(menu, KeyEvent(Key.RIGHT, Act.REPEAT), KeyEvent(Key.RIGHT, Act.REPEAT))
    assert shown(menu) == ("MAX", "15 A")


def test_an_item_appears_as_soon_as_what_it_depends_on_is_chosen_and_vanishes_with_it() -> None:
    menu = opened()
    go_to(menu, "EV METER")
    press(menu, SELECT, RIGHT, SELECT, RIGHT)
    assert shown(menu) == ("EV ADR", "12 (0Ch)")
    press(menu, LEFT, SELECT, LEFT, SELECT, RIGHT)
    assert shown(menu)[0] == "CIRC MET"


def test_the_position_counts_the_visible_items_with_exit() -> None:
    menu = opened()
    go_to(menu, "MAX")
    view = menu.view(1.0)
    assert view is not None
    offered = [row.key for row in TABLE.visible(default_values().choices)]
    assert (view.position, view.count) == (offered.index("max") + 1, len(offered) + 1)


def test_a_value_that_contradicts_another_is_shown_with_the_reason_and_does_not_count() -> None:
    menu = opened(WITH_RULES, default_values(WITH_RULES).changed({"min": 13}))
    go_to(menu, "MAX")
    press(menu, SELECT)
    assert press(menu, LEFT).effect is None
    view = menu.view(1.0)
    assert view is not None
    assert (view.value, view.text) == ("12 A", "MAX 12 A is below MIN 13 A: raise MAX or lower MIN")
    assert menu.values["max"] == 13
    press(menu, SELECT)
    assert shown(menu) == ("MAX", "13 A")


def test_a_change_from_outside_shows_and_is_not_overwritten_by_exit() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT, RIGHT)
    step = menu.outside(default_values().changed({"max": 32, "ev_adr": 20}))
    assert step.effect is not None
    assert step.effect.max_da == 320
    assert shown(menu) == ("MAX", "32 A")
    press(menu, SELECT)
    go_to(menu, "EXIT")
    assert dict(press(menu, SELECT).save) == {}


def test_a_change_from_outside_is_newer_than_what_the_owner_set_before() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT, RIGHT, SELECT, RIGHT)
    menu.outside(default_values().changed({"max": 32}))
    assert menu.values["max"] == 32
    go_to(menu, "EXIT")
    assert dict(press(menu, SELECT).save) == {}


def test_a_change_from_outside_leaves_the_other_changes_of_the_owner_alone() -> None:
    menu = opened()
    go_to(menu, "MAX")
    press(menu, SELECT, RIGHT, SELECT)
    menu.outside(default_values().changed({"ev_adr": 20}))
    assert menu.values == default_values().changed({"max": 14, "ev_adr": 20})


def test_a_change_from_outside_that_the_owners_changes_do_not_fit_with_undoes_them_and_says_so() -> None:
    menu = opened(WITH_RULES)
    go_to(menu, "MAX")
    press(menu, SELECT, LEFT, LEFT)
    assert menu.values["max"] == 11
    menu.outside(default_values(WITH_RULES).changed({"min": 12}))
    view = menu.view(1.0)
    assert view is not None
    assert menu.values.choices == {**WITH_RULES.defaults(), "min": 12}
    assert view.value == "13 A"
    assert "from outside" in view.text


def test_an_item_under_the_cursor_that_is_no_longer_offered_gives_way_to_the_one_above() -> None:
    menu = opened(values=default_values().changed({"ev_meter": "eastron"}))
    go_to(menu, "EV ADR")
    menu.outside(default_values())
    assert shown(menu)[0] == "EV METER"


def test_an_item_that_is_being_edited_stays_until_it_is_left() -> None:
    menu = opened(values=default_values().changed({"ev_meter": "eastron"}))
    go_to(menu, "EV ADR")
    press(menu, SELECT)
    menu.outside(default_values())
    press(menu, RIGHT)
    assert shown(menu) == ("EV ADR", "13 (0Dh)")
    press(menu, SELECT)
    assert shown(menu)[0] == "EV METER"


@pytest.mark.parametrize("table", [TABLE, WITH_RULES], ids=["product", "with rules"])
def test_every_value_of_every_visible_item_can_be_reached_with_keys_alone(table: Table) -> None:
    menu = opened(table)
    for row in table.visible(menu.values.choices):
        go_to(menu, row.name)
        press(menu, SELECT)
        kind = row.kind
        count = len(kind.labels) + len(kind.actions) if isinstance(kind, Options) else kind.high - kind.low + 1
        if count > 2000:
            continue  # the registers of a Custom meter
        seen = set()
        for _ in range(count):
            seen.add(shown(menu)[1])
            press(menu, RIGHT)
        assert len(seen) == count
        press(menu, SELECT)


def at_an_action(*, word: str) -> Menu:
    menu = opened(WITH_RULES)
    go_to(menu, "CARDS")
    press(menu, SELECT)
    while menu.action != Action("cards", word):
        press(menu, RIGHT)
    return menu


def test_an_action_is_done_while_it_is_chosen_and_never_becomes_a_value() -> None:
    menu = at_an_action(word="learn")
    assert shown(menu) == ("CARDS", "Learn")
    assert menu.values == default_values(WITH_RULES)  # Enabled, which was passed on the way, counts no more
    assert press(menu, SELECT).confirmed == Action("cards", "learn")
    assert menu.action is None
    assert shown(menu) == ("CARDS", "Disabled")
    go_to(menu, "EXIT")
    assert dict(press(menu, SELECT).save) == {}


def test_an_action_is_passed_without_consent() -> None:
    menu = at_an_action(word="delete_all")
    step = press(menu, RIGHT)
    assert (step.confirmed, menu.action, shown(menu)[1]) == (None, None, "Disabled")


def test_how_an_action_goes_is_shown_until_the_next_key() -> None:
    menu = at_an_action(word="learn")
    menu.say("card stored", "04A1B2C3")
    lines = frame(PanelStatus(menu=menu.view(1.0)))
    assert [line.strip() for line in lines[2:]] == ["card stored", "04A1B2C3"]
    assert "card stored" in frame(PanelStatus(menu=menu.view(1.0)), 16, 2)[0]
    press(menu, RIGHT)
    view = menu.view(1.0)
    assert view is not None
    assert view.lines == ()


def test_the_menu_waits_longer_while_an_action_is_chosen_but_not_for_ever() -> None:
    menu = at_an_action(word="learn")
    assert menu.tick(1.0 + TIMEOUT_S) == Step()
    menu.outside(default_values(WITH_RULES).changed({"cards": "on"}))
    assert menu.action == Action("cards", "learn")
    assert menu.tick(1.0 + ACTION_TIMEOUT_S).closed


class FakeClamp:
    """A Sensorbox whose CT sees 10.0 A."""

    def __init__(self) -> None:
        self.refusal = ""

    def seen_da(self) -> int:
        if self.refusal:
            raise ValueError(self.refusal)
        return 100

    def factor(self, flowing_da: int) -> int:
        factor = (flowing_da * 10 + 5) * 1024 // 1000
        if not 307 <= factor <= 2048:
            raise ValueError("a factor from 0.3 to 2.0 can be")
        return factor


BOTH = KeyEvent(Key.RIGHT, Act.BOTH)


def at_cal(clamp: FakeClamp | None, *, cal: int = 1024) -> Menu:
    menu = Menu(clamp=clamp)
    menu.open(default_values().changed({"mode": "smart", "cal": cal}), 0.0)
    go_to(menu, "CAL")
    return menu


def message(menu: Menu) -> str:
    view = menu.view(1.0)
    assert view is not None
    return view.text


def test_cal_is_told_what_flows_and_keeps_the_factor() -> None:
    menu = at_cal(FakeClamp())
    assert shown(menu) == ("CAL", "x1.0000")
    press(menu, SELECT)
    assert shown(menu) == ("CAL", "10.0 A")
    assert press(menu, *[RIGHT] * 5) == Step()  # nothing counts before it is left
    assert shown(menu) == ("CAL", "10.5 A")
    step = press(menu, SELECT)
    assert step.effect is not None
    assert step.effect["cal"] == (105 * 10 + 5) * 1024 // 1000
    go_to(menu, "EXIT")
    assert dict(press(menu, SELECT).save) == {"cal": 1080}


def test_cal_wraps_from_6_a_to_99_9_a() -> None:
    menu = at_cal(FakeClamp())
    press(menu, SELECT, *[LEFT] * 40)
    assert shown(menu)[1] == "6.0 A"
    press(menu, LEFT)
    assert shown(menu)[1] == "99.9 A"
    assert press(menu, SELECT).effect is None
    assert message(menu) == "a factor from 0.3 to 2.0 can be"
    assert menu.values["cal"] == 1024


def test_cal_is_not_entered_without_6_a_and_says_why() -> None:
    clamp = FakeClamp()
    clamp.refusal = "CAL needs at least 6 A"
    menu = at_cal(clamp)
    press(menu, SELECT)
    assert (shown(menu), message(menu)) == (("CAL", "x1.0000"), clamp.refusal)
    press(menu, RIGHT)
    assert shown(menu)[0] != "CAL"
    assert "Sensorbox" in message(pressed(at_cal(None), SELECT))


def pressed(menu: Menu, *keys: KeyEvent) -> Menu:
    press(menu, *keys)
    return menu


@pytest.mark.parametrize("keys", [(SELECT, RIGHT, BOTH), (BOTH,)], ids=["in its value", "at its name"])
def test_both_outer_keys_reset_cal_and_leave_it(keys: tuple[KeyEvent, ...]) -> None:
    menu = at_cal(FakeClamp(), cal=900)
    press(menu, *keys)
    assert (shown(menu), message(menu)) == (("CAL", "x1.0000"), "CAL is reset.")
    assert menu.values["cal"] == 1024


def test_both_outer_keys_change_nothing_elsewhere() -> None:
    menu = opened(values=default_values().changed({"max": 20}))
    go_to(menu, "MAX")
    press(menu, SELECT, BOTH)
    assert shown(menu) == ("MAX", "20 A")


def test_a_register_far_away_is_reached_by_holding_the_key_for_ten_seconds() -> None:
    keys, menu = Keys(), opened(values=default_values().changed({"ev_meter": "custom"}))
    go_to(menu, "VOL REGI")
    press(menu, SELECT)
    for event in keys.edge(Key.RIGHT, True, 1.0):
        menu.key(event, 1.0)
    now_s = 1.0
    while now_s < 11.0:
        now_s += 0.01
        for event in keys.poll(now_s):
            menu.key(event, now_s)
    assert int(shown(menu)[1]) > 20_000
    press(menu, RIGHT)
    before = int(shown(menu)[1])
    press(menu, RIGHT)
    assert int(shown(menu)[1]) == before + 1


def _some_values(table: Table) -> st.SearchStrategy[dict[str, int | str]]:
    def values(row_index: int) -> st.SearchStrategy[int | str]:
        kind = table.rows[row_index].kind
        if isinstance(kind, Options):
            return st.sampled_from(sorted(kind.labels))
        return st.integers(kind.low, kind.high)

    return st.fixed_dictionaries({}, optional={row.key: values(n) for n, row in enumerate(table.rows)})


class Life(RuleBasedStateMachine):
    """An owner at the keys, a shell that changes settings, and time; the store is a dictionary."""

    @initialize(table=st.sampled_from([TABLE, WITH_RULES]))
    def start(self, table: Table) -> None:
        self.table, self.menu, self.now_s = table, Menu(table, FakeClamp()), 0.0
        self.kept = self.effect = default_values(table)

    def follow(self, step: Step) -> None:
        if step.save:
            self.kept = self.kept.changed(step.save)
        if step.effect is not None:
            self.effect = step.effect
        assert step.closed <= (not self.menu.is_open)

    @rule(key=st.sampled_from([LEFT, SELECT, RIGHT]), times=st.integers(1, 12))
    def a_key(self, key: KeyEvent, times: int) -> None:
        for _ in range(times if key is not SELECT else 1):
            if not self.menu.is_open:
                self.menu.open(self.kept, self.now_s)
            else:
                self.follow(self.menu.key(key, self.now_s))

    @rule(key=st.sampled_from(Key), act=st.sampled_from(Act))
    def any_event(self, key: Key, act: Act) -> None:
        self.follow(self.menu.key(KeyEvent(key, act), self.now_s))

    @rule(after_s=st.floats(0, 130) | st.floats(-10, 1e6))
    def time_goes_on(self, after_s: float) -> None:
        self.now_s += after_s
        self.follow(self.menu.tick(self.now_s))

    @rule(data=st.data())
    def the_shell_changes_something(self, data: st.DataObject) -> None:
        changed = self.kept.changed(data.draw(_some_values(self.table)))
        try:
            self.table.check(changed.choices)
        except SettingsError:
            return
        self.kept = changed
        if self.menu.is_open:
            self.follow(self.menu.outside(changed))
        else:
            self.effect = changed

    @invariant()
    def what_is_in_effect_and_what_is_kept_is_valid_as_a_whole(self) -> None:
        if hasattr(self, "table"):
            self.table.check(self.effect.choices)
            self.table.check(self.kept.choices)
            assert self.effect == (self.menu.values if self.menu.is_open else self.kept)

    @invariant()
    def the_screen_is_always_as_large_as_the_display(self) -> None:
        if hasattr(self, "table"):
            status = PanelStatus(now_s=self.now_s, menu=self.menu.view(self.now_s), temperature_dc=231, version="3.0.0")
            for columns, rows in ((20, 4), (16, 2)):
                lines = frame(status, columns, rows)
                assert [len(line) for line in lines] == [columns] * rows


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestNoSequenceOfKeysTimeoutsAndOutsideChangesBreaksTheMenu = Life.TestCase
