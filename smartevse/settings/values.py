"""All settings at one moment, in the program's own units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smartevse.core.signals import Lock, LockPolicy
from smartevse.settings.table import TABLE, Table, Value

_POLICIES = {"charging": LockPolicy.CHARGING, "connected": LockPolicy.CONNECTED, "always": LockPolicy.KEEP}


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
        return self.choices["rcmon"] == "enabled"

    @property
    def wake(self) -> bool:
        """Whether a sleeping car is woken."""
        return self.choices["wake"] == "enabled"

    @property
    def max_da(self) -> int:
        """MAX in 0.1 A per phase."""
        return int(self.choices["max"]) * 10

    @property
    def ev_meter(self) -> str | None:
        """The kind of the EV meter by its stored word ("eastron"), or None when none is fitted."""
        word = str(self.choices["ev_meter"])
        return None if word == "disabled" else word

    @property
    def ev_meter_address(self) -> int:
        """The EV meter's Modbus address, 10 to 247."""
        return int(self.choices["ev_adr"])


def default_values(table: Table = TABLE) -> Values:
    """Every setting at its default."""
    return Values(table.defaults())
