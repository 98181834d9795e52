"""All settings at one moment, in the program's own units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smartevse.core.rules import Contact2, Mode, Order
from smartevse.core.signals import Lock, LockPolicy
from smartevse.settings import offered
from smartevse.settings.demands import SENSORBOX_ADDRESS
from smartevse.settings.rows import TABLE
from smartevse.settings.table import Table, Value

_POLICIES = {"charging": LockPolicy.CHARGING, "connected": LockPolicy.CONNECTED, "always": LockPolicy.KEEP}
_PHASES = {"auto": 0, "one": 1, "two": 2, "three": 3}
_ROTATION = {"l1": 0, "l2": 1, "l3": 2}
_ORDERS = {"oldest": Order.OLDEST, "order": Order.PRIORITY}


@dataclass(frozen=True, slots=True)
class Values:
    """A frozen copy of every setting by its key; the properties are what the program reckons with."""

    choices: Mapping[str, Value]

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", MappingProxyType(dict(self.choices)))

    def __getitem__(self, key: str) -> Value:
        return self.choices[key]

    def changed(self, changes: Mapping[str, Value]) -> Values:
        """A copy with some settings replaced; nothing is checked here (`Table.check` does)."""
        return Values({**self.choices, **changes})

    def different(self, other: Values) -> tuple[str, ...]:
        """The keys whose values differ from those of `other`."""
        return tuple(key for key in self.choices if self.choices[key] != other.choices.get(key))

    @property
    def fixed_cable(self) -> bool:
        """CONFIG = Fixed: there is no socket, PP is not read."""
        return self.choices["config"] == "fixed"

    @property
    def lock(self) -> Lock:
        """Which actuator holds the plug; with a fixed cable the guard leaves it idle."""
        return Lock[str(self.choices["lock"]).upper()]

    @property
    def lock_policy(self) -> LockPolicy:
        """When the plug is held."""
        return _POLICIES[str(self.choices["lock_when"])]

    @property
    def rcm(self) -> bool:
        """Whether a residual current monitor is fitted and watched."""
        return self._on("rcmon")

    @property
    def wake(self) -> bool:
        """Whether a sleeping car is woken."""
        return self._on("wake")

    @property
    def rfid(self) -> bool:
        """Whether a card is needed."""
        return self._on("rfid")

    @property
    def key_lock(self) -> bool:
        """Whether the keys are locked."""
        return self._on("key_lock")

    @property
    def public_leds(self) -> bool:
        """LEDS = Public."""
        return self.choices["leds"] == "public"

    @property
    def switch(self) -> str:
        """What the switch at SW does, by its stored word ("access_b")."""
        return str(self.choices["switch"])

    @property
    def mode(self) -> Mode:
        """MODE."""
        return Mode[str(self.choices["mode"]).upper()]

    @property
    def node(self) -> int:
        """The number of this Node, 1 to 7; 0 for the Master and a unit that stands alone."""
        word = str(self.choices["load_bal"])
        return int(word.removeprefix("node")) if word.startswith("node") else 0

    @property
    def master(self) -> bool:
        """LOAD BAL = Master."""
        return offered.master(self.choices)

    @property
    def regulated(self) -> bool:
        """Whether this unit looks at the mains meter."""
        return offered.measured(self.choices)

    @property
    def max_da(self) -> int:
        """MAX in 0.1 A per phase."""
        return self._number("max") * 10

    @property
    def capacity_a(self) -> int:
        """CAPACITY in A, the sum of the phases; 0 for none."""
        number = self._number("capacity")
        return 0 if number == offered.NO_CAPACITY else number

    @property
    def quarter(self) -> bool:
        """CAP MODE = Quarter, where it has an effect."""
        return offered.quarter(self.choices)

    @property
    def contact2(self) -> Contact2:
        """CONTACT 2."""
        return Contact2[str(self.choices["contact2"]).upper()]

    @property
    def order(self) -> Order:
        """SHORTAGE."""
        return _ORDERS[str(self.choices["shortage"])]

    @property
    def car_phases(self) -> int:
        """EV PHASES: 1 to 3, or 0 where it is to be learned."""
        return _PHASES[str(self.choices["ev_phases"])]

    @property
    def rotation(self) -> int:
        """Which mains phase feeds this unit's L1: 0, 1 or 2."""
        return _ROTATION[str(self.choices["rotation"])]

    @property
    def mains_meter(self) -> str | None:
        """The kind of the mains meter by its stored word ("sensorbox", "eastron"), or None while none is looked at."""
        return str(self.choices["mainsmet"]) if self.regulated else None

    @property
    def mains_meter_address(self) -> int:
        """The mains meter's Modbus address, 10 to 247."""
        return SENSORBOX_ADDRESS if self.choices["mainsmet"] == "sensorbox" else self._number("mainsadr")

    @property
    def three_wire(self) -> bool:
        """GRID = 3Wire."""
        return self.choices["grid"] == "3wire"

    @property
    def ev_meter(self) -> str | None:
        """The kind of the EV meter by its stored word ("eastron"), or None when none is fitted."""
        word = str(self.choices["ev_meter"])
        return None if word == "disabled" else word

    @property
    def ev_meter_address(self) -> int:
        """The EV meter's Modbus address, 10 to 247."""
        return self._number("ev_adr")

    @property
    def circuit_meter(self) -> str | None:
        """The kind of the meter of the chargers' circuit by its stored word, or None while none is looked at."""
        return str(self.choices["circ_met"]) if offered.circuit_meter(self.choices) else None

    @property
    def circuit_meter_address(self) -> int:
        """Its Modbus address, 10 to 247."""
        return self._number("circ_adr")

    @property
    def battery_meter(self) -> str | None:
        """The kind of the home battery's meter by its stored word, or None while none is looked at."""
        return str(self.choices["batt_met"]) if offered.battery_meter(self.choices) else None

    @property
    def battery_meter_address(self) -> int:
        """Its Modbus address, 10 to 247."""
        return self._number("batt_adr")

    def _number(self, key: str) -> int:
        return int(self.choices[key])

    def _on(self, key: str) -> bool:
        return self.choices[key] == "enabled"


def default_values(table: Table = TABLE) -> Values:
    """Every setting at its default."""
    return Values(table.defaults())
