"""Keys, menu and settings: what the owner does has its effect at once and is kept by leaving through EXIT."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartevse.settings.rows import ROWS, TABLE
from smartevse.settings.table import Options
from smartevse.settings.values import default_values
from smartevse.station.front import UNLOCKED_S, Front, Wish
from smartevse.station.wishes import Access


class Owner:
    """Somebody in front of the panel."""

    def __init__(self, **changes: int | str) -> None:
        self.front, self.now_s = Front(default_values().changed(changes)), 100.0

    def wait(self, seconds: float) -> list[Wish]:
        wishes, end_s = [], self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 0.02
            wishes.append(self.front.tick(self.now_s))
        return [wish for wish in wishes if wish != Wish()]

    def push(self, seconds: float = 0.2) -> list[Wish]:
        """The button at SW."""
        self.front.edge("sw", True, self.now_s)
        wishes = self.wait(seconds)
        self.front.edge("sw", False, self.now_s)
        return wishes + self.wait(0.2)

    def access(self) -> Access:
        return self.front.wishes(self.now_s).access

    def hold(self, key: str, seconds: float) -> Iterator[Wish]:
        yield self.front.edge(key, True, self.now_s)
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 0.02
            yield self.front.tick(self.now_s)
        yield self.front.edge(key, False, self.now_s)

    def press(self, key: str) -> list[Wish]:
        self.now_s += 0.2
        return [wish for wish in self.hold(key, 0.1) if wish != Wish()]

    def menu(self) -> str | None:
        view = self.front.menu(self.now_s)
        return view.name if view else None

    def go_to(self, name: str) -> None:
        while self.menu() != name:
            self.press(">")


def open_menu() -> Owner:
    owner = Owner()
    list(owner.hold("o", 2.1))
    return owner


def test_o_held_for_two_seconds_opens_the_menu_and_says_so_meanwhile() -> None:
    owner = Owner()
    steps = owner.hold("o", 2.1)
    next(steps)
    assert owner.front.hint() == ("Hold 2 sec", "for Menu")
    list(steps)
    assert owner.menu() == ROWS[0].name
    assert owner.front.hint() == ()


def test_a_short_press_does_not_open_the_menu() -> None:
    owner = Owner()
    owner.press("o")
    assert owner.menu() is None


@pytest.mark.parametrize("key", ["<", "o", ">"])
def test_any_key_resets_a_fault_that_waits_for_the_owner(key: str) -> None:
    assert [wish.resets for wish in Owner().press(key)] == [1]


def test_keys_in_the_menu_reset_nothing() -> None:
    assert not any(wish.resets for wish in open_menu().press(">"))


def test_a_change_is_in_effect_at_once_and_kept_by_exit() -> None:
    owner = open_menu()
    owner.go_to("MAX")
    owner.press("o")
    (changed,) = owner.press(">")
    assert changed.effect is not None
    assert changed.effect.max_da == 140
    assert changed.save == {}
    owner.press("o")
    owner.go_to("EXIT")
    (left,) = owner.press("o")
    assert left.save == {"max": 14}
    assert left.resets == 1
    assert owner.menu() is None


def test_a_menu_that_nobody_uses_closes_and_takes_its_changes_back() -> None:
    owner = open_menu()
    owner.go_to("MAX")
    owner.press("o")
    owner.press(">")
    wish = owner.front.tick(owner.now_s + 121)
    assert wish.effect == default_values()
    assert owner.menu() is None


def test_settings_from_outside_are_in_effect_at_once_also_while_the_menu_is_open() -> None:
    outside = default_values().changed({"config": "fixed"})
    assert Owner().front.outside(outside).effect == outside
    owner = open_menu()
    owner.go_to("MAX")
    owner.press("o")
    owner.press(">")
    wish = owner.front.outside(outside)
    assert wish.effect is not None
    assert (wish.effect.fixed_cable, wish.effect.max_da) == (True, 140)


def test_a_level_that_is_known_already_is_no_touch() -> None:
    owner = Owner()
    owner.front.edge("o", False, 100.0)
    assert owner.front.touched_s == float("-inf")
    owner.front.edge("o", True, 101.0)
    owner.front.edge("o", True, 102.0)
    assert owner.front.touched_s == 101.0


def test_the_press_that_leaves_the_menu_does_not_open_it_again() -> None:
    owner = open_menu()
    owner.press("<")
    assert owner.menu() == "EXIT"
    list(owner.hold("o", 3.0))
    assert owner.menu() is None


def test_left_held_takes_access_away_and_right_held_gives_it_with_a_hint_meanwhile() -> None:
    owner = Owner()
    steps = owner.hold("<", 2.1)
    next(steps)
    assert owner.front.hint() == ("Hold 2 sec", "to Stop")
    list(steps)
    assert owner.access() is Access.OFF
    steps = owner.hold(">", 2.1)
    next(steps)
    assert owner.front.hint() == ("Hold 2 sec", "to Start")
    list(steps)
    assert owner.access() is Access.ON


def test_the_keys_give_no_access_where_a_card_or_switch_has_to() -> None:
    for guard in ({"rfid": "enabled"}, {"switch": "access_b"}):
        owner = Owner(**guard)
        steps = owner.hold(">", 2.1)
        next(steps)
        assert owner.front.hint() == ("ACCESS DENIED", "use card/switch")
        list(steps)
        assert owner.access() is Access.OFF


@pytest.mark.parametrize(("mode", "other"), [("smart", "solar"), ("solar", "smart")])
def test_a_short_left_changes_between_smart_and_solar_and_keeps_it(mode: str, other: str) -> None:
    wishes = Owner(mode=mode).press("<")
    assert [(wish.effect["mode"], wish.save) for wish in wishes if wish.effect] == [(other, {"mode": other})]


@pytest.mark.parametrize("changes", [{}, {"mode": "solar", "load_bal": "node2"}, {"mode": "smart", "rfid": "enabled"}])
def test_a_short_left_changes_nothing_in_normal_on_a_node_and_without_access(changes: dict[str, str]) -> None:
    assert not any(wish.effect for wish in Owner(**changes).press("<"))


def test_a_left_that_was_meant_to_be_held_or_resets_a_fault_changes_no_mode() -> None:
    owner = Owner(mode="smart")
    assert not any(wish.effect for wish in owner.hold("<", 1.0))
    owner.front.seen(connected=True, charging=False, faulty=True)
    assert [(wish.resets, wish.effect) for wish in owner.press("<")] == [(1, None)]


def test_both_outer_keys_set_up_the_display_anew_and_nothing_else() -> None:
    owner = Owner(mode="smart")
    owner.front.edge("<", True, 100.0)
    assert owner.front.edge(">", True, 100.1) == Wish(renew=True)
    assert owner.wait(3) == []
    owner.front.edge("<", False, owner.now_s)
    owner.front.edge(">", False, owner.now_s)
    assert owner.access() is Access.ON


def test_locked_keys_reset_a_fault_and_do_nothing_else_until_o_and_right_were_held() -> None:
    owner = Owner(key_lock="enabled", mode="smart")
    steps = owner.hold("o", 3)
    next(steps)
    assert owner.front.hint() == ("KEYS LOCKED", "Hold o and >")
    list(steps)
    list(owner.hold("<", 3))
    assert (owner.menu(), owner.access()) == (None, Access.ON)
    assert [wish.resets for wish in owner.press("<")] == [1]
    owner.front.edge("o", True, owner.now_s)
    list(owner.hold(">", 2.1))
    owner.front.edge("o", False, owner.now_s)
    assert owner.menu() is None
    list(owner.hold("o", 2.1))
    assert owner.menu() is not None


def test_unlocked_keys_lock_again_when_nobody_touched_them_for_two_minutes() -> None:
    owner = Owner(key_lock="enabled")
    owner.front.edge("o", True, owner.now_s)
    list(owner.hold(">", 2.1))
    owner.front.edge("o", False, owner.now_s)
    owner.wait(UNLOCKED_S - 5)
    owner.press(">")
    owner.wait(UNLOCKED_S - 5)
    list(owner.hold("<", 2.1))
    assert owner.access() is Access.OFF
    owner.wait(UNLOCKED_S + 5)
    list(owner.hold(">", 2.1))
    assert owner.access() is Access.OFF


def test_a_push_ends_a_running_charge_for_the_time_to_unplug() -> None:
    owner = Owner()
    owner.front.begin()
    owner.push()
    assert owner.access() is Access.ON  # nothing was charging
    owner.front.seen(connected=True, charging=True)
    assert sum(wish.resets for wish in owner.push()) == 1
    assert owner.access() is Access.PAUSE
    owner.front.seen(connected=False, charging=False)
    assert owner.access() is Access.ON


def test_an_access_button_toggles_and_a_switch_gives_what_its_level_says() -> None:
    button = Owner(switch="access_b")
    button.front.begin()
    seen = [button.access()]
    for _ in range(2):
        button.push()
        seen.append(button.access())
    assert seen == [Access.OFF, Access.ON, Access.OFF]
    switch = Owner(switch="access_s")
    switch.front.edge("sw", True, 99.0)  # closed before the pins were taken
    switch.front.begin()
    assert switch.access() is Access.ON
    switch.front.edge("sw", False, switch.now_s)
    switch.wait(0.2)
    assert switch.access() is Access.OFF


def test_the_smart_solar_button_and_switch_change_the_mode_and_keep_it() -> None:
    owner = Owner(switch="smasol_b", mode="smart")
    owner.front.begin()
    assert [wish.save for wish in owner.push() if wish.save] == [{"mode": "solar"}]
    owner = Owner(switch="smasol_s", mode="smart")
    assert owner.front.begin().save == {"mode": "solar"}  # it is open
    assert owner.front.begin().save == {}


def test_the_grid_relay_limits_while_it_is_open_and_only_with_its_setting() -> None:
    owner = Owner(switch="grid_relay")
    assert not owner.front.wishes(100.0).grid_relay_open
    owner.front.begin()
    assert owner.front.wishes(100.0).grid_relay_open
    owner.front.outside(default_values())
    assert not owner.front.wishes(100.0).grid_relay_open


def test_passing_a_switch_in_the_menu_ends_no_charge() -> None:
    owner = Owner()
    owner.front.begin()
    list(owner.hold("o", 2.1))
    owner.go_to("SWITCH")
    owner.press("o")
    for _ in range(2):
        owner.press(">")
    assert owner.access() is Access.ON  # Access S is shown, and SW is open
    owner.press("o")
    owner.go_to("EXIT")
    owner.press("o")
    assert owner.access() is Access.OFF


@pytest.mark.parametrize("key", ["<", "o", ">"])
@pytest.mark.parametrize("where", ["outside", "in a value"])
def test_a_key_that_is_stuck_is_named_and_nothing_of_what_it_did_is_kept(key: str, where: str) -> None:
    owner = Owner()
    if where == "in a value":
        list(owner.hold("o", 2.1))
        owner.go_to("MAX")
        owner.press("o")
    owner.front.edge(key, True, owner.now_s)
    owner.wait(29)
    assert owner.front.take_told() == ()
    wishes = owner.wait(200)
    assert owner.front.notes == (f"key {key} is stuck",)
    (sentence,) = owner.front.take_told()
    assert sentence.startswith(f"the key {key} is down for more than 30 s")
    assert owner.front.hint() == ()
    assert owner.menu() is None
    assert not any(wish.save for wish in wishes)
    assert owner.front.outside(default_values()).effect == default_values()
    other = "o" if key != "o" else ">"
    owner.press(other)  # the others still work
    owner.front.edge(key, False, owner.now_s)
    assert not owner.front.notes
    list(owner.hold("o", 2.1))
    assert owner.menu() is not None


@given(
    st.dictionaries(st.sampled_from(["switch", "mode", "rfid", "key_lock", "load_bal"]), st.integers(0, 9)),
    st.lists(st.tuples(st.sampled_from(["<", "o", ">", "sw"]), st.booleans(), st.floats(0, 200)), max_size=60),
)
def test_no_sequence_of_keys_and_levels_ever_fails_or_leaves_settings_that_contradict(
    chosen: dict[str, int], history: list[tuple[str, bool, float]]
) -> None:
    kinds = {key: TABLE.row(key).kind for key in chosen}
    words = {key: list(kind.labels) for key, kind in kinds.items() if isinstance(kind, Options)}
    front, now_s = (
        Front(default_values().changed({key: words[key][n % len(words[key])] for key, n in chosen.items()})),
        0.0,
    )
    front.begin()
    for name, pressed, after_s in history:
        for wish in (front.edge(name, pressed, now_s), front.tick(now_s + after_s)):
            if wish.effect is not None:
                TABLE.check(wish.effect.choices)
        now_s += after_s
        front.seen(connected=pressed, charging=pressed)
        assert len(front.hint()) <= 2
        assert front.menu(now_s) is None or front.hint() == ()


@pytest.mark.parametrize("guard", [{"rfid": "enabled"}, {"switch": "access_b"}, {"switch": "access_s"}], ids=str)
def test_a_charge_that_runs_at_the_first_report_goes_on_and_no_other_gets_access(guard: dict[str, str]) -> None:
    owner = Owner(**guard)
    owner.front.seen(connected=True, charging=True)
    assert owner.access() is Access.ON
    idle = Owner(**guard)
    idle.front.seen(connected=True, charging=False)
    idle.front.seen(connected=True, charging=True)
    assert idle.access() is Access.OFF


def test_a_switch_that_is_open_ends_also_a_charge_that_runs_at_the_first_report() -> None:
    for first in ("seen", "begin"):
        owner = Owner(switch="access_s")
        for step in (first, {"seen": "begin", "begin": "seen"}[first]):
            if step == "begin":
                owner.front.begin()
            else:
                owner.front.seen(connected=True, charging=True)
        assert owner.access() is Access.OFF
