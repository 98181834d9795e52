"""Keys, menu and settings: what the owner does has its effect at once and is kept by leaving through EXIT."""

from collections.abc import Iterator

import pytest

from smartevse.settings.rows import ROWS
from smartevse.settings.values import default_values
from smartevse.station.front import Front, Wish


class Owner:
    """Somebody in front of the panel."""

    def __init__(self) -> None:
        self.front, self.now_s = Front(default_values()), 100.0

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
