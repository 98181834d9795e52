"""The front of the station: what the keys do, and when the menu is open. No threads, no clock: time is an argument.

Keys go to the menu while it is open. Otherwise o held for 2 s opens it, and any press resets a fault that waits for the
owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from smartevse.panel.keys import Act, Key, KeyEvent, Keys
from smartevse.panel.menu import Action, Menu, Step
from smartevse.panel.model import MenuView
from smartevse.settings.table import Value
from smartevse.settings.values import Values

_MENU_HINT = ("Hold 2 sec", "for Menu")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner wants after some keys: nothing by default."""

    effect: Values | None = None
    """The settings that are in effect from now on."""
    save: Mapping[str, Value] = field(default_factory=dict)
    """What to keep."""
    resets: int = 0
    """How many times a standing fault was to be reset."""
    confirmed: Action | None = None
    """An action of the menu that the owner said yes to."""


class Front:
    """Keys and menu of one panel."""

    def __init__(self, values: Values) -> None:
        self._keys = Keys()
        self._menu = Menu()
        self._kept = values
        self._armed = False
        """Whether o was pressed outside the menu: the press that leaves the menu promises nothing."""
        self.touched_s = float("-inf")
        """When a key was last touched."""

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to do because a key is held; None while none is."""
        return self._keys.due_s

    def edge(self, name: str, pressed: bool, now_s: float) -> Wish:
        """The key printed `name` ("<", "o", ">") went down or up; a level that is known already changes nothing."""
        key = Key(name)
        if pressed != (key in self._keys.down):
            self.touched_s = now_s
            if key is Key.SELECT:
                self._armed = pressed and not self._menu.is_open
        return self._done(self._keys.edge(key, pressed, now_s), now_s)

    def tick(self, now_s: float) -> Wish:
        """Time goes on: keys that are held repeat, an open menu that nobody uses closes."""
        wish = self._done(self._keys.poll(now_s), now_s)
        return _joined(wish, _wish(self._menu.tick(now_s)))

    def outside(self, kept: Values) -> Wish:
        """The stored settings changed: by another program, or because what the menu changed was kept."""
        self._kept = kept
        if not self._menu.is_open:
            return Wish(effect=kept)
        step = self._menu.outside(kept)
        return Wish(effect=step.effect or self._menu.values, save=step.save)

    def menu(self, now_s: float) -> MenuView | None:
        """What the open menu shows; None while it is closed."""
        return self._menu.view(now_s)

    @property
    def action(self) -> Action | None:
        """The action of the menu that is chosen now ("rfid", "learn"): to be done as long as it is."""
        return self._menu.action

    def say(self, *lines: str) -> None:
        """Tell in the open menu how its action goes: at most two lines of 16 characters, until the next key."""
        self._menu.say(*lines)

    def hint(self) -> tuple[str, ...]:
        """What the key that is down will do when it is held."""
        return _MENU_HINT if Key.SELECT in self._keys.down and self._armed and not self._menu.is_open else ()

    def _done(self, events: tuple[KeyEvent, ...], now_s: float) -> Wish:
        wish = Wish()
        for event in events:
            if self._menu.is_open:
                wish = _joined(wish, _wish(self._menu.key(event, now_s)))
            elif event == KeyEvent(Key.SELECT, Act.HOLD) and self._armed:
                self._menu.open(self._kept, now_s)
            elif event.act is Act.PRESS:
                wish = _joined(wish, Wish(resets=1))
        return wish


def _wish(step: Step) -> Wish:
    """Leaving the menu through EXIT resets faults too."""
    return Wish(effect=step.effect, save=step.save, resets=int(step.exited), confirmed=step.confirmed)


def _joined(first: Wish, second: Wish) -> Wish:
    return Wish(
        effect=second.effect or first.effect,
        save={**first.save, **second.save},
        resets=first.resets + second.resets,
        confirmed=second.confirmed or first.confirmed,
    )
