"""The demo's picture in the terminal: what a person would see in front of the station, and keys to do things to it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import RichLog, Static

from smartevse.twin import panel_draw, panel_text
from smartevse.twin.demo_rig import Rig, RigError
from smartevse.twin.demo_scenario import Play, perform
from smartevse.twin.panel_draw import OFFER_COLOUR, PHASE_COLOURS, Sample
from smartevse.twin.panel_keys import LONG_S, Fingers
from smartevse.twin.panel_link import Link
from smartevse.twin.panel_model import CABLES, Picture, advice
from smartevse.twin.panel_troubles import TroubleScreen, active, troubles

CHART_S = 60.0
"""How much of the past the chart shows."""
CHART_EVERY_S = 0.4
"""The chart moves by less than a dot in that time."""
TICK_S = 0.05
LOW_ROWS = 28
"""A terminal with fewer rows than this gets lower drawings."""
KEYS = "< o >"
HINTS = (
    (("p", "plug/unplug"), ("r", "ready/enough"), ("c", "cable"), ("f", "faults"), ("x", "mend all"), ("q", "quit")),
    (("← o →", "keys"), ("m", "menu: o held"), ("w", "SW"), ("g s d", "kill guard, station, pigpiod")),
)


class KeyButton(Static):
    """One of the station's keys: stays down as long as the mouse button does."""

    class Moved(Message):
        """The key went down or up under the mouse."""

        def __init__(self, key: str, down: bool) -> None:
            super().__init__()
            self.key, self.down = key, down

    def __init__(self, key: str) -> None:
        super().__init__(f" {key} ", markup=False, classes="key")
        self.key = key

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Down, until the button comes up wherever the mouse is then."""
        event.stop()
        self.capture_mouse()
        self.post_message(self.Moved(self.key, True))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Up."""
        event.stop()
        self.release_mouse()
        self.post_message(self.Moved(self.key, False))


class PanelApp(App[int]):
    """The panel over a running rig; ends with status 0, or 1 when the twin is gone."""

    TITLE = "smartevse demo"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "panel.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,less_than_sign", "key('<')"),
        Binding("right,greater_than_sign", "key('>')"),
        Binding("enter,o", "key('o')"),
        Binding("m,O", "long('o')"),
        Binding("b", "long('<>')"),
        Binding("w", "switch"),
        Binding("p", "plug"),
        Binding("r", "ready"),
        Binding("c", "cable"),
        Binding("f", "faults"),
        Binding("x", "mend"),
        Binding("g", "program('guard')"),
        Binding("s", "program('station')"),
        Binding("d", "pigpiod"),
        Binding("q,ctrl+c", "quit"),
    ]

    class Seen(Message):
        """The link saw something, or has a sentence to say."""

        def __init__(self, what: Picture | str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, rig: Rig, story: Play | None = None) -> None:
        """The panel over this rig; with a story, that happens by itself from the beginning."""
        super().__init__()
        self._rig = rig
        self._story = story
        self._waiting = list(story.steps) if story else []
        self._began_s = time.monotonic()
        client = rig.client()
        faults = client.ask("faults")
        self._troubles, self._patterns = troubles(faults["known"]), tuple(faults["numbered"])
        self._link = Link(client, lambda what: self.post_message(self.Seen(what)))
        self._fingers = Fingers()
        self._seen: Picture | None = None
        self._samples: deque[Sample] = deque(maxlen=int(CHART_S * 12))
        self._shown_lines = 0
        self._drawn: dict[str, Text] = {}
        self._wave: tuple[int, int, float, float, int, str] | None = None
        self._chart_at_s = 0.0

    def compose(self) -> ComposeResult:
        """Boxes from top to bottom."""
        yield Static(id="advice")
        with Horizontal(id="top"):
            with Vertical(id="station", classes="box") as station:
                station.border_title = "Station"
                yield Static(id="lcd", markup=False)
                with Horizontal(id="keys"):
                    for key in KEYS.split():
                        yield KeyButton(key)
                    yield Static(id="leds")
            yield _box("car", "Car")
            yield _box("hat", "Hat")
        with Horizontal(id="middle"):
            yield _box("pilot", "Pilot, 1 kHz")
            yield _box("chart", f"Currents, last {CHART_S:.0f} s")
        journal = RichLog(id="journal", classes="box", max_lines=1000, min_width=20, wrap=True)
        journal.can_focus = False
        journal.border_title = "Journal"
        yield journal
        yield Static(_hints(), id="hints")

    def on_mount(self) -> None:
        """Begin to look, and leave in order when a signal asks for it."""
        if self._story:
            self._rig.say(f"{self._story.title}: {self._story.ends_s:.0f} s in real time")
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.exit, 128 + number)
        self._link.start()
        self.set_interval(TICK_S, self._tick)

    def on_unmount(self) -> None:
        """Look no more."""
        self._link.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Lower drawings in a low terminal."""
        self.set_class(event.size.height < LOW_ROWS, "low")

    @on(Seen)
    def _look(self, message: Seen) -> None:
        what = message.what
        if not (self.is_running and self.screen_stack):
            return  # on the way out: one more picture was in the queue
        if isinstance(what, str):
            self._rig.say(what, "warning")
        else:
            self._seen = what
            self._rig.pigpiod = what.pigpiod == "running"
            self._samples.append(Sample(what.now_s, what.offer_da, what.currents_da, what.state))
            self._draw(what)
        self._rig.look(time.monotonic())
        self._show_journal()
        if self._rig.condition("twin") == "ended":
            self.exit(1, message="smartevse demo: the twin ended, and with it the hat; start the demo again")

    def _tick(self) -> None:
        now_s = time.monotonic()
        self._link.do(*self._fingers.due(now_s))
        while self._waiting and self._waiting[0].at_s <= now_s - self._began_s:
            self._act(self._waiting.pop(0).command)

    def _draw(self, seen: Picture) -> None:
        conditions = {name: self._rig.condition(name) for name in ("guard", "station")} | {"pigpiod": seen.pigpiod}
        self._put("advice", Text(f" {advice(seen, conditions['guard'], conditions['station'])}"))
        self._put("lcd", panel_text.lcd(seen))
        self._put("leds", panel_text.leds(seen))
        for button in self._base.query(KeyButton):
            button.set_class(seen.keys[button.key], "down")
        self._put("car", panel_text.car(seen, self._box("car").content_size.width))
        self._put("hat", panel_text.hat(seen, conditions))
        self._draw_pilot(seen)
        if seen.now_s >= self._chart_at_s:
            self._chart_at_s = seen.now_s + CHART_EVERY_S
            self._draw_chart(seen)

    def _draw_pilot(self, seen: Picture) -> None:
        box = self._box("pilot")
        wave = (*box.content_size, seen.high_v, seen.low_v, seen.duty_permille, seen.state)
        if wave != self._wave:
            self._wave = wave
            self._put("pilot", _lines(panel_draw.wave(*wave)))
            box.border_subtitle = panel_text.pilot_caption(seen)

    def _draw_chart(self, seen: Picture) -> None:
        box = self._box("chart")
        samples = tuple(self._samples)
        self._put("chart", _lines(panel_draw.chart(*box.content_size, samples, seen.now_s, CHART_S)))
        box.border_subtitle = _legend(seen)

    @property
    def _base(self) -> Screen[None]:
        """The panel's own screen, also while a list stands before it."""
        return self.screen_stack[0]

    def _box(self, name: str) -> Static:
        return self._base.query_one(f"#{name}", Static)

    def _put(self, name: str, text: Text) -> None:
        """Draw a box anew if it is different: drawing is what costs."""
        if self._drawn.get(name) != text:
            self._drawn[name] = text
            self._box(name).update(text, layout=False)

    def _show_journal(self) -> None:
        log = self._base.query_one("#journal", RichLog)
        clock = time.strftime("%H:%M:%S")
        for line in self._rig.journal[self._shown_lines :]:
            log.write(panel_text.journal(line, clock))
        self._shown_lines = len(self._rig.journal)

    # what the person does

    @on(KeyButton.Moved)
    def _mouse_key(self, message: KeyButton.Moved) -> None:
        self._link.do(f"press {message.key} {'down' if message.down else 'up'}")

    def action_key(self, key: str) -> None:
        """A key of the station was typed."""
        self._link.do(*self._fingers.typed(key, time.monotonic()))

    def action_long(self, keys: str) -> None:
        """A long press of one key, or of two together."""
        self._link.do(*self._fingers.typed(keys, time.monotonic(), LONG_S))

    def action_switch(self) -> None:
        """The external switch: a push button."""
        self._link.do("press sw 0.3")

    def action_plug(self) -> None:
        """Plug the car in, or pull the plug."""
        if self._seen is not None:
            self._act("ev unplug" if self._seen.plugged else "ev plug")

    def action_ready(self) -> None:
        """The car wants current, or has enough."""
        if self._seen is not None:
            self._act("ev ready off" if self._seen.wants else "ev ready")

    def action_cable(self) -> None:
        """The next cable."""
        if self._seen is not None:
            ohms = list(CABLES)
            at = ohms.index(self._seen.cable_ohm) if self._seen.cable_ohm in CABLES else -1
            ohm = ohms[(at + 1) % len(ohms)]
            self._act(f"cable {'open' if ohm is None else ohm}")

    def action_faults(self) -> None:
        """Open the list of what can go wrong."""
        self.push_screen(TroubleScreen(self._troubles, self._patterns, self._standing, self._act))

    def action_mend(self) -> None:
        """Mend everything that is broken."""
        standing = self._standing()
        known = [row for row in self._troubles if row.name in standing]
        others = standing - {row.name for row in known}
        for command in [row.off for row in known] + [f"fault {name} off" for name in sorted(others)]:
            self._act(command)

    def action_program(self, name: str) -> None:
        """Kill a program, or start it again."""
        self._act(f"{name} {'kill' if self._rig.condition(name) == 'runs' else 'start'}")

    def action_pigpiod(self) -> None:
        """Take pigpiod away, or bring it back."""
        if self._seen is not None:
            back = {"running": "kill", "hung": "resume", "dead": "start"}
            self._act(f"pigpiod {back[self._seen.pigpiod]}")

    def _standing(self) -> frozenset[str]:
        return frozenset() if self._seen is None else active(self._seen, self._rig.condition)

    def _act(self, command: str) -> None:
        """One command: for a program of the rig, or for the twin."""
        self._rig.say(f"> {command}")
        match command.split():
            case [("guard" | "station") as name, "kill"]:
                self._rig.kill(name)
            case [("guard" | "station") as name, "start"]:
                self._rig.start(name)
            case [("guard" | "station") as name, ("stall" | "resume") as what]:
                self._rig.stall(name, what == "stall")
            case ["set", *_]:
                # a program of its own does that, and takes its time
                self.run_worker(lambda: self._perform(command), thread=True)
            case ["station", "stop"]:
                self._rig.kill("station")
            case _:
                self._link.do(command)
        self._show_journal()

    def _perform(self, command: str) -> None:
        """In a thread: a command that waits for a program."""
        try:
            perform(self._rig, self._link.do, command)
        except RigError as error:
            self.post_message(self.Seen(str(error)))


def _box(name: str, title: str) -> Static:
    box = Static(id=name, classes="box", markup=False)
    box.border_title = title
    return box


def _lines(lines: Sequence[Text]) -> Text:
    return Text("\n", no_wrap=True).join(lines)


def _legend(seen: Picture) -> str:
    phases = " ".join(
        f"[{colour}]L{number} {current_da / 10:.1f}[/]"
        for number, (colour, current_da) in enumerate(zip(PHASE_COLOURS, seen.currents_da, strict=True), 1)
    )
    return f"[{OFFER_COLOUR}]offer {seen.offer_da / 10:.1f} A[/] {phases}"


def _hints() -> Text:
    text = Text(no_wrap=True)
    for row in HINTS:
        for key, does in row:
            text.append(f" {key} ", "bold #111827 on #9ca3af").append(f" {does} ")
        text.append("\n")
    text.right_crop(1)
    return text
