"""The station's RS485 line and the meters on it that the owner chose: the car's and, where it counts, the house's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace

from smartevse import config
from smartevse.bus import custom, meter, sensorbox
from smartevse.bus.ev_meter import EvMeter, EvReading
from smartevse.bus.kinds import FILES
from smartevse.bus.listener import Heard
from smartevse.bus.mains_meter import KwhMeter, MainsMeter, Sensorbox, Source
from smartevse.bus.meter import Meter
from smartevse.bus.overheard import Overheard
from smartevse.bus.port import Port
from smartevse.core.measurement import Reading
from smartevse.settings.values import Values

MAINS_EVERY_S = 2.0
"""The mains meter is asked this often: the manual's cycle. A Sensorbox has new data once a second."""


@dataclass(frozen=True, slots=True)
class KwhChoice:
    """A kWh meter: the word of its kind, its address, and what describes it when it is the owner's own."""

    kind: str
    address: int
    custom: custom.Custom | None = None

    def meter(self) -> Meter:
        """What is known of it."""
        return custom.meter(self.custom) if self.custom is not None else meter.load(FILES[self.kind])


@dataclass(frozen=True, slots=True)
class BoxChoice:
    """A Sensorbox and what its CTs need: MAINS in A, the wiring, the calibration in 1/1024."""

    mains_a: int
    three_wire: bool
    calibration: int


def ev_choice(values: Values) -> KwhChoice | None:
    """The EV meter that the settings name."""
    if values.ev_meter is None:
        return None
    return KwhChoice(values.ev_meter, values.ev_meter_address, _custom(values, values.ev_meter))


def mains_choice(values: Values) -> KwhChoice | BoxChoice | None:
    """The mains meter that the settings name; None while nobody needs to know."""
    kind = values.mains_meter
    if kind is None:
        return None
    if kind == "sensorbox":
        return BoxChoice(int(values["mains"]), values.three_wire, int(values["cal"]))
    return KwhChoice(kind, values.mains_meter_address, _custom(values, kind))


def _custom(values: Values, kind: str) -> custom.Custom | None:
    """The owner's own meter, by the Custom items of the menu."""
    if kind != "custom":
        return None
    return custom.Custom(
        order=str(values["custom_order"]),
        type=str(values["custom_type"]),
        function=int(values["custom_function"]),
        voltage=_place(values, "voltage"),
        current=_place(values, "current"),
        power=_place(values, "power"),
        energy=_place(values, "energy"),
    )


def _place(values: Values, quantity: str) -> custom.Place:
    return custom.Place(int(values[f"custom_{quantity}"]), int(values[f"custom_{quantity}_div"]))


class Meters:
    """Asks what the settings name; a change of the settings is followed at once."""

    def __init__(self, bus: config.Bus, values: Values, heard: Callable[[], None]) -> None:
        """`heard` is called at every new reading of the mains."""
        self.port = Port(bus.device, bus.baud) if bus.device is not None else None
        """The line, for whoever else talks on it; None without one."""
        self._heard = heard
        self._ev_choice = ev_choice(values)
        self._mains_choice = mains_choice(values)
        self._changed = asyncio.Event()
        self._ev: EvMeter | None = None
        self._ev_heard: Overheard | None = None
        self._mains: MainsMeter | None = None
        self._source: Source | None = None

    @property
    def reading(self) -> EvReading:
        """The newest answers of the EV meter; empty without one."""
        if self._ev is None or self._ev_heard is None:
            return EvReading()
        asked, heard = self._ev.reading, self._ev_heard.reading
        if heard.currents_at_s <= asked.currents_at_s:
            return asked
        return replace(asked, phases_da=heard.phases_da, power_w=heard.power_w, currents_at_s=heard.currents_at_s)

    @property
    def mains(self) -> Reading | None:
        """The last answer of the mains meter, whatever its age; None without one."""
        return self._mains.reading if self._mains is not None else None

    @property
    def box(self) -> sensorbox.Box | None:
        """The last answer of the Sensorbox, for GRID, CAL and the WiFi of the menu; None without one."""
        return self._source.box if isinstance(self._source, Sensorbox) else None

    @property
    def mains_name(self) -> str:
        """The mains meter by the name that the owner knows: "mains meter 10 (Sensorbox)"."""
        return self._source.name if self._source is not None else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the LCD."""
        others = ("RS485: other master",) if self.port is not None and self.port.gave_way else ()
        ev = self._ev.name if self._ev is not None and self._ev.silent else ""
        mains = self.mains_name if self._mains is not None and self._mains.silent else ""
        return (*others, *(f"{_short(name)} silent" for name in (ev, mains) if name))

    def overhear(self, heard: Heard) -> None:
        """What somebody else asks our meters tells us, too."""
        if self._ev_heard is not None:
            self._ev_heard.hear(heard)
        if self._mains is not None:
            before = self._mains.reading
            self._mains.overhear(heard)
            if self._mains.reading is not before:
                self._heard()

    def use(self, values: Values) -> None:
        """Ask what these settings name from now on."""
        chosen = ev_choice(values), mains_choice(values)
        if chosen != (self._ev_choice, self._mains_choice):
            self._ev_choice, self._mains_choice = chosen
            self._changed.set()

    async def run(self) -> None:
        """Keep the line open and ask until cancelled. Without a line there is nothing to do."""
        if self.port is None:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.port.run(), name="line")
            ev, mains = _Asking(tasks, "EV meter"), _Asking(tasks, "mains meter")
            while True:
                self._changed.clear()
                ev.follow(self._ev_choice, self._begin_ev)
                mains.follow(self._mains_choice, self._begin_mains)
                await self._changed.wait()

    def _begin_ev(self) -> Coroutine[None, None, None] | None:
        self._ev = self._ev_heard = None
        if self._ev_choice is None or self.port is None:
            return None
        kind, address = self._ev_choice.meter(), self._ev_choice.address
        self._ev, self._ev_heard = EvMeter(self.port, kind, address, time.monotonic), Overheard(kind, address)
        return self._ev.run()

    def _begin_mains(self) -> Coroutine[None, None, None] | None:
        choice = self._mains_choice
        self._mains = self._source = None
        if self.port is None:
            return None
        match choice:
            case BoxChoice(mains_a, three_wire, calibration):
                self._source = Sensorbox(self.port, mains_a=mains_a, three_wire=three_wire, calibration=calibration)
            case KwhChoice():
                self._source = KwhMeter(self.port, choice.meter(), choice.address)
            case None:
                return None
        self._mains = MainsMeter(self._source, time.monotonic)
        return self._ask_mains(self._mains)

    async def _ask_mains(self, mains: MainsMeter) -> None:
        """Ask in the rhythm of the regulation and tell it of each answer."""
        due_s = time.monotonic()
        while True:
            before = mains.reading
            await mains.poll()
            if mains.reading is not before:
                self._heard()
            now_s = time.monotonic()
            due_s = max(due_s + MAINS_EVERY_S, now_s)
            await asyncio.sleep(due_s - now_s)


def _short(name: str) -> str:
    """The name of a meter for the display: "EV meter 12", "mains 10"."""
    return name.partition(" (")[0].replace("mains meter", "mains")


class _Asking:
    """The task that asks one meter, begun anew when another meter is chosen."""

    def __init__(self, tasks: asyncio.TaskGroup, name: str) -> None:
        self._tasks = tasks
        self._name = name
        self._choice: object = None
        self._task: asyncio.Task[None] | None = None

    def follow(self, choice: object, begin: Callable[[], Coroutine[None, None, None] | None]) -> None:
        """Ask the meter of this choice; nothing happens when it is asked already."""
        if choice == self._choice:
            return
        self._choice = choice
        if self._task is not None:
            self._task.cancel()
        work = begin()
        self._task = self._tasks.create_task(work, name=self._name) if work is not None else None
