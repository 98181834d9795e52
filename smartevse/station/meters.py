"""The station's RS485 line and the meters on it that the owner chose: the car's and, where they count, the house's,
the chargers' circuit's and the home battery's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

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
AGAIN_S = 0.3
"""So long after an answer that was lost or does not count it is asked once more: 2 s without a reading are long."""


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


def circuit_choice(values: Values) -> KwhChoice | None:
    """The meter of the chargers' circuit that the settings name."""
    kind = values.circuit_meter
    return None if kind is None else KwhChoice(kind, values.circuit_meter_address, _custom(values, kind))


def battery_choice(values: Values) -> KwhChoice | None:
    """The meter of the home battery that the settings name; None while nobody needs to know."""
    kind = values.battery_meter
    return None if kind is None else KwhChoice(kind, values.battery_meter_address, _custom(values, kind))


class Chosen(NamedTuple):
    """All meters that the settings name."""

    ev: KwhChoice | None
    mains: KwhChoice | BoxChoice | None
    circuit: KwhChoice | None
    battery: KwhChoice | None


def chosen(values: Values) -> Chosen:
    """What is to be asked with these settings."""
    return Chosen(ev_choice(values), mains_choice(values), circuit_choice(values), battery_choice(values))


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
        """`heard` is called at every new reading of the mains and of the circuit."""
        self.port = Port(bus.device, bus.baud) if bus.device is not None else None
        """The line, for whoever else talks on it; None without one."""
        self._heard = heard
        self._chosen = chosen(values)
        self._changed = asyncio.Event()
        self._ev: EvMeter | None = None
        self._ev_heard: Overheard | None = None
        self._mains: MainsMeter | None = None
        self._source: Source | None = None
        self._circuit: MainsMeter | None = None
        self._battery: MainsMeter | None = None
        self.circuit_name = self.battery_name = ""
        """Both by the names that the owner knows: "circuit meter 20 (Eastron)"."""

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
        return _last(self._mains)

    @property
    def circuit(self) -> Reading | None:
        """The last answer of the circuit meter, whatever its age; None without one."""
        return _last(self._circuit)

    @property
    def battery(self) -> Reading | None:
        """The last answer of the home battery's meter, charging positive, whatever its age; None without one."""
        return _last(self._battery)

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
        asked = (
            (self.mains_name, self._mains),
            (self.circuit_name, self._circuit),
            (self.battery_name, self._battery),
        )
        silent = (ev, *(name for name, one in asked if one is not None and one.silent))
        return (*others, *(f"{_short(name)} silent" for name in silent if name))

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
        if chosen(values) != self._chosen:
            self._chosen = chosen(values)
            self._changed.set()

    async def run(self) -> None:
        """Keep the line open and ask until cancelled. Without a line there is nothing to do."""
        if self.port is None:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.port.run(), name="line")
            ev, mains = _Asking(tasks, "EV meter"), _Asking(tasks, "mains meter")
            circuit, battery = _Asking(tasks, "circuit meter"), _Asking(tasks, "battery meter")
            while True:
                self._changed.clear()
                ev.follow(self._chosen.ev, self._begin_ev)
                mains.follow(self._chosen.mains, self._begin_mains)
                circuit.follow(self._chosen.circuit, self._begin_circuit)
                battery.follow(self._chosen.battery, self._begin_battery)
                await self._changed.wait()

    def _begin_ev(self) -> Coroutine[None, None, None] | None:
        self._ev = self._ev_heard = None
        choice = self._chosen.ev
        if choice is None or self.port is None:
            return None
        kind = choice.meter()
        self._ev = EvMeter(self.port, kind, choice.address, time.monotonic)
        self._ev_heard = Overheard(kind, choice.address)
        return self._ev.run()

    def _begin_mains(self) -> Coroutine[None, None, None] | None:
        choice = self._chosen.mains
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
        return keep_asking(self._mains, self._heard)

    def _begin_circuit(self) -> Coroutine[None, None, None] | None:
        choice, self._circuit, self.circuit_name = self._chosen.circuit, None, ""
        if choice is None or self.port is None:
            return None
        source = KwhMeter(self.port, choice.meter(), choice.address, "circuit meter")
        self._circuit, self.circuit_name = MainsMeter(source, time.monotonic), source.name
        return keep_asking(self._circuit, self._heard)

    def _begin_battery(self) -> Coroutine[None, None, None] | None:
        choice, self._battery, self.battery_name = self._chosen.battery, None, ""
        if choice is None or self.port is None:
            return None
        source = KwhMeter(self.port, choice.meter(), choice.address, "battery meter")
        self._battery, self.battery_name = MainsMeter(source, time.monotonic), source.name
        return keep_asking(self._battery, lambda: None)


def _last(meter: MainsMeter | None) -> Reading | None:
    return meter.reading if meter is not None else None


class Polled(Protocol):
    """What `keep_asking` asks: a `MainsMeter`, or one in a test."""

    reading: Reading | None
    """The last answer that counts."""

    @property
    def silent(self) -> bool:
        """Whether it has not answered for long."""

    async def poll(self) -> None:
        """Ask once."""


async def keep_asking(meter: Polled, heard: Callable[[], None]) -> None:
    """Ask in the rhythm of the regulation and tell it of each answer; a lost one is asked for once more, soon."""
    due_s = time.monotonic()
    again = True
    while True:
        before = meter.reading
        await meter.poll()
        now_s = time.monotonic()
        if meter.reading is not before:
            heard()
            again = True
        elif again and not meter.silent:
            again = False
            await asyncio.sleep(AGAIN_S)
            continue
        due_s = max(due_s + MAINS_EVERY_S, now_s)
        await asyncio.sleep(due_s - now_s)


def _short(name: str) -> str:
    """The name of a meter for the display: "EV meter 12", "mains 10", "circuit 20"."""
    short = name.partition(" (")[0]
    return short if short.startswith("EV") else short.replace(" meter", "")


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
