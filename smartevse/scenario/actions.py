"""What a story can do: one row for each verb, in the words of the twin's control language where that has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from smartevse.core.limits import Limit
from smartevse.core.reasons import Why
from smartevse.core.rules import Mode
from smartevse.physics.ev import EvOptions
from smartevse.physics.faults import fault
from smartevse.physics.house import Phases
from smartevse.scenario.owner import Wishes
from smartevse.scenario.station import LIES, Station
from smartevse.scenario.story import TICKS_A_SECOND
from smartevse.scenario.unit import ChargingUnit
from smartevse.settings.table import SettingsError

PRESS_S = 0.2
"""How long a key is pressed when no time is given."""
_REFUSED = {"off": Limit(0, Why.ACCESS), "pause": Limit(0, Why.PAUSE)}
HOLD_S = 2.0
"""Held for so long, a key opens the menu and resets nothing."""


@dataclass(slots=True)
class Stage:
    """Where an action takes place: one unit, the station of all, and what is to happen later because of it."""

    unit: ChargingUnit
    station: Station
    tick: int
    later: list[tuple[int, tuple[str, ...]]] = dataclasses.field(default_factory=list)


class Misused(ValueError):
    """The words behind a verb are not as its usage says."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: how it is written, what it means, how its words are checked, and the work.

    `parse` gives the arguments of `work` and raises Misused or ValueError with a sentence.
    """

    usage: str
    means: str
    parse: Callable[[tuple[str, ...]], tuple[object, ...]]
    work: Callable[..., None]
    site: bool = False
    """It concerns the whole station and happens once, however many units there are."""


def check(words: tuple[str, ...]) -> None:
    """Raises ValueError with the end of a sentence when these words cannot be done."""
    if not words or words[0] not in VERBS:
        shown = " ".join(words)
        raise ValueError(f"cannot be {shown!r}: begin with one of {', '.join(VERBS)}")
    verb = VERBS[words[0]]
    try:
        verb.parse(words[1:])
    except Misused:
        raise ValueError(f"cannot be {' '.join(words)!r}: write {verb.usage}") from None


def perform(words: tuple[str, ...], stage: Stage) -> None:
    """Do what words that passed `check` say."""
    verb = VERBS[words[0]]
    verb.work(stage, *verb.parse(words[1:]))


# how words are read


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Misused from None
    if not (isfinite(value) and low <= value <= high):
        raise Misused
    return value


def _numbers(low: float, high: float, *counts: int) -> Callable[[tuple[str, ...]], tuple[object, ...]]:
    def parse(words: tuple[str, ...]) -> tuple[object, ...]:
        if len(words) not in counts:
            raise Misused
        return tuple(_number(word, low, high) for word in words)

    return parse


def _one_of(*allowed: str) -> Callable[[tuple[str, ...]], tuple[object, ...]]:
    def parse(words: tuple[str, ...]) -> tuple[object, ...]:
        if len(words) != 1 or words[0] not in allowed:
            raise Misused
        return words

    return parse


def _switched(words: tuple[str, ...]) -> tuple[str, bool]:
    match words:
        case (name,) | (name, "on"):
            return name, True
        case (name, "off"):
            return name, False
    raise Misused


def _parse_ev(words: tuple[str, ...]) -> tuple[object, ...]:
    match words:
        case ("plug" | "unplug",):
            return words
        case ("ready",) | ("ready", "on"):
            return ("ready", True)
        case ("ready", "off"):
            return ("ready", False)
        case ("set", key, text):
            return ("set", key, car_option(key, text))
    raise Misused


def _parse_fault(words: tuple[str, ...]) -> tuple[object, ...]:
    name, on = _switched(words)
    fault(name)
    return name, on


def _parse_weld(words: tuple[str, ...]) -> tuple[object, ...]:
    name, on = _switched(words)
    if name not in ("c1", "c2"):
        raise Misused
    return name, on


def _parse_cable(words: tuple[str, ...]) -> tuple[object, ...]:
    match words:
        case ("open",):
            return (None,)
        case (ohm,):
            return (round(_number(ohm, 0, 1_000_000)),)
    raise Misused


def _parse_press(words: tuple[str, ...]) -> tuple[object, ...]:
    match words:
        case ("<" | "o" | ">" | "sw" as key,):
            return key, PRESS_S
        case ("<" | "o" | ">" | "sw" as key, held):
            return key, _number(held, 0.02, 3600)
    raise Misused


def _parse_set(words: tuple[str, ...]) -> tuple[object, ...]:
    if len(words) < 2:
        raise Misused
    sentence = ""
    for split in range(1, len(words)):  # names and options may have spaces: "CONTACT 2 Always On"
        name, text = " ".join(words[:split]), " ".join(words[split:])
        try:
            Wishes.default().changed(name, text)
        except SettingsError as error:
            if not sentence or not str(error).startswith("there is no setting"):
                sentence = str(error)
        else:
            return name, text
    raise ValueError(sentence)


def car_option(key: str, text: str) -> object:
    """A value for one of the car's options, of the type that the option has; ValueError when it has none such."""
    kinds: dict[str, type[int] | type[float] | type[bool]] = {
        field.name: type(field.default)  # type: ignore[misc]
        for field in dataclasses.fields(EvOptions)
    }
    if key not in kinds:
        raise ValueError(f"a car has no {key!r} to set: use one of {', '.join(kinds)}")
    kind = kinds[key]
    if kind is bool:
        if text not in ("on", "off"):
            raise ValueError(f"{key} of a car is on or off, not {text!r}")
        return text == "on"
    try:
        value: object = kind(text)
        EvOptions(**{key: value})  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{key} of a car cannot be {text!r}: see the ranges of the car's options") from None
    return value


def _parse_circuit(words: tuple[str, ...]) -> tuple[object, ...]:
    return words if words in (("silent",), ("back",)) else _numbers(0, 500, 1, 3)(words)


def _parse_override(words: tuple[str, ...]) -> tuple[object, ...]:
    return (0.0,) if words == ("off",) else _numbers(6, 80, 1)(words)


# what they do


def _ev(stage: Stage, what: str, *more: object) -> None:
    ev = stage.unit.world.ev
    match what:
        case "plug":
            ev.plug()
        case "unplug":
            ev.unplug()
        case "ready":
            ev.ready(bool(more[0]))
        case _:
            ev.options = dataclasses.replace(ev.options, **{str(more[0]): more[1]})  # type: ignore[arg-type]


def _cable(stage: Stage, ohm: int | None) -> None:
    stage.unit.world.cable_ohm = ohm


def _temperature(stage: Stage, degrees: float) -> None:
    stage.unit.world.temperature_c = degrees


def _rail(stage: Stage, volts: float) -> None:
    stage.unit.world.rail_v = volts


def _press(stage: Stage, key: str, held_s: float) -> None:
    stage.unit.world.press(key, True)
    stage.later.append((stage.tick + max(1, round(held_s * TICKS_A_SECOND)), ("let-go", key, str(held_s))))


def _let_go(stage: Stage, key: str, held_s: float) -> None:
    stage.unit.world.press(key, False)
    if key != "sw" and held_s < HOLD_S:
        stage.unit.resets += 1
        stage.station.news(stage.tick)


def _set(stage: Stage, name: str, text: str) -> None:
    stage.unit.wishes = stage.unit.wishes.changed(name, text)
    if stage.unit.wishes.mode is Mode.SOLAR:
        stage.unit.override_da = 0
    stage.unit.fit()
    stage.station.news(stage.tick)


def _phases(amps: tuple[object, ...]) -> Phases:
    """One current for all phases, or one for each, as 0.1 A."""
    l1, l2, l3 = (round(10 * float(str(a))) for a in (amps * 3 if len(amps) == 1 else amps))
    return l1, l2, l3


def _house(stage: Stage, *amps: float) -> None:
    stage.station.supply.set_steady(_phases(amps))


def _sun(stage: Stage, watts: float) -> None:
    stage.station.supply.sun_w = watts


def _station(stage: Stage, what: str) -> None:
    if what == "stop":
        stage.station.stop(stage.tick)
    else:
        stage.station.start(stage.tick)


def _meter(stage: Stage, what: str) -> None:
    stage.station.meter = what


def _circuit(stage: Stage, *what: object) -> None:
    if isinstance(what[0], str):
        stage.station.circuit_silent = what[0] == "silent"
        return
    stage.station.supply.others_da = _phases(what)


def _battery(stage: Stage, what: str) -> None:
    stage.station.battery_silent = what == "silent"


def _ev_meter(stage: Stage, what: str) -> None:
    stage.station.ev_silent = what == "silent"


def _relay(stage: Stage, what: str) -> None:
    stage.station.relay_open = what == "open"
    stage.station.news(stage.tick)


def _override(stage: Stage, amps: float) -> None:
    stage.unit.override_da = min(round(10 * amps), stage.unit.wishes.max_da)
    stage.station.news(stage.tick)


def _access(stage: Stage, what: str) -> None:
    stage.unit.access = _REFUSED.get(what)
    stage.station.news(stage.tick)


def _let_go_words(words: tuple[str, ...]) -> tuple[object, ...]:
    key, held = words
    return key, float(held)


VERBS: Mapping[str, Verb] = {
    "ev": Verb("ev plug|unplug|ready [on|off]|set OPTION VALUE", "the driver and the kind of car", _parse_ev, _ev),
    "cable": Verb("cable OHM|open", "the resistor of the plug in the socket", _parse_cable, _cable),
    "fault": Verb(
        "fault NAME [on|off]",
        "inject or heal a fault",
        _parse_fault,
        lambda stage, name, on: stage.unit.world.inject(name, on),
    ),
    "weld": Verb(
        "weld c1|c2 [on|off]",
        "weld a contactor's contacts",
        _parse_weld,
        lambda stage, name, on: stage.unit.world.weld(name, on),
    ),
    "press": Verb("press <|o|>|sw [SECONDS]", "press a key; one of the panel resets faults", _parse_press, _press),
    "temp": Verb("temp DEGREES", "the board's temperature, -50 to 150", _numbers(-50, 150, 1), _temperature),
    "rail": Verb("rail VOLTS", "the 12 V supply, 0 to 20", _numbers(0, 20, 1), _rail),
    "set": Verb("set NAME VALUE", "a setting in the manual's words", _parse_set, _set),
    "house": Verb("house A [A A]", "the house's steady load per phase", _numbers(-500, 500, 1, 3), _house, site=True),
    "sun": Verb("sun W", "what the sun gives from now on", _numbers(0, 1e6, 1), _sun, site=True),
    "station": Verb(
        "station stop|start", "the station's program ends or begins", _one_of("stop", "start"), _station, site=True
    ),
    "meter": Verb(f"meter {'|'.join(LIES)}", "what the mains meter does now", _one_of(*LIES), _meter, site=True),
    "circuit": Verb(
        "circuit A [A A]|silent|back",
        "what others take on the chargers' circuit; the meter there stops or answers again",
        _parse_circuit,
        _circuit,
        site=True,
    ),
    "battery": Verb(
        "battery silent|back",
        "what the home battery does is told no more, or again",
        _one_of("silent", "back"),
        _battery,
        site=True,
    ),
    "ev-meter": Verb(
        "ev-meter silent|back",
        "the EV meters stop or answer again",
        _one_of("silent", "back"),
        _ev_meter,
        site=True,
    ),
    "relay": Verb("relay open|closed", "the grid operator's relay", _one_of("open", "closed"), _relay, site=True),
    "override": Verb("override A|off", "a current set by hand in the place of MAX", _parse_override, _override),
    "access": Verb(
        "access on|off|pause", "whether the car may charge, as people say", _one_of("on", *_REFUSED), _access
    ),
}  # fmt: skip
"""Every verb of `do`."""

_INTERNAL = {"let-go": Verb("", "a key is let go", _let_go_words, _let_go)}


def perform_later(words: tuple[str, ...], stage: Stage) -> None:
    """Do what an action has left for later."""
    verb = _INTERNAL[words[0]]
    verb.work(stage, *verb.parse(words[1:]))
