"""Plays what happens in a scenario file in real time against the real processes: `smartevse demo --scenario FILE`.

What the file expects is not looked at here: `smartevse scenario` checks that, to the tick and in virtual time.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartevse.twin.demo_control import ControlClient
from smartevse.twin.demo_rig import CABLE_OHM, Rig, RigError
from smartevse.twin.panel_model import Picture, picture

CABLES_OHM: Mapping[object, str] = {13: "1500", 16: "680", 20: "680", 32: "220", 63: "100", "none": "open"}
"""The resistor of a cable by its current in A (IEC 61851-1 table B.2)."""
METER = {"EV METER": "Eastron"}
"""The twin has this meter on its line; a story's own settings count more."""
VERBS = ("ev", "cable", "fault", "weld", "press", "temp", "rail", "set", "station", "house", "sun", "meter")
"""What can happen to a real program and the twin; the rest needs virtual time."""
VOLTS = 230
SENSORBOX = 10
"""Its number on the line."""
TAIL_S = 5.0
LOOK_S = 0.1
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Step:
    """One command at a time, in seconds from the beginning."""

    at_s: float
    command: str


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario as it can be played here: the owner's settings, what is prepared, and what happens when."""

    title: str
    settings: Mapping[str, str]
    prepare: tuple[str, ...]
    steps: tuple[Step, ...]
    ends_s: float


def read(path: Path) -> Play:
    """The play in a scenario file. Raises RigError with one sentence for a file that cannot be played in real time."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text in UTF-8"
        raise RigError(f"{path} cannot be read: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise RigError(f"{path} is not a TOML file: {error}") from error
    given = _table(path, table.get("given", {}), "[given]")
    steps = tuple(sorted(_steps(path, table.get("at", [])), key=lambda step: step.at_s))
    last_s = steps[-1].at_s if steps else 0.0
    ends_s = _seconds(path, "duration", table["duration"]) if "duration" in table else last_s + TAIL_S
    settings = {name: str(value) for name, value in _table(path, given.get("settings", {}), "[given.settings]").items()}
    return Play(str(table.get("title", path.stem)), METER | settings, _prepare(path, given), steps, ends_s)


def _table(path: Path, value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RigError(f"{path}: {where} must be a table of keys and values")
    return value


def _prepare(path: Path, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The world at the beginning, as commands. Raises RigError for what the twin does not have."""
    commands: Mapping[str, Callable[[Any], list[str] | None]] = {
        "settings": lambda _: [],
        "cable_a": lambda value: [f"cable {CABLES_OHM[value]}"],
        "cable_ohm": lambda value: [f"cable {value}"],
        "car": lambda value: [f"ev set {key} {_word(option)}" for key, option in value.items()],
        "temperature_c": lambda value: [f"temp {value}"],
        "rail_v": lambda value: [f"rail {value}"],
        "seed": lambda _: [],
        "units": lambda value: [] if value == 1 else None,
        "house": _steady,
        "mains": lambda _: [],
    }
    prepared = [] if given.keys() & {"cable_a", "cable_ohm"} else [f"cable {CABLE_OHM}"]
    for key, value in given.items():
        found = commands[key](value) if key in commands and _fits(key, value) else None
        if found is None:
            raise RigError(
                f"{path}: {key} in [given] cannot be played in real time with {_word(value)}: the demo has one unit"
                f" and a house with a steady load; 'smartevse scenario {path}' plays it in virtual time"
            )
        prepared += found
    return tuple(prepared)


def _fits(key: str, value: object) -> bool:
    if key == "cable_a":
        return isinstance(value, int | str) and value in CABLES_OHM
    return isinstance(value, dict) == (key in ("settings", "car", "house", "mains"))


def _steady(house: Mapping[str, Any]) -> list[str] | None:
    """The house's steady load as a command; None when it is more than that."""
    amps = house.get("steady_a", [0, 0, 0])
    if house.keys() - {"steady_a"} or not isinstance(amps, list) or len(amps) != 3:
        return None
    return ["house " + " ".join(_word(part) for part in amps)]


def _word(value: object) -> str:
    """A value of TOML as the control language writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "a table" if isinstance(value, dict | list) else str(value)


def _steps(path: Path, rows: object) -> list[Step]:
    if not isinstance(rows, list):
        raise RigError(f"{path}: write what happens as tables [[at]] with t and do")
    steps = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or "t" not in row or "do" not in row:
            raise RigError(f"{path}: [[at]] number {number} must have t, in seconds, and do, what happens")
        at_s = _seconds(path, f"t in [[at]] number {number}", row["t"])
        for command in row["do"] if isinstance(row["do"], list) else [row["do"]]:
            if not isinstance(command, str) or command.split(" ")[0] not in VERBS:
                raise RigError(
                    f"{path}: {_word(command)!r} in [[at]] number {number} cannot be played in real time: begin with"
                    f" one of {', '.join(VERBS)}, or use 'smartevse scenario {path}'"
                )
            steps.append(Step(at_s, command))
    return steps


def _seconds(path: Path, what: str, value: object) -> float:
    """A time: seconds, or "h:mm:ss"."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise RigError(f'{path}: {what} is {value!r}: it must be seconds from 0 on, or "h:mm:ss"')
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def perform(rig: Rig, do: Callable[[str], object], command: str) -> None:
    """Let a command of a story happen; `do` hands one to the twin. Raises RigError when the program refuses it."""
    match command.split():
        case ["set", *words]:
            _set(rig, words)
        case ["station", "stop"]:
            rig.kill("station")
        case ["station", "start"]:
            rig.start("station")
        case ["house", amps]:
            do(f"house {amps} {amps} {amps}")
        case ["sun", watts] if watts.isdecimal():
            do(f"sun {int(watts) / VOLTS / 3:.2f}")  # from its three phases
        case ["meter", ("silent" | "back") as what]:
            do(f"bus silent {SENSORBOX} {'on' if what == 'silent' else 'off'}")
        case _:
            do(command)


def _set(rig: Rig, words: list[str]) -> None:
    """Names and options may have spaces, so every place between them is tried."""
    sentence = "a setting wants a name and a value, as in: set MAX 16"
    for split in range(1, len(words)):
        try:
            rig.settings("set", " ".join(words[:split]), " ".join(words[split:]))
        except RigError as error:
            sentence = str(error)
        else:
            return
    raise RigError(sentence)


def play(rig: Rig, story: Play, say: Callable[[str], None]) -> bool:
    """Play it without a picture and print what happens; whether the programs lived through it as they should."""
    client = rig.client()
    say(f"{story.title}: {story.ends_s:.0f} s in real time")
    waiting = list(story.steps)
    began_s = time.monotonic()
    told: tuple[str, ...] = ()
    journal = len(rig.journal)
    try:
        while (now_s := time.monotonic() - began_s) < story.ends_s:
            while waiting and waiting[0].at_s <= now_s:
                step = waiting.pop(0)
                say(f"{now_s:7.2f} s  > {step.command}")
                perform(rig, client.do, step.command)
            rig.look(time.monotonic())
            seen = picture(client.ask("state"))
            if (now := _told(seen)) != told:
                told = now
                say(f"{now_s:7.2f} s  {'  '.join(part for part in told if part)}")
            for line in rig.journal[journal:]:
                say(f"{now_s:7.2f} s  {line.source}: {line.text}")
            journal = len(rig.journal)
            time.sleep(LOOK_S)
        return _end(rig, client, say)
    finally:
        client.close()


def _told(seen: Picture) -> tuple[str, ...]:
    """What is worth a line when it changes."""
    return (
        f"pilot {seen.state}",
        f"offer {seen.offer_da / 10:.1f} A" if seen.offer_da else "no offer",
        "contactor closed" if seen.lamps["C1"] else "contactor open",
        f"LCD: {seen.lcd[0].strip()}",
    )


def _end(rig: Rig, client: ControlClient, say: Callable[[str], None]) -> bool:
    seen = picture(client.ask("state"))
    ended = [line.text for line in rig.journal if line.source == "demo" and line.level == "warning"]
    say(f"the end: {seen.session_wh:.1f} Wh to the car; {'; '.join(ended) or 'no program ended by itself'}")
    return not ended
