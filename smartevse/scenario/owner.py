"""The owner's settings of a story, by the manual's names and option texts, and what the station makes of them.

A setting that the product's table has is taken from there; the rows below stand in for those that the regulator already
understands and the menu does not offer yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TypeVar

from smartevse.core.pilot import MIN_OFFER_DA
from smartevse.core.rules import Contact2, Mode, Rules
from smartevse.core.signals import Lock, LockPolicy, Permit
from smartevse.settings.table import TABLE, Number, Options, Setting, SettingsError, Table, Value, squash

_E = TypeVar("_E", bound=Enum)

_POLICIES = {"Charging": LockPolicy.CHARGING, "Connected": LockPolicy.CONNECTED, "Always": LockPolicy.KEEP}


def _amps(number: int) -> str:
    return f"{number} A"


def _export(number: int) -> str:
    return f"-{number} A"


def _minutes(number: int) -> str:
    return f"{number} min" if number else "Disabled"


def _off_or_amps(number: int) -> str:
    return f"{number} A" if number else "Disabled"


_ROWS = (
    Setting("mode", "MODE", "", Options({"normal": "Normal", "smart": "Smart", "solar": "Solar"}), "normal"),
    Setting("start", "START", "", Number(0, 48, _export), 4),
    Setting("stop", "STOP", "", Number(0, 60, _minutes), 10),
    Setting("import", "IMPORT", "", Number(0, 48, _amps), 0),
    Setting("mains", "MAINS", "", Number(10, 200, _amps), 25),
    Setting("min", "MIN", "", Number(6, 16, _amps), 6),
    Setting("circuit", "CIRCUIT", "", Number(10, 200, _amps), 16),
    Setting("capacity", "CAPACITY", "", Number(0, 600, _off_or_amps), 0),
    Setting("cap_stop", "CAP STOP", "", Number(0, 60, _minutes), 0),
    Setting(
        "contact2",
        "CONTACT 2",
        "",
        Options(
            {
                "not_present": "Not present",
                "always_off": "Always Off",
                "solar_off": "Solar Off",
                "always_on": "Always On",
                "auto": "Auto",
            }
        ),
        "always_on",
    ),
)


def _table() -> Table:
    known = {squash(row.name) for row in TABLE.rows}
    return Table((*TABLE.rows, *(row for row in _ROWS if squash(row.name) not in known)), TABLE.rules)


OWNERS = _table()
"""Every setting that a story may name."""


@dataclass(frozen=True)
class Wishes:
    """What the owner of one unit has set; frozen, `changed` gives another, so each word is looked up once."""

    choices: Mapping[str, Value]

    @classmethod
    def default(cls) -> Wishes:
        """Everything as it comes out of the box."""
        return cls(OWNERS.defaults())

    def changed(self, name: str, text: str) -> Wishes:
        """The wishes after `name` was set to what a person typed; SettingsError with a sentence if that cannot be."""
        row = OWNERS.find(name)
        choices = {**self.choices, row.key: row.parse(text)}
        found = OWNERS.contradiction(choices)
        if found is not None:
            raise SettingsError(found[1])
        return Wishes(choices)

    def _number(self, name: str) -> int:
        return int(self.choices[OWNERS.find(name).key])

    def _word(self, name: str) -> str:
        row = OWNERS.find(name)
        return row.text(self.choices[row.key])

    def _one_of(self, name: str, kind: type[_E]) -> _E:
        word = squash(self._word(name))
        return next(member for member in kind if squash(member.name) == word)

    @cached_property
    def max_da(self) -> int:
        """MAX in 0.1 A per phase."""
        return 10 * self._number("MAX")

    @cached_property
    def fixed_cable(self) -> bool:
        """CONFIG = Fixed."""
        return self._word("CONFIG") == "Fixed"

    @cached_property
    def ev_meter(self) -> bool:
        """Whether a meter of the car's current is fitted."""
        return self._word("EV METER") != "Disabled"

    @cached_property
    def lock(self) -> Lock:
        """LOCK."""
        return self._one_of("LOCK", Lock)

    @cached_property
    def rcm(self) -> bool:
        """RCMON."""
        return self._word("RCMON") != "Disabled"

    @cached_property
    def mode(self) -> Mode:
        """MODE."""
        return self._one_of("MODE", Mode)

    @cached_property
    def contact2(self) -> Contact2:
        """CONTACT 2."""
        return self._one_of("CONTACT 2", Contact2)

    def rules(self, *, meter: bool, units: int) -> Rules:
        """What the regulator goes by: the wishes of the stand-alone unit or of the Master."""
        return Rules(
            mode=self.mode,
            mains_a=self._number("MAINS"),
            min_a=self._number("MIN"),
            circuit_a=self._number("CIRCUIT"),
            start_a=self._number("START"),
            stop_min=self._number("STOP"),
            import_a=self._number("IMPORT"),
            contact2=self.contact2,
            capacity_a=self._number("CAPACITY"),
            cap_stop_min=self._number("CAP STOP"),
            master=units > 1,
            meter=meter,
        )

    @cached_property
    def lock_policy(self) -> LockPolicy:
        """LOCK WHEN."""
        return _POLICIES[self._word("LOCK WHEN")]

    @cached_property
    def wake(self) -> bool:
        """WAKE CAR."""
        return self._word("WAKE CAR") != "Disabled"

    def permit(self, offer_da: int, phases: int, *, resets: int) -> Permit:
        """What the guard may do with this offer; one that the pilot cannot show (below 6 A) offers none."""
        offer_da = offer_da if offer_da >= MIN_OFFER_DA else 0
        return Permit(
            offer_da=offer_da,
            charge=offer_da > 0,
            phases=phases,
            fixed_cable=self.fixed_cable,
            rcm=self.rcm,
            wake=self.wake,
            lock=self.lock,
            lock_policy=self.lock_policy,
            resets=resets & 0xFF,
        )
