"""The menu: a pure state machine over the table of settings; time is an argument, the caller keeps and applies.

A value is in effect as soon as it is shown and valid; it is kept only by leaving through EXIT. What another program
changed meanwhile wins for the settings it changed, and is never overwritten by an EXIT that did not touch them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from smartevse.panel.keys import Act, Key, KeyEvent
from smartevse.panel.model import MenuView
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Measured, Number, Options, Setting, SettingsError, Table, Value
from smartevse.settings.values import Values

TIMEOUT_S = 120.0
"""Without a key for so long the menu closes and forgets what was not kept."""
ACTION_TIMEOUT_S = 600.0
"""So long it stays open while an action is chosen: a card has to be fetched, a network's password to be typed."""
EXIT_NAME = "EXIT"
EXIT_VALUE = "MENU"
_EXIT_HELP = "Leave the menu and keep all changes."
_NO_CLAMP = "CAL needs a Sensorbox with CTs that answers, and at least 6 A through CT1."
_WIDE = 2000
"""A range of more numbers is stepped through faster and faster while the key is held."""
_FASTER_AFTER = 60
"""After so many repeats each one is a ten times larger step."""
_LARGEST_STEP = 100
_ELSEWHERE = "Changed from outside: your changes did not fit with it and are undone."


class Clamp(Protocol):
    """What CAL asks of the meter at the mains; both raise ValueError with the sentence for the owner."""

    def seen_da(self) -> int:
        """What it shows on L1 now, without its sign, 0.1 A; refused with less than 6 A."""

    def factor(self, flowing_da: int) -> int:
        """The factor that makes it show this current instead; refused outside 0.3 to 2.0."""


class Action(NamedTuple):
    """What the menu offers beside values (`Options.actions`): the key of the setting and the word of the action."""

    key: str
    word: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the caller has to do after a key, a tick or a change from outside; nothing by default."""

    effect: Values | None = None
    """All values as they are in effect from now on, when any changed."""
    save: Mapping[str, Value] = field(default_factory=dict)
    """What the owner changed, to be kept as a whole now (`Store.save`); given once, when EXIT closes the menu."""
    closed: bool = False
    """The menu has just closed (with EXIT the errors that a new start may clear are to be cleared too)."""
    exited: bool = False
    """It was closed through EXIT, not by the timeout."""
    confirmed: Action | None = None
    """The action that was chosen when o left the value: what needs a word of consent is done now."""


_NOTHING = Step()


class Menu:
    """One menu; closed until `open`. All methods are harmless while it is closed."""

    def __init__(self, table: Table = TABLE, clamp: Clamp | None = None) -> None:
        """`clamp` is what a `Measured` setting is told by; without one such a setting can only be reset."""
        self._table = table
        self._clamp = clamp
        self._open = False
        self._kept = Values(table.defaults())
        self._changes: dict[str, Value] = {}
        self._cursor: str | None = None
        self._edit: Value | None = None
        self._flowing_da: int | None = None
        """What the owner says that flows, while a `Measured` setting is edited."""
        self._repeats = 0
        self._entered: Value | None = None
        """The value when it was entered: an action takes back what was passed on the way to it."""
        self._message = ""
        self._said: tuple[str, ...] = ()
        self._key_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the menu has the display and the keys."""
        return self._open

    @property
    def values(self) -> Values:
        """What is in effect: what is kept, with the changes of this visit."""
        return self._kept.changed(self._changes)

    @property
    def action(self) -> Action | None:
        """The action that is chosen now, to be done as long as it is; None for none."""
        if not self._open or self._edit is None:
            return None
        row = self._row()
        if not isinstance(row.kind, Options) or self._edit not in row.kind.actions:
            return None
        return Action(row.key, str(self._edit))

    def say(self, *lines: str) -> None:
        """Show at most two lines below the value until the next key: how an action goes."""
        self._said = lines[:2]

    def open(self, kept: Values, now_s: float) -> None:
        """Open it at the first item; `kept` are the values as they are stored. The o key held for 2 s does this."""
        self._open, self._kept, self._changes = True, kept, {}
        self._cursor, self._edit, self._message, self._key_s = self._items()[0], None, "", now_s
        self._flowing_da, self._said = None, ()

    def key(self, event: KeyEvent, now_s: float) -> Step:
        """A key of the panel while the menu is open."""
        if not self._open or event.act in (Act.RELEASE, Act.HOLD):
            return _NOTHING
        step = self.tick(now_s)
        if not self._open:
            return step  # this key came after the timeout: it is not for the menu any more
        self._key_s, self._message, self._said = now_s, "", ()
        before = self.values
        if event.key is Key.SELECT:
            return self._select() if event.act is Act.PRESS else _NOTHING
        if event.act is Act.BOTH:
            self._reset()
            return self._effect(before)
        self._repeats = self._repeats + 1 if event.act is Act.REPEAT else 0
        by = -1 if event.key is Key.LEFT else 1
        if self._flowing_da is not None:
            self._flowing_da = self._measured().flow_step(self._flowing_da, by)
        elif self._edit is None:
            items = self._items()
            self._cursor = items[(items.index(self._cursor) + by) % len(items)]
        else:
            kind = self._row().kind
            self._try(kind.step(self._edit, by * self._stride(kind)))
        return self._effect(before)

    def tick(self, now_s: float) -> Step:
        """Time goes on: after 120 s without a key the menu closes and the kept values are in effect again."""
        timeout_s = TIMEOUT_S if self.action is None else ACTION_TIMEOUT_S
        if not self._open or now_s - self._key_s < timeout_s:
            return _NOTHING
        before = self.values
        self._close()
        return Step(effect=self._effect(before).effect, closed=True)

    def outside(self, kept: Values) -> Step:
        """Another program changed what is stored: the newer value counts, also for an item that is being edited."""
        if not self._open:
            return _NOTHING
        before, self._message = self.values, ""
        for key in kept.different(self._kept):
            self._changes.pop(key, None)
            if self._edit is not None and key == self._cursor:
                self._entered = kept[key]
                self._edit = self._edit if self.action else kept[key]
        self._kept = kept
        if self._table.contradiction(self.values.choices) is not None:
            self._changes, self._message = {}, _ELSEWHERE
        if self._edit is not None and not self._message:
            self._try(self._edit)
        elif self._edit is not None and self.action is None:
            self._edit = self.values[self._row().key]
        self._follow()
        return self._effect(before)

    def view(self, now_s: float) -> MenuView | None:
        """What is to be shown; None while the menu is closed."""
        if not self._open:
            return None
        items = self._items()
        position, count = items.index(self._cursor) + 1, len(items)
        idle_s = max(now_s - self._key_s, 0.0)
        if self._cursor is None:
            text = self._message or _EXIT_HELP
            return MenuView(EXIT_NAME, EXIT_VALUE, False, text, idle_s, position, count, self._said)
        row = self._row()
        editing = self._edit is not None or self._flowing_da is not None
        shown = row.text(self.values[row.key] if self._edit is None else self._edit)
        if self._flowing_da is not None:
            shown = f"{self._flowing_da / 10:.1f} A"
        return MenuView(row.name, shown, editing, self._message or row.help, idle_s, position, count, self._said)

    def _select(self) -> Step:
        """The o key: into a value, out of it, or out of the menu."""
        if self._cursor is None:
            step = Step(save=dict(self._changes), closed=True, exited=True)
            self._kept = self.values
            self._close()
            return step
        if self._flowing_da is not None:
            return self._tell(self._flowing_da)
        if self._edit is None:
            self._enter()
            return _NOTHING
        confirmed = self.action
        self._edit = None
        self._follow()
        return Step(confirmed=confirmed)

    def _enter(self) -> None:
        """Into the value."""
        row = self._row()
        if not isinstance(row.kind, Measured):
            self._edit = self._entered = self.values[row.key]
            return
        try:
            if self._clamp is None:
                raise SettingsError(_NO_CLAMP)
            self._flowing_da = row.kind.nearest(self._clamp.seen_da())
        except ValueError as refusal:
            self._message = str(refusal)

    def _tell(self, flowing_da: int) -> Step:
        """Out of a measured value: the factor follows from what the meter sees now."""
        before, self._flowing_da = self.values, None
        try:
            if self._clamp is None:
                raise SettingsError(_NO_CLAMP)
            self._set(self._clamp.factor(flowing_da))
        except ValueError as refusal:
            self._message = str(refusal)
        self._follow()
        return self._effect(before)

    def _reset(self) -> None:
        """Both outer keys: a measured value goes back to its default and is left; elsewhere they do nothing."""
        if self._cursor is None or not isinstance(self._row().kind, Measured):
            return
        self._flowing_da = None
        self._set(self._row().default)
        self._message = f"{self._row().name} is reset."
        self._follow()

    def _measured(self) -> Measured:
        kind = self._row().kind
        assert isinstance(kind, Measured)
        return kind

    def _stride(self, kind: Options | Number) -> int:
        """How far one step goes: a register is not reached one by one."""
        if isinstance(kind, Options) or kind.high - kind.low <= _WIDE:
            return 1
        return int(min(10 ** (self._repeats // _FASTER_AFTER), _LARGEST_STEP))

    def _try(self, value: Value) -> None:
        """Show a value of the item that is edited; it counts only if all settings agree with it."""
        self._edit = value
        if self.action is not None and self._entered is not None:
            value = self._entered
        try:
            self._set(value)
        except SettingsError as refusal:
            self._message = str(refusal)

    def _set(self, value: Value) -> None:
        """Put a value of this item in effect, if all settings agree with it (SettingsError)."""
        key = self._row().key
        self._table.check(self.values.changed({key: value}).choices)
        if value == self._kept[key]:
            self._changes.pop(key, None)
        else:
            self._changes[key] = value

    def _row(self) -> Setting:
        return self._table.row(str(self._cursor))

    def _items(self) -> tuple[str | None, ...]:
        """The keys of the visible rows; None stands for EXIT."""
        rows = tuple(row.key for row in self._table.visible(self.values.choices))
        inside = self._edit is not None or self._flowing_da is not None
        if inside and self._cursor not in rows:  # what is being edited never vanishes under the finger
            order = [row.key for row in self._table.rows]
            rows = tuple(sorted((*rows, str(self._cursor)), key=order.index))
        return (*rows, None)

    def _follow(self) -> None:
        """Go to the nearest item above when the one under the cursor is no longer offered."""
        items = self._items()
        if self._cursor in items:
            return
        order = [row.key for row in self._table.rows]
        above = [key for key in items if key is not None and order.index(key) < order.index(str(self._cursor))]
        self._cursor = above[-1] if above else items[0]

    def _effect(self, before: Values) -> Step:
        return Step(effect=self.values) if self.values != before else _NOTHING

    def _close(self) -> None:
        self._open, self._edit, self._flowing_da = False, None, None
        self._changes, self._message, self._said = {}, "", ()
