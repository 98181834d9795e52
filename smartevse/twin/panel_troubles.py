"""Everything that can go wrong in the demo, as one table, and the list to choose from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from smartevse.twin.panel_model import Picture

EV_METER_UNIT = 12
"""The Modbus number of the twin's EV meter."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that can go wrong. `on` and `off` are commands: for the twin, or "guard kill" and the like."""

    name: str
    means: str
    on: str
    off: str


PROGRAMS: tuple[Trouble, ...] = (
    Trouble("guard-killed", "the safety program crashes (SIGKILL)", "guard kill", "guard start"),
    Trouble("guard-stalled", "the safety program hangs (SIGSTOP)", "guard stall", "guard resume"),
    Trouble("station-killed", "the station's program crashes (SIGKILL)", "station kill", "station start"),
    Trouble("station-stalled", "the station's program hangs (SIGSTOP)", "station stall", "station resume"),
    Trouble("pigpiod-dead", "the daemon in front of the pins is gone", "pigpiod kill", "pigpiod start"),
    Trouble("pigpiod-hung", "the daemon takes commands and does not answer", "pigpiod hang", "pigpiod resume"),
    Trouble("bus-cut", "the RS485 adapter is pulled out", "bus cut", "bus restore"),
    Trouble(
        "meter-silent",
        "the EV meter does not answer",
        f"bus silent {EV_METER_UNIT} on",
        f"bus silent {EV_METER_UNIT} off",
    ),
)
"""What can befall programs and bus; what can befall hat and car the twin tells itself."""


def troubles(known: Mapping[str, str]) -> tuple[Trouble, ...]:
    """All of them: the twin's own faults (name: meaning), then those of programs and bus."""
    return (
        tuple(Trouble(name, means, f"fault {name} on", f"fault {name} off") for name, means in known.items()) + PROGRAMS
    )


def active(seen: Picture, condition: Callable[[str], str]) -> frozenset[str]:
    """The names of the troubles that stand now; `condition` is that of a program."""
    names = {f"{name}-stalled" for name in ("guard", "station") if condition(name) == "stalled"}
    names |= {f"{name}-killed" for name in ("guard", "station") if condition(name) == "ended"}
    names |= {f"pigpiod-{seen.pigpiod}"} if seen.pigpiod != "running" else set()
    names |= set() if seen.bus_plugged else {"bus-cut"}
    names |= {"meter-silent"} if EV_METER_UNIT in seen.silent_units else set()
    return frozenset(names | set(seen.faults))


def numbered(pattern: str, text: str) -> Trouble | None:
    """The trouble for a typed name of a pattern such as "cp-short-<ohm>"; None when it is not one."""
    expression = re.sub(r"<[^>]*>", r"(-?\\d+)", pattern)
    if re.fullmatch(expression, text) is None:
        return None
    return Trouble(text, pattern, f"fault {text} on", f"fault {text} off")


class TroubleScreen(ModalScreen[None]):
    """The list: type to search, Enter to break or mend, Escape to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]
    CSS = """
    TroubleScreen { align: center middle; }
    #box { width: 84; max-width: 96%; height: 90%; border: round $warning; background: $surface; padding: 0 1; }
    #box OptionList { height: 1fr; border: none; background: $surface; }
    #box Input { border: none; height: 1; background: $boost; padding: 0 1; }
    #box Static { color: $text-muted; height: 1; }
    """

    def __init__(
        self,
        rows: Sequence[Trouble],
        patterns: Sequence[str],
        stands: Callable[[], frozenset[str]],
        act: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._rows, self._patterns, self._stands, self._act = rows, patterns, stands, act
        self._shown: list[Trouble] = []

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        with Vertical(id="box") as box:
            box.border_title = "Break something, or mend it"
            yield Input(placeholder=f"type to search; also {', '.join(self._patterns)}")
            yield OptionList()
            yield Static("↑ ↓ choose   Enter break / mend   Esc back", markup=False)

    def on_mount(self) -> None:
        """Fill the list, and keep up with what stands."""
        self._fill("")
        self.set_interval(0.3, self._renew)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        self._fill(event.value.strip().casefold())

    @on(Input.Submitted)
    def _enter(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self._toggle(self._shown[index])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._toggle(self._shown[event.option_index])

    def action_move(self, by: int) -> None:
        """Move the choice, wherever the cursor is."""
        choices = self.query_one(OptionList)
        (choices.action_cursor_down if by > 0 else choices.action_cursor_up)()

    def _toggle(self, row: Trouble) -> None:
        self._act(row.off if row.name in self._stands() else row.on)

    def _fill(self, wanted: str) -> None:
        exact = next(filter(None, (numbered(pattern, wanted) for pattern in self._patterns)), None)
        found = [row for row in self._rows if wanted in row.name or wanted in row.means.casefold()]
        self._shown = ([exact] if exact else []) + found
        choices = self.query_one(OptionList)
        choices.clear_options()
        stands = self._stands()
        choices.add_options([Option(_line(row, stands)) for row in self._shown])
        choices.highlighted = 0 if self._shown else None

    def _renew(self) -> None:
        stands, choices = self._stands(), self.query_one(OptionList)
        for index, row in enumerate(self._shown):
            line = _line(row, stands)
            if choices.get_option_at_index(index).prompt != line:
                choices.replace_option_prompt_at_index(index, line)


def _line(row: Trouble, stands: frozenset[str]) -> Text:
    is_on = row.name in stands
    return Text.assemble(
        ("● " if is_on else "○ ", "bold red" if is_on else "dim"), (f"{row.name:<18} ", "bold"), (row.means, "")
    )
