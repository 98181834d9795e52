from __future__ import annotations

from collections.abc import Mapping

from smartevse.panel.keys import Key
from smartevse.settings.table import Value
from smartevse.settings.values import default_values
from smartevse.station.front import Front
from smartevse.station.wifi_task import WifiTask
from smartevse.wifi.link import WifiLink
from smartevse.wifi.setup import Phase, View


class Link(WifiLink):
    """Notes what is wanted instead of doing it."""

    def __init__(self) -> None:
        super().__init__()
        self.switched: list[bool] = []
        self.setups: list[bool] = []
        self.shown = View()

    @property
    def view(self) -> View:
        return self.shown

    def switch(self, on: bool) -> None:
        self.switched.append(on)

    def want_setup(self, wanted: bool) -> None:
        if not self.setups or self.setups[-1] != wanted:
            self.setups.append(wanted)

    def lines(self, now_s: float) -> tuple[str, ...]:
        return ("smartevse-ab23", "pw abcdefghij")


class Panel:
    """A front with keys, and the task on it."""

    def __init__(self) -> None:
        self.front, self.link = Front(default_values()), Link()
        self.kept: list[Mapping[str, Value]] = []
        self.task = WifiTask(self.front, self.kept.append, self.link)
        self.now_s = 100.0

    def press(self, key: Key, seconds: float = 0.1) -> None:
        for down, then in ((True, seconds), (False, 0.2)):
            self.front.edge(key.value, down, self.now_s)
            end_s = self.now_s + then
            while self.now_s < end_s:
                self.now_s += 0.05
                self.front.tick(self.now_s)

    def to_setup(self) -> None:
        self.press(Key.SELECT, 2.2)
        self.press(Key.LEFT)  # EXIT
        self.press(Key.LEFT)
        menu = self.front.menu(self.now_s)
        assert menu is not None
        assert menu.name == "WIFI"
        self.press(Key.SELECT)
        self.press(Key.LEFT)
        self.task.beat(self.now_s)


def test_nothing_is_switched_at_the_start() -> None:
    panel = Panel()
    panel.task.beat(0.0)
    assert panel.link.switched == []
    assert panel.link.setups == [False]


def test_the_radio_follows_a_change_of_the_setting() -> None:
    panel = Panel()
    for word in ("enabled", "enabled", "disabled"):
        panel.front.outside(default_values().changed({"wifi": word}))
        panel.task.beat(0.0)
    assert panel.link.switched == [True, False]


def test_the_set_up_lasts_as_long_as_it_is_chosen_in_the_menu_which_tells_how_it_goes() -> None:
    panel = Panel()
    panel.to_setup()
    assert panel.link.setups == [True]
    menu = panel.front.menu(panel.now_s)
    assert menu is not None
    assert menu.lines == ("smartevse-ab23", "pw abcdefghij")
    panel.press(Key.SELECT)
    panel.task.beat(panel.now_s)
    assert panel.link.setups == [True, False]
    assert panel.link.switched == []


def test_a_network_that_was_joined_is_kept_as_enabled_once() -> None:
    panel = Panel()
    panel.to_setup()
    panel.link.shown = View(Phase.DONE, address="192.168.1.23", chosen="Home")
    panel.task.beat(panel.now_s)
    panel.task.beat(panel.now_s)
    assert panel.kept == [{"wifi": "enabled"}]
