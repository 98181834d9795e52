"""The front of the station: what keys and the switch at SW do, and when the menu is open. No threads, no clock.

Keys go to the menu while it is open. Otherwise any press resets a fault that waits for the owner, o held for 2 s opens
the menu, < stops and > starts when held as long, a short < changes between Smart and Solar, < and > together set up
the display anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smartevse.core.rules import Mode
from smartevse.panel.keys import STUCK_S, Act, Key, KeyEvent, Keys
from smartevse.panel.menu import Action, Clamp, Menu, Step
from smartevse.panel.model import MenuView
from smartevse.settings.table import Value
from smartevse.settings.values import Values
from smartevse.station import access
from smartevse.station.switch import NOTHING, STAYS, Asked, Switch
from smartevse.station.wishes import Access, Wishes

SWITCH = "sw"
"""The name of the external switch among the keys."""
UNLOCKED_S = 120.0
"""Keys that were unlocked lock again so long after the last one was touched."""
_UNLOCKING = frozenset({Key.SELECT, Key.RIGHT})
_HOLD = "Hold 2 sec"
_LOCKED_HINT = ("KEYS LOCKED", "Hold o and >")
_OTHER_MODE = {Mode.SMART: "solar", Mode.SOLAR: "smart"}


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
    renew: bool = False
    """Set up the display anew."""


class Front:
    """Keys, menu and switch of one panel, and the access that they give."""

    def __init__(self, values: Values, clamp: Clamp | None = None) -> None:
        """`clamp` is what the menu's CAL asks of the mains meter."""
        self._keys = Keys()
        self._menu = Menu(clamp=clamp)
        self._switch = Switch()
        self._kept = values
        self._now = values
        """What is in effect."""
        self._settled = values
        """What access and switch go by: what is in effect, but not each value that the open menu passes."""
        self._gate = access.first(values)
        self._relay_open = False
        self._began = False
        self._charging = self._connected = self._faulty = self._reported = False
        self._armed: set[Key] = set()
        """The keys that were pressed outside the menu: the press that leaves the menu promises nothing."""
        self._repeated: set[Key] = set()
        self._held: set[Key] = set()
        self._told: list[str] = []
        self._stuck: frozenset[Key] = frozenset()
        self._unlocked_s = float("-inf")
        self.touched_s = float("-inf")
        """When a key was last touched."""

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to do because a key is held or the switch moved; None while nothing is."""
        return min((due for due in (self._keys.due_s, self._switch.due_s) if due is not None), default=None)

    def begin(self) -> Wish:
        """The pins were taken: the level of a switch that stays counts from now on."""
        self._began = True
        return self._asked(self._switch.begin(self._settled.switch), float("-inf"))

    def edge(self, name: str, pressed: bool, now_s: float) -> Wish:
        """What is named ("<", "o", ">" or "sw") went down or up; a level that is known already changes nothing."""
        if name == SWITCH:
            self._switch.edge(pressed, now_s)
            return Wish()
        key = Key(name)
        if pressed != (key in self._keys.down):
            self.touched_s = now_s
            if pressed and not self._menu.is_open:
                self._armed.add(key)
        return self._done(self._keys.edge(key, pressed, now_s), now_s)

    def tick(self, now_s: float) -> Wish:
        """Time goes on: keys that are held repeat, an open menu that nobody uses closes, the switch has settled."""
        wish = self._done(self._keys.poll(now_s), now_s)
        self._tell_stuck()
        asked = self._switch.tick(self._settled.switch, now_s, charging=self._charging) if self._began else NOTHING
        wish = _joined(wish, self._asked(asked, now_s))
        return _joined(wish, self._followed(_wish(self._menu.tick(now_s))))

    def outside(self, kept: Values) -> Wish:
        """The stored settings changed: by another program, or because what the menu changed was kept."""
        self._kept = kept
        if not self._menu.is_open:
            return self._followed(Wish(effect=kept))
        step = self._menu.outside(kept)
        return self._followed(Wish(effect=step.effect or self._menu.values, save=step.save))

    def seen(self, *, connected: bool, charging: bool, faulty: bool = False) -> None:
        """What the guard reports; `charging`: the contactor is closed, `faulty`: a press resets a fault.

        A charge that runs at the first report goes on: the program was started anew under it.
        """
        self._faulty = faulty
        held_back = self._began and self._settled.switch in STAYS
        if charging and not self._reported and not held_back:
            self._gate = self._gate.give(Access.ON)  # it had access when this program was there before
        self._reported = True
        if self._connected and not connected:
            self._gate = self._gate.unplugged()
        self._connected, self._charging = connected, charging

    def give(self, given: Access) -> None:
        """Somebody else gave access or took it back: a card, the network."""
        self._gate = self._gate.give(given)

    @property
    def settled(self) -> Values:
        """What is in effect, but not each value that the open menu passes."""
        return self._settled

    @property
    def access(self) -> Access:
        """What was given last, apart from a stop for a moment."""
        return self._gate.access

    def wishes(self, now_s: float) -> Wishes:
        """What keys, switch and cards want of the charge now."""
        return Wishes(access=self._gate.now(now_s), grid_relay_open=self._relay_open)

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

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the display: keys that are down for longer than anybody holds them."""
        return tuple(f"key {key.value} is stuck" for key in Key if key in self._keys.stuck)

    def take_told(self) -> tuple[str, ...]:
        """The sentences for the journal since the last call."""
        told, self._told = tuple(self._told), []
        return told

    def hint(self) -> tuple[str, ...]:
        """What the key that is down will do when it is held."""
        down = (self._keys.down - self._keys.stuck) & self._armed
        if not down or self._menu.is_open or {Key.LEFT, Key.RIGHT} <= down:
            return ()
        if self._locked:
            return _LOCKED_HINT
        if Key.SELECT in down:
            return (_HOLD, "for Menu")
        if Key.LEFT in down:
            return (_HOLD, "to Stop") if self._gate.access is Access.ON else ()
        if self._gate.access is Access.ON:
            return ()
        return ("ACCESS DENIED", "use card/switch") if access.guarded(self._settled) else (_HOLD, "to Start")

    def _tell_stuck(self) -> None:
        for key in self._keys.stuck - self._stuck:
            self._told.append(
                f"the key {key.value} is down for more than {STUCK_S:.0f} s: it counts no more until it was up;"
                f" look at the button and its wire"
            )
        self._stuck = self._keys.stuck

    @property
    def _locked(self) -> bool:
        return self._now.key_lock and not self.touched_s - self._unlocked_s <= UNLOCKED_S

    def _done(self, events: tuple[KeyEvent, ...], now_s: float) -> Wish:
        wish = Wish()
        for event in events:
            if self._menu.is_open:
                wish = _joined(wish, self._followed(_wish(self._menu.key(event, now_s))))
            else:
                wish = _joined(wish, self._outside_menu(event, now_s))
            if event.act is Act.RELEASE:
                for keys in (self._armed, self._repeated, self._held):
                    keys.discard(event.key)
        return wish

    def _outside_menu(self, event: KeyEvent, now_s: float) -> Wish:
        """A key while the menu is closed."""
        if event.act is Act.REPEAT:
            self._repeated.add(event.key)
        if event.act is Act.HOLD:
            self._held.add(event.key)
        if event.act is Act.BOTH:
            self._repeated |= {Key.LEFT, Key.RIGHT}
            return Wish(renew=True)
        if event.act is Act.PRESS:
            if not self._locked:
                self._unlocked_s = now_s  # goes on as long as they are used
            if self._faulty:
                self._repeated.add(event.key)  # it resets the fault and does nothing else
            return Wish(resets=1)
        if self._locked:
            if self._held >= _UNLOCKING:
                self._unlocked_s = now_s
            return Wish()
        if event.act is Act.HOLD and event.key in self._armed:
            return self._long(event.key, now_s)
        if event.act is Act.RELEASE and event.key is Key.LEFT and self._short(event.key):
            return self._mode(_OTHER_MODE.get(self._now.mode))
        return Wish()

    def _short(self, key: Key) -> bool:
        return key in self._armed and key not in self._repeated

    def _long(self, key: Key, now_s: float) -> Wish:
        """A key held for 2 s."""
        if key is Key.SELECT:
            if not self._held >= _UNLOCKING:
                self._menu.open(self._kept, now_s)
        elif key is Key.LEFT:
            self._gate = self._gate.give(Access.OFF)
        elif not access.guarded(self._settled):
            self._gate = self._gate.give(Access.ON)
        return Wish()

    def _asked(self, asked: Asked, now_s: float) -> Wish:
        """What the switch wants."""
        if asked.touched:
            self.touched_s = now_s
        if asked.access is not None:
            self._gate = self._gate.give(asked.access)
        if asked.toggle_access:
            self._gate = self._gate.toggled()
        if asked.stop and self._charging:
            self._gate = self._gate.stopped(now_s)
        if asked.relay_open is not None:
            self._relay_open = asked.relay_open
        wish = Wish(resets=int(asked.touched))
        other = _OTHER_MODE.get(self._now.mode)
        if (asked.mode is not None and asked.mode == other) or asked.toggle_mode:
            wish = _joined(wish, self._mode(other))
        return wish

    def _mode(self, word: str | None) -> Wish:
        """Smart and Solar exchanged, in a unit that decides and has access; kept at once."""
        if word is None or self._now.node or self._gate.access is Access.OFF:
            return Wish()
        change: Mapping[str, Value] = {"mode": word}
        if self._menu.is_open:
            return Wish(save=change)  # comes back through `outside`, which tells the menu
        return self._followed(Wish(effect=self._now.changed(change), save=change))

    def _followed(self, wish: Wish) -> Wish:
        """The same wish, once access and switch know the settings it puts in effect."""
        self._now = wish.effect or self._now
        if self._menu.is_open or self._settled == self._now:
            return wish
        before, self._settled = self._settled, self._now
        self._gate = access.changed(self._gate, before, self._settled)
        if before.switch == self._settled.switch:
            return wish
        self._relay_open = False
        if not self._began:
            return wish
        return _joined(wish, self._asked(self._switch.begin(self._settled.switch), float("-inf")))


def _wish(step: Step) -> Wish:
    """Leaving the menu through EXIT resets faults too."""
    return Wish(effect=step.effect, save=step.save, resets=int(step.exited), confirmed=step.confirmed)


def _joined(first: Wish, second: Wish) -> Wish:
    return replace(
        first,
        effect=second.effect or first.effect,
        save={**first.save, **second.save},
        resets=first.resets + second.resets,
        confirmed=second.confirmed or first.confirmed,
        renew=second.renew or first.renew,
    )
