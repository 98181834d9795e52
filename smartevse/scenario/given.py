"""Reads the tables [given...] of a story: units, cars, cables, house, sun, battery, mains meter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from smartevse.physics.ev import EvOptions
from smartevse.physics.home_battery import HomeBattery
from smartevse.physics.house import House, Load, Phases, random_house
from smartevse.physics.installation import AUX
from smartevse.physics.sun import Sky, Trace, cloudy_trace, read_trace
from smartevse.scenario.owner import Wishes
from smartevse.scenario.sheet import MOST_S, Sheet
from smartevse.scenario.story import Given, GivenUnit
from smartevse.scenario.supply import Recorded, Supply
from smartevse.settings.table import SettingsError

MOST_UNITS = 8
CABLES_OHM: Mapping[int, int] = {13: 1500, 16: 680, 20: 680, 32: 220, 63: 100}
"""IEC 61851-1 table B.2: the resistor of a cable by its current in A."""
PHASE_NAMES = ("L1", "L2", "L3")


def read_given(sheet: Sheet, ends: int) -> Given:
    """The world at the beginning of a story that lasts so many ticks."""
    first = _unit(sheet, GivenUnit(), top=True)
    rows = sheet.rows("unit", "given.unit")
    count = sheet.whole("units", 1, MOST_UNITS, max(1, len(rows)))
    if len(rows) > count:
        sheet.wrong("units", f"is {count}, but there are {len(rows)} tables [[given.unit]]: give as many units")
    units = [_finished(row, _unit(row, first, top=False)) for row in rows]
    units += [first] * (count - len(units))
    meter = sheet.sub("mains")
    every = None
    if meter is not None:
        every = _meter_every(meter)
    supply = _supply(sheet, ends)
    given = Given(
        units=tuple(units),
        seed=sheet.whole("seed", 0, 2**31, 0),
        tolerances=sheet.flag("tolerances", False),
        temperature_c=sheet.number("temperature_c", -50, 150, 25.0),
        rail_v=sheet.number("rail_v", 0, 20, 12.0),
        aux=sheet.one_of("aux", AUX, AUX[0]),
        meter_every=every,
        supply=supply,
    )
    sheet.done()
    return given


def _finished(sheet: Sheet, unit: GivenUnit) -> GivenUnit:
    sheet.done()
    return unit


def _meter_every(sheet: Sheet) -> int:
    every = sheet.tick("every_s", 200)
    if not 10 <= every <= 6000 or every % 10:
        sheet.wrong("every_s", "must be a whole number of tenths of a second, from 0.1 to 60")
    sheet.done()
    return every


def _unit(sheet: Sheet, base: GivenUnit, *, top: bool) -> GivenUnit:
    """A unit from its table; what the table leaves out is as in `base`."""
    wishes, car = base.wishes, base.car
    settings = sheet.sub("settings")
    if settings is not None:
        wishes = _wishes(settings, wishes)
    options = sheet.sub("car")
    if options is not None:
        car = _car(options, car)
    cable_ohm = base.cable_ohm
    if sheet.has("cable_ohm"):
        cable_ohm = sheet.whole("cable_ohm", 0, 1_000_000, 220)
    elif sheet.has("cable_a"):
        cable_a = sheet.table["cable_a"]
        if cable_a == "none":
            cable_ohm = None
        elif isinstance(cable_a, int) and cable_a in CABLES_OHM:
            cable_ohm = CABLES_OHM[cable_a]
        else:
            sheet.wrong("cable_a", f"is {cable_a!r}: it must be one of {', '.join(map(str, CABLES_OHM))}, or 'none'")
    if top:
        return GivenUnit(wishes, car, cable_ohm)
    rotation = PHASE_NAMES.index(sheet.one_of("rotation", PHASE_NAMES, PHASE_NAMES[base.rotation]))
    return GivenUnit(wishes, car, cable_ohm, rotation, sheet.whole("priority", 0, 99, base.priority))


def _wishes(sheet: Sheet, wishes: Wishes) -> Wishes:
    values = sheet.map(_setting_text)
    for name, text in values.items():
        try:
            wishes = wishes.changed(name, text)
        except SettingsError as error:
            sheet.wrong(name, f"does not fit: {error}")
    return wishes


def _setting_text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"is {value!r}: it must be a whole number or one of the manual's words in quotation marks")
    return str(value)


def _car(sheet: Sheet, car: EvOptions) -> EvOptions:
    fields = {field.name: field.default for field in dataclasses.fields(EvOptions)}
    changes: dict[str, object] = {}
    for key, default in fields.items():
        if not sheet.has(key):
            continue
        if isinstance(default, bool):
            changes[key] = sheet.flag(key, getattr(car, key))
        elif isinstance(default, int):
            changes[key] = sheet.whole(key, 0, 1_000_000, getattr(car, key))
        else:
            changes[key] = float(sheet.number(key, 0, 1e9, getattr(car, key)))
    sheet.done()
    try:
        return EvOptions(**changes)  # type: ignore[arg-type]
    except ValueError as error:
        sheet.wrong("the car", f"cannot be: {error}")


def _supply(sheet: Sheet, ends: int) -> Callable[[], Supply]:
    """Makes the mains connection of the tables house, sun and battery."""
    house, recorded, sun, battery = House(steady_da=(0, 0, 0)), None, None, None
    duration_s = max(1, ends // 100 + 1)
    table = sheet.sub("house")
    if table is not None:
        house = _house(table, duration_s)
        recorded = _recorded(table)
        table.done()
    table = sheet.sub("sun")
    if table is not None:
        sun = _recorded(table) or _sky(table, duration_s)
        table.done()
    table = sheet.sub("battery")
    if table is not None:
        battery = _battery(table)
        table.done()
    return lambda: Supply(house, recorded, sun, battery)


def _house(sheet: Sheet, duration_s: int) -> House:
    if sheet.has("seed"):
        seed = sheet.whole("seed", 0, 2**31, 0)
        house = random_house(seed, duration_s, sheet.number("activity", 0, 20, 1.0))
    else:
        house = House(steady_da=(0, 0, 0))
    steady = sheet.numbers("steady_a", 3, -500, 500, tuple(da / 10 for da in house.steady_da))
    loads = [_load(row, duration_s) for row in sheet.rows("load", "given.house.load")]
    return house._replace(steady_da=_phases(steady), loads=(*house.loads, *loads))


def _phases(amps: tuple[float, ...]) -> Phases:
    l1, l2, l3 = (round(10 * a) for a in amps)
    return l1, l2, l3


def _load(sheet: Sheet, duration_s: int) -> Load:
    load = Load(
        start_s=sheet.tick("from", 0) // 100,
        stop_s=sheet.tick("to", duration_s * 100) // 100,
        phase=PHASE_NAMES.index(sheet.one_of("phase", PHASE_NAMES, "L1")),
        current_da=round(10 * sheet.number("a", -500, 500, 10.0)),
        period_s=sheet.whole("period_s", 0, 86_400, 0),
        on_s=sheet.whole("on_s", 0, 86_400, 0),
        inrush_da=round(10 * sheet.number("inrush_a", 0, 500, 0)),
    )
    sheet.done()
    return load


def _recorded(sheet: Sheet) -> Recorded | None:
    """A power from a CSV file beside the story: one row every `step_s` seconds, W, times `factor`."""
    if not sheet.has("csv"):
        return None
    name = sheet.text("csv", "")
    column = sheet.whole("column", 1, 1000, 2)
    step_s = sheet.number("step_s", 0.1, 86_400, 60.0)
    delimiter = sheet.one_of("delimiter", (",", ";", "\t"), ",")
    factor = sheet.number("factor", -1000, 1000, 1.0)
    phases = sheet.whole("phases", 1, 3, 3)
    start_s = sheet.tick("from", 0) / 100
    path = sheet.path.parent / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            trace = read_trace(lines, column - 1, step_s, delimiter)
    except (OSError, UnicodeDecodeError) as error:
        sheet.wrong("csv", f"names {name!r}, which cannot be read: {error}")
    except ValueError as error:
        sheet.wrong("csv", f"names {name!r}: {error}")
    return Recorded(Trace(trace.times_s, [factor * w for w in trace.power_w]), phases, start_s)


def _sky(sheet: Sheet, duration_s: int) -> Recorded:
    """A day of sun; the story begins at `starts` on the clock."""
    starts_s = sheet.tick("starts", 43_200 * 100) / 100
    sky = Sky(
        peak_w=sheet.number("peak_w", 0, 1e6, 0.0),
        noon_s=sheet.tick("noon", 43_200 * 100) / 100 - starts_s,
        day_s=sheet.number("day_s", 3600, MOST_S, 50_400),
        cover=sheet.number("cover", 0, 1, 0.0),
        seed=sheet.whole("seed", 0, 2**31, 0),
    )
    return Recorded(cloudy_trace(sky, duration_s), sheet.whole("phases", 1, 3, 3))


def _battery(sheet: Sheet) -> HomeBattery:
    size_wh = sheet.number("size_wh", 1, 1e6, 10_000)
    return HomeBattery(
        size_wh=size_wh,
        stored_wh=sheet.number("stored_wh", 0, size_wh, size_wh / 2),
        most_w=sheet.number("most_w", 0, 1e6, 3_000),
        lag_s=sheet.number("lag_s", 0, 600, 3.0),
    )
